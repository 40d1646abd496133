"""What follows a withdrawal: the organisation says it has seen the notice, the person says what becomes of a service
that runs. (R-20)
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from api.actions.allowed import must, must_ever
from api.actions.case_entry import entry, refused
from api.actions.moves import move, moved
from consent.access import Deed, Relation
from graph.model.actor import Actor, Role
from graph.model.base import Id, Model
from graph.model.log import Entry, Kind
from graph.model.referral import Status, is_running
from graph.model.refusal import Denied, Reason, Refusal
from graph.model.stop_notice import StopNotice
from graph.secrets import Secrets
from graph.store import cases, log, referrals, stop_notices
from graph.store.errors import NotFound
from graph.store.network import Tx

ENDED = "consent-withdrawn"


class Acknowledged(Model):
    """That an organisation has seen a stop notice."""

    stop_notice_id: Id
    acknowledged_at: datetime
    in_time: bool
    entry: Entry | None = None


async def notices_to(tx: Tx, *, actor: Actor, after: str | None = None, limit: int = 200) -> list[StopNotice]:
    """What the actor's organisation has not acknowledged, the most urgent first; the case's number is left out."""
    if Role.PROVIDER not in actor.roles or actor.organization_id is None:
        return []
    must_ever(actor, Deed.STOP_ACKNOWLEDGE, Relation.RECEIVER)
    found = await stop_notices.open_to(tx, organization_id=actor.organization_id, after=after or None, limit=limit)
    return [notice.model_copy(update={"case_id": "withheld"}) for notice in found]


async def acknowledge(tx: Tx, notice_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Acknowledged:
    """The organisation has seen the notice; said twice, the first time counts. (R-20)"""
    must_ever(actor, Deed.STOP_ACKNOWLEDGE, Relation.RECEIVER)
    notice = await stop_notices.get(tx, notice_id, organization_id=actor.organization_id)
    case = await cases.get_locked(tx, notice.case_id)
    notice = await stop_notices.get(tx, notice_id, organization_id=actor.organization_id)
    if notice.acknowledged_at is not None:
        in_time = notice.acknowledged_at < notice.acknowledge_by
        return Acknowledged(stop_notice_id=notice.id, acknowledged_at=notice.acknowledged_at, in_time=in_time)
    at = await log.now(tx, case, at)
    await stop_notices.acknowledge(tx, notice.id, by=actor.id, at=at)
    written = await entry(
        tx,
        case,
        Kind.STOP_ACKNOWLEDGED,
        actor=actor,
        role=Role.PROVIDER,
        at=at,
        secrets=secrets,
        recipient=notice.organization_id,
        purpose=notice.purpose,
        basis_ids=(notice.id,),
    )
    return Acknowledged(stop_notice_id=notice.id, acknowledged_at=at, in_time=not notice.is_late(at=at), entry=written)


class GoesOn(Model):
    """What became of a service that ran when its consent was withdrawn."""

    referral_id: Id
    status: Status
    entry: Entry


async def answer_service_goes_on(
    tx: Tx,
    referral_id: str,
    goes_on: bool,
    *,
    of_case: str | None = None,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
) -> GoesOn | Refusal:
    """The person's answer, and nothing else, says whether a service in progress goes on without further data. (R-20)

    Exchange and reading stay stopped either way. `of_case`: on whose page it was asked; of another one it is not there.
    """
    case_id = await referrals.case_of(tx, referral_id)
    if of_case not in (None, case_id):
        raise NotFound
    case = await cases.get_for_update(tx, case_id, actor=actor)
    must(actor, Deed.CONSENT_WITHDRAW, case)
    at = await log.now(tx, case, at)
    referral = await referrals.get(tx, referral_id)
    if referral.asked_at is None or referral.goes_on is not None or not is_running(referral):
        why = Refusal.of([Denied(reason=Reason.NOT_ASKED, places={"status": referral.status.value})])
        return await refused(tx, case, why, actor=actor, at=at, secrets=secrets, referral=referral.id)
    end: dict[str, Any] = {} if goes_on else {"status": Status.CANCELLED, "reason": ENDED}
    after = moved(referral, at=at, goes_on=goes_on, **end)
    kind = Kind.SERVICE_GOES_ON if goes_on else Kind.SERVICE_ENDS
    written = await move(tx, case, referral, after, kind, actor=actor, at=at, secrets=secrets)
    return GoesOn(referral_id=referral.id, status=after.status, entry=written)
