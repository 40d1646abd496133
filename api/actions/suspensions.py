"""Stopping referrals to a place, an organisation or a service, and sweeping what slipped in meanwhile. (R-26)

Two steps: the suspension is committed, so that whoever takes a case's lock from now on sees it; then every case with a
referral there is locked once. Whoever sent or opened without seeing it has committed by then, or meets the lock and
decides anew. So once `stop` returns, nothing leaves any more, and no lock is shared by all sends.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from pydantic import Field

from api.actions.allowed import must_ever
from api.actions.case_change import new_id
from api.actions.moves import move, moved
from consent.access import Deed
from consent.decision import SUSPENDED
from consent.small_numbers import K_SENSITIVE, shown
from graph.model.actor import Actor, Role
from graph.model.base import Id, Model
from graph.model.directory import Suspension
from graph.model.log import Entry, Kind
from graph.model.referral import OPEN, Status
from graph.secrets import Secrets
from graph.store import cases, log, referrals, suspensions
from graph.store.errors import NotFound
from graph.store.network import Network, Tx

BECAUSE: Final = "suspended"
"""The coded reason of a referral that a suspension ended."""

SLIPPED: Final = timedelta(minutes=1)
"""Longer than any send takes: what was sent this short before a suspension did not see it, and is taken back."""


class Suspended(Model):
    """That a suspension stands, and what was swept."""

    suspension_id: Id
    entry: Entry
    swept: int = Field(0, description="cases that were locked once")
    taken_back: tuple[Id, ...] = Field((), description="referrals that had slipped in")


async def suspend(tx: Tx, suspension: Suspension, *, actor: Actor, at: datetime, secrets: Secrets) -> Entry:
    """Write the suspension. It is acknowledged only once the sweep is over: call `stop`. (R-26)"""
    must_ever(actor, Deed.SUSPEND)
    if not await suspensions.has_subject(tx, suspension.subject, suspension.subject_id):
        raise NotFound
    await suspensions.upsert(tx, [suspension])
    await suspensions.unlink(tx, [suspension.id])
    await suspensions.stop_areas(tx, [suspension])
    await suspensions.stop_organizations(tx, [suspension])
    await suspensions.stop_services(tx, [suspension])
    return await _note(tx, Kind.SUSPENSION, suspension, actor=actor, at=at, secrets=secrets)


async def _note(tx: Tx, kind: Kind, suspension: Suspension, *, actor: Actor, at: datetime, secrets: Secrets) -> Entry:
    return await log.append(
        tx,
        stream=log.MECHANISM,
        kind=kind,
        actor=actor.id,
        role=Role.COMMITTEE,
        at=at,
        signer=secrets.signer,
        organization=actor.organization_id,
        basis_ids=(suspension.id, suspension.subject_id),
        reasons=(suspension.reason,),
    )


async def lift(tx: Tx, suspension_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Entry:
    """It holds no more, from now on; that it did stays in the log. What was cancelled stays cancelled. (R-26)"""
    must_ever(actor, Deed.SUSPEND)
    lifted = await suspensions.remove(tx, suspension_id)
    return await _note(tx, Kind.SUSPENSION_LIFTED, lifted, actor=actor, at=at, secrets=secrets)


async def standing(tx: Tx, *, actor: Actor, on: date) -> list[Suspension]:
    """The suspensions that hold on a day or will later, by id. (R-26)"""
    must_ever(actor, Deed.SUSPEND)
    return [x for x in (await suspensions.get_all(tx)).values() if x.valid_to is None or on <= x.valid_to]


class WouldStop(Model):
    """What a suspension would stop, before anybody says so. Cases are counted, and few are not told."""

    name: str
    services: int
    organizations: int
    cases: int | None = Field(description="with a draft or an open referral there; None: too few to be told")


async def would_stop(tx: Tx, subject: str, subject_id: str, *, actor: Actor) -> WouldStop | None:
    """Looked at beforehand; None for what is not there. (R-26)"""
    must_ever(actor, Deed.SUSPEND)
    name = await suspensions.name_of(tx, subject, subject_id)
    if name is None:
        return None
    services, organizations = await suspensions.hit(tx, subject, subject_id)
    held = await referrals.cases_concerned(tx, {subject_id}, {Status.DRAFT, *OPEN})
    told = shown(len(held), K_SENSITIVE).number
    return WouldStop(name=name, services=services, organizations=organizations, cases=told)


async def named(tx: Tx, *, actor: Actor) -> dict[Id, str]:
    """What each suspension stops, by name."""
    must_ever(actor, Deed.SUSPEND)
    return await suspensions.names(tx)


async def concerned(tx: Tx, suspension: Suspension) -> list[str]:
    """The cases that have a draft or an open referral there, in the order of locks."""
    return await referrals.cases_concerned(tx, {suspension.subject_id}, {Status.DRAFT, *OPEN})


async def sweep(
    tx: Tx, suspension: Suspension, case_id: str, *, actor: Actor, at: datetime, secrets: Secrets
) -> tuple[str, ...]:
    """Lock one case after a suspension, and take back what was sent to there without seeing it. (R-26)"""
    must_ever(actor, Deed.SUSPEND)
    case = await cases.get_locked(tx, case_id)
    if case_id not in await referrals.cases_concerned(tx, {suspension.subject_id}, {Status.REQUESTED}):
        return ()
    reason = SUSPENDED[suspension.subject].value
    slipped = [
        r
        for r in await referrals.of_case(tx, case.id)
        if r.status is Status.REQUESTED and r.sent_at is not None and r.sent_at >= at - SLIPPED
        and (suspension.subject == "area" or suspension.subject_id in {r.service_id, r.responder_id})
    ]  # fmt: skip
    at = await log.now(tx, case, at)
    for referral in slipped:
        after = moved(referral, at=at, status=Status.CANCELLED, reason=BECAUSE)
        await move(
            tx,
            case,
            referral,
            after,
            Kind.REFERRAL_CANCELLED,
            actor=actor,
            role=Role.COMMITTEE,
            at=at,
            secrets=secrets,
            basis_ids=(suspension.id,),
            reasons=(reason,),
        )
    return tuple(r.id for r in slipped)


async def stop(
    network: Network,
    suspension: Suspension,
    *,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
    idempotency_key: str | None = None,
    request_hash: str | None = None,
) -> Suspended:
    """Suspend, then sweep; when this returns, nothing is sent to there or read from there any more. (R-26)

    Repeated under an idempotency key, it is the same suspension and entry; the sweep is made again.
    """
    written = await network.write(
        suspend,
        suspension,
        actor=actor,
        at=at,
        secrets=secrets,
        idempotency_key=idempotency_key,
        request_hash=request_hash,
    )
    found = await network.read(concerned, suspension)
    taken_back: list[str] = []
    for case_id in found:
        taken_back += await network.write(
            sweep, suspension, case_id, actor=actor, at=at, secrets=secrets, deadline=30.0
        )
    return Suspended(suspension_id=suspension.id, entry=written, swept=len(found), taken_back=tuple(taken_back))


def suspension_of(
    subject: str, subject_id: str, reason: str, *, at: datetime, until: date | None = None, id: str | None = None
) -> Suspension:
    """A suspension from today until its last day, or until it is lifted, under an id that cannot be guessed."""
    said = {"subject": subject, "subject_id": subject_id, "reason": reason}
    return Suspension.model_validate({"id": id or new_id(), **said, "valid_from": at.date(), "valid_to": until})
