"""Leaving one country for another: planned, seen by both sides, or stopped with all that hung on it. (R-04, R-24, R-42)

What crosses the border is a referral's affair, with consent for that border (`consent.decision`). A journey that does
not happen ends all of it in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from pydantic import Field

from api.actions.allowed import must, must_ever
from api.actions.case_change import new_id
from api.actions.case_entry import entry, refused
from api.actions.moves import move, moved
from consent.access import Allowed, Deed, Relation, decide
from graph.model.actor import Actor, Role
from graph.model.base import Code, Id, Model
from graph.model.case import Case
from graph.model.consent import Consent, ConsentEvent, ConsentState
from graph.model.departure import Departure, DepartureState
from graph.model.log import Entry, Kind
from graph.model.referral import ENDED, Status
from graph.model.refusal import Denied, Reason, Refusal
from graph.model.stop_notice import ANSWER_WITHIN, StopNotice
from graph.model.timer import Job, Timer
from graph.secrets import Secrets
from graph.seed.catalogue import WrongValue
from graph.seed.vocabulary import terms
from graph.store import (
    cases,
    consents,
    departures,
    disclosures,
    enquiries,
    log,
    recipients,
    referrals,
    stop_notices,
    timers,
)
from graph.store.disclosures import Copy
from graph.store.errors import NotFound
from graph.store.network import Tx

BECAUSE: Final = "did-not-depart"
"""The coded reason of what ends with a journey that did not happen."""

AWAITED: Final = frozenset({DepartureState.PLANNED, DepartureState.DEPARTED})
VALID: Final = frozenset({ConsentState.GIVEN, ConsentState.REQUESTED})


class Journey(Model):
    """Where to, when, and who expects the person there."""

    id: Id = Field(default_factory=new_id)
    to: Code
    on: date
    receiver_id: Id


class DepartureView(Model):
    """A departure as either side sees it: dates, countries and organisations; not whose."""

    id: Id
    leaves: Code
    to: Code
    on: date
    receiver_id: Id
    state: DepartureState
    departed_at: datetime | None = None
    arrived_at: datetime | None = None
    confirmed_by_both: bool


class Went(Model):
    """Where a departure stands after a word on it, and the signed entry."""

    departure: DepartureView
    entry: Entry


class Halted(Model):
    """All that ended with a journey that did not happen."""

    departure: DepartureView
    cancelled: tuple[Id, ...] = Field(description="referrals that ended")
    consent_ids: tuple[Id, ...] = Field(description="consents for that border that ended")
    closed: tuple[Id, ...] = Field(description="copies that nobody reads any more")
    enquiries: tuple[Id, ...] = Field(description="questions that nobody need answer")
    stop_notice_ids: tuple[Id, ...]
    entry: Entry


async def plan(
    tx: Tx, case_id: str, journey: Journey, *, actor: Actor, at: datetime, secrets: Secrets
) -> Went | Refusal:
    """The host side plans it, once the person allowed the receiving organisation something for that border. (R-42)"""
    case = await cases.get_for_update(tx, case_id, actor=actor)
    must(actor, Deed.DEPARTURE_PLAN, case)
    at = await log.now(tx, case, at)
    if journey.to not in terms("countries"):
        raise WrongValue("to")
    before = await departures.of_case(tx, case.id)
    given = await consents.of_case(tx, case.id)
    if why := _not_planned(case, journey, before, given, at=at):
        return await refused(tx, case, Refusal.of(why), actor=actor, at=at, secrets=secrets)
    planned = Departure(
        id=journey.id,
        case_id=case.id,
        leaves=case.home,
        to=journey.to,
        on=journey.on,
        receiver_id=journey.receiver_id,
        planned_at=at,
        planned_by=actor.id,
    )
    await departures.create(tx, planned)
    return await _went(tx, case, planned, Kind.DEPARTURE_PLANNED, actor=actor, at=at, secrets=secrets)


def _not_planned(
    case: Case, journey: Journey, before: Iterable[Departure], given: Iterable[Consent], *, at: datetime
) -> list[Denied]:
    why = []
    if case.closed_at is not None:
        why.append(Denied(reason=Reason.CASE_CLOSED, places={"date": case.closed_at.date().isoformat()}))
    if journey.to == case.home:
        why.append(Denied(reason=Reason.SAME_COUNTRY, places={"country": case.home}))
    elif not _allowed(given, case.home, journey.to, journey.receiver_id, at=at):
        why.append(Denied(reason=Reason.CONSENT_NOT_ACROSS_BORDER, places={"country": journey.to}))
    if any(departure.state in AWAITED for departure in before):
        why.append(Denied(reason=Reason.DEPARTURE_PLANNED))
    return why


def _allowed(given: Iterable[Consent], leaves: str, to: str, receiver_id: str, *, at: datetime) -> bool:
    """A consent in force names this border and this organisation: else it is not to know of anybody."""
    return any(c.organization_id == receiver_id and c.is_in_force(at=at) and c.crosses(leaves, to) for c in given)


async def of_case(tx: Tx, case_id: str, *, actor: Actor) -> tuple[DepartureView, ...]:
    """The departures of a case, the oldest first: for the person and the team."""
    case = await cases.get(tx, case_id, actor=actor)
    must(actor, Deed.DEPARTURE_READ, case)
    return tuple(view(departure) for departure in await departures.of_case(tx, case.id))


async def expected(tx: Tx, *, actor: Actor, at: datetime) -> tuple[DepartureView, ...]:
    """Who the actor's organisation expects and still may: without a consent in force for that border nobody. (R-42)"""
    if actor.organization_id is None or not isinstance(decide(actor, Deed.DEPARTURE_READ, Relation.RECEIVER), Allowed):
        return ()
    found = await departures.expected_by(tx, actor.organization_id)
    return tuple([view(departure) for departure in found if await _still_allowed(tx, departure, at=at)])


async def _still_allowed(tx: Tx, departure: Departure, *, at: datetime) -> bool:
    given = await consents.of_case(tx, departure.case_id)
    return _allowed(given, departure.leaves, departure.to, departure.receiver_id, at=at)


async def depart(tx: Tx, case_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Went | Refusal:
    """The host side saw the person leave. (R-42)"""
    case, latest, at = await _held(tx, case_id, actor=actor, at=at)
    if latest.departed_at is not None or latest.stopped_at is not None:
        return await _refused(tx, case, latest, actor=actor, at=at, secrets=secrets)
    gone = latest.model_copy(update={"departed_at": at, "departed_by": actor.id})
    await departures.save(tx, gone)
    return await _went(tx, case, gone, Kind.DEPARTED, actor=actor, at=at, secrets=secrets)


async def arrive(tx: Tx, departure_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Went | Refusal:
    """The receiving side saw the person arrive. NotFound for everybody else, and where no consent for it stands."""
    must_ever(actor, Deed.ARRIVAL_CONFIRM, Relation.RECEIVER)
    organization_id = actor.organization_id or ""
    found = await departures.expected_by(tx, organization_id, id=departure_id)
    if not found:
        raise NotFound
    case = await cases.get_locked(tx, found[0].case_id)
    found = await departures.expected_by(tx, organization_id, id=departure_id)
    at = await log.now(tx, case, at)
    if not found or not await _still_allowed(tx, found[0], at=at):
        raise NotFound
    acting = Role.PROVIDER if Role.PROVIDER in actor.roles else Role.CASE_MANAGER
    if found[0].arrived_at is not None:
        return await _refused(tx, case, found[0], actor=actor, at=at, secrets=secrets, role=acting)
    arrived = found[0].model_copy(update={"arrived_at": at, "arrived_by": actor.id})
    await departures.save(tx, arrived)
    return await _went(tx, case, arrived, Kind.ARRIVED, actor=actor, at=at, secrets=secrets, role=acting)


async def halt(tx: Tx, case_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Halted | Refusal:
    """The person did not depart: everything for that border ends at once. One call, one transaction. (R-42)

    Referrals to the country are cancelled, consents for the border end, copies close, questions end, places are given
    back, who had received something is told to stop. For another journey the person is asked anew. What was said to
    be a departure and was none is taken back so too, until the other side has seen the person.
    """
    case, latest, at = await _held(tx, case_id, actor=actor, at=at)
    if latest.state not in AWAITED:
        return await _refused(tx, case, latest, actor=actor, at=at, secrets=secrets)
    stopped = latest.model_copy(update={"stopped_at": at, "stopped_by": actor.id})
    await departures.save(tx, stopped)
    ended = [
        c
        for c in await consents.of_case(tx, case.id)
        if c.crosses(latest.leaves, latest.to) and c.state(at=at) in VALID
    ]
    for consent in ended:
        await consents.add(tx, consent, ConsentEvent(state=ConsentState.INVALIDATED, at=at, by=actor.id))
    there = [r for r in await referrals.of_case(tx, case.id) if await _is_there(tx, r.service_id, latest)]
    copies = list(await disclosures.of_case(tx, case.id, referrals=[r.id for r in there]))
    open_copies = [c.id for c in copies if c.closed_at is None]
    await disclosures.close(tx, open_copies, reason=BECAUSE, at=at)
    questions = await _end_questions(tx, case, latest, at=at)
    ids = tuple(sorted(c.id for c in ended))
    said: dict[str, Any] = {"reasons": (BECAUSE,), "basis_ids": (latest.id, *ids)}
    written = await entry(tx, case, Kind.DID_NOT_DEPART, actor=actor, at=at, secrets=secrets, **said)
    cancelled = sorted((r for r in there if r.status not in ENDED), key=lambda r: (r.service_id, r.id))
    for referral in cancelled:
        after = moved(referral, at=at, status=Status.CANCELLED, reason=BECAUSE)
        await move(tx, case, referral, after, Kind.REFERRAL_CANCELLED, actor=actor, at=at, secrets=secrets)
    notices = await _tell(tx, case, latest, copies, actor=actor, at=at, secrets=secrets)
    return Halted(
        departure=view(stopped),
        cancelled=tuple(r.id for r in cancelled),
        consent_ids=ids,
        closed=tuple(open_copies),
        enquiries=questions,
        stop_notice_ids=notices,
        entry=written,
    )


async def _is_there(tx: Tx, service_id: str, departure: Departure) -> bool:
    """A service is on the other side of the border, and not on this one too."""
    countries = (await recipients.get(tx, service_id)).countries
    return departure.to in countries and departure.leaves not in countries


async def _end_questions(tx: Tx, case: Case, departure: Departure, *, at: datetime) -> tuple[str, ...]:
    """What was asked over there without identity needs no answer any more."""
    ended = []
    for enquiry in await enquiries.of_case(tx, case.id):
        if enquiry.closed_at is None and await _is_there(tx, enquiry.service_id, departure):
            await enquiries.save(tx, enquiry.model_copy(update={"closed_at": at}))
            ended.append(enquiry.id)
    return tuple(ended)


async def _tell(
    tx: Tx, case: Case, departure: Departure, copies: Iterable[Copy], *, actor: Actor, at: datetime, secrets: Secrets
) -> tuple[str, ...]:
    """A stop notice to each organisation and purpose that had received something."""
    by: dict[tuple[str, str], set[str]] = {}
    for copy in copies:
        by.setdefault((copy.organization_id, copy.purpose), set()).add(copy.referral_id)
    notices = []
    for n, ((organization_id, purpose), referral_ids) in enumerate(sorted(by.items())):
        notice = StopNotice(
            id=f"{departure.id}-stop-{n}",
            case_id=case.id,
            organization_id=organization_id,
            purpose=purpose,
            reason=BECAUSE,
            referral_ids=tuple(sorted(referral_ids)),
            created_at=at,
            acknowledge_by=at + ANSWER_WITHIN,
        )
        await stop_notices.create(tx, notice)
        late = Timer(
            id=f"{notice.id}-late",
            job=Job.STOP_LATE,
            subject_id=notice.id,
            case_id=case.id,
            due_at=notice.acknowledge_by,
        )
        await timers.set_(tx, [late])
        told: dict[str, Any] = {"recipient": organization_id, "purpose": purpose, "basis_ids": (notice.id,)}
        await entry(tx, case, Kind.STOP_NOTICE, actor=actor, at=at, secrets=secrets, reasons=(BECAUSE,), **told)
        notices.append(notice.id)
    return tuple(notices)


async def _held(tx: Tx, case_id: str, *, actor: Actor, at: datetime) -> tuple[Case, Departure, datetime]:
    """The locked case and its latest departure, for its team. NotFound where none was planned."""
    case = await cases.get_for_update(tx, case_id, actor=actor)
    must(actor, Deed.DEPARTURE_PLAN, case)
    before = await departures.of_case(tx, case.id)
    if not before:
        raise NotFound
    return case, before[-1], await log.now(tx, case, at)


def view(departure: Departure) -> DepartureView:
    """What either side sees of it."""
    shown = departure.model_dump(include=set(DepartureView.model_fields))
    return DepartureView(**shown, state=departure.state, confirmed_by_both=departure.is_confirmed_by_both)


async def _went(
    tx: Tx,
    case: Case,
    departure: Departure,
    kind: Kind,
    *,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
    role: Role | None = None,
) -> Went:
    about: dict[str, Any] = {"recipient": departure.receiver_id, "basis_ids": (departure.id,)}
    written = await entry(tx, case, kind, actor=actor, at=at, secrets=secrets, role=role, **about)
    return Went(departure=view(departure), entry=written)


async def _refused(
    tx: Tx,
    case: Case,
    departure: Departure,
    *,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
    role: Role | None = None,
) -> Refusal:
    why = Refusal.of([Denied(reason=Reason.DEPARTURE_NOT_OPEN, places={"status": departure.state.value})])
    return await refused(tx, case, why, actor=actor, at=at, secrets=secrets, role=role)
