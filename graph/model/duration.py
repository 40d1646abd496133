"""Durations as the SOP states them (ISO 8601), taken apart: months stay months, and days can be counted as worked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from dateutil.relativedelta import relativedelta

ISO: Final = re.compile(r"^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$")


@dataclass(frozen=True, slots=True)
class Duration:
    """One duration in its parts; a part that was not said is 0."""

    years: int
    months: int
    weeks: int
    days: int
    hours: int
    minutes: int
    seconds: int

    @property
    def by_calendar(self) -> relativedelta:
        """The parts that a calendar counts."""
        return relativedelta(years=self.years, months=self.months, weeks=self.weeks, days=self.days)

    @property
    def by_clock(self) -> timedelta:
        """The parts that pass in real time, whatever the wall clock does."""
        return timedelta(hours=self.hours, minutes=self.minutes, seconds=self.seconds)


def parse(duration: str) -> Duration:
    """`P1M`, `P2W`, `PT72H`, … ValueError for anything else."""
    found = ISO.match(duration)
    if found is None or not any(found.groups()):
        raise ValueError("not a duration of ISO 8601")
    return Duration(*(int(part or 0) for part in found.groups()))
