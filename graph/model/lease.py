"""A place held for a referral: taken when it is sent, kept when it is accepted, given back when it ends. (R-06)

`available` of a service's places is what can still be taken; what is leased or in use is counted beside it, so that
never more people stand on places than there are.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from pydantic import Field

from graph.model.base import Id, Model
from graph.model.referral import Status


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
    """One place of one service, held for one referral."""

    id: Id
    service_id: Id
    referral_id: Id
    held: Held = Held.LEASED
    taken_at: datetime
    expires_at: datetime = Field(description="given back by the clock where nobody decided")
    ended_at: datetime | None = None


HOLDS: Final = frozenset({Held.LEASED, Held.IN_USE})
"""A place that somebody else cannot have."""


def held_after(held: Held, status: Status, *, turnover: str, served: bool) -> Held:
    """Where the place stands once the referral is in this state. (design §6)

    A reusable place (a bed) is back at every end; a consumed one (a grant) only where it was not used.
    """
    if held not in HOLDS:
        return held
    if status in {Status.DRAFT, Status.REQUESTED}:
        return Held.LEASED
    if status in {Status.ACCEPTED, Status.IN_PROGRESS, Status.ON_HOLD}:
        return Held.IN_USE
    return Held.USED_UP if turnover == "consumed" and served else Held.BACK
