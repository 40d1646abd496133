"""The day of an organisation that receives: its referrals with their clocks, what it must stop, what it was asked. (R-12, R-20)

Nothing of a person is in it: field names of what was shared, never a value. Opening is `disclosures`, answering `steps`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from api.actions import departures, enquiries, stopping
from api.actions.departures import DepartureView
from api.actions.enquiries import Queued
from api.actions.referral_view import RunningClock
from api.actions.timers import owed_of
from consent.access import Allowed, Deed, Relation, decide
from graph.model.actor import Actor, Role
from graph.model.base import Code, Id, Model
from graph.model.consent import Stage
from graph.model.directory import Organization, Service
from graph.model.enquiry import LISTENING
from graph.model.referral import OPEN, BusinessStatus, Referral, Status
from graph.model.sop import Priority
from graph.model.stop_notice import StopNotice
from graph.seed import catalogue
from graph.seed.status_reasons import stands_still
from graph.store import clocks, disclosures, organizations, services
from graph.store.clocks import Clocked
from graph.store.disclosures import Received
from graph.store.errors import NotFound
from graph.store.network import Tx

FAR: Final = datetime.max.replace(tzinfo=UTC)


class CopyReceived(Model):
    """That a copy was received, at which stage, with which fields by name, and whether it can still be read."""

    stage: Stage
    sent_at: datetime
    readable_until: datetime
    fields: tuple[Code, ...]
    is_closed: bool


class InQueue(Model):
    """One open referral as its receiver's list shows it."""

    id: Id
    service_id: Id
    requester_id: Id
    purpose: Code
    status: Status
    business_status: BusinessStatus | None = None
    priority: Priority
    sent_at: datetime
    scheduled_at: datetime | None = None
    waiting: bool = False
    """Sent as a request for the waiting list."""
    copies: tuple[CopyReceived, ...] = ()
    clocks: tuple[RunningClock, ...] = ()
    stands_still: bool = False
    together: tuple[Id, ...] = ()
    """Others of one household that came with it and are open too."""

    @property
    def due_at(self) -> datetime | None:
        """The next instant by which something is owed."""
        return min((clock.due_at for clock in self.clocks), default=None)

    @property
    def is_late(self) -> bool:
        """Something owed did not come in time."""
        return any(clock.is_late for clock in self.clocks)


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for an organisation, and the entries of the directory that it names."""

    referrals: tuple[InQueue, ...]
    """The late ones first, then by when something is owed; those of a household beside each other."""
    notices: tuple[StopNotice, ...]
    enquiries: tuple[Queued, ...]
    """Questions that an answer still counts for, the unanswered first."""
    arrivals: tuple[DepartureView, ...]
    services: Mapping[str, Service]
    organizations: Mapping[str, Organization]


def seen_by_provider(fields: tuple[str, ...]) -> tuple[str, ...]:
    """Of the fields of a copy, those that a provider ever reads."""
    known = catalogue.fields()
    return tuple(f for f in fields if f in known and Role.PROVIDER in known[f].seen_by and known[f].may_be_sent)


def copy_received(copy: Received, referral: Referral, *, at: datetime) -> CopyReceived:
    """A copy as its receiver may know of it without opening it: a closed one by its date alone."""
    is_closed = copy.closed_at is not None or at >= copy.readable_until or referral.status not in OPEN
    return CopyReceived(
        stage=copy.stage,
        sent_at=copy.sent_at,
        readable_until=copy.readable_until,
        fields=() if is_closed else seen_by_provider(copy.fields),
        is_closed=is_closed,
    )


async def read(tx: Tx, *, actor: Actor, at: datetime) -> Queue:
    """All that waits for the actor's organisation. Empty for whoever does not work for one that receives. (R-25)"""
    waiting = await referrals_of(tx, actor=actor, at=at)
    notices = await stopping.notices_to(tx, actor=actor)
    asked = await questions_to(tx, actor=actor, at=at)
    arrivals = await departures.expected(tx, actor=actor, at=at)
    named = {r.service_id for r in waiting} | {q.service_id for q in asked}
    return Queue(
        referrals=waiting,
        notices=tuple(notices),
        enquiries=asked,
        arrivals=arrivals,
        services=await services.get(tx, named),
        organizations=await organizations.get(tx, {r.requester_id for r in waiting}),
    )


async def referrals_of(tx: Tx, *, actor: Actor, at: datetime) -> tuple[InQueue, ...]:
    """The open referrals that the actor's organisation received, in the order in which they want an answer."""
    if not _receives(actor, Deed.REFERRAL_READ):
        return ()
    found = await clocks.received(tx, organization_id=actor.organization_id, statuses=OPEN)
    copies: dict[str, list[Received]] = {}
    for copy in await disclosures.received(tx, [c.referral.id for c in found], organization_id=actor.organization_id):
        copies.setdefault(copy.referral_id, []).append(copy)
    households: dict[str, list[str]] = {}
    for one in found:
        if one.referral.together_id:
            households.setdefault(one.referral.together_id, []).append(one.referral.id)
    rows = [_in_queue(one, copies.get(one.referral.id, []), households, at=at) for one in found]
    return in_order(rows)


async def questions_to(tx: Tx, *, actor: Actor, at: datetime) -> tuple[Queued, ...]:
    """What the actor's organisation was asked without identity and may still answer, the unanswered first."""
    if not _receives(actor, Deed.ENQUIRY_ANSWER):
        return ()
    found: list[Queued] = []
    after = ""
    while page := await enquiries.queue(tx, actor=actor, at=at, after=after, limit=MOST_ASKED):
        found += [question for question in page if question.state in LISTENING]
        after = page[-1].id
        if len(page) < MOST_ASKED:
            break
    return tuple(sorted(found, key=lambda q: (q.answer is not None, q.expires_at, q.id)))


MOST_ASKED: Final = 200


@dataclass(frozen=True, slots=True)
class Questions:
    """What may still be answered, with the services that were asked."""

    asked: tuple[Queued, ...]
    services: Mapping[str, Service]


async def questions(tx: Tx, *, actor: Actor, at: datetime) -> Questions:
    """The questions to the actor's organisation. (R-10)"""
    found = await questions_to(tx, actor=actor, at=at)
    return Questions(found, await services.get(tx, {question.service_id for question in found}))


async def question(tx: Tx, enquiry_id: str, *, actor: Actor, at: datetime) -> Queued:
    """One of them. NotFound for another organisation's, as for none."""
    found = next((q for q in await questions_to(tx, actor=actor, at=at) if q.id == enquiry_id), None)
    if found is None:
        raise NotFound
    return found


def _receives(actor: Actor, deed: Deed) -> bool:
    works = Role.PROVIDER in actor.roles and actor.organization_id is not None
    return works and isinstance(decide(actor, deed, Relation.RECEIVER), Allowed)


def _in_queue(one: Clocked, copies: list[Received], households: Mapping[str, list[str]], *, at: datetime) -> InQueue:
    referral = one.referral
    running = tuple(
        RunningClock(clock=o.due, since=o.since, due_at=o.by, is_late=o.is_late(at=at))
        for o in owed_of(referral, one.terms)
    )
    others = households.get(referral.together_id or "", [])
    facts = referral.model_dump(include=set(InQueue.model_fields))
    return InQueue(
        **facts,
        priority=one.terms.priority,
        copies=tuple(copy_received(copy, referral, at=at) for copy in copies),
        clocks=running,
        stands_still=stands_still(referral),
        together=tuple(id for id in others if id != referral.id),
    )


def in_order(rows: list[InQueue]) -> tuple[InQueue, ...]:
    """By lateness and due date; a household stands where its first member does."""
    ranked = {row.id: (not row.is_late, row.due_at or FAR, row.sent_at, row.id) for row in rows}

    def first(row: InQueue) -> tuple[bool, datetime, datetime, str]:
        return min(ranked[id] for id in (row.id, *row.together))

    return tuple(sorted(rows, key=lambda row: (first(row), ranked[row.id])))
