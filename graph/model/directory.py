"""The service mapping: who offers what, where, for whom, under which agreement. (R-02, R-03, R-06, R-32)

Words are HSDS 3.1's wherever it has one. What a service *asks* of a referral stands in `graph.model.sop`.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from graph.model.base import Carried, Code, Id, Model, Translations
from graph.model.job import Opening

Status = Literal["active", "inactive", "defunct", "temporarily closed"]
Degree = Literal["low", "medium", "high"]


class ActorCategory(StrEnum):
    """Kinds of actors in reintegration. (R-32, M4 table 4.1)"""

    NATIONAL_AUTHORITY = "national-authority"
    LOCAL_GOVERNMENT = "local-government"
    PRIVATE_SECTOR = "private-sector"
    NGO = "ngo"
    DIASPORA_ORGANISATION = "diaspora-organisation"
    MIGRANT_ASSOCIATION = "migrant-association"
    INTERNATIONAL_ORGANISATION = "international-organisation"
    ACADEMIC_INSTITUTION = "academic-institution"


class SupportLevel(StrEnum):
    """At which level a service works. (R-31)"""

    INDIVIDUAL = "individual"
    COMMUNITY = "community"
    STRUCTURAL = "structural"


class Scope(StrEnum):
    """How far a referral mechanism reaches. (R-04, R-44)"""

    LOCAL = "local"
    NATIONAL = "national"
    INTERNATIONAL = "international"


class CapacityState(StrEnum):
    """Whether there is a place; the four answers of FHIR's SDOH capacity codes. (R-06)"""

    AVAILABLE = "available"
    WAITING_LIST = "waiting-list"
    ASSESS_FIRST = "assess-first"
    NONE = "none"


class Organization(Model):
    """A provider, authority or partner of the mechanism."""

    id: Id
    name: str = Field(min_length=1, max_length=300)
    alternate_name: str | None = None
    description: str | None = None
    email: str | None = None
    website: str | None = None
    parent_organization_id: Id | None = None
    actor_category: ActorCategory | None = None
    influence: Degree | None = Field(None, description="read by the committee only, never exported (R-33)")
    interest: Degree | None = Field(None, description="read by the committee only, never exported (R-33)")
    translations: Translations = Field(default_factory=dict)
    carried: Carried = Field(default_factory=dict)


class Schedule(Model):
    """When a service is offered: validity window, and the RFC 5545 rule of its opening times."""

    id: Id
    valid_from: date | None = None
    valid_to: date | None = None
    freq: Literal["WEEKLY", "MONTHLY"] | None = None
    interval: int | None = Field(None, ge=1, le=366)
    byday: str | None = None
    opens_at: str | None = None
    closes_at: str | None = None
    carried: Carried = Field(default_factory=dict)

    def is_valid(self, *, on: date) -> bool:
        """Both days are included; an end that is not stated is open."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)


class Location(Model):
    """A place of delivery. A sealed one (a shelter) is known to exist and nothing more leaves. (R-26)"""

    id: Id
    name: str | None = None
    location_type: Literal["physical", "postal", "virtual"] = "physical"
    latitude: float | None = Field(None, ge=-90, le=90)
    longitude: float | None = Field(None, ge=-180, le=180)
    area: Code | None = None
    sealed: bool = False
    carried: Carried = Field(default_factory=dict)


class Phone(Model):
    """A telephone of a service or organisation: a function's, never a person's."""

    id: Id
    number: str
    carried: Carried = Field(default_factory=dict)


class Service(Model):
    """One thing that one organisation offers. (R-02, R-30)"""

    id: Id
    organization_id: Id
    name: str = Field(min_length=1, max_length=300)
    alternate_name: str | None = None
    description: str | None = None
    translations: Translations = Field(default_factory=dict)
    status: Status
    service_types: tuple[Code, ...] = Field(min_length=1)
    level: SupportLevel | None = None
    also_serves: tuple[Code, ...] = Field((), description="e.g. host-community (R-37)")
    areas: tuple[Code, ...] | None = Field(None, description="areas served, with all below them; None: not stated")
    locations: tuple[Location, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    languages: tuple[Code, ...] | None = Field(None, description="ISO 639-3; None: not stated")
    minimum_age: int | None = Field(None, ge=0, le=130)
    maximum_age: int | None = Field(None, ge=0, le=130)
    requires: tuple[Code, ...] | None = Field(None, description="service types that must come first; None: not stated")
    teaches: tuple[Code, ...] | None = Field(None, description="skills that a training gives; None: not stated (R-36)")
    opening: Opening | None = Field(None, description="of a service of employment: the job itself (R-36)")
    programs: tuple[Id, ...] = ()
    phones: tuple[Phone, ...] = ()
    email: str | None = None
    url: str | None = None
    fees_description: str | None = None
    assured_date: date | None = None
    last_modified: datetime | None = None
    carried: Carried = Field(default_factory=dict)


class ServiceCapacity(Model):
    """Places of a service as somebody last stated them. (R-06)"""

    id: Id
    service_id: Id
    unit: str = Field("place", max_length=80, description="what one place is: a bed, a seat, a grant")
    unit_id: Id | None = None
    turnover: Literal["reusable", "consumed"] = "reusable"
    state: CapacityState
    available: int | None = Field(None, ge=0, le=1_000_000)
    maximum: int | None = Field(None, ge=0, le=1_000_000)
    keeps_waiting_list: bool = False
    half_life_days: int = Field(14, ge=1, le=365)
    paused_until: date | None = Field(None, description="the last day on which no place is given; then again as stated")
    updated: datetime = Field(description="when somebody last said so")
    updated_by: Code = Field(description="which side said so: provider, case-manager, committee, import")
    version: int = Field(1, ge=1, description="grows by one with every change; the ETag")
    carried: Carried = Field(default_factory=dict)


class Program(Model):
    """A programme under which services are paid, so that several can be told apart. (R-43, R-15)"""

    id: Id
    name: str
    organization_id: Id | None = None
    budget: int | None = Field(None, ge=0, description="whole units of the currency")
    spent: int | None = Field(None, ge=0)
    currency: str | None = Field(None, pattern=r"^[A-Z]{3}$")
    translations: Translations = Field(default_factory=dict)
    carried: Carried = Field(default_factory=dict)


class Agreement(Model):
    """A memorandum or long-term agreement that makes an organisation a partner. (R-03, R-15)"""

    id: Id
    name: str
    kind: Literal["memorandum", "long-term-agreement"]
    parties: tuple[Id, ...] = Field(min_length=1, description="organisation ids")
    mechanism_id: Id | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    budget_ceiling: int | None = Field(None, ge=0, description="whole units of the currency")
    spent: int | None = Field(None, ge=0)
    currency: str | None = Field(None, pattern=r"^[A-Z]{3}$")
    translations: Translations = Field(default_factory=dict)


class Mechanism(Model):
    """A referral mechanism: its reach, who leads it, who is a member. (R-01, R-04, R-44)"""

    id: Id
    name: str
    scope: Scope
    area: Code | None = None
    part_of: Id | None = Field(None, description="the mechanism above it: coordination is vertical too (R-44)")
    lead_organization_id: Id | None = None
    members: tuple[Id, ...] = ()
    translations: Translations = Field(default_factory=dict)


class Suspension(Model):
    """Referrals to a place, an organisation or a service are stopped for a time. (R-26)"""

    id: Id
    subject: Literal["area", "organization", "service"]
    subject_id: Id
    reason: Code
    valid_from: date
    valid_to: date | None = None
    decided_by: Code = "committee"

    def is_in_force(self, *, on: date) -> bool:
        """From the first day to the last, both included; without a last day until it is lifted."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)
