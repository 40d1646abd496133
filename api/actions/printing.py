"""A referral on paper, for somebody to carry: a code and the names of fields, no name and no value. (R-12, R-14, R-21)

Paper is a channel like any other: it is judged as the send is, and each letter is an entry that the person can read.
It is given only of what was sent already: it opens nothing, whoever holds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.actions.allowed import must
from api.actions.answer_links import too_dangerous
from api.actions.case_entry import entry, refused
from api.actions.referral_view import RunningClock, running
from api.actions.referrals import FIRST, judge
from consent.access import Deed
from graph.model.actor import Actor
from graph.model.base import Code, Id
from graph.model.consent import Stage
from graph.model.directory import Organization, Service
from graph.model.log import Kind
from graph.model.referral import OPEN, Referral, Side, open_steps
from graph.model.refusal import Denied, Reason, Refusal
from graph.model.sop import SopContact
from graph.secrets import Secrets
from graph.store import cases, matters, organizations, referrals, services
from graph.store.network import Tx

PAPER = "letter"
"""The channel in the log."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What stands on the paper. Its case is a code, its fields are names of fields."""

    case_id: Id
    referral: Referral
    service_type: Code
    priority: Code
    sender: Organization
    recipient: Organization
    service: Service
    contacts: tuple[SopContact, ...]
    """Functions that answer referrals, never a person's own."""
    shared: tuple[tuple[Stage, tuple[Code, ...]], ...]
    """Which fields were sent, by stage."""
    basis: Code
    until: datetime
    """Until when the provider may read what was sent."""
    clocks: tuple[RunningClock, ...]
    at: datetime


async def letter(tx: Tx, referral_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Letter | Refusal:
    """The letter of a referral that was sent and has not ended, while what it rests on still holds. (R-11, R-20)

    Never for trafficking, for somebody protected from threats, or for a place that is kept secret: whoever finds the
    paper would know where somebody is. (R-26)
    """
    case_id = await referrals.case_of(tx, referral_id)
    await cases.lock(tx, case_id)
    matter = await matters.get(tx, case_id, referral_id, actor=actor)
    case, referral, at = matter.case, matter.referral, matter.now(at)
    must(actor, Deed.REFERRAL_SEND, case)
    about: dict[str, Any] = {"recipient": referral.responder_id, "purpose": referral.purpose, "referral": referral.id}
    judged, at = await judge(tx, matter, stage=FIRST, sender_id=referral.sent_by or actor.id, at=at)
    why = [*_not_on_its_way(referral), *await too_dangerous(tx, case, referral, at=at)]
    if isinstance(judged.verdict, Refusal):
        why += judged.verdict.reasons
    if why or isinstance(judged.verdict, Refusal):
        return await refused(tx, case, Refusal.of(why), actor=actor, at=at, secrets=secrets, channel=PAPER, **about)
    copies = [copy for copy in matter.copies if copy.closed_at is None]
    found = await organizations.get(tx, {referral.requester_id, referral.responder_id})
    need = next(n for n in case.needs if n.id == referral.need_id)
    service = (await services.get(tx, [referral.service_id]))[referral.service_id]
    await entry(
        tx,
        case,
        Kind.EXPORT,
        actor=actor,
        at=at,
        secrets=secrets,
        channel=PAPER,
        basis=judged.verdict.basis.kind,
        stage=FIRST,
        fields=tuple(sorted({code for copy in copies for code in copy.fields})),
        **about,
    )
    return Letter(
        case_id=case.id,
        referral=referral,
        service_type=need.service_type,
        priority=need.priority,
        sender=found[referral.requester_id],
        recipient=found[referral.responder_id],
        service=service,
        contacts=judged.sop.contacts if judged.sop else (),
        shared=tuple((copy.stage, copy.fields) for copy in copies),
        basis=judged.verdict.basis.kind,
        until=max((copy.readable_until for copy in copies), default=judged.verdict.until),
        clocks=running(matter, at=at),
        at=at,
    )


def _not_on_its_way(referral: Referral) -> list[Denied]:
    if referral.status in OPEN:
        return []
    steps = tuple(step.value for step in open_steps(referral.status, Side.REQUESTER))
    places: dict[str, str | tuple[str, ...]] = {"step": PAPER, "status": referral.status.value, "steps": steps}
    return [Denied(reason=Reason.STEP_NOT_OPEN, places=places)]
