"""A place held for a referral: taken when it is sent, kept when it is accepted, given back when it ends. (R-06)

What is free of a service's places, and how leases count, is `stock`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from pydantic import Field

from graph.model.base import Id, Model
from graph.model.referral import BusinessStatus, Outcome, Referral, Status


class Held(StrEnum):
    """Where a place stands."""

    LEASED = "leased"
    """held while the provider decides"""
    IN_USE = "in-use"
    """accepted: somebody has it"""
    BACK = "back"
    """free again"""
    USED_UP = "used-up"
    """a grant or a seat that was given: it does not come back"""


class Lease(Model):
    """One place of one service, held for one referral; what it costs a programme, where one pays. (R-06, R-15)"""

    id: Id
    service_id: Id
    referral_id: Id
    held: Held = Held.LEASED
    taken_at: datetime
    expires_at: datetime = Field(description="given back by the clock where nobody decided")
    ended_at: datetime | None = None
    program_id: Id | None = None
    cost: int = Field(0, ge=0, description="committed of the programme's budget, in whole units of its currency")


HOLDS: Final = frozenset({Held.LEASED, Held.IN_USE})
"""A place that somebody else cannot have."""


def was_served(referral: Referral) -> bool:
    """Whether the service was given, at least in part; of one cancelled on the way, whether it had begun."""
    if referral.status is Status.CANCELLED and referral.provider_outcome is None:
        return referral.started_at is not None
    told = referral.provider_outcome in {Outcome.SERVED, Outcome.PARTLY_SERVED}
    return told and referral.status is not Status.ENTERED_IN_ERROR


def held_after(held: Held, referral: Referral, *, turnover: str) -> Held:
    """Where the place stands once the referral is as it is now. (design §6)

    A reusable place (a bed) is back at every end; a consumed one (a grant) only where it was not used. Who is put on the
    waiting list waits for another one. What is back or used up stays so: a place is never taken twice under one lease.
    """
    if held not in HOLDS:
        return held
    match referral.status:
        case Status.DRAFT | Status.REQUESTED:
            return Held.BACK if referral.business_status is BusinessStatus.WAITING_LIST else held
        case Status.ACCEPTED | Status.IN_PROGRESS | Status.ON_HOLD:
            return Held.IN_USE
        case _:
            return Held.USED_UP if turnover == "consumed" and was_served(referral) else Held.BACK
