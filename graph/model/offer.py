"""An offer: one service as matching reads it, with the standing of its organisation and what the graph found.

Made by `graph.store.candidates` from one statement; judged by `matching`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from graph.model.directory import CapacityState
from graph.model.job import Opening
from graph.model.sop import Eligibility


class Reach(StrEnum):
    """How the area of a service lies to the area asked for; found by the graph, judged by a criterion."""

    COVERS = "covers"
    NOT_STATED = "not-stated"
    PART = "part"
    TOUCHES = "touches"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Period:
    """From one day to another, both included; an end that is None is open."""

    valid_from: date | None
    valid_to: date | None

    def covers(self, on: date) -> bool:
        """Whether the day lies within."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)

    @property
    def is_stated(self) -> bool:
        """Whether at least one end is."""
        return self.valid_from is not None or self.valid_to is not None


@dataclass(frozen=True, slots=True)
class SopTerms:
    """What of a SOP version decides who may be referred."""

    version: int | None
    period: Period
    accepts_referrals: bool | None
    eligibility: Eligibility

    @property
    def has_dates(self) -> bool:
        """Whether from or until when it holds is stated."""
        return self.period.is_stated


@dataclass(frozen=True, slots=True)
class Places:
    """Capacity as last stated."""

    state: CapacityState
    available: int | None
    maximum: int | None
    unit: str
    updated: datetime
    half_life_days: int
    paused_until: date | None = None
    declines: int = 0
    """Referrals declined for want of places since somebody stated them."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A suspension that concerns this offer: of the service, its organisation, or the area asked for. (R-26)"""

    subject: str
    reason: str
    period: Period


@dataclass(frozen=True, slots=True)
class Terms:
    """What of a service changes only by an edit: itself, its organisation, the SOPs and agreements it stands under.

    The graph keeps it ready as one text on the service (docs/decisions/0005), so that recall is one cheap read.
    """

    service_id: str
    name: str
    organization_id: str
    organization_name: str
    status: str
    service_types: tuple[str, ...]
    description: str | None = None
    translations: dict[str, dict[str, str]] = field(default_factory=dict)
    windows: tuple[Period, ...] = ()
    languages: frozenset[str] | None = None
    minimum_age: int | None = None
    maximum_age: int | None = None
    requires: frozenset[str] | None = None
    sops: tuple[SopTerms, ...] = ()
    agreements: tuple[Period, ...] = ()
    assured_date: date | None = None
    level: str | None = None
    also_serves: tuple[str, ...] = ()
    teaches: frozenset[str] | None = None
    opening: Opening | None = None
    sealed: bool = False
    """Given at a place that is kept secret: how many places are free is told to nobody who looks. (R-26)"""


@dataclass(frozen=True, slots=True)
class Offer:
    """One service as found for one need: its terms, how its area lies to the one asked for, places, suspensions."""

    terms: Terms
    reach: Reach
    via_area: str | None = None
    """The area by which it was found: the one covered, or the one next door."""
    distance: int | None = None
    """Levels between the area asked for and the one covered; None when it does not cover."""
    places: Places | None = None
    stops: tuple[Stop, ...] = ()
    to_verify_since: date | None = None
    """Since when what its provider answers speaks against the entry: shown beside it, and no part of the order. (R-02)"""
