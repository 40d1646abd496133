"""What a person allows, refuses and takes back; and what follows at once from taking back. (R-11, R-20, R-23, R-24)

Whether a consent counts is judged in `consent.decision`, each time anew; here it is only written down. Expiry is
derived from what was written and is no deed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from api.actions.allowed import must
from api.actions.case_change import new_id
from api.actions.case_entry import entry, refused
from api.actions.gone import Gone, gone_to
from api.actions.moves import move, moved
from consent.access import Deed
from consent.capacity import can_decide, who_decides
from graph.model.actor import Actor
from graph.model.base import Code, Id, Model
from graph.model.case import Case
from graph.model.consent import Consent, ConsentEvent, ConsentState, FieldConsent, NoticeShown, Stage, expiry
from graph.model.log import Entry, Kind
from graph.model.referral import OPEN, Status, is_running
from graph.model.refusal import Denied, Reason, Refusal
from graph.model.stop_notice import ANSWER_WITHIN, StopNotice
from graph.model.timer import Job, Timer
from graph.secrets import Secrets
from graph.seed import catalogue, notices
from graph.seed.catalogue import UnknownField, WrongValue
from graph.seed.notices import PERSON, REPRESENTATIVE
from graph.seed.purposes import purposes
from graph.store import actors, cases, consents, disclosures, log, referrals, stop_notices, timers
from graph.store.errors import NotFound
from graph.store.network import Tx

WITHDRAWN = "consent-withdrawn"
"""The coded reason of what a withdrawal ends."""


class Asked(Model):
    """What the person was asked: who would receive what, for which purpose, under which wording."""

    id: Id = Field(default_factory=new_id)
    receipt_id: Id = Field(default_factory=new_id)
    organization_id: Id
    purpose: Code
    explained_by: Id | None = Field(None, description="None: whoever writes it down")
    given_by: Literal["self", "guardian", "lawful-representative"] = "self"
    guardian_id: Id | None = None
    language: Code = "es"
    notice_version: int | None = Field(None, description="the version that the screen showed; None: the one in use")
    modality: Literal["written", "spoken-before-witness", "thumbprint", "digital"]
    witness: Id | None = None
    countries: frozenset[Code] = frozenset()


class Allowing(Asked):
    """What the person allows: fields, or groups of fields, at which stages."""

    fields: frozenset[Code] = frozenset()
    categories: frozenset[Code] = frozenset()
    stages: frozenset[Stage] = frozenset({"first-contact"})
    items: frozenset[FieldConsent] = Field(frozenset(), description="fields, each at a stage of its own")


class Answered(Model):
    """What a consent answers: ids and the signed entry."""

    consent_id: Id
    receipt_id: Id = Field(description="what the person's receipt is found by: `/receipts/{receipt_id}`")
    case_id: Id
    expires_at: datetime
    fields: tuple[Code, ...]
    entry: Entry


async def give(
    tx: Tx, case_id: str, allowing: Allowing, *, actor: Actor, at: datetime, secrets: Secrets
) -> Answered | Refusal:
    """Write down what the person allows. Groups are expanded now, so a field added later is not covered. (R-11, R-20)

    An earlier no of the same person for this recipient and purpose ends with it: they changed their mind.
    """
    case = await cases.get_for_update(tx, case_id, actor=actor)
    must(actor, Deed.CONSENT_RECORD, case)
    at = await log.now(tx, case, at)
    fields = _expanded(allowing)
    await _explained(tx, case, allowing)
    notice, why = _shown(case, allowing, at=at)
    why += _not_theirs(case, allowing, at=at)
    about: dict[str, Any] = {"recipient": allowing.organization_id, "purpose": allowing.purpose}
    if why or notice is None:
        return await refused(tx, case, Refusal.of(why), actor=actor, at=at, secrets=secrets, **about)
    reviews = [g.review_on for g in case.goals if g.review_on > at.date()]
    given = _consent(
        case,
        allowing,
        notice,
        ConsentEvent(state=ConsentState.GIVEN, at=at, by=actor.id),
        fields=fields,
        expires_at=expiry(at, review_on=min(reviews, default=None), adult_on=case.adult_on),
    )
    for earlier in await consents.of_case(tx, case.id):
        if _same(earlier, given) and earlier.state(at=at) is ConsentState.REFUSED and _same_voice(earlier, given):
            await consents.add(tx, earlier, ConsentEvent(state=ConsentState.INVALIDATED, at=at, by=actor.id))
    await consents.create(tx, given)
    codes = tuple(sorted({f.field for f in fields}))
    written = await entry(
        tx,
        case,
        Kind.CONSENT_GIVEN,
        actor=actor,
        at=at,
        secrets=secrets,
        basis="consent",
        basis_ids=(given.id,),
        fields=codes,
        **about,
    )
    return Answered(
        consent_id=given.id,
        receipt_id=allowing.receipt_id,
        case_id=case.id,
        expires_at=given.expires_at,
        fields=codes,
        entry=written,
    )


class Stopped(Model):
    """What a withdrawal or a refusal answers: what ended, what was stopped, and what had already gone."""

    consent_ids: tuple[Id, ...]
    case_id: Id
    cancelled: tuple[Id, ...] = Field(description="referrals that ended with it")
    in_service: tuple[Id, ...] = Field(description="where the person is asked whether the service goes on")
    stop_notice_id: Id | None
    gone: tuple[Gone, ...]
    entry: Entry


async def refuse(
    tx: Tx, case_id: str, asked: Asked, *, actor: Actor, at: datetime, secrets: Secrets
) -> Stopped | Refusal:
    """Write down a no: it wins over any permit, and ends a consent that stood. (R-20)"""
    case = await cases.get_for_update(tx, case_id, actor=actor)
    must(actor, Deed.CONSENT_RECORD, case)
    at = await log.now(tx, case, at)
    await _explained(tx, case, asked)
    notice, why = _shown(case, asked, at=at)
    about: dict[str, Any] = {"recipient": asked.organization_id, "purpose": asked.purpose}
    if why or notice is None:
        return await refused(tx, case, Refusal.of(why), actor=actor, at=at, secrets=secrets, **about)
    no = ConsentEvent(state=ConsentState.REFUSED, at=at, by=actor.id)
    said = _consent(case, asked, notice, no, fields=frozenset(), expires_at=at)
    standing = [c for c in await consents.of_case(tx, case.id) if _same(c, said) and c.state(at=at) in _STANDING]
    await consents.create(tx, said)
    for consent in standing:
        await consents.add(tx, consent, ConsentEvent(state=ConsentState.WITHDRAWN, at=at, by=actor.id))
    ids = (said.id, *(c.id for c in standing))
    return await _stop(tx, case, Kind.CONSENT_REFUSED, said, ids, actor=actor, at=at, secrets=secrets)


async def withdraw(tx: Tx, consent_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Stopped | Refusal:
    """Take a consent back: from the commit on nothing more is sent or read. One call, one transaction. (R-20)

    All consents to this recipient for this purpose end. What had not begun is cancelled, copies are closed, the
    recipient is told; a service that runs goes on or ends by the person's answer alone.
    """
    case = await cases.get_for_update(tx, await consents.case_of(tx, consent_id), actor=actor)
    must(actor, Deed.CONSENT_WITHDRAW, case)
    at = await log.now(tx, case, at)
    given = await consents.of_case(tx, case.id)
    named = next(c for c in given if c.id == consent_id)
    standing = [c for c in given if _same(c, named) and c.state(at=at) in _STANDING]
    if named not in standing:
        places = {"state": named.state(at=at).value}
        why = Refusal.of([Denied(reason=Reason.NOTHING_TO_WITHDRAW, places=places)])
        return await refused(tx, case, why, actor=actor, at=at, secrets=secrets, basis_ids=(named.id,))
    for consent in standing:
        await consents.add(tx, consent, ConsentEvent(state=ConsentState.WITHDRAWN, at=at, by=actor.id))
    ids = tuple(c.id for c in standing)
    return await _stop(tx, case, Kind.CONSENT_WITHDRAWN, named, ids, actor=actor, at=at, secrets=secrets)


_STANDING = frozenset({ConsentState.GIVEN, ConsentState.REQUESTED, ConsentState.EXPIRED})
"""States that a person can still take back: what expired had its copies, which are closed."""


async def _stop(
    tx: Tx,
    case: Case,
    kind: Kind,
    consent: Consent,
    consent_ids: tuple[str, ...],
    *,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
) -> Stopped:
    """All that follows from a no, in the transaction of that no. What life in danger opened is not undone by it. (R-22)"""
    concerned = [
        r
        for r in await referrals.of_case(tx, case.id)
        if r.responder_id == consent.organization_id
        and r.purpose == consent.purpose
        and r.attestation_id is None
        and (r.status is Status.DRAFT or r.status in OPEN)
    ]
    cancelled = [r for r in concerned if not is_running(r)]
    running = [r for r in concerned if is_running(r)]
    for referral in running:
        await referrals.save(tx, moved(referral, at=at, asked_at=at, goes_on=None))
    copies = [
        copy
        for copy in await disclosures.of_case(tx, case.id)
        if copy.organization_id == consent.organization_id and copy.purpose == consent.purpose
    ]
    exempt = {r.id for r in await referrals.of_case(tx, case.id) if r.attestation_id is not None}
    await disclosures.close(
        tx, [c.id for c in copies if c.referral_id not in exempt and c.closed_at is None], reason=WITHDRAWN, at=at
    )
    about: dict[str, Any] = {"recipient": consent.organization_id, "purpose": consent.purpose}
    written = await entry(tx, case, kind, actor=actor, at=at, secrets=secrets, basis_ids=consent_ids, **about)
    for referral in cancelled:
        after = moved(referral, at=at, status=Status.CANCELLED, reason=WITHDRAWN)
        await move(tx, case, referral, after, Kind.REFERRAL_CANCELLED, actor=actor, at=at, secrets=secrets)
    told = sorted({c.referral_id for c in copies if c.referral_id not in exempt})
    notice_id = None
    if told:
        notice_id = f"{consent_ids[0]}-stop"
        await stop_notices.create(
            tx,
            StopNotice(
                id=notice_id,
                case_id=case.id,
                organization_id=consent.organization_id,
                purpose=consent.purpose,
                reason=WITHDRAWN,
                referral_ids=tuple(told),
                created_at=at,
                acknowledge_by=at + ANSWER_WITHIN,
            ),
        )
        late = Timer(
            id=f"{notice_id}-late", job=Job.STOP_LATE, subject_id=notice_id, case_id=case.id, due_at=at + ANSWER_WITHIN
        )
        await timers.set_(tx, [late])
        await entry(
            tx,
            case,
            Kind.STOP_NOTICE,
            actor=actor,
            at=at,
            secrets=secrets,
            basis_ids=(notice_id,),
            reasons=(WITHDRAWN,),
            **about,
        )
    return Stopped(
        consent_ids=consent_ids,
        case_id=case.id,
        cancelled=tuple(r.id for r in cancelled),
        in_service=tuple(r.id for r in running),
        stop_notice_id=notice_id,
        gone=await gone_to(tx, case, copies),
        entry=written,
    )


def _expanded(allowing: Allowing) -> frozenset[FieldConsent]:
    """Every field by its name and stage; UnknownField for what may never be sent, WrongValue for nothing at all."""
    for category in allowing.categories:
        if category not in catalogue.categories():
            raise UnknownField(category)
    sendable = catalogue.sendable()
    if unknown := sorted(allowing.fields - sendable):
        raise UnknownField(unknown[0])
    if unknown := sorted(item.field for item in allowing.items if item.field not in sendable):
        raise UnknownField(unknown[0])
    codes = allowing.fields | {f for c in allowing.categories for f in catalogue.of_category(c) if f in sendable}
    if not (codes and allowing.stages) and not allowing.items:
        raise WrongValue("fields")
    if allowing.purpose not in purposes():
        raise WrongValue("purpose")
    return allowing.items | {FieldConsent(field=code, stage=stage) for code in codes for stage in allowing.stages}


async def _explained(tx: Tx, case: Case, asked: Asked) -> None:
    """Whoever explained it is of the organisation that holds the case: else NotFound, of others and of nobody alike."""
    if asked.explained_by is not None:
        explaining = await actors.get(tx, asked.explained_by)
        if explaining.organization_id != case.organization_id:
            raise NotFound


def _shown(case: Case, asked: Asked, *, at: datetime) -> tuple[NoticeShown | None, list[Denied]]:
    """The wording for whoever decides, in their language; refused where nobody translated it. (R-20, R-24)"""
    id = PERSON if asked.given_by == "self" else REPRESENTATIVE
    chosen = notices.choose(id, asked.language, on=at.date(), version=asked.notice_version)
    if isinstance(chosen, Refusal):
        return None, list(chosen.reasons)
    return chosen, []


def _not_theirs(case: Case, allowing: Allowing, *, at: datetime) -> list[Denied]:
    """A closed case, a voice that does not decide, a spoken word without a witness: refused when it is said."""
    why = []
    if case.closed_at is not None:
        why.append(Denied(reason=Reason.CASE_CLOSED, places={"date": case.closed_at.date().isoformat()}))
    if allowing.modality == "spoken-before-witness" and allowing.witness is None:
        why.append(Denied(reason=Reason.CONSENT_WITHOUT_WITNESS))
    if allowing.given_by == "self":
        theirs = can_decide(case, at=at)
    else:
        decider = who_decides(case, purpose=allowing.purpose, countries=allowing.countries, at=at)
        theirs = decider.kind != "self" and decider.stands(allowing.guardian_id)
    return why if theirs else [*why, Denied(reason=Reason.CONSENT_NOT_BY_DECIDER)]


def _consent(
    case: Case,
    asked: Asked,
    notice: NoticeShown,
    event: ConsentEvent,
    *,
    fields: frozenset[FieldConsent],
    expires_at: datetime,
) -> Consent:
    return Consent(
        id=asked.id,
        case_id=case.id,
        organization_id=asked.organization_id,
        purpose=asked.purpose,
        fields=fields,
        given_by=asked.given_by,
        guardian_id=asked.guardian_id,
        countries=asked.countries,
        leaves=case.home if asked.countries - {case.home} else None,
        notice=notice,
        explained_by=asked.explained_by or event.by,
        receipt_id=asked.receipt_id,
        modality=asked.modality,
        witness=asked.witness,
        expires_at=expires_at,
        events=(event,),
    )


def _same(one: Consent, other: Consent) -> bool:
    return (one.organization_id, one.purpose) == (other.organization_id, other.purpose)


def _same_voice(one: Consent, other: Consent) -> bool:
    return (one.given_by, one.guardian_id) == (other.given_by, other.guardian_id)
