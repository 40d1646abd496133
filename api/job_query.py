"""What may be said of somebody who looks for work: the profile, and the question for openings without a case. (R-36)

As everywhere, an unknown code is refused with the nearest ones, and a value is never repeated.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from api.actions.jobs import EMPLOYMENT
from api.query import Day, Explained, Number, Occupation, Paper, Skill, SpokenLanguage, WorkSchedule, codes
from graph.model.base import Code
from graph.model.job import AREAS, LONGEST, MOST, JobProfile, WorkedAs
from graph.model.need import Need
from matching.jobs import Seeker

AreaCode = Code
"""What cannot be a code of an area is refused as such, not looked up."""


class WorkedIn(BaseModel):
    """One occupation somebody has worked in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    occupation: Annotated[Occupation, Field(description="a group of ISCO-08: a code of `occupations`")]
    months: Number | None = Field(None, ge=0, le=LONGEST, description="how long; null: not told")


class StatedProfile(BaseModel):
    """What a person brings to work and wants of it. Null or left out: not told; a list that is given is complete."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    worked: list[WorkedIn] | None = Field(None, max_length=MOST, description="occupations worked in; `[]`: none")
    skills: list[Skill] | None = codes("skills", "what they can do")
    interests: list[Occupation] | None = codes("occupations", "what they would take up")
    schedules: list[WorkSchedule] | None = codes("work-schedules", "when they could work")

    def profile(self, areas: list[str] | None = None) -> JobProfile:
        """The profile that matching reads."""
        return JobProfile(
            worked=None
            if self.worked is None
            else tuple(WorkedAs(occupation=one.occupation, months=one.months) for one in self.worked),
            skills=None if self.skills is None else frozenset(self.skills),
            interests=None if self.interests is None else frozenset(self.interests),
            schedules=None if self.schedules is None else frozenset(self.schedules),
            areas=None if areas is None else frozenset(areas),
        )


class ProfileIn(StatedProfile):
    """The job profile of a case."""

    areas: list[AreaCode] | None = Field(
        None, min_length=1, max_length=AREAS, description="where they would work; null: where they live"
    )

    @property
    def whole(self) -> JobProfile:
        """The profile with its areas."""
        return self.profile(self.areas)


EXAMPLE: Final[dict[str, Any]] = {
    "areas": ["GT0901"],
    "worked": [{"occupation": "711", "months": 60}],
    "skills": ["bricklaying", "concrete-work"],
    "interests": ["721"],
    "schedules": ["full-time"],
    "age": 31,
    "languages": ["spa"],
    "documents": ["national-identity-document"],
}


class JobQuery(StatedProfile):
    """Somebody looks for work, before anyone is named. Only `areas` is required.

    There is no key for gender or nationality: no opening may ask for them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [EXAMPLE]})

    areas: list[AreaCode] = Field(
        min_length=1,
        max_length=AREAS,
        description="where work is looked for: codes of areas (P-codes), `GET /v1/areas`",
    )
    on: Day | None = Field(None, description="the day; today when left out")
    age: Number | None = Field(None, ge=0, le=130, description="whole years: read for a lowest age alone")
    languages: list[SpokenLanguage] | None = codes("languages", "languages the person understands")
    documents: list[Paper] | None = codes("papers", "papers the person holds")
    limit: Number | None = Field(None, ge=0, le=100_000, description="how many openings at most; null: all")
    explain: Explained = Field(
        True, description="true: verdicts and what is ruled out; false: openings and counts; all: also elsewhere"
    )

    def seeker(self, *, today: date) -> Seeker:
        """Whom matching reads: nobody in particular."""
        need = Need(
            service_type=EMPLOYMENT,
            area=self.areas[0],
            on=self.on or today,
            age=self.age,
            languages=None if self.languages is None else frozenset(self.languages),
            documents=None if self.documents is None else frozenset(self.documents),
        )
        return Seeker(need, self.profile(self.areas))
