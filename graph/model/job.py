"""Work: what a person brings and would do, and what an employer's opening asks. (R-36)

Occupations are groups of ISCO-08; a longer code lies within a shorter one (`712` in `71` in `7`). An opening is a part of
a service of employment; its places are the service's. Nothing here could name a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final

from pydantic import Field

from graph.model.base import Code, Model

Occupation = Annotated[str, Field(pattern=r"^\d{1,3}$", description="a group of ISCO-08: one to three digits")]

LONGEST: Final = 720
"""Months of experience that can be meant: sixty years."""

MOST: Final = 200
"""Codes of one list: more is a copied catalogue, not a profile."""

AREAS: Final = 5
"""Areas in which one person looks for work."""


class WorkedAs(Model):
    """One occupation somebody has worked in, and how long."""

    occupation: Occupation
    months: int | None = Field(None, ge=0, le=LONGEST, description="None: not told")


class JobProfile(Model):
    """What a person brings to work and wants of it, by codes alone. (R-36, R-41)

    None is *unknown*; a list that is given is complete: `[]` means none.
    """

    worked: tuple[WorkedAs, ...] | None = Field(None, max_length=MOST, description="occupations worked in")
    skills: frozenset[Code] | None = Field(None, max_length=MOST)
    interests: frozenset[Occupation] | None = Field(None, max_length=MOST, description="occupations they would take up")
    schedules: frozenset[Code] | None = Field(None, max_length=MOST, description="when they could work")
    areas: frozenset[Code] | None = Field(
        None, min_length=1, max_length=AREAS, description="where they would work; None: where they live"
    )
    stated_at: datetime | None = None

    @property
    def fields(self) -> Mapping[str, list[str]]:
        """What is told, by field of the catalogue: what may be sent is computed from this. (R-10)

        Experience is `712` or, where the months are told, `712: 36`.
        """
        told = {
            "job_experience": None if self.worked is None else [_line(one) for one in self.worked],
            "job_skills": self.skills,
            "job_interests": self.interests,
            "job_schedules": self.schedules,
            "job_areas": self.areas,
        }
        return {field: sorted(values) for field, values in told.items() if values is not None}


def _line(one: WorkedAs) -> str:
    return one.occupation if one.months is None else f"{one.occupation}: {one.months}"


class Opening(Model):
    """A job as its employer states it. Of who may have it, it says nothing but what the work takes. (R-35, R-36)"""

    occupation: Occupation
    skills_required: tuple[Code, ...] = Field((), max_length=MOST)
    skills_desired: tuple[Code, ...] = Field((), max_length=MOST)
    experience_months: int | None = Field(
        None, ge=0, le=LONGEST, description="months in the occupation; 0: none is asked; None: not stated"
    )
    schedule: Code | None = Field(None, description="None: not stated")


def is_within(occupation: str, group: str) -> bool:
    """Whether an occupation is the group or lies below it."""
    return occupation.startswith(group)


def is_akin(one: str, other: str) -> bool:
    """Whether one of two occupations lies within the other: the longer code says more, not otherwise."""
    return one.startswith(other) or other.startswith(one)
