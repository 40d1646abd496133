"""What leaves after the first contact: at the follow-up, and where a treatment goes on with another provider. (R-13)

Each is a transfer of its own: computed like every send, under a consent that names its stage, while the provider has the
referral. The continuity packet goes from the provider that treated, through the case's team, to the next: what the team
recorded of the treatment, as far as the next one's SOP asks for it and the person allows it at that stage.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

from api.actions.allowed import must
from api.actions.case_entry import entry, refused
from api.actions.moves import moved
from api.actions.referrals import compute, told_of
from consent.access import Deed
from consent.projection import Packet, Reader, project
from graph.model.actor import Actor
from graph.model.base import Code, Id, Model
from graph.model.consent import Stage
from graph.model.disclosure import Disclosure
from graph.model.log import Entry, Kind
from graph.model.referral import Referral, Side, Status, open_steps
from graph.model.refusal import Denied, Reason, Refusal
from graph.secrets import Secrets
from graph.seed import catalogue
from graph.store import cases, disclosures, matters, referrals
from graph.store.matters import Matter
from graph.store.network import Tx

Later = Literal["follow-up", "continuity"]

GOING_ON: Final = frozenset({Status.ACCEPTED, Status.IN_PROGRESS, Status.ON_HOLD})
"""The provider has taken the referral and has not ended it: only then is there an exchange."""


class Exchanged(Model):
    """What left: ids, field codes and the signed entry, never a value."""

    referral_id: Id
    disclosure_id: Id
    organization_id: Id
    stage: Stage
    fields: tuple[Code, ...]
    withheld: tuple[Code, ...]
    readable_until: datetime
    entry: Entry


async def preview(
    tx: Tx, referral_id: str, stage: Later, *, actor: Actor, at: datetime, secrets: Secrets
) -> Packet | Refusal:
    """Exactly what would leave at this stage; whoever looks leaves an entry. (R-11, R-25)"""
    matter = await _matter(tx, referral_id, Deed.REFERRAL_PREVIEW, actor=actor)
    at = matter.now(at)
    computed = await _computed(tx, matter, stage, id="preview", actor=actor, at=at, secrets=secrets)
    if isinstance(computed, Refusal):
        return computed
    shown = project(computed, to=Reader.SENDER, visible=catalogue.sendable())
    about = _about(matter.referral, stage) | {"fields": tuple(shown.payload)}
    await entry(tx, matter.case, Kind.PREVIEWED, actor=actor, at=at, secrets=secrets, **about)
    return shown


async def send(
    tx: Tx, referral_id: str, stage: Later, *, actor: Actor, at: datetime, secrets: Secrets
) -> Exchanged | Refusal:
    """Send what a later stage asks for: judged and frozen under the case's lock, with its entry. (R-10, R-11, R-13)"""
    matter = await _matter(tx, referral_id, Deed.REFERRAL_SEND, actor=actor)
    case, referral, at = matter.case, matter.referral, matter.now(at)
    id = f"{referral.id}-{stage}-{1 + sum(copy.stage == stage for copy in matter.copies)}"
    computed = await _computed(tx, matter, stage, id=id, actor=actor, at=at, secrets=secrets)
    if isinstance(computed, Refusal):
        about = _about(referral, stage)
        return await refused(tx, case, computed, actor=actor, at=at, secrets=secrets, **about)
    sent = moved(referral, at=computed.sent_at)
    n = await disclosures.create(tx, computed, referral=sent, case=case, keystore=secrets.keystore)
    body = told_of(computed, referral)
    written = await entry(tx, case, Kind.TRANSFER, actor=actor, at=computed.sent_at, secrets=secrets, n=n, **body)
    return Exchanged(
        referral_id=referral.id,
        disclosure_id=computed.id,
        organization_id=computed.organization_id,
        stage=computed.stage,
        fields=tuple(computed.payload),
        withheld=computed.withheld,
        readable_until=computed.readable_until,
        entry=written,
    )


async def _matter(tx: Tx, referral_id: str, deed: Deed, *, actor: Actor) -> Matter:
    case_id = await referrals.case_of(tx, referral_id)
    await cases.lock(tx, case_id)
    matter = await matters.get(tx, case_id, referral_id, actor=actor, fields=catalogue.sendable())
    must(actor, deed, matter.case)
    return matter


async def _computed(
    tx: Tx, matter: Matter, stage: Later, *, id: str, actor: Actor, at: datetime, secrets: Secrets
) -> Disclosure | Refusal:
    if why := [*_not_going_on(matter.referral, stage), *(await _untreated(tx, matter.referral, stage))]:
        return Refusal.of(why)
    return await compute(tx, matter, id=id, actor=actor, at=at, secrets=secrets, stage=stage)


def _not_going_on(referral: Referral, stage: Later) -> list[Denied]:
    if referral.status in GOING_ON:
        return []
    steps = tuple(step.value for step in open_steps(referral.status, Side.REQUESTER))
    places: dict[str, str | tuple[str, ...]] = {"step": stage, "status": referral.status.value, "steps": steps}
    return [Denied(reason=Reason.STEP_NOT_OPEN, places=places)]


async def _untreated(tx: Tx, referral: Referral, stage: Later) -> list[Denied]:
    """A treatment goes on only where another provider began one, for the same purpose."""
    if stage != "continuity":
        return []
    others = await referrals.of_case(tx, referral.case_id)
    began = [
        o
        for o in others
        if o.started_at is not None
        and o.responder_id != referral.responder_id
        and o.purpose == referral.purpose
        and o.status is not Status.ENTERED_IN_ERROR
    ]
    return [] if began else [Denied(reason=Reason.NOTHING_TREATED)]


def _about(referral: Referral, stage: Stage) -> dict[str, Any]:
    about = {"recipient": referral.responder_id, "purpose": referral.purpose, "referral": referral.id}
    return about | {"stage": stage}
