"""The case of a returnee under a pseudonym: what matching and rules read, and nothing that could name the person.

Identity and free text are data of the field catalogue, encrypted, and come as `Record`. (R-14, R-21, R-40, R-41)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from graph.model.age import CHILDREN, AgeBand
from graph.model.base import Code, Id, Model
from graph.model.consent import NoticeShown
from graph.model.job import JobProfile

Record = Mapping[str, Any]
"""What is recorded of a person in the clear, by field code of the catalogue. Lives in memory only."""


class Closure(StrEnum):
    """Why a case ends: the five reasons of the sources. (R-40)"""

    SUPPORT_ENDS = "support-ends"
    NOT_ELIGIBLE = "not-eligible"
    NO_LONGER_WANTED = "no-longer-wanted"
    MOVED_AWAY = "moved-away"
    DIED = "died"


class CaseFactor(Model):
    """A factor of risk or protection, who assessed it and until when that holds. (R-34)"""

    factor: Code
    assessed_by: Id
    assessed_at: datetime
    valid_to: date | None = None


class Need(Model):
    """Something the person needs. It is matched or asked about only once they agreed to seek help. (R-40, R-41)"""

    id: Id
    service_type: Code
    priority: Literal["emergency", "urgent", "normal"] = "normal"
    goal_id: Id | None = None
    agreed_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_agreed(self, *, at: datetime) -> bool:
        """The person agreed to seek help for it, and has not taken that back."""
        return self.agreed_at is not None and self.agreed_at <= at and (self.revoked_at is None or at < self.revoked_at)


class Goal(Model):
    """A goal of the reintegration plan, with its feasibility and the day it is looked at again. (R-40)"""

    id: Id
    dimension: Literal["economic", "social", "psychosocial"]
    feasibility: Literal["feasible", "feasible-with-support", "not-feasible"] | None = None
    review_on: date


class Guardianship(Model):
    """Who stands for a child or for somebody who cannot decide, and how far. (R-23, R-24)

    A barred guardian neither consents nor reads, ever. Names stand in the record, not here.
    """

    id: Id
    kind: Literal["parent", "guardian", "lawful-representative", "child-protection-authority"]
    countries: frozenset[Code] = Field(description="where the authority holds (ISO 3166)")
    purposes: frozenset[Code] | None = Field(None, description="what it covers; None: everything")
    document: Code | None = Field(None, description="kind of authority document seen; None: none seen")
    barred: bool = False
    valid_from: datetime
    valid_to: datetime | None = None

    def holds(self, *, country: str, purpose: str, at: datetime) -> bool:
        """It stands for this country and purpose now, shown by a document, and is not barred."""
        in_time = self.valid_from <= at and (self.valid_to is None or at < self.valid_to)
        in_scope = country in self.countries and (self.purposes is None or purpose in self.purposes)
        return not self.barred and self.document is not None and in_time and in_scope


class BestInterests(Model):
    """That the best interests of a child were determined for a country. (R-24)"""

    id: Id
    country: Code
    determined_at: datetime
    determined_by: Id


class ChildView(Model):
    """That the child was told in words of their age and gave their own view. (R-24)"""

    id: Id
    heard_at: datetime
    heard_by: Id
    agrees: bool | None = Field(None, description="None: too young or unwilling to say")
    notice: NoticeShown | None = Field(None, description="the wording for children that was read with them")


class Incapacity(Model):
    """That qualified professionals found that the person cannot decide for a time. (R-23)"""

    id: Id
    assessed_by: Id
    assessed_at: datetime
    valid_to: datetime


class Case(Model):
    """One person's case as rules read it. `version` grows with every write: the case is the lock."""

    id: Id
    person_id: Id
    stream: Id = Field(description="random; where its entries in the log stand")
    version: int = Field(0, ge=0)
    revised: int = Field(0, ge=0, description="the version at which its content last changed: what a form was read at")
    organization_id: Id = Field(description="who holds it")
    team: frozenset[Id] = Field(description="actors who work on it")
    restricted: bool = Field(False, description="trafficking or threats: unsearchable outside its team")
    country: Code
    opened_in: Code | None = Field(None, description="the country it is kept in, wherever the person lives by now")
    area: Code
    age_band: AgeBand | None = None
    adult_on: date | None = Field(None, description="the 18th birthday, while it lies ahead; None: an adult")
    gender: Code | None = None
    nationality: Code | None = None
    languages: frozenset[Code] | None = None
    papers: frozenset[Code] | None = None
    factors: tuple[CaseFactor, ...] = ()
    factors_assessed_at: datetime | None = Field(None, description="None: nobody has looked, so nothing is known")
    job_profile: JobProfile | None = Field(None, description="None: nobody has asked yet (R-36)")
    separated: bool = Field(False, description="an unaccompanied or separated child (R-24)")
    household_id: Id | None = None
    needs: tuple[Need, ...] = ()
    goals: tuple[Goal, ...] = ()
    guardians: tuple[Guardianship, ...] = ()
    best_interests: tuple[BestInterests, ...] = ()
    child_views: tuple[ChildView, ...] = ()
    incapacities: tuple[Incapacity, ...] = ()
    opened_at: datetime
    closed_at: datetime | None = None
    closure: Closure | None = None

    @property
    def home(self) -> Code:
        """The country that what is recorded leaves, where it crosses a border: that in which the case is kept. (R-42)"""
        return self.opened_in or self.country

    def is_child(self, *, on: date) -> bool:
        """Under 18 on that day: the birthday itself is the first day as an adult.

        Where the day of birth is not known, the age band decides: silence never makes an adult of a child.
        """
        return on < self.adult_on if self.adult_on is not None else self.age_band in CHILDREN

    def is_incapacitated(self, *, at: datetime) -> bool:
        """An assessment that the person cannot decide holds now."""
        return any(i.assessed_at <= at < i.valid_to for i in self.incapacities)
