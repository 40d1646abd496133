"""The receiving side: what an organisation has received, and the opening of it. (R-10, R-20, R-21)

Receivers read disclosures, never cases. Every opening is judged anew under the case's lock and stands in the log.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from api.actions.allowed import must_ever
from api.actions.case_entry import entry, refused
from api.actions.referrals import judge
from consent.access import Deed, Relation
from consent.decision import Permit
from consent.projection import Packet, Reader, project
from graph.model.actor import Actor, Role
from graph.model.base import Code
from graph.model.consent import Stage
from graph.model.log import Kind
from graph.model.referral import OPEN
from graph.model.refusal import Denied, Reason, Refusal
from graph.secrets import Secrets
from graph.seed import catalogue
from graph.store import cases, matters, referrals
from graph.store.errors import NotFound
from graph.store.network import Tx
from graph.store.referrals import Queued


async def queue(tx: Tx, *, actor: Actor, after: str = "", limit: int = 50) -> list[Queued]:
    """What the actor's organisation has received: exactly the referrals that `open_copy` knows for them. (R-25)"""
    if Role.PROVIDER not in actor.roles or actor.organization_id is None:
        return []
    must_ever(actor, Deed.REFERRAL_READ, Relation.RECEIVER)
    return await referrals.queue(tx, organization_id=actor.organization_id, after=after, limit=limit)


async def open_copy(
    tx: Tx,
    referral_id: str,
    *,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
    channel: Code = "enlace",
    how: tuple[Code, ...] = (),
    stage: Stage | None = None,
) -> Packet | Refusal:
    """Open what was received. Judged anew, and written down before anything is returned. (R-20, R-21)

    The receiver is told that the copy is closed and not why: the reason is the person's own. It stands in the log, with
    `how` it was opened where that was not by an account.
    """
    must_ever(actor, Deed.DISCLOSURE_OPEN, Relation.RECEIVER)
    case_id = await referrals.case_of_received(tx, referral_id, organization_id=actor.organization_id)
    await cases.lock(tx, case_id)
    matter = await matters.get(tx, case_id, referral_id, actor=None)
    case, referral, at = matter.case, matter.referral, matter.now(at)
    received = [copy for copy in matter.copies if stage is None or copy.stage == stage]
    if not received:
        raise NotFound
    lying = received[-1]
    copy = lying.opened(case=case, keystore=secrets.keystore)
    sender = referral.sent_by or case.organization_id
    judged, at = await judge(tx, matter, stage=copy.stage, sender_id=sender, at=at)
    why: list[Denied] = []
    if referral.status not in OPEN or lying.closed_at is not None or at >= copy.readable_until:
        why.append(Denied(reason=Reason.COPY_CLOSED))
    if isinstance(judged.verdict, Refusal):
        why += judged.verdict.reasons
    about: dict[str, Any] = {
        "recipient": referral.responder_id,
        "purpose": referral.purpose,
        "referral": referral.id,
        "disclosure": copy.id,
        "stage": copy.stage,
        "channel": channel,
    }
    if why or not isinstance(judged.verdict, Permit):
        refusal = Refusal.of(why)
        await refused(tx, case, refusal, actor=actor, at=at, secrets=secrets, role=Role.PROVIDER, **about)
        return Refusal.of([Denied(reason=Reason.COPY_CLOSED)])
    seen = {code for code, field in catalogue.fields().items() if Role.PROVIDER in field.seen_by and field.may_be_sent}
    packet = project(copy, to=Reader.RECEIVER, visible=seen & judged.verdict.fields)
    basis = judged.verdict.basis
    await entry(
        tx,
        case,
        Kind.READING,
        actor=actor,
        role=Role.PROVIDER,
        at=at,
        secrets=secrets,
        basis=basis.kind,
        basis_ids=basis.consent_ids or ((basis.attestation_id,) if basis.attestation_id else ()),
        sop_id=copy.sop_id,
        sop_version=copy.sop_version,
        fields=tuple(packet.payload),
        reasons=how,
        **about,
    )
    return packet
