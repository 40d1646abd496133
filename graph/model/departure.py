"""That a person is going to leave one country for another, and whether both sides saw it happen. (R-04, R-42)

Nothing of who it is: the receiving organisation learns that through a referral, with consent for that border.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from pydantic import Field

from graph.model.base import Code, Id, Model


class DepartureState(StrEnum):
    """Where a departure stands; derived, never set."""

    PLANNED = "planned"
    DEPARTED = "departed"
    ARRIVED = "arrived"
    DID_NOT_DEPART = "did-not-depart"


class Departure(Model):
    """One journey of one person: planned, then seen by both sides, or stopped."""

    id: Id
    case_id: Id
    leaves: Code = Field(description="the country in which the case is kept")
    to: Code
    on: date = Field(description="the day it is planned for")
    receiver_id: Id = Field(description="who expects the person")
    planned_at: datetime
    planned_by: Id
    departed_at: datetime | None = Field(None, description="the host side saw it")
    departed_by: Id | None = None
    arrived_at: datetime | None = Field(None, description="the receiving side saw it")
    arrived_by: Id | None = None
    stopped_at: datetime | None = None
    stopped_by: Id | None = None

    @property
    def state(self) -> DepartureState:
        """The arrival counts also where the host side has not confirmed the departure yet."""
        if self.stopped_at is not None:
            return DepartureState.DID_NOT_DEPART
        if self.arrived_at is not None:
            return DepartureState.ARRIVED
        return DepartureState.PLANNED if self.departed_at is None else DepartureState.DEPARTED

    @property
    def is_confirmed_by_both(self) -> bool:
        """Both sides saw it."""
        return self.departed_at is not None and self.arrived_at is not None
