"""Offers and needs for the tests of matching: one that fits in every way, to be spoilt in one place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from graph.model.directory import CapacityState
from graph.model.need import Need
from graph.model.offer import Offer, Period, Places, Reach, SopTerms, Terms
from graph.model.sop import Eligibility
from matching.prerequisites import Papers

DAY = date(2026, 11, 21)
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
EVERYBODY = ("female", "male", "other")
PAPERS = Papers(
    yields={
        "social.documents.identity": frozenset({"national-identity-document"}),
        "economic.skills.certification": frozenset({"skills-certificate"}),
    },
    usual={"economic.employment.job-placement": frozenset({"social.documents.identity"})},
)


def need(**told: Any) -> Need:
    """A person who has told everything; keywords change or withhold (None) a thing."""
    full: dict[str, Any] = {
        "service_type": "economic.employment.job-placement",
        "area": "GT0901",
        "on": DAY,
        "age": 30,
        "gender": "female",
        "nationality": "GT",
        "languages": frozenset({"spa"}),
        "factors": frozenset(),
        "documents": frozenset({"national-identity-document"}),
    }
    return Need(**(full | told))


def terms(**stated: Any) -> Terms:
    """Terms of a service that states everything and excludes nobody."""
    full: dict[str, Any] = {
        "service_id": "s",
        "name": "Bolsa de empleo",
        "organization_id": "o",
        "organization_name": "Organización (demo)",
        "status": "active",
        "service_types": ("economic.employment.job-placement",),
        "windows": (YEAR,),
        "languages": frozenset({"spa"}),
        "minimum_age": 18,
        "maximum_age": 65,
        "requires": frozenset(),
        "sops": (sop(),),
        "agreements": (YEAR,),
    }
    return Terms(**(full | stated))


def sop(period: Period = YEAR, *, version: int = 1, takes: bool | None = True, **rule: Any) -> SopTerms:
    """A SOP version, open to all unless told otherwise."""
    return SopTerms(version, period, takes, Eligibility(**({"open_to_all": True, "genders": EVERYBODY} | rule)))


def places(state: CapacityState = CapacityState.AVAILABLE, available: int | None = 3, *, day: int = 20) -> Places:
    """Places as stated on a day of November."""
    return Places(state, available, 10, "cupo", datetime(2026, 11, day, 9, tzinfo=UTC), 14)


def offer(found: dict[str, Any] | None = None, **stated: Any) -> Offer:
    """An offer that fits; `found` changes what the graph found, keywords what the service states."""
    return replace(Offer(terms(**stated), Reach.COVERS, "GT0901", 0, places()), **(found or {}))
