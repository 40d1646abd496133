"""A referral up to its sending: drafted for an agreed need, previewed, sent. (R-01, R-10, R-11, R-22)

`send` takes a referral and nothing else: what leaves is computed, under the case's lock, from what stands in the graph.
What the receiver does with it is `disclosures`; how a send is undone is `consents`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

import rfc8785
from pydantic import Field

from api.actions import choosing, timers
from api.actions.allowed import must
from api.actions.case_change import new_id
from api.actions.case_entry import entry, refused
from api.actions.choosing import Choice, Overlap
from api.actions.leases import Holds, foreseen, hold
from api.actions.moves import moved
from consent.access import Deed
from consent.decision import Permit, Request, decide
from consent.emergency import permit_without_consent
from consent.minimisation import disclose
from consent.projection import Packet, Reader, project
from graph.model.actor import Actor, Role
from graph.model.base import Code, Id, Model
from graph.model.case import Case, Need
from graph.model.consent import Stage
from graph.model.disclosure import Disclosure
from graph.model.log import Entry, Kind
from graph.model.referral import Referral, Side, Status, Step, after, open_steps
from graph.model.refusal import Denied, Reason, Refusal
from graph.model.sop import Sop
from graph.model.stock import Place
from graph.secrets import Secrets
from graph.seed import catalogue
from graph.seed.purposes import purpose_of
from graph.store import attestations, cases, credentials, disclosures, log, matters, recipients, referrals
from graph.store.errors import NotFound
from graph.store.matters import Matter
from graph.store.network import Tx
from graph.store.recipients import Recipient

FIRST: Final[Stage] = "first-contact"


class Draft(Model):
    """A referral to be: which need, which service. To whom and what for follows from these."""

    id: Id = Field(default_factory=new_id)
    need_id: Id
    service_id: Id
    chosen_because: Code | None = Field(
        None, description="why this one, where it is not what is suggested first: a code of `choice-reasons`"
    )
    waiting: bool = Field(False, description="may go as a request for the waiting list where no place is free")
    together_id: Id | None = Field(
        None, description="shared by the referrals of a household; drawn by `together` alone"
    )


class Drafted(Model):
    """A draft: nothing has left."""

    referral_id: Id
    purpose: Code
    organization_id: Id
    steps: tuple[Step, ...]
    overlaps: tuple[Overlap, ...] = Field((), description="what is open already for this need or this kind of help")
    entry: Entry


async def draft(
    tx: Tx, case_id: str, drafted: Draft, *, actor: Actor, at: datetime, secrets: Secrets
) -> Drafted | Refusal:
    """Draft a referral of an agreed need to a service; its purpose follows from the type of service needed. (R-21, R-41)"""
    case = await cases.get_for_update(tx, case_id, actor=actor)
    must(actor, Deed.REFERRAL_DRAFT, case)
    at = await log.now(tx, case, at)
    need = need_of(case, drafted.need_id)
    await recipients.get(tx, drafted.service_id)
    choice = await choosing.judge(tx, case, need, drafted.service_id, at=at, secrets=secrets)
    if why := [*why_no_draft(case, need, at=at), *choosing.why_not(choice, drafted.chosen_because)]:
        return await refused(tx, case, Refusal.of(why), actor=actor, at=at, secrets=secrets, referral=drafted.id)
    return await make(tx, case, drafted, choice, actor=actor, at=at, secrets=secrets)


async def make(
    tx: Tx,
    case: Case,
    drafted: Draft,
    choice: Choice,
    *,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
    redirected_from: str | None = None,
    role: Role | None = None,
) -> Drafted:
    """The draft of a locked case, and its entry; whether it may be was asked before."""
    need = need_of(case, drafted.need_id)
    recipient = await recipients.get(tx, drafted.service_id)
    referral = Referral(
        id=drafted.id,
        case_id=case.id,
        need_id=need.id,
        service_id=drafted.service_id,
        requester_id=case.organization_id,
        responder_id=recipient.organization_id,
        purpose=purpose_of(need.service_type),
        together_id=drafted.together_id,
        waiting=drafted.waiting,
        met=choice.met,
        unmet=choice.unmet,
        chosen_because=drafted.chosen_because if choice.by_hand else None,
        redirected_from=redirected_from,
        created_at=at,
    )
    others = await referrals.of_case(tx, case.id)
    await referrals.create(tx, referral)
    about = {"recipient": referral.responder_id, "purpose": referral.purpose, "referral": referral.id}
    why = {"reasons": (referral.chosen_because,)} if referral.chosen_because else {}
    written = await entry(
        tx, case, Kind.REFERRAL_DRAFTED, actor=actor, role=role, at=at, secrets=secrets, **about, **why
    )
    return Drafted(
        referral_id=referral.id,
        purpose=referral.purpose,
        organization_id=referral.responder_id,
        steps=open_steps(Status.DRAFT, Side.REQUESTER),
        overlaps=choosing.overlaps(case, need.id, others),
        entry=written,
    )


def need_of(case: Case, need_id: str) -> Need:
    """A need of this case. NotFound for another's and for none."""
    need = next((n for n in case.needs if n.id == need_id), None)
    if need is None:
        raise NotFound
    return need


def why_no_draft(case: Case, need: Need, *, at: datetime) -> list[Denied]:
    """A closed case, and help that nobody agreed to seek. (R-40, R-41)"""
    why = []
    if case.closed_at is not None:
        why.append(Denied(reason=Reason.CASE_CLOSED, places={"date": case.closed_at.date().isoformat()}))
    if not need.is_agreed(at=at):
        why.append(Denied(reason=Reason.NEED_NOT_AGREED))
    return why


@dataclass(frozen=True, slots=True)
class Judged:
    """What stands in the graph now, and whether it lets this referral's data leave or be read."""

    verdict: Permit | Refusal
    sop: Sop | None


async def judge(tx: Tx, matter: Matter, *, stage: Stage, sender_id: str, at: datetime) -> tuple[Judged, datetime]:
    """Whether it may be, by consent or by the one door without; and the instant this was judged at. (R-11, R-20, R-22)

    Read under the case's lock by every send and every reading. Nothing else makes a yes.
    """
    case, referral, recipient = matter.case, matter.referral, matter.recipient
    sop = _sop(recipient, referral, on=at.date())
    if sop is None:
        why = Refusal.of([Denied(reason=Reason.SOP_NOT_STATED), *_standing(recipient, on=at.date())])
        return Judged(why, None), at
    request = Request.under(
        sop,
        case=case,
        referral=referral,
        stage=stage,
        countries=recipient.countries if case.home not in recipient.countries else frozenset({case.home}),
        suspensions=matter.suspensions,
    )
    if referral.attestation_id is None:
        verdict = decide(request, matter.consents, at=at)
    else:
        attestation = await attestations.get(tx, referral.attestation_id)
        credential = await credentials.get(tx, attestation.credential_id) if attestation else None
        if credential is not None and credential.revoked_at is not None:
            at = max(at, credential.revoked_at)  # what is revoked is not revoked in the future of a slow caller
        verdict = permit_without_consent(
            request, attestation, credential, sender_id=sender_id, at=at, consents=matter.consents
        )
    if against := _standing(recipient, on=at.date()):
        verdict = Refusal.of([*(verdict.reasons if isinstance(verdict, Refusal) else ()), *against])
    return Judged(verdict, sop), at


def _sop(recipient: Recipient, referral: Referral, *, on: date) -> Sop | None:
    """The version in force, of several the newest; a referral that was sent keeps its own. (R-10)"""
    if referral.status is not Status.DRAFT:
        return next((sop for sop in recipient.sops if sop.id == referral.sop_id), None)
    ranked = sorted(recipient.sops, key=lambda sop: (sop.is_in_force(on=on), sop.version or 0, sop.id))
    return ranked[-1] if ranked else None


def _standing(recipient: Recipient, *, on: date) -> list[Denied]:
    """A service that no longer works, and a partner whose agreement has ended, receive nothing. (R-03)"""
    why = [] if recipient.is_active else [Denied(reason=Reason.SERVICE_NOT_ACTIVE)]
    dated = [a for a in recipient.agreements if a.valid_from or a.valid_to]
    ended = [a.valid_to for a in dated if a.valid_to is not None and a.valid_to < on]
    if dated and len(dated) == len(recipient.agreements) == len(ended):
        why.append(Denied(reason=Reason.AGREEMENT_ENDED, places={"date": max(ended).isoformat()}))
    return why


async def compute(
    tx: Tx, matter: Matter, *, id: str, actor: Actor, at: datetime, secrets: Secrets, stage: Stage = FIRST
) -> Disclosure | Refusal:
    """The exact copy that a send makes and a preview shows: one function for both, at every stage. (R-10, R-13)"""
    judged, at = await judge(tx, matter, stage=stage, sender_id=actor.id, at=at)
    if isinstance(judged.verdict, Refusal) or judged.sop is None:
        return judged.verdict if isinstance(judged.verdict, Refusal) else Refusal.of([])
    return disclose(
        matter.record(secrets.keystore, {f.field for f in judged.sop.fields}, at=at),
        judged.sop,
        judged.verdict,
        referral=matter.referral,
        stage=stage,
        id=id,
        at=at,
        sendable=catalogue.sendable(),
    )


async def preview(tx: Tx, referral_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Packet | Refusal:
    """Exactly what would leave, to whom, for what and until when, or every reason why not. (R-11)

    Whoever looks at values of a person leaves an entry, with the codes of the fields looked at (R-25); a no shows none.
    """
    case_id = await referrals.case_of(tx, referral_id)
    await cases.lock(tx, case_id)
    matter = await matters.get(tx, case_id, referral_id, actor=actor, fields=catalogue.sendable())
    must(actor, Deed.REFERRAL_PREVIEW, matter.case)
    return await look(tx, matter, actor=actor, at=matter.now(at), secrets=secrets)


async def look(
    tx: Tx, matter: Matter, *, actor: Actor, at: datetime, secrets: Secrets, people: int = 1
) -> Packet | Refusal:
    """The same for a draft of a locked case, where as many go together; whether it may be looked at was asked before."""
    case, referral = matter.case, matter.referral
    if (no := not_open(referral)) is not None:
        return no
    computed = await compute(tx, matter, id="preview", actor=actor, at=at, secrets=secrets)
    if isinstance(computed, Refusal):
        return computed
    if isinstance(place := foreseen(matter, at=at, people=people), Denied):
        return Refusal.of([place])
    shown = project(computed, to=Reader.SENDER, visible=catalogue.sendable(), place=place)
    others = await referrals.of_case(tx, case.id)
    again = choosing.overlaps(case, referral.need_id, others, besides=referral.id)
    shown = replace(shown, overlaps=tuple(overlap.referral_id for overlap in again))
    await entry(
        tx,
        case,
        Kind.PREVIEWED,
        actor=actor,
        at=at,
        secrets=secrets,
        recipient=referral.responder_id,
        purpose=referral.purpose,
        referral=referral.id,
        stage=FIRST,
        fields=tuple(shown.payload),
    )
    return shown


class Sent(Model):
    """What a send answers: ids, field codes and the signed entry, never a value."""

    referral_id: Id
    disclosure_id: Id
    organization_id: Id
    fields: tuple[Code, ...]
    withheld: tuple[Code, ...]
    readable_until: datetime
    place: Place = Field(description="whether a place is held; where nobody counts them, the provider decides")
    held_until: datetime | None = Field(None, description="when a held place is given back if nobody decides")
    entry: Entry


async def send(tx: Tx, referral_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Sent | Refusal:
    """Send a referral: judged and frozen under the case's lock, in one transaction with its entry. (R-10, R-11, R-20)

    Takes a referral and nothing else. Refused, it says every reason, and the attempt stands in the log.
    """
    case_id = await referrals.case_of(tx, referral_id)
    await cases.lock(tx, case_id)
    matter = await matters.get(tx, case_id, referral_id, actor=actor, fields=catalogue.sendable())
    must(actor, Deed.REFERRAL_SEND, matter.case)
    at = matter.now(at)
    computed = await to_leave(tx, matter, actor=actor, at=at, secrets=secrets)
    if isinstance(computed, Refusal):
        return await stays(tx, matter, computed, actor=actor, at=at, secrets=secrets)
    holds = await hold(tx, [(matter, computed)], at=computed.sent_at)
    if isinstance(holds, Refusal):
        return await stays(tx, matter, holds, actor=actor, at=at, secrets=secrets)
    return await leave(tx, matter, computed, holds[referral_id], actor=actor, secrets=secrets)


def _about(referral: Referral) -> dict[str, Any]:
    return {"recipient": referral.responder_id, "purpose": referral.purpose, "referral": referral.id}


async def to_leave(tx: Tx, matter: Matter, *, actor: Actor, at: datetime, secrets: Secrets) -> Disclosure | Refusal:
    """The copy that a send of a draft freezes; refused where it is no draft any more."""
    referral = matter.referral
    return not_open(referral) or await compute(tx, matter, id=_copy_of(referral), actor=actor, at=at, secrets=secrets)


async def stays(tx: Tx, matter: Matter, why: Refusal, *, actor: Actor, at: datetime, secrets: Secrets) -> Refusal:
    """Nothing leaves, and that it was attempted stands in the log."""
    about = _about(matter.referral)
    return await refused(tx, matter.case, why, actor=actor, at=at, secrets=secrets, stage=FIRST, **about)


async def leave(tx: Tx, matter: Matter, computed: Disclosure, holds: Holds, *, actor: Actor, secrets: Secrets) -> Sent:
    """Freeze what was computed under the lock, move the referral, write the entry: the only place where anything leaves."""
    case, referral, basis = matter.case, matter.referral, computed.basis
    about = _about(referral)
    sent = moved(
        referral,
        at=computed.sent_at,
        status=Status.REQUESTED,
        sop_id=computed.sop_id,
        sent_at=computed.sent_at,
        sent_by=actor.id,
        waiting=holds.place is Place.WAITING_LIST,
    )
    n = await disclosures.create(tx, computed, referral=sent, case=case, keystore=secrets.keystore)
    await timers.begin(tx, matter, sent, *([holds.end] if holds.end else []))
    body = told_of(computed, referral)
    written = await entry(tx, case, Kind.TRANSFER, actor=actor, at=computed.sent_at, secrets=secrets, n=n, **body)
    if basis.kind == "life-in-danger":
        await entry(
            tx,
            case,
            Kind.EXCEPTION_USED,
            actor=actor,
            at=computed.sent_at,
            secrets=secrets,
            basis_ids=body["basis_ids"],
            **about,
        )
    return Sent(
        referral_id=referral.id,
        disclosure_id=computed.id,
        organization_id=computed.organization_id,
        fields=tuple(computed.payload),
        withheld=computed.withheld,
        readable_until=computed.readable_until,
        place=holds.place,
        held_until=holds.until,
        entry=written,
    )


def told_of(computed: Disclosure, referral: Referral) -> dict[str, Any]:
    """What the entry of a transfer says of the copy: codes and ids; of the values only what they are sealed by. (R-21)"""
    basis = computed.basis
    return _about(referral) | {
        "basis": basis.kind,
        "basis_ids": basis.consent_ids or ((basis.attestation_id,) if basis.attestation_id else ()),
        "sop_id": computed.sop_id,
        "sop_version": computed.sop_version,
        "stage": computed.stage,
        "fields": tuple(computed.payload),
        "payload": rfc8785.dumps(dict(computed.payload)).decode(),
        "disclosure": computed.id,
    }


def _copy_of(referral: Referral) -> str:
    """The first copy of a referral has one name, so that no retry and no race makes two of it."""
    return f"{referral.id}-1"


def not_open(referral: Referral) -> Refusal | None:
    """What the table does not allow is refused aloud, with what can be done instead."""
    if after(referral.status, Step.SEND, Side.REQUESTER) is not None:
        return None
    steps = tuple(step.value for step in open_steps(referral.status, Side.REQUESTER))
    places = {"step": Step.SEND.value, "status": referral.status.value, "steps": steps}
    return Refusal.of([Denied(reason=Reason.STEP_NOT_OPEN, places=places)])
