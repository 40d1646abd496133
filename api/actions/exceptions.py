"""The one door without consent: asked of a named professional, attested, told to the person, reviewed. (R-22)

What an attestation opens is `consent.emergency`, judged by the send like everything else: nothing here sends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from api.actions.allowed import must, must_ever
from api.actions.case_change import new_id
from api.actions.case_entry import entry, refused
from consent.access import Deed, Relation
from consent.emergency import ASSESSORS
from graph.model.actor import Actor, Credential, Role
from graph.model.base import Code, Id, Model
from graph.model.case import Case
from graph.model.consent import Attestation, ExceptionRequest, Ground
from graph.model.log import Entry, Kind
from graph.model.referral import Referral, Status
from graph.model.refusal import Denied, Reason, Refusal
from graph.secrets import Secrets
from graph.store import attestations, cases, log, organizations, records, referrals
from graph.store.errors import NotFound
from graph.store.network import Tx


class Plea(Model):
    """What is asked of whom: for a drafted referral, on the wish of the organisation or of a relative."""

    id: Id = Field(default_factory=new_id)
    assessor_id: Id
    requested_by: Literal["organisation", "relative"]
    relation: Code | None = Field(None, description="of the relative who asks")


class Excepted(Model):
    """What each step answers: ids and the signed entry."""

    id: Id
    referral_id: Id
    entry: Entry


async def request(
    tx: Tx, referral_id: str, plea: Plea, *, actor: Actor, at: datetime, secrets: Secrets
) -> Excepted | Refusal:
    """Ask a named professional, who is not the one asking, whether life is in danger. (R-22)"""
    case = await cases.get_for_update(tx, await referrals.case_of(tx, referral_id), actor=actor)
    must(actor, Deed.EXCEPTION_REQUEST, case)
    at = await log.now(tx, case, at)
    referral = await referrals.get(tx, referral_id)
    about: dict[str, Any] = {
        "recipient": referral.responder_id,
        "purpose": referral.purpose,
        "referral": referral.id,
        "basis_ids": (plea.id,),
    }
    why = []
    if case.closed_at is not None:
        why.append(Denied(reason=Reason.CASE_CLOSED, places={"date": case.closed_at.date().isoformat()}))
    if referral.status is not Status.DRAFT:
        places = {"step": "ask", "status": referral.status.value, "steps": ()}
        why.append(Denied(reason=Reason.STEP_NOT_OPEN, places=places))
    if plea.assessor_id == actor.id:
        why.append(Denied(reason=Reason.ATTESTED_BY_SENDER))
    if not any(c.holds(at=at) for c in await cases.credentials_of(tx, plea.assessor_id)):
        why.append(Denied(reason=Reason.CREDENTIAL_MISSING))
    if plea.requested_by == "relative" and plea.relation is None:
        why.append(Denied(reason=Reason.RELATIVE_NOT_STATED))
    if why:
        return await refused(tx, case, Refusal.of(why), actor=actor, at=at, secrets=secrets, **about)
    asked = ExceptionRequest(
        **plea.model_dump(),
        case_id=case.id,
        referral_id=referral.id,
        organization_id=referral.responder_id,
        asked_by=actor.id,
        asked_at=at,
    )
    await attestations.ask(tx, asked)
    written = await entry(tx, case, Kind.EXCEPTION_REQUESTED, actor=actor, at=at, secrets=secrets, **about)
    return Excepted(id=asked.id, referral_id=referral.id, entry=written)


async def asked_of_me(tx: Tx, *, actor: Actor, after: str | None = None, limit: int = 200) -> list[ExceptionRequest]:
    """What a professional was asked and has not answered: nothing of the person but the case's number. (R-22)"""
    if Role.PROFESSIONAL not in actor.roles:
        return []
    must_ever(actor, Deed.EXCEPTION_ATTEST, Relation.NAMED)
    return await attestations.asked_of(tx, actor.id, after=after or None, limit=limit)


@dataclass(frozen=True, slots=True)
class AskedNamed:
    """What a professional was asked, with who asks and what for."""

    asked: tuple[ExceptionRequest, ...]
    organizations: Mapping[str, str]
    """Names of the receiving organisations by id."""
    purposes: Mapping[str, str]
    """What each send would be for, by request."""


async def asked_with_names(tx: Tx, *, actor: Actor) -> AskedNamed:
    """The same for a page: to whom it would be sent, and what for."""
    asked = await asked_of_me(tx, actor=actor)
    named = await organizations.get(tx, {one.organization_id for one in asked})
    what_for = {one.id: (await referrals.get(tx, one.referral_id)).purpose for one in asked}
    return AskedNamed(tuple(asked), {id: organization.name for id, organization in named.items()}, what_for)


async def asked_to(tx: Tx, request_id: str, *, actor: Actor) -> ExceptionRequest:
    """One request that waits for this professional. NotFound for everybody else, and once it was answered."""
    if Role.PROFESSIONAL not in actor.roles:
        raise NotFound
    must_ever(actor, Deed.EXCEPTION_ATTEST, Relation.NAMED)
    found = await attestations.request_to(tx, request_id, assessor_id=actor.id)
    if found.attested_at is not None or found.declined_at is not None:
        raise NotFound
    return found


class Word(Model):
    """What the professional says."""

    id: Id = Field(default_factory=new_id)
    ground: Ground
    representative_reachable: bool = Field(description="a lawful representative can be reached: then theirs is asked")
    narrative: str = Field(min_length=1, max_length=4000, description="why; encrypted, for the review")


async def _unanswered(
    tx: Tx, request_id: str, *, actor: Actor, at: datetime
) -> tuple[ExceptionRequest, Case, datetime, Referral]:
    """What this professional was asked and has not answered, under its case's lock. NotFound for anything else."""
    must_ever(actor, Deed.EXCEPTION_ATTEST, Relation.NAMED)
    asked = await attestations.request_to(tx, request_id, assessor_id=actor.id)
    case = await cases.get_locked(tx, asked.case_id)
    asked = await attestations.request_to(tx, request_id, assessor_id=actor.id)
    if asked.attested_at is not None or asked.declined_at is not None:
        raise NotFound
    return asked, case, await log.now(tx, case, at), await referrals.get(tx, asked.referral_id)


async def attest(
    tx: Tx, request_id: str, word: Word, *, actor: Actor, at: datetime, secrets: Secrets
) -> Excepted | Refusal:
    """The professional's word, on the strength of their own credential: it opens the door for 72 hours. (R-22)"""
    asked, case, at, referral = await _unanswered(tx, request_id, actor=actor, at=at)
    about: dict[str, Any] = {"recipient": referral.responder_id, "purpose": referral.purpose, "referral": referral.id}
    held = [c for c in await cases.credentials_of(tx, actor.id) if c.holds(at=at)]
    credential = next((c for c in held if c.kind in ASSESSORS[word.ground]), None)
    why = _why_not(asked, referral.status, word, actor, held, credential)
    if why or credential is None:
        refusal = Refusal.of(why)
        return await refused(tx, case, refusal, actor=actor, role=Role.PROFESSIONAL, at=at, secrets=secrets, **about)
    attestation = Attestation(
        id=word.id,
        case_id=case.id,
        organization_id=referral.responder_id,
        ground=word.ground,
        requested_by=asked.requested_by,
        relation=asked.relation,
        representative_reachable=word.representative_reachable,
        assessor_id=actor.id,
        credential_id=credential.id,
        assessed_at=at,
    )
    await attestations.create(tx, attestation, request_id=asked.id)
    told = {"attestation_narrative": word.narrative}
    await records.write(tx, case, secrets.keystore, told, of=attestation.id)
    await referrals.save(
        tx, referral.model_copy(update={"attestation_id": attestation.id, "version": referral.version + 1})
    )
    written = await entry(
        tx,
        case,
        Kind.EXCEPTION_ATTESTED,
        actor=actor,
        role=Role.PROFESSIONAL,
        at=at,
        secrets=secrets,
        basis="life-in-danger",
        basis_ids=(attestation.id, credential.id),
        reasons=(word.ground.value,),
        **about,
    )
    return Excepted(id=attestation.id, referral_id=referral.id, entry=written)


def _why_not(
    asked: ExceptionRequest,
    status: Status,
    word: Word,
    actor: Actor,
    held: list[Credential],
    credential: Credential | None,
) -> list[Denied]:
    """Refused when it is said; the send judges all of it again."""
    why = []
    if status is not Status.DRAFT:
        why.append(Denied(reason=Reason.STEP_NOT_OPEN, places={"step": "attest", "status": status.value, "steps": ()}))
    if actor.id == asked.asked_by:
        why.append(Denied(reason=Reason.ATTESTED_BY_SENDER))
    if word.representative_reachable:
        why.append(Denied(reason=Reason.REPRESENTATIVE_REACHABLE))
    if not held:
        why.append(Denied(reason=Reason.CREDENTIAL_MISSING))
    elif credential is None:
        why.append(Denied(reason=Reason.CREDENTIAL_WRONG_KIND, places={"ground": word.ground.value}))
    return why


async def decline(tx: Tx, request_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Excepted:
    """The professional does not attest it: the request is closed, and the door stays shut. No reason is asked. (R-22)

    The case's team may ask another one; who sends reads it in the log.
    """
    asked, case, at, referral = await _unanswered(tx, request_id, actor=actor, at=at)
    await attestations.decline(tx, asked.id, at=at)
    written = await entry(
        tx, case, Kind.EXCEPTION_DECLINED, actor=actor, role=Role.PROFESSIONAL, at=at, secrets=secrets,
        recipient=referral.responder_id, purpose=referral.purpose, referral=referral.id, basis_ids=(asked.id,),
    )  # fmt: skip
    return Excepted(id=asked.id, referral_id=referral.id, entry=written)


async def tell(tx: Tx, attestation_id: str, how: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Excepted:
    """Write down that the person was told what was sent without their consent, and how. As soon as possible. (R-22)"""
    found = await _attestation(tx, attestation_id)
    case = await cases.get_for_update(tx, found.case_id, actor=actor)
    must(actor, Deed.EXCEPTION_REQUEST, case)
    at = await log.now(tx, case, at)
    found = await _attestation(tx, attestation_id)
    if found.person_told_at is None:
        found = found.model_copy(update={"person_told_at": at})
        await attestations.save(tx, found)
    await records.write(tx, case, secrets.keystore, {"person_told": how}, of=found.id)
    written = await entry(tx, case, Kind.EXCEPTION_TOLD, actor=actor, at=at, secrets=secrets, basis_ids=(found.id,))
    return Excepted(id=found.id, referral_id=await attestations.referral_of(tx, found.id), entry=written)


class Reviewed(Model):
    """What the data protection officer reads of a use, and that they did."""

    attestation: Attestation
    narrative: str | None
    entry: Entry


async def review(tx: Tx, attestation_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Reviewed:
    """The data protection officer reads the papers of a use, and that stands in the log. (R-22)

    A word on which nothing was sent is no use yet: reviewed now, its use would never come up for review.
    """
    must_ever(actor, Deed.EXCEPTION_REVIEW)
    found = await _attestation(tx, attestation_id)
    case = await cases.get_locked(tx, found.case_id)
    at = await log.now(tx, case, at)
    found = await _attestation(tx, attestation_id)
    if (await referrals.get(tx, await attestations.referral_of(tx, found.id))).sent_at is None:
        raise NotFound
    if found.reviewed_at is None:
        found = found.model_copy(update={"reviewed_at": at, "reviewed_by": actor.id})
        await attestations.save(tx, found)
    told = await records.everything(tx, case, secrets.keystore, {"attestation_narrative"})
    narrative = next((t.value for t in told if t.of == found.id), None)
    written = await entry(
        tx,
        case,
        Kind.EXCEPTION_REVIEWED,
        actor=actor,
        role=Role.DATA_PROTECTION_OFFICER,
        at=at,
        secrets=secrets,
        fields=("attestation_narrative",),
        basis_ids=(found.id,),
    )
    return Reviewed(attestation=found, narrative=narrative, entry=written)


async def _attestation(tx: Tx, id: str) -> Attestation:
    found = await attestations.get(tx, id)
    if found is None:
        raise NotFound
    return found
