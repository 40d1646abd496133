"""What a provider says back while it serves: codes for everybody concerned, a note for the case's team alone. (R-13, R-14)"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from pydantic import Field

from api.actions.allowed import must
from api.actions.case_change import new_id
from api.actions.case_entry import entry, refused
from api.actions.moves import move, moved
from api.actions.steps import hold
from api.actions.stopping import ENDED
from consent.access import Allowed, Deed, Relation, decide
from graph.model.actor import Actor, Role
from graph.model.base import Code, Id, Model
from graph.model.log import Entry, Kind
from graph.model.referral import Side, Status, open_steps
from graph.model.refusal import Denied, Reason, Refusal
from graph.model.report import Report
from graph.secrets import Secrets
from graph.seed.catalogue import WrongValue
from graph.store import cases, referrals, reports
from graph.store.errors import NotFound
from graph.store.network import Tx

REPORTED: Final = frozenset({Status.ACCEPTED, Status.IN_PROGRESS, Status.ON_HOLD, Status.COMPLETED, Status.FAILED})
"""From the acceptance on, and once more when it has ended."""


class Reporting(Model):
    """What is said. A note is for the case's team, and is sealed before it is kept."""

    id: Id = Field(default_factory=new_id)
    duties: tuple[Code, ...] = ()
    attended: bool | None = None
    next_on: date | None = None
    note: str | None = None


class Reported(Model):
    """That it was said; never the note."""

    report_id: Id
    referral_id: Id
    entry: Entry


async def give(
    tx: Tx, referral_id: str, said: Reporting, *, actor: Actor, at: datetime, secrets: Secrets
) -> Reported | Refusal:
    """The receiving organisation reports. WrongValue for a duty that the SOP does not name. NotFound for others. (R-13)

    Once the person has taken their consent back, nothing more is told of them, in this direction neither. (R-20)
    """
    matter, sides = await hold(tx, referral_id, actor=actor)
    allowed = decide(actor, Deed.REPORT_GIVE, Relation.RECEIVER)
    if Side.RESPONDER not in sides or not isinstance(allowed, Allowed):
        raise NotFound
    case, referral, at = matter.case, matter.referral, matter.now(at)
    sop = next((sop for sop in matter.recipient.sops if sop.id == referral.sop_id), None)
    if not set(said.duties) <= set(sop.follow_up if sop else ()):
        raise WrongValue("duties")
    if referral.status not in REPORTED:
        steps = tuple(step.value for step in open_steps(referral.status, Side.RESPONDER))
        places: dict[str, str | tuple[str, ...]] = {"step": "report", "status": referral.status.value, "steps": steps}
        why = Refusal.of([Denied(reason=Reason.STEP_NOT_OPEN, places=places)])
        return await refused(
            tx, case, why, actor=actor, at=at, secrets=secrets, role=Role.PROVIDER, referral=referral.id
        )
    if matter.copies and matter.copies[-1].closed_for == ENDED:
        why = Refusal.of([Denied(reason=Reason.CONSENT_WITHDRAWN)])
        return await refused(
            tx, case, why, actor=actor, at=at, secrets=secrets, role=Role.PROVIDER, referral=referral.id
        )
    report = Report(
        id=said.id,
        duties=said.duties,
        attended=said.attended,
        next_on=said.next_on,
        reported_at=at,
        reported_by=actor.id,
    )
    await reports.create(tx, referral.id, reports.sealed(report, said.note, case=case, keystore=secrets.keystore))
    after = moved(referral, at=at, reported_at=at)
    written = await move(
        tx, case, referral, after, Kind.REPORT_GIVEN, actor=actor, at=at, secrets=secrets, role=Role.PROVIDER,
        reasons=said.duties,
    )  # fmt: skip
    return Reported(report_id=report.id, referral_id=referral.id, entry=written)


async def read(tx: Tx, referral_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> tuple[Report, ...]:
    """What was reported, notes in the clear, for the case's team; that a note was read is written down. (R-25)"""
    case = await cases.get_for_update(tx, await referrals.case_of(tx, referral_id), actor=actor)
    must(actor, Deed.REPORT_READ, case)
    found = await reports.of_referral(tx, referral_id)
    if any(report.note for report in found):
        await entry(
            tx, case, Kind.REPORT_READ, actor=actor, at=at, secrets=secrets, role=Role.CASE_MANAGER,
            referral=referral_id,
        )  # fmt: skip
    return tuple(reports.opened(report, case=case, keystore=secrets.keystore) for report in found)
