"""The ladder: provider, focal point, lead organisation, committee; then a decision nobody took lapses. (R-12, R-14)

Each rung is told once, in its order, with the same time between them also when the house was closed meanwhile. Where
nobody states an address, the next one is told at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from api.actions import answer_links, leases, outbox
from api.actions.case_change import new_id
from api.actions.moves import move, moved
from api.actions.timers import AS_CLOCK, CLOCK, country_of, owed_of, terms_in
from graph.model.actor import Role
from graph.model.base import Id
from graph.model.clock import Due
from graph.model.complaint import Office
from graph.model.log import Kind
from graph.model.owed import LADDER, LAPSES_AT, Owed
from graph.model.referral import Referral, Status
from graph.model.timer import Job, Rung, Timer
from graph.secrets import Secrets
from graph.seed.status_reasons import LAPSED, stands_still
from graph.store import actors, complaints, contacts, matters, stop_notices
from graph.store.contacts import Told
from graph.store.errors import NotFound
from graph.store.matters import Matter
from graph.store.network import Tx

ELSEWHERE: Final = "elsewhere"

AT_THE_PROVIDER: Final = frozenset({Rung.PROVIDER, Rung.FOCAL_POINT})
ANSWERED_BY_LINK: Final = frozenset({Due.RECEIVE, Due.DECIDE})
"""What is said by accepting or declining, which is all that a link lets do."""


@dataclass(frozen=True, slots=True)
class Means:
    """What is outside the graph: the keys, and where the committee and the data protection officers are written to."""

    secrets: Secrets
    committee: str | None = None
    officer: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A job did what it was for; `then` is what is due next about the same thing."""

    at: datetime
    then: Timer | None = None


@dataclass(frozen=True, slots=True)
class Undone:
    """A job found that it was not needed any more."""

    at: datetime
    because: str = outbox.MOVED_ON


async def remind(tx: Tx, timer: Timer, *, at: datetime, means: Means) -> Done | Undone:
    """Tell the next rung that an answer is late, and let the one after it be due; after the last one only a decision lapses."""
    matter = await _matter(tx, timer)
    at = matter.now(at)
    late = _owed(matter, timer.clock)
    if late is None:
        return Undone(at)
    whom = await _ladder(tx, matter.referral, means)
    about: dict[str, Any] = {"about": matter.referral.id, "country": country_of(matter), "clock": timer.clock, "at": at}
    rungs = list(LADDER)
    left = rungs[rungs.index(timer.rung or Rung.PROVIDER) :]
    told = left[-1]
    for rung in left:
        id = new_id()
        answers = await _by_link(tx, matter, whom[rung], rung, late.due, id, at=at, secrets=means.secrets)
        if await outbox.put(tx, whom[rung], f"remind-{rung.value}", rung=rung, id=id, answers=answers, **about):
            told = rung
            break
    return Done(at, _after(timer, late, told, at=at))


async def _by_link(
    tx: Tx, matter: Matter, told: Told, rung: Rung, owed: Due, id: Id, *, at: datetime, secrets: Secrets
) -> bool:
    """Whether a mail to a provider in which nobody can sign in holds a link by which it answers; made here, if so. (R-12)

    Only where the answer is one that a link can give, and never where `answer_links` makes none: then the mail leads to
    the page that asks who you are, as everybody's does.
    """
    if told.to is None or rung not in AT_THE_PROVIDER or owed not in ANSWERED_BY_LINK:
        return False
    if matter.referral.responder_id in await actors.organizations_holding(tx, Role.PROVIDER):
        return False
    secret = answer_links.mailed(id, secrets)
    made = await answer_links.make(
        tx, matter.case, matter.referral, actor=CLOCK, role=AS_CLOCK, at=at, secrets=secrets, secret=secret
    )
    return made is not None


def _after(timer: Timer, late: Owed, told: Rung, *, at: datetime) -> Timer | None:
    """What is due after a rung: at its instant, or with the same time in between where this one came too late."""
    rungs = list(LADDER)
    here = rungs.index(told)
    fresh: dict[str, Any] = {"tries": 0, "leased_by": None, "leased_until": None}
    if here + 1 < len(rungs):
        following = rungs[here + 1]
        part, fresh["rung"] = LADDER[following], following
    elif late.due is Due.DECIDE:
        part, fresh["rung"], fresh["job"] = LAPSES_AT, None, Job.LAPSE
    else:
        return None
    planned, gap = late.at(part), late.at(part) - late.at(LADDER[told])
    fresh["due_at"] = planned if at <= planned - gap / 2 else at + gap
    return timer.model_copy(update=fresh)


async def lapse(tx: Tx, timer: Timer, *, at: datetime, means: Means) -> Done | Undone:
    """Nobody decided, after all reminders: cancelled by the clock with all that follows from it, and the sender is told. (R-07, R-14)"""
    matter = await _matter(tx, timer)
    case, referral, at = matter.case, matter.referral, matter.now(at)
    if _owed(matter, Due.DECIDE.value) is None:
        return Undone(at)
    after = moved(referral, at=at, status=Status.CANCELLED, reason=LAPSED)
    await move(
        tx, case, referral, after, Kind.REFERRAL_CANCELLED, actor=CLOCK, role=AS_CLOCK, at=at, secrets=means.secrets
    )
    sender = Told(referral.requester_id, await contacts.email_of(tx, referral.requester_id))
    await outbox.put(tx, sender, LAPSED, about=referral.id, country=case.country, at=at)
    return Done(at)


async def hold_ends(tx: Tx, timer: Timer, *, at: datetime, means: Means) -> Done | Undone:
    """A referral is on hold for longer than a report may take: whose turn it is, is told. (R-12)"""
    matter = await _matter(tx, timer)
    referral, at = matter.referral, matter.now(at)
    if referral.status is not Status.ON_HOLD:
        return Undone(at)
    if stands_still(referral):
        whom = Told(referral.requester_id, await contacts.email_of(tx, referral.requester_id))
    else:
        whom = (await _ladder(tx, referral, means))[Rung.PROVIDER]
    await outbox.put(tx, whom, "hold-end", about=referral.id, country=country_of(matter), at=at)
    return Done(at)


async def stop_is_late(tx: Tx, timer: Timer, *, at: datetime, means: Means) -> Done | Undone:
    """A stop notice that nobody acknowledged in time: the organisation and the committee are told. (R-20)"""
    notice = await stop_notices.find(tx, timer.subject_id)
    if notice.acknowledged_at is not None:
        return Undone(at)
    whom = await contacts.of(
        tx, organization_id=notice.organization_id, service_id=None, sop_id=None, committee=means.committee
    )
    for rung in (Rung.FOCAL_POINT, Rung.COMMITTEE):
        await outbox.put(tx, whom[rung], "stop-late", about=notice.id, country="", at=at, rung=rung)
    return Done(at)


async def complaint_is_late(tx: Tx, timer: Timer, *, at: datetime, means: Means) -> Done | Undone:
    """A complaint that the committee did not answer in time: it is told, without a word of it. (R-50)

    One that is another office's is not written to the committee's address, and neither is one about an organisation that
    sits on the committee: who is told of a late one and finds none in their list knows that it is about them. Those who
    deal with it find it late in theirs.
    """
    complaint = (await complaints.get(tx, timer.subject_id)).complaint
    if complaint.answered_at is not None:
        return Undone(at)
    theirs = await complaints.organizations_holding(tx, Role.COMMITTEE)
    if complaint.office is not Office.COMMITTEE or complaint.about_id in theirs:
        return Undone(at, ELSEWHERE)
    await outbox.put(tx, Told(None, means.committee), "complaint-due", about=complaint.id, country="", at=at)
    return Done(at)


async def lease_ends(tx: Tx, timer: Timer, *, at: datetime, means: Means) -> Done | Undone:
    """A place on which nobody decided is free again. (R-06, R-12)"""
    return Done(at) if await leases.lapse(tx, timer.subject_id, at=at) else Undone(at)


async def _matter(tx: Tx, timer: Timer) -> Matter:
    if timer.case_id is None:
        raise NotFound
    return await matters.get(tx, timer.case_id, timer.subject_id, actor=None)


def _owed(matter: Matter, clock: str | None) -> Owed | None:
    return next((one for one in owed_of(matter.referral, terms_in(matter)) if one.due.value == clock), None)


async def _ladder(tx: Tx, referral: Referral, means: Means) -> Mapping[Rung, Told]:
    return await contacts.of(
        tx,
        organization_id=referral.responder_id,
        service_id=referral.service_id,
        sop_id=referral.sop_id,
        committee=means.committee,
    )
