"""A referral: one need of one case, one service of one provider, and the table of its steps. (R-01, R-10)

States are FHIR Task's, with who may set each. What is not in the table is refused aloud, never ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from pydantic import Field

from graph.model.base import Code, Id, Model


class Status(StrEnum):
    """Where a referral stands."""

    DRAFT = "draft"
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    IN_PROGRESS = "in-progress"
    ON_HOLD = "on-hold"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered-in-error"


class Step(StrEnum):
    """What somebody can do with a referral."""

    SEND = "send"
    ACCEPT = "accept"
    REJECT = "reject"
    START = "start"
    HOLD = "hold"
    RESUME = "resume"
    COMPLETE = "complete"
    FAIL = "fail"
    CANCEL = "cancel"
    VOID = "void"


class Mark(StrEnum):
    """Something finer that the responder says without a new state (FHIR: business status)."""

    RECEIVE = "receive"
    REVIEW = "review"
    WAITING_LIST = "waiting-list"
    SCHEDULE = "schedule"


class BusinessStatus(StrEnum):
    """Where it stands within its state."""

    RECEIVED = "received"
    IN_REVIEW = "in-review"
    WAITING_LIST = "waiting-list"
    SCHEDULED = "scheduled"


class Outcome(StrEnum):
    """What became of it, as one side says."""

    SERVED = "served"
    PARTLY_SERVED = "partly-served"
    NOT_SERVED = "not-served"


class Side(StrEnum):
    """From which side somebody acts."""

    REQUESTER = "requester"
    RESPONDER = "responder"


REQUESTER: Final = frozenset({Side.REQUESTER})
RESPONDER: Final = frozenset({Side.RESPONDER})
EITHER: Final = REQUESTER | RESPONDER

STEPS: Final[Mapping[tuple[Status, Step], tuple[Status, frozenset[Side]]]] = {
    (Status.DRAFT, Step.SEND): (Status.REQUESTED, REQUESTER),
    (Status.DRAFT, Step.CANCEL): (Status.CANCELLED, REQUESTER),
    (Status.REQUESTED, Step.ACCEPT): (Status.ACCEPTED, RESPONDER),
    (Status.REQUESTED, Step.REJECT): (Status.REJECTED, RESPONDER),
    (Status.REQUESTED, Step.CANCEL): (Status.CANCELLED, EITHER),
    (Status.ACCEPTED, Step.START): (Status.IN_PROGRESS, RESPONDER),
    (Status.ACCEPTED, Step.HOLD): (Status.ON_HOLD, RESPONDER),
    (Status.ACCEPTED, Step.COMPLETE): (Status.COMPLETED, RESPONDER),
    (Status.ACCEPTED, Step.FAIL): (Status.FAILED, RESPONDER),
    (Status.ACCEPTED, Step.CANCEL): (Status.CANCELLED, EITHER),
    (Status.IN_PROGRESS, Step.HOLD): (Status.ON_HOLD, RESPONDER),
    (Status.IN_PROGRESS, Step.COMPLETE): (Status.COMPLETED, RESPONDER),
    (Status.IN_PROGRESS, Step.FAIL): (Status.FAILED, RESPONDER),
    (Status.IN_PROGRESS, Step.CANCEL): (Status.CANCELLED, EITHER),
    (Status.ON_HOLD, Step.RESUME): (Status.IN_PROGRESS, RESPONDER),
    (Status.ON_HOLD, Step.COMPLETE): (Status.COMPLETED, RESPONDER),
    (Status.ON_HOLD, Step.FAIL): (Status.FAILED, RESPONDER),
    (Status.ON_HOLD, Step.CANCEL): (Status.CANCELLED, EITHER),
    **{
        (status, Step.VOID): (Status.ENTERED_IN_ERROR, REQUESTER)
        for status in Status
        if status is not Status.ENTERED_IN_ERROR
    },
}

MARKS: Final[Mapping[tuple[Status, Mark], BusinessStatus]] = {
    (Status.REQUESTED, Mark.RECEIVE): BusinessStatus.RECEIVED,
    (Status.REQUESTED, Mark.REVIEW): BusinessStatus.IN_REVIEW,
    (Status.REQUESTED, Mark.WAITING_LIST): BusinessStatus.WAITING_LIST,
    (Status.ACCEPTED, Mark.SCHEDULE): BusinessStatus.SCHEDULED,
}
"""What the responder, and nobody else, may say of an open referral beside its steps."""

REASONED: Final = frozenset({Step.REJECT, Step.HOLD, Step.COMPLETE, Step.FAIL, Step.CANCEL, Step.VOID})
"""Steps that need a coded reason with an owner: every one that closes, and the one that halts."""

ENDED: Final = frozenset({Status.REJECTED, Status.COMPLETED, Status.FAILED, Status.CANCELLED, Status.ENTERED_IN_ERROR})
"""States from which nothing goes on."""

OPEN: Final = frozenset({Status.REQUESTED, Status.ACCEPTED, Status.IN_PROGRESS, Status.ON_HOLD})
"""States in which the receiver may read what was sent."""


class Referral(Model):
    """Connecting one returnee with one service of one provider; addressed to its queue, never to one user."""

    id: Id
    case_id: Id
    need_id: Id
    service_id: Id
    requester_id: Id = Field(description="organisation that sends")
    responder_id: Id = Field(description="organisation that receives")
    purpose: Code
    status: Status = Status.DRAFT
    reason: Code | None = Field(None, description="coded reason of a closing step")
    sop_id: Id | None = Field(None, description="the version it was sent under")
    attestation_id: Id | None = Field(None, description="the door without consent (R-22), where it was used")
    together_id: Id | None = Field(None, description="random: shared with the referrals of a household drafted with it")
    created_at: datetime
    sent_at: datetime | None = None
    sent_by: Id | None = Field(None, description="who sent it: never the one whose word opens the door of R-22")
    asked_at: datetime | None = Field(
        None, description="consent was withdrawn while the service ran: since when the person is asked if it goes on"
    )
    goes_on: bool | None = Field(None, description="what the person answered to that")
    business_status: BusinessStatus | None = None
    received_at: datetime | None = Field(None, description="when somebody of the responder first saw it")
    decided_at: datetime | None = Field(None, description="accepted or rejected")
    started_at: datetime | None = None
    held_at: datetime | None = Field(None, description="on hold since then")
    still_seconds: int = Field(
        0, ge=0, description="how long its clocks stood still while the sender had to bring something"
    )
    ended_at: datetime | None = None
    scheduled_at: datetime | None = Field(None, description="the first appointment")
    reported_at: datetime | None = Field(None, description="when the provider last said how it goes")
    provider_outcome: Outcome | None = None
    person_outcome: Outcome | None = None
    person_barrier: Code | None = Field(None, description="what stood between, as the person says: one of six")
    met: tuple[Code, ...] = Field((), description="rules that our data said were met when it was drafted")
    unmet: tuple[Code, ...] = Field((), description="rules that our data said were not")
    against_data: bool = Field(False, description="declined for what our data said was met")
    tasks_done: tuple[Code, ...] = Field(
        (), description="what followed from its reason and was done by the case's team"
    )
    chosen_because: Code | None = Field(None, description="coded reason of a choice against the suggestions")
    redirected_from: Id | None = Field(None, description="the rejected referral that this one follows")
    redirected_as: Id | None = Field(None, description="the draft made of what the provider proposed")
    proposed_service_id: Id | None = Field(None, description="the service that the provider proposed instead")
    waiting: bool = Field(False, description="sent as a request for the waiting list: holds no place")
    version: int = Field(1, ge=1)


def open_steps(status: Status, side: Side) -> tuple[Step, ...]:
    """What this side may do now: buttons, documents and tests are drawn from here."""
    return tuple(step for (at, step), (_, sides) in STEPS.items() if at is status and side in sides)


def after(status: Status, step: Step, side: Side) -> Status | None:
    """The state after a step from a side; None where the table has no such step."""
    found = STEPS.get((status, step))
    return found[0] if found and side in found[1] else None


def is_running(referral: Referral) -> bool:
    """Its service has begun and goes on, a halt included: what has not, a withdrawal of consent ends at once. (R-20)"""
    begun = referral.status is Status.ON_HOLD and referral.started_at is not None
    return referral.status is Status.IN_PROGRESS or begun
