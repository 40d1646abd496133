"""Asking several providers for a place without saying who it is for, and identity to the one chosen. (R-10, R-20, R-35)

Only for a need the person agreed to seek help for. What is asked is computed (`consent.widening`), and every question is
an entry that the person can read. A provider's yes is no promise of a place: places are held by sending.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from pydantic import Field

from api.actions.allowed import must, must_ever
from api.actions.case_change import new_id
from api.actions.case_entry import entry, refused
from api.actions.case_suggestions import band_of_today
from api.actions.referrals import Draft, Drafted, draft, need_of, why_no_draft
from consent.access import Deed, Relation
from consent.danger import never
from consent.decision import SUSPENDED
from consent.widening import Served, Widened, widen
from graph.model.actor import Actor, Role
from graph.model.base import Code, Id, Model
from graph.model.case import Case, Need
from graph.model.directory import Service
from graph.model.enquiry import LISTENING, LIVES, Answer, Asked, Enquiry, EnquiryState, Somebody
from graph.model.log import Entry, Kind
from graph.model.refusal import Denied, Reason, Refusal
from graph.model.status_reason import Consequence
from graph.model.stock import declined
from graph.secrets import Secrets
from graph.seed.purposes import purpose_of
from graph.seed.status_reasons import reasons_unnamed, status_reasons
from graph.seed.vocabulary import lineage, terms
from graph.store import cases, enquiries, leases, log, recipients, services, suspensions
from graph.store.errors import NotFound
from graph.store.network import Tx
from graph.store.recipients import Recipient

DOUBTS: Final = frozenset({Consequence.PLACES_NONE, Consequence.LESS_CONFIDENCE})
"""What of a no concerns what was said of places."""

MOST: Final = 10
"""Services that can be asked at once."""


class Asking(Model):
    """Which services are to be asked, and which of the person's languages is to be told, if any."""

    service_ids: tuple[Id, ...] = Field(min_length=1, max_length=MOST)
    language: Code | None = None


class Question(Model):
    """A question as the person and who works with them see it."""

    id: Id
    need_id: Id
    service_id: Id
    organization_id: Id
    asked: Asked
    state: EnquiryState
    asked_at: datetime
    expires_at: datetime
    answer: Answer | None = None
    reason: Code | None = None
    answered_at: datetime | None = None


class Queued(Model):
    """A question as who is asked sees it: nothing in it says whose it is."""

    id: Id
    service_id: Id
    asked: Asked
    state: EnquiryState
    asked_at: datetime
    expires_at: datetime
    answer: Answer | None = None
    reason: Code | None = None


class AskedOf(Model):
    """What left: the same question to all, what was made wider for it, and a signed entry for each."""

    asked: Asked
    widened: tuple[Code, ...]
    enquiries: tuple[Question, ...]
    entries: tuple[Entry, ...]


class Answered(Model):
    """What a provider said, with its entry."""

    enquiry_id: Id
    answer: Answer
    reason: Code | None = None
    state: EnquiryState


class Chosen(Model):
    """The one the person chose: a draft to it, and who is told that they are no longer needed."""

    enquiry_id: Id
    referral_id: Id
    purpose: Code
    no_longer_needed: tuple[Id, ...]
    entry: Entry


@dataclass(frozen=True, slots=True)
class _Addressee:
    service: Service
    recipient: Recipient


async def ask(
    tx: Tx, case_id: str, need_id: str, asking: Asking, *, actor: Actor, at: datetime, secrets: Secrets
) -> AskedOf | Refusal:
    """Ask several services at once about an agreed need. Need class, area, age band and language leave, or less. (R-10)

    Refused, with every reason, where it is too dangerous to ask at all, or where fewer than k people could be meant.
    """
    case = await cases.get_for_update(tx, case_id, actor=actor)
    must(actor, Deed.ENQUIRY_ASK, case)
    at = await log.now(tx, case, at)
    need = need_of(case, need_id)
    found = await _addressees(tx, asking.service_ids)
    asked_before = [
        enquiry
        for enquiry in await enquiries.of_case(tx, case.id)
        if enquiry.asked.service_type in above_of(need.service_type)
    ]
    why = [
        *why_no_draft(case, need, at=at),
        *_never(case, need, found, on=at.date()),
        *await _standing(tx, case, found, on=at.date()),
        *_twice(asking, (e for e in asked_before if e.need_id == need.id), at=at),
        *_language(case, asking.language),
    ]
    widened = None if why else await _widened(tx, case, need, asking.language, found, asked_before, secrets, at=at)
    if why or not isinstance(widened, Widened):
        refusal = widened if isinstance(widened, Refusal) else Refusal.of(why)
        return await refused(tx, case, refusal, actor=actor, at=at, secrets=secrets, role=Role.CASE_MANAGER)
    made, written = [], []
    for addressee in found:
        enquiry = Enquiry(
            id=new_id(),
            case_id=case.id,
            need_id=need.id,
            service_id=addressee.service.id,
            organization_id=addressee.recipient.organization_id,
            asked=widened.asked,
            asked_at=at,
            asked_by=actor.id,
            expires_at=at + LIVES,
        )
        await enquiries.create(tx, enquiry)
        told = await entry(
            tx,
            case,
            Kind.ASK_FIRST,
            actor=actor,
            role=Role.CASE_MANAGER,
            at=at,
            secrets=secrets,
            recipient=enquiry.organization_id,
            purpose=purpose_of(need.service_type),
            fields=fields_of(widened.asked),
            reasons=widened.widened,
            request_id=enquiry.id,
        )
        made.append(shown(enquiry, at=at))
        written.append(told)
    return AskedOf(asked=widened.asked, widened=widened.widened, enquiries=tuple(made), entries=tuple(written))


def fields_of(asked: Asked) -> tuple[Code, ...]:
    """The fields of the catalogue that a question tells something of."""
    told = {"needs": True, "municipality": True, "age_band": asked.age_band, "languages": asked.language}
    return tuple(code for code, is_told in told.items() if is_told)


async def _addressees(tx: Tx, ids: Sequence[str]) -> list[_Addressee]:
    wanted = sorted(set(ids))
    known = await services.get(tx, wanted)
    if set(known) != set(wanted):
        raise NotFound
    return [_Addressee(known[id], await recipients.get(tx, id)) for id in wanted]


def _types(case_need: Need, service: Service) -> set[str]:
    return {above for code in (case_need.service_type, *service.service_types) for above in above_of(code)}


def above_of(code: str) -> tuple[str, ...]:
    """A service type with all above it."""
    return lineage("service-types", code)


def _below(code: str) -> tuple[str, ...]:
    return tuple(t for t in terms("service-types") if t != code and code in above_of(t))


def _never(case: Case, need: Need, found: Sequence[_Addressee], *, on: date) -> list[Denied]:
    why: list[Denied] = []
    for addressee in found:
        service = addressee.service
        sealed = any(location.sealed for location in service.locations)
        why += never(case, _types(need, service), sealed=sealed, on=on)
        if not any(need.service_type in above_of(code) for code in service.service_types):
            why.append(Denied(reason=Reason.TYPE_NOT_OFFERED))
    return why


async def _standing(tx: Tx, case: Case, found: Sequence[_Addressee], *, on: date) -> list[Denied]:
    """What no longer works, and what security has suspended, is not asked either. (R-26)"""
    home = await enquiries.home(tx, case.area)
    stops = [stop for stop in (await suspensions.get_all(tx)).values() if stop.is_in_force(on=on)]
    why = []
    for addressee in found:
        recipient = addressee.recipient
        if not recipient.is_active:
            why.append(Denied(reason=Reason.SERVICE_NOT_ACTIVE))
        subjects = {recipient.service_id, recipient.organization_id, *recipient.areas, *home}
        for stop in stops:
            if stop.subject_id in subjects:
                until = stop.valid_to.isoformat() if stop.valid_to else "…"
                why.append(Denied(reason=SUSPENDED[stop.subject], places={"why": stop.reason, "date": until}))
    return why


def _twice(asking: Asking, before: Iterable[Enquiry], *, at: datetime) -> list[Denied]:
    waiting = {e.service_id for e in before if e.state(at=at) in LISTENING}
    return [Denied(reason=Reason.ALREADY_ASKED)] if waiting & set(asking.service_ids) else []


def _language(case: Case, language: str | None) -> list[Denied]:
    theirs = case.languages or frozenset()
    return [] if language is None or language in theirs else [Denied(reason=Reason.LANGUAGE_NOT_THEIRS)]


async def _widened(
    tx: Tx,
    case: Case,
    need: Need,
    language: str | None,
    found: Sequence[_Addressee],
    before: Sequence[Enquiry],
    secrets: Secrets,
    *,
    at: datetime,
) -> Widened | Refusal:
    """What may be asked of these, beside what was asked before for the same kind of need, of whomever."""
    standing = await _still_there(tx, {enquiry.service_id for enquiry in before})
    served = [whom(addressee, on=at.date()) for addressee in (*found, *standing)]
    areas = await enquiries.home(tx, case.area)
    could = frozenset.intersection(*(s.needs for s in served))
    people = await enquiries.could_be_meant(tx, could, country=areas[-1], at=at)
    subject = Somebody(
        who=case.person_id,
        needs=frozenset({need.service_type}),
        areas=areas,
        age_band=await band_of_today(tx, case, secrets, on=at.date()),
        factors=frozenset(f.factor for f in case.factors),
    )
    told = list(dict.fromkeys(enquiry.asked for enquiry in before))
    return widen(subject, need.service_type, language, people, served, lineage=above_of, below=_below, before=told)


async def _still_there(tx: Tx, ids: set[str]) -> list[_Addressee]:
    """Services of which the directory tells something still."""
    known = await services.get(tx, sorted(ids))
    return [_Addressee(service, await recipients.get(tx, id)) for id, service in sorted(known.items())]


def whom(addressee: _Addressee, *, on: date) -> Served:
    """Whom a service is there for, as the directory tells everybody: it narrows who could be meant by asking it."""
    service = addressee.service
    ages = None
    if service.minimum_age is not None or service.maximum_age is not None:
        ages = (service.minimum_age or 0, service.maximum_age)
    rules = [sop.eligibility for sop in addressee.recipient.sops if sop.is_in_force(on=on)]
    genders = [frozenset(r.genders) for r in rules if r.genders and frozenset(r.genders) != frozenset(terms("genders"))]
    factors = [frozenset(r.any_factor) for r in rules if r.any_factor]
    admitted = [frozenset(r.nationality.in_) for r in rules if r.nationality and r.nationality.in_]
    barred = [frozenset(r.nationality.not_in) for r in rules if r.nationality and r.nationality.not_in]
    return Served(
        needs=frozenset(above for code in service.service_types for above in above_of(code)),
        genders=frozenset.intersection(*genders) if genders else None,
        any_factor=frozenset.union(*factors) if factors else None,
        nationalities=frozenset.intersection(*admitted) if admitted else None,
        not_nationalities=frozenset[str]().union(*barred),
        ages=ages,
    )


def shown(enquiry: Enquiry, *, at: datetime) -> Question:
    """As the person's side sees it."""
    facts = enquiry.model_dump(include=set(Question.model_fields) - {"state"})
    return Question(**facts, state=enquiry.state(at=at))


async def of_need(tx: Tx, case_id: str, need_id: str, *, actor: Actor, at: datetime) -> list[Question]:
    """What was asked for a need, and what was answered: for the person and who works with them. (R-20, R-21)"""
    case = await cases.get(tx, case_id, actor=actor)
    must(actor, Deed.GONE_READ, case)
    need = need_of(case, need_id)
    return [shown(e, at=at) for e in await enquiries.of_case(tx, case.id, need_id=need.id)]


async def of_case(tx: Tx, case_id: str, *, actor: Actor, at: datetime) -> list[Question]:
    """All that was asked for a case, the newest first. (R-21)"""
    case = await cases.get(tx, case_id, actor=actor)
    must(actor, Deed.GONE_READ, case)
    return [shown(e, at=at) for e in reversed(await enquiries.of_case(tx, case.id))]


async def queue(tx: Tx, *, actor: Actor, at: datetime, after: str = "", limit: int = 50) -> list[Queued]:
    """What the actor's organisation was asked, also what has ended. (R-12)"""
    if Role.PROVIDER not in actor.roles or actor.organization_id is None:
        return []
    must_ever(actor, Deed.ENQUIRY_ANSWER, Relation.RECEIVER)
    found = await enquiries.queue(tx, organization_id=actor.organization_id, after=after, limit=limit)
    return [queued(enquiry, at=at) for enquiry in found]


def queued(enquiry: Enquiry, *, at: datetime) -> Queued:
    """As who is asked sees it."""
    facts = enquiry.model_dump(include=set(Queued.model_fields) - {"state"})
    return Queued(**facts, state=enquiry.state(at=at))


async def answer(
    tx: Tx,
    enquiry_id: str,
    said: Answer,
    reason: str | None = None,
    *,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
    channel: Code = "enlace",
) -> Answered | Refusal:
    """The provider says whether it could; a cannot has a coded reason. It may say better while it is listened to. (R-12)"""
    must_ever(actor, Deed.ENQUIRY_ANSWER, Relation.RECEIVER)
    case_id = await enquiries.case_of_asked(tx, enquiry_id, organization_id=actor.organization_id)
    case = await cases.get_locked(tx, case_id)
    at = await log.now(tx, case, at)
    enquiry = await enquiries.get(tx, enquiry_id)
    about = {"recipient": enquiry.organization_id, "request_id": enquiry.id, "channel": channel}
    if why := _unanswerable(enquiry, said, reason, at=at):
        refusal = Refusal.of(why)
        return await refused(
            tx, case, refusal, actor=actor, at=at, secrets=secrets, role=Role.PROVIDER,
            organization=enquiry.organization_id, **about,
        )  # fmt: skip
    became = enquiry.model_copy(update={"answer": said, "reason": reason, "answered_at": at})
    await enquiries.save(tx, became)
    if reason is not None and reason != enquiry.reason:
        await _believe_less(tx, enquiry.service_id, reason, at=at)
    codes = (said, reason) if reason else (said,)
    await entry(
        tx, case, Kind.ENQUIRY_ANSWERED, actor=actor, role=Role.PROVIDER, at=at, secrets=secrets, reasons=codes, **about
    )
    return Answered(enquiry_id=became.id, answer=said, reason=reason, state=became.state(at=at))


async def _believe_less(tx: Tx, service_id: str, reason: str, *, at: datetime) -> None:
    """A no for want of places counts as it does for a referral: what was said of places is believed less. (R-07)"""
    doubt = set(status_reasons()[reason].consequences) & DOUBTS
    if not doubt:
        return
    stock, _ = await leases.for_update(tx, service_id)
    if stock is not None:
        await leases.write(tx, declined(stock, none=Consequence.PLACES_NONE in doubt, at=at))


def _unanswerable(enquiry: Enquiry, said: Answer, reason: str | None, *, at: datetime) -> list[Denied]:
    if enquiry.state(at=at) not in LISTENING:
        return [Denied(reason=Reason.ENQUIRY_ENDED)]
    known = tuple(r.code for r in reasons_unnamed())
    places: dict[str, str | tuple[str, ...]] = {"step": said, "reasons": known}
    if said == "cannot" and reason is None:
        return [Denied(reason=Reason.REASON_MISSING, places=places)]
    if reason is not None and (said != "cannot" or reason not in known):
        return [Denied(reason=Reason.REASON_UNKNOWN, places=places)]
    return []


async def choose(
    tx: Tx, enquiry_id: str, referral_id: str, *, actor: Actor, at: datetime, secrets: Secrets
) -> Chosen | Refusal:
    """The person chose this one: a draft to it, and the others are told that they are no longer needed. (R-20)

    Identity goes nowhere yet: that takes a consent for this organisation, and a send.
    """
    case = await cases.get_for_update(tx, await enquiries.case_of(tx, enquiry_id), actor=actor)
    must(actor, Deed.ENQUIRY_ASK, case)
    at = await log.now(tx, case, at)
    enquiry = await enquiries.get(tx, enquiry_id)
    state = enquiry.state(at=at)
    if state is not EnquiryState.ANSWERED or enquiry.answer == "cannot":
        ended = state not in LISTENING
        why = Refusal.of([Denied(reason=Reason.ENQUIRY_ENDED if ended else Reason.NOTHING_TO_CHOOSE)])
        about = {"recipient": enquiry.organization_id, "request_id": enquiry.id}
        return await refused(tx, case, why, actor=actor, at=at, secrets=secrets, role=Role.CASE_MANAGER, **about)
    chosen: Code = "person-prefers"  # kept where it is not what is suggested first: the person's choice is the reason
    wanted = Draft(id=referral_id, need_id=enquiry.need_id, service_id=enquiry.service_id, chosen_because=chosen)
    drafted = await draft(tx, case.id, wanted, actor=actor, at=at, secrets=secrets)
    if not isinstance(drafted, Drafted):
        return drafted
    await enquiries.save(tx, enquiry.model_copy(update={"chosen_at": at}))
    others = await enquiries.end(tx, enquiry.need_id, at=at)
    written = await entry(
        tx,
        case,
        Kind.ENQUIRY_CHOSEN,
        actor=actor,
        role=Role.CASE_MANAGER,
        at=at,
        secrets=secrets,
        recipient=enquiry.organization_id,
        purpose=drafted.purpose,
        referral=drafted.referral_id,
        request_id=enquiry.id,
    )
    return Chosen(
        enquiry_id=enquiry.id,
        referral_id=drafted.referral_id,
        purpose=drafted.purpose,
        no_longer_needed=tuple(others),
        entry=written,
    )
