"""An alert that somebody read unusually many people's data: counts and who read, never whose. (R-21, R-25)

When reading is unusual is judged in `consent.unusual`. The officer's note is sealed beside it and no field of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from graph.model.base import Code, Id, Model


@dataclass(frozen=True, slots=True)
class Look:
    """That the data of somebody were read. `whose` tells people apart and does not say who."""

    at: datetime
    whose: str


class Unusual(StrEnum):
    """Why reading is unusual."""

    IN_AN_HOUR = "many-in-an-hour"
    """more people within one hour than work needs"""
    OWN_HABIT = "over-own-habit"
    """more people in a day than this reader's own days"""


class Alert(Model):
    """That one actor read the data of unusually many people, and whether an officer looked into it."""

    id: Id
    actor_id: Id = Field(description="who read")
    organization_id: Id | None = None
    role: Code = Field(description="in which function most of it was read")
    why: frozenset[Unusual] = Field(min_length=1)
    persons: int = Field(ge=1, description="different people within 24 hours, at the worst")
    hour: int = Field(ge=1, description="different people within one hour, at the worst")
    usual: int = Field(ge=0, description="the median of this reader's own days, when it was raised")
    raised_at: datetime
    latest_at: datetime = Field(description="when it was last seen to be so")
    acknowledged_at: datetime | None = None
    acknowledged_by: Id | None = None

    @property
    def is_open(self) -> bool:
        """No officer has looked into it yet."""
        return self.acknowledged_at is None
