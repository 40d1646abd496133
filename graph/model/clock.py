"""By when a provider is to answer: real time for what cannot wait, working time for the rest. (R-12)

Instants come in and go out in UTC; days are those of the provider's place. Which days are holidays is handed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from graph.model.duration import parse
from graph.model.sop import Clocks, Priority


class Due(StrEnum):
    """What a provider owes, each with a clock of its own."""

    RECEIVE = "receive"
    DECIDE = "decide"
    START = "start"
    REPORT = "report"


DECIDE_WITHIN: Final[dict[Priority, str]] = {"emergency": "PT24H", "urgent": "PT72H", "normal": "P2W"}
"""How long a decision may take unless the SOP says otherwise. (design §4)"""

USUAL: Final[dict[Due, str]] = {Due.RECEIVE: "P2D", Due.START: "P2W", Due.REPORT: "P1M"}
"""The other clocks where the SOP is silent, in working time."""

WORKED_IN_A_WEEK: Final = 5


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The calendar of a place: its time zone, the days of the week nobody works, and its holidays."""

    zone: ZoneInfo
    holidays: frozenset[date] = frozenset()
    weekend: frozenset[int] = frozenset({5, 6})

    def is_working(self, day: date) -> bool:
        """Neither weekend nor holiday."""
        return day.weekday() not in self.weekend and day not in self.holidays

    def after(self, day: date) -> date:
        """The next working day."""
        day += timedelta(days=1)
        while not self.is_working(day):
            day += timedelta(days=1)
        return day


def allowance(clocks: Clocks, due: Due, priority: Priority) -> tuple[str, bool]:
    """How long for this answer, and whether in working time: the SOP's word first, then what is usual.

    What is urgent runs in real time, and so does whatever is stated in hours.
    """
    stated: str | None = getattr(clocks, due.value)
    said = stated or (DECIDE_WITHIN[priority] if due is Due.DECIDE else USUAL[due])
    return said, priority == "normal" and "T" not in said


def deadline(start: datetime, clocks: Clocks, due: Due, priority: Priority, calendar: WorkingDays) -> datetime:
    """The instant (UTC) after which this answer is late. (R-12)"""
    said, working = allowance(clocks, due, priority)
    return add_working(start, said, calendar) if working else add_real(start, said, calendar.zone)


def add_real(start: datetime, duration: str, zone: ZoneInfo) -> datetime:
    """Later by this much: days and months by the wall clock of the place, hours and less as they pass."""
    span = parse(duration)
    return _instant(start.astimezone(zone) + span.by_calendar) + span.by_clock


def add_working(start: datetime, duration: str, calendar: WorkingDays) -> datetime:
    """The same time of day so many working days later; what begins on a free day begins with the next working one.

    A week is five worked days. Months are the calendar's, and end on a working day.
    """
    span = parse(duration)
    at = start.astimezone(calendar.zone)
    day = at.date()
    if not calendar.is_working(day):
        day, at = calendar.after(day), at.replace(hour=0, minute=0, second=0, microsecond=0)
    for _ in range(WORKED_IN_A_WEEK * span.weeks + span.days):
        day = calendar.after(day)
    if span.months or span.years:
        day += relativedelta(years=span.years, months=span.months)
        day = day if calendar.is_working(day) else calendar.after(day)
    return _instant(at.replace(year=day.year, month=day.month, day=day.day, fold=0)) + span.by_clock


def _instant(wall: datetime) -> datetime:
    return wall.astimezone(UTC)
