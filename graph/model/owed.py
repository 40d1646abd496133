"""What a provider owes in a referral's state, by when, and when whom to tell that it did not come. (R-12, R-14)

Pure: a referral, the clocks of its SOP, its need's priority and the calendar of the place come in. What is done at those
instants is `api.actions.due`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from graph.model.clock import Due, WorkingDays, allowance, deadline
from graph.model.referral import BusinessStatus, Referral, Status
from graph.model.sop import Clocks, Priority
from graph.model.timer import Rung

LADDER: Final[Mapping[Rung, float]] = {
    Rung.PROVIDER: 0.5,
    Rung.FOCAL_POINT: 1.0,
    Rung.LEAD: 1.25,
    Rung.COMMITTEE: 1.5,
}
"""Who is told after which part of the time allowed, in this order."""

LAPSES_AT: Final = 2.0
"""After twice the time allowed a decision that nobody took is taken by the clock."""


@dataclass(frozen=True, slots=True)
class Terms:
    """By what the clocks of a referral are told."""

    clocks: Clocks
    priority: Priority
    calendar: WorkingDays


@dataclass(frozen=True, slots=True)
class Owed:
    """One answer that is owed now."""

    due: Due
    since: datetime
    by: datetime
    terms: Terms

    def at(self, part: float) -> datetime:
        """The instant at which this part of the time allowed has passed; in working time on a working day."""
        _, is_working = allowance(self.terms.clocks, self.due, self.terms.priority)
        if part == 1 or not is_working:
            return self.since + (self.by - self.since) * part
        return _worked(self.since, self.by, part, self.terms.calendar)

    def is_late(self, *, at: datetime) -> bool:
        """The instant by which it was due has passed."""
        return at > self.by


def owed(referral: Referral, terms: Terms, *, stands_still: bool) -> tuple[Owed, ...]:
    """What the responder owes now, in the order of the clocks. Nothing of a draft and of what has ended.

    `stands_still`: it is on hold because the sender has to bring something; then the provider owes nothing, and nothing either
    once the person took their consent back while the service ran: nobody is asked to tell more of them. Whoever put a
    referral on the waiting list has answered for now, and says again within the time of a report.
    """
    if stands_still or referral.asked_at is not None:
        return ()
    starts: dict[Due, datetime | None] = {}
    is_waiting = referral.business_status is BusinessStatus.WAITING_LIST
    if referral.status is Status.REQUESTED:
        starts[Due.RECEIVE] = None if referral.received_at else referral.sent_at
        starts[Due.DECIDE] = None if is_waiting else referral.sent_at
        starts[Due.REPORT] = referral.received_at if is_waiting else None
    elif referral.status in {Status.ACCEPTED, Status.IN_PROGRESS, Status.ON_HOLD}:
        starts[Due.START] = None if referral.started_at else referral.decided_at
        starts[Due.REPORT] = referral.started_at and (referral.reported_at or referral.started_at)
    still = timedelta(seconds=referral.still_seconds)
    found = []
    for due, start in starts.items():
        if start is not None:
            since = start + still
            by = deadline(since, terms.clocks, due, terms.priority, terms.calendar)
            found.append(Owed(due, since, by, terms))
    return tuple(found)


def held_until(referral: Referral, terms: Terms) -> datetime | None:
    """Until when a hold may last before somebody is asked: as long as a report may take. None: it is not on hold."""
    if referral.status is not Status.ON_HOLD or referral.held_at is None:
        return None
    return deadline(referral.held_at, terms.clocks, Due.REPORT, terms.priority, terms.calendar)


def _worked(since: datetime, by: datetime, part: float, calendar: WorkingDays) -> datetime:
    """So much of the working days between two instants, from the first on; what is left of a day runs in hours."""
    start, end = since.astimezone(calendar.zone), by.astimezone(calendar.zone)
    day = start.date()
    if not calendar.is_working(day):
        day, start = calendar.after(day), start.replace(hour=0, minute=0, second=0, microsecond=0)
    days, counted = 0, day
    while counted < end.date():
        counted = calendar.after(counted)
        days += 1
    if not days:
        return since + (by - since) * part
    whole, rest = divmod(days * part, 1)
    for _ in range(int(whole)):
        day = calendar.after(day)
    wall = start.replace(year=day.year, month=day.month, day=day.day, fold=0) + timedelta(days=rest)
    if not calendar.is_working(wall.date()):
        free = calendar.after(wall.date())
        wall = wall.replace(year=free.year, month=free.month, day=free.day)
    return wall.astimezone(since.tzinfo)
