"""A gap that the committee has taken up: what is missing where, who takes care, what was decided, when it is looked at again. (R-07)

What the numbers say of gaps is `matching.gaps`; this is what people decided about one of them. No person stands in it.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from pydantic import Field

from graph.model.base import Code, Id, Model


class Remedy(StrEnum):
    """What the committee decided to do about a gap."""

    FIND_PROVIDER = "find-provider"
    MORE_PLACES = "more-places"
    WIDEN_COVERAGE = "widen-coverage"
    FUNDS = "funds"
    WRITE_SOP = "write-sop"
    RENEW_AGREEMENT = "renew-agreement"
    OTHER_WAY = "other-way"
    """people are brought to where the service is"""
    WATCH = "watch"
    """nothing yet: the numbers are looked at again"""
    NOT_POSSIBLE = "not-possible"
    """nothing can be done now, and that is said"""


class GapDecision(Model):
    """What was decided at one time; earlier ones are kept."""

    at: datetime
    by: Id
    remedy: Remedy
    owner_id: Id = Field(description="the organisation that takes care of it")
    re_check_on: date
    words: str | None = Field(None, max_length=500, description="what exactly; names nobody who is helped")


class Gap(Model):
    """One need in one department, from when the committee took it up until it is closed."""

    id: Id
    service_type: Code
    department: Code
    opened_at: datetime
    decisions: tuple[GapDecision, ...] = Field(min_length=1)
    closed: bool = False
    closed_at: datetime | None = None
    version: int = Field(1, ge=1)

    @property
    def holds(self) -> GapDecision:
        """What holds."""
        return self.decisions[-1]

    def is_overdue(self, *, on: date) -> bool:
        """Nobody has looked at it again by the day that was set."""
        return not self.closed and self.holds.re_check_on < on
