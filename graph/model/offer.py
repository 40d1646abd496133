"""An offer: one service as matching reads it, with the standing of its organisation and what the graph found.

Made by `graph.store.candidates` from one statement; judged by `matching`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from graph.model.directory import CapacityState, Schedule
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
        return self.period.valid_from is not None or self.period.valid_to is not None


@dataclass(frozen=True, slots=True)
class Places:
    """Capacity as last stated."""

    state: CapacityState
    available: int | None
    maximum: int | None
    unit: str
    updated: datetime
    half_life_days: int


@dataclass(frozen=True, slots=True)
class Stop:
    """A suspension that concerns this offer: of the service, its organisation, or the area asked for. (R-26)"""

    subject: str
    reason: str
    period: Period


@dataclass(frozen=True, slots=True)
class Offer:
    """One service of one organisation, as far as it decides about a suggestion."""

    service_id: str
    service_name: str
    organization_id: str
    organization_name: str
    status: str
    service_types: tuple[str, ...]
    reach: Reach
    via_area: str | None
    """The area by which it was found: the one covered, or the one next door."""
    distance: int | None
    """Levels between the area asked for and the one covered; None when it does not cover."""
    schedules: tuple[Schedule, ...]
    languages: frozenset[str] | None
    minimum_age: int | None
    maximum_age: int | None
    requires: frozenset[str] | None
    sops: tuple[SopTerms, ...]
    agreements: tuple[Period, ...]
    places: Places | None
    stops: tuple[Stop, ...]
    translations: dict[str, dict[str, str]]
    assured_date: date | None = None
    level: str | None = None
    also_serves: tuple[str, ...] = ()
