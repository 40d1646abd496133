"""What both sides do with a referral: its steps, what the responder says within a state, and why. (R-01, R-12, R-14)

The table is `graph.model.referral`; what is not in it is refused aloud, with what can be done instead. Sending is
`referrals`: it alone is computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pydantic import Field

from api.actions import consequences, leases, redirecting
from api.actions.case_entry import refused
from api.actions.moves import move, moved
from consent.access import Allowed, Deed, Relation, decide
from consent.decision import SUSPENDED
from consent.relation import relation_of, state_of
from graph.model.actor import Actor, Role
from graph.model.base import Code, Id, Model
from graph.model.log import Entry, Kind
from graph.model.referral import (
    MARKS,
    REASONED,
    BusinessStatus,
    Mark,
    Outcome,
    Referral,
    Side,
    Status,
    Step,
    after,
    open_steps,
)
from graph.model.refusal import Denied, Reason, Refusal
from graph.model.status_reason import Consequence, Owner
from graph.secrets import Secrets
from graph.seed.status_reasons import reasons_of, stands_still, status_reasons
from graph.store import cases, matters, referrals
from graph.store.errors import NotFound
from graph.store.matters import Matter
from graph.store.network import Tx

KINDS: Final[Mapping[Step, Kind]] = {
    Step.ACCEPT: Kind.REFERRAL_ACCEPTED,
    Step.REJECT: Kind.REFERRAL_REJECTED,
    Step.START: Kind.REFERRAL_STARTED,
    Step.HOLD: Kind.REFERRAL_HELD,
    Step.RESUME: Kind.REFERRAL_RESUMED,
    Step.COMPLETE: Kind.REFERRAL_COMPLETED,
    Step.FAIL: Kind.REFERRAL_FAILED,
    Step.CANCEL: Kind.REFERRAL_CANCELLED,
    Step.VOID: Kind.REFERRAL_VOIDED,
}
"""Each step by the entry it leaves; a send leaves a transfer."""

ROLES: Final = {Side.REQUESTER: Role.CASE_MANAGER, Side.RESPONDER: Role.PROVIDER}

BEGINNING: Final = frozenset({Step.ACCEPT, Step.START, Step.RESUME})
"""Steps towards a service: none of them where security has suspended it. (R-26)"""

OUTCOMES: Final = {"delivered": Outcome.SERVED, "delivered-in-part": Outcome.PARTLY_SERVED}


class Stepped(Model):
    """Where a referral stands after a step, whose reason it was, what follows from it, and what can be done next."""

    referral_id: Id
    status: Status
    business_status: BusinessStatus | None = None
    reason: Code | None = None
    owner: Owner | None = None
    consequences: tuple[Consequence, ...] = ()
    steps: tuple[Step, ...] = Field(description="open to the same side now")
    marks: tuple[Mark, ...] = ()
    version: int
    entry: Entry


def sides_of(actor: Actor, matter: Matter) -> frozenset[Side]:
    """From which sides this actor may act: the case's team requests, the receiving organisation responds. (R-25)"""
    case, referral = matter.case, matter.referral
    deed = Deed.REFERRAL_STEP
    sides = set()
    if isinstance(decide(actor, deed, relation_of(actor, case), state_of(case, deed)), Allowed):
        sides.add(Side.REQUESTER)
    received = referral.sent_at is not None and actor.organization_id == referral.responder_id
    if received and isinstance(decide(actor, deed, Relation.RECEIVER), Allowed):
        sides.add(Side.RESPONDER)
    return frozenset(sides)


async def hold(tx: Tx, referral_id: str, *, actor: Actor) -> tuple[Matter, frozenset[Side]]:
    """The matter of a referral under its case's lock, and the actor's sides in it. NotFound for a stranger."""
    case_id = await referrals.case_of(tx, referral_id)
    await cases.lock(tx, case_id)
    matter = await matters.get(tx, case_id, referral_id, actor=None)
    sides = sides_of(actor, matter)
    if not sides:
        raise NotFound
    return matter, sides


async def take(
    tx: Tx,
    referral_id: str,
    step: Step,
    reason: str | None = None,
    proposed: str | None = None,
    *,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
    channel: Code = "enlace",
) -> Stepped | Refusal:
    """Take one step from the actor's side. Every one that closes or halts needs a coded reason of that step. (R-14)

    `proposed`: the service that a provider proposes instead, where it redirects. (R-01)
    """
    matter, sides = await hold(tx, referral_id, actor=actor)
    case, referral, at = matter.case, matter.referral, matter.now(at)
    side = next((s for s in sorted(sides) if after(referral.status, step, s) is not None), None)
    if side is None or step is Step.SEND:
        why = [_not_open(referral, step.value, sides)]
    else:
        why = [*_unreasoned(step, reason), *redirecting.why_not(referral, reason, proposed)]
        why += _suspended(matter, step, at=at)
        why += await leases.why_not_accepted(tx, matter, step, at=at)
    if why or side is None:
        acting = ROLES[side or min(sides)]
        return await refused(
            tx,
            case,
            Refusal.of(why),
            actor=actor,
            at=at,
            secrets=secrets,
            role=acting,
            referral=referral.id,
            channel=channel,
        )
    became = _after(referral, step, side, reason, at=at)
    if proposed is not None:
        became = await redirecting.proposing(tx, case, became, proposed, at=at)
    written = await move(
        tx, case, referral, became, KINDS[step], actor=actor, at=at, secrets=secrets, role=ROLES[side], channel=channel
    )
    if proposed is not None:
        await redirecting.draft(tx, case, became, actor=actor, at=at, secrets=secrets)
    return _stepped(became, side, reason, written)


async def mark(
    tx: Tx,
    referral_id: str,
    said: Mark,
    scheduled_at: datetime | None = None,
    *,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
    channel: Code = "enlace",
) -> Stepped | Refusal:
    """The responder says something finer within a state: seen, in review, on the waiting list, an appointment. (R-12)"""
    matter, sides = await hold(tx, referral_id, actor=actor)
    case, referral, at = matter.case, matter.referral, matter.now(at)
    finer = MARKS.get((referral.status, said)) if Side.RESPONDER in sides else None
    if finer is None:
        why = Refusal.of([_not_open(referral, said.value, sides)])
        acting = ROLES[min(sides)]
        return await refused(
            tx, case, why, actor=actor, at=at, secrets=secrets, role=acting, referral=referral.id, channel=channel
        )
    became = moved(
        referral,
        at=at,
        business_status=finer,
        received_at=referral.received_at or at,
        scheduled_at=scheduled_at if said is Mark.SCHEDULE else referral.scheduled_at,
    )
    written = await move(
        tx, case, referral, became, Kind.REFERRAL_MARKED, actor=actor, at=at, secrets=secrets, role=Role.PROVIDER,
        reasons=(finer.value,), channel=channel,
    )  # fmt: skip
    return _stepped(became, Side.RESPONDER, None, written)


def _after(referral: Referral, step: Step, side: Side, reason: str | None, *, at: datetime) -> Referral:
    status = after(referral.status, step, side)
    changes: dict[str, Any] = {"status": status, "reason": reason, "business_status": None}
    if side is Side.RESPONDER:
        changes["received_at"] = referral.received_at or at
    if step in {Step.ACCEPT, Step.REJECT}:
        changes["decided_at"] = at
    if step is Step.REJECT:
        changes["against_data"] = consequences.against_data(referral, reason)
    if step in {Step.START, Step.RESUME}:
        changes["started_at"] = referral.started_at or at
    changes["held_at"] = at if step is Step.HOLD else None
    if stands_still(referral) and referral.held_at is not None:
        changes["still_seconds"] = referral.still_seconds + int((at - referral.held_at).total_seconds())
    if step is Step.COMPLETE:
        changes["provider_outcome"] = OUTCOMES[reason or ""]
    if step is Step.FAIL:
        changes["provider_outcome"] = Outcome.NOT_SERVED
    return moved(referral, at=at, **changes)


def _stepped(referral: Referral, side: Side, reason: str | None, written: Entry) -> Stepped:
    told = status_reasons()[reason] if reason else None
    return Stepped(
        referral_id=referral.id,
        status=referral.status,
        business_status=referral.business_status,
        reason=reason,
        owner=told.owner if told else None,
        consequences=told.consequences if told else (),
        steps=open_steps(referral.status, side),
        marks=open_marks(referral.status) if side is Side.RESPONDER else (),
        version=referral.version,
        entry=written,
    )


def open_marks(status: Status) -> tuple[Mark, ...]:
    """What the responder may say within a state."""
    return tuple(said for (at, said) in MARKS if at is status)


def _not_open(referral: Referral, tried: str, sides: frozenset[Side]) -> Denied:
    """What the table does not allow is refused aloud, with what can be done instead."""
    legal = [step.value for side in sorted(sides) for step in open_steps(referral.status, side)]
    if Side.RESPONDER in sides:
        legal += [said.value for said in open_marks(referral.status)]
    places: dict[str, str | tuple[str, ...]] = {
        "step": tried,
        "status": referral.status.value,
        "steps": tuple(dict.fromkeys(legal)),
    }
    return Denied(reason=Reason.STEP_NOT_OPEN, places=places)


def _unreasoned(step: Step, reason: str | None) -> list[Denied]:
    known = tuple(r.code for r in reasons_of(step))
    if step in REASONED and reason is None:
        return [Denied(reason=Reason.REASON_MISSING, places={"step": step.value, "reasons": known})]
    if reason is not None and reason not in known:
        return [Denied(reason=Reason.REASON_UNKNOWN, places={"step": step.value, "reasons": known})]
    return []


def _suspended(matter: Matter, step: Step, *, at: datetime) -> list[Denied]:
    if step not in BEGINNING:
        return []
    on = at.date()
    stops = [stop for stop in matter.suspensions if stop.is_in_force(on=on)]
    until = {stop.id: stop.valid_to.isoformat() if stop.valid_to else "…" for stop in stops}
    return [Denied(reason=SUSPENDED[s.subject], places={"why": s.reason, "date": until[s.id]}) for s in stops]
