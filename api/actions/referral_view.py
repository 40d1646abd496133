"""A referral as one side sees it: where it stands, and what that side may do now and what is missing for it. (R-12)

Nothing of the person is in it: a receiver reads that in the copy it opens.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from api.actions.consequences import open_tasks
from api.actions.costs import Account, account_of
from api.actions.leases import foreseen
from api.actions.outcomes import agreed
from api.actions.referrals import FIRST, judge
from api.actions.steps import BEGINNING, open_marks, sides_of
from api.actions.timers import owed_of, terms_in
from consent.access import Allowed, Deed, decide
from consent.decision import SUSPENDED
from consent.relation import relation_of, state_of
from graph.model.actor import Actor
from graph.model.base import Code, Id, Model
from graph.model.clock import Due
from graph.model.consent import Stage
from graph.model.referral import REASONED, BusinessStatus, Mark, Outcome, Referral, Side, Status, Step, open_steps
from graph.model.refusal import Denied, Reason, Refusal
from graph.model.status_reason import Consequence, Owner, StatusReason
from graph.seed.status_reasons import reasons_of, stands_still, status_reasons
from graph.store import matters, referrals
from graph.store.errors import NotFound
from graph.store.matters import Matter
from graph.store.network import Tx


class OpenStep(Model):
    """One step that is open to a side."""

    step: Step
    reasons: tuple[Code, ...] = ()
    """The coded reasons it may have; where there are any, it needs one."""
    missing: tuple[Reason, ...] = ()
    """What stands in its way: it would be refused now."""


class RunningClock(Model):
    """One answer that the provider owes: since when the time runs, by when it is due, whether it is late."""

    clock: Due
    since: datetime
    due_at: datetime
    is_late: bool


class CopySent(Model):
    """That a copy left, at which stage, when, and whether it can still be read."""

    stage: Stage
    sent_at: datetime
    is_closed: bool


class ReferralView(Model):
    """Where a referral stands for one who may see it."""

    id: Id
    case_id: Id | None = None
    """For the case's own side."""
    need_id: Id | None = None
    service_id: Id
    requester_id: Id
    responder_id: Id
    purpose: Code
    status: Status
    business_status: BusinessStatus | None = None
    reason: Code | None = None
    owner: Owner | None = None
    consequences: tuple[Consequence, ...] = ()
    sent_at: datetime | None = None
    received_at: datetime | None = None
    decided_at: datetime | None = None
    started_at: datetime | None = None
    scheduled_at: datetime | None = None
    ended_at: datetime | None = None
    provider_outcome: Outcome | None = None
    person_outcome: Outcome | None = None
    agreed: bool | None = None
    chosen_because: Code | None = None
    """Why it was chosen against the suggestions, for the case's own side."""
    proposed_service_id: Id | None = None
    """What its provider proposed instead."""
    redirected_from: Id | None = None
    """The rejected referral that it follows, for the case's own side: a new provider learns of no other."""
    redirected_as: Id | None = None
    """The draft made of the proposal, for the case's own side."""
    clocks: tuple[RunningClock, ...] = ()
    stands_still: bool = False
    """The provider's clocks stand still, because the sender has to bring something."""
    account: Account
    """What was spent on it, against what was agreed."""
    copies: tuple[CopySent, ...] = ()
    """What left under it, without what it says."""
    sides: tuple[Side, ...]
    steps: tuple[OpenStep, ...]
    tasks: tuple[Consequence, ...] = ()
    """What the case's team has still to do, for them."""
    marks: tuple[Mark, ...]
    version: int


INSIDE: Final = frozenset(
    {"case_id", "need_id", "person_outcome", "chosen_because", "redirected_from", "redirected_as"}
)
"""What the receiving side does not read."""


TOLD_BY_NOTICE: Final = frozenset({"consent-withdrawn", "did-not-depart"})
"""Reasons of the person that a stop notice names to whoever received something. (R-20)"""


def reason_told(referral: Referral, *, inside: bool) -> StatusReason | None:
    """Why it ended, for this reader. What a cancelling says of the person (fear, moved, died) is no data that anybody allowed
    the receiving side: it reads that it is cancelled. (R-11, R-20)
    """
    reason = status_reasons().get(referral.reason) if referral.reason else None
    if reason is None or inside or referral.status is not Status.CANCELLED:
        return reason
    return None if reason.owner is Owner.PERSON and reason.code not in TOLD_BY_NOTICE else reason


async def view(tx: Tx, referral_id: str, *, actor: Actor, at: datetime) -> ReferralView:
    """The referral for the case's team, their colleagues, the person, or the organisation that received it. (R-25)"""
    case_id = await referrals.case_of(tx, referral_id)
    matter = await matters.get(tx, case_id, referral_id, actor=None)
    case, referral = matter.case, matter.referral
    sides, deed = sides_of(actor, matter), Deed.REFERRAL_READ
    inside = isinstance(decide(actor, deed, relation_of(actor, case), state_of(case, deed)), Allowed)
    if not inside and Side.RESPONDER not in sides:
        raise NotFound
    told = reason_told(referral, inside=inside)
    facts = referral.model_dump(include=set(ReferralView.model_fields) - (frozenset() if inside else INSIDE))
    return ReferralView(
        **facts | ({} if told or inside else {"reason": None}),
        tasks=open_tasks(referral) if Side.REQUESTER in sides else (),
        agreed=agreed(referral) if inside else None,
        owner=told.owner if told else None,
        consequences=told.consequences if told else (),
        clocks=running(matter, at=at),
        stands_still=stands_still(referral),
        account=await account_of(tx, matter),
        copies=tuple(
            CopySent(stage=c.stage, sent_at=c.sent_at, is_closed=c.closed_at is not None or at >= c.readable_until)
            for c in matter.copies
        ),
        sides=tuple(sorted(sides)),
        steps=await _steps(tx, matter, sides, actor=actor, at=at),
        marks=open_marks(referral.status) if Side.RESPONDER in sides else (),
    )


def running(matter: Matter, *, at: datetime) -> tuple[RunningClock, ...]:
    """Which clocks run, by when each is due, and whether it is late. (R-12)"""
    found = owed_of(matter.referral, terms_in(matter))
    return tuple(RunningClock(clock=o.due, since=o.since, due_at=o.by, is_late=o.is_late(at=at)) for o in found)


async def _steps(tx: Tx, matter: Matter, sides: frozenset[Side], *, actor: Actor, at: datetime) -> tuple[OpenStep, ...]:
    found = []
    for step in dict.fromkeys(s for side in sorted(sides) for s in open_steps(matter.referral.status, side)):
        codes = tuple(reason.code for reason in reasons_of(step)) if step in REASONED else ()
        missing = await _missing(tx, matter, step, actor=actor, at=at)
        found.append(OpenStep(step=step, reasons=codes, missing=missing))
    return tuple(found)


async def _missing(tx: Tx, matter: Matter, step: Step, *, actor: Actor, at: datetime) -> tuple[Reason, ...]:
    if step is Step.SEND:
        judged, _ = await judge(tx, matter, stage=FIRST, sender_id=actor.id, at=at)
        room = foreseen(matter, at=at)
        full = (room.reason,) if isinstance(room, Denied) else ()
        return (*(judged.verdict.codes if isinstance(judged.verdict, Refusal) else ()), *full)
    if step in BEGINNING:
        return tuple(SUSPENDED[stop.subject] for stop in matter.suspensions if stop.is_in_force(on=at.date()))
    return ()
