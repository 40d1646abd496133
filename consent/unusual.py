"""When somebody reads the data of unusually many people: an hour no work fills, or a day unlike their own days. (R-21)

Pure: looks and the instant are handed over. It says that reading is unusual, never that it is wrong: an officer asks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from graph.model.alert import Look, Unusual

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(hours=24)

PER_HOUR: Final = 60
"""More different people than this within any hour are unusual, whoever reads."""

TIMES: Final = 3
"""More than so many times one's own median day is unusual."""

DAYS: Final = 30
"""How many days before this one tell what somebody's days are like; days without a look are no working days."""

KNOWN_FROM: Final = 5
"""So many working days make a habit. Whoever has fewer is taken to read `AT_FIRST` a day."""

AT_FIRST: Final = 10

LEAST: Final = 10
"""So few people in a day are never unusual: three times one is four, and says nothing."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What somebody's reading amounts to, and every reason for which it is unusual; none: it is not."""

    persons: int
    hour: int
    usual: int
    why: frozenset[Unusual]


def judge(looks: Iterable[Look], *, at: datetime, since: datetime | None = None) -> Reading:
    """The last 24 hours of one reader against an hour's bound and against their own thirty days before. (R-21)

    What was read up to `since` has been looked into already: it counts for the habit, and no more for an alert.
    """
    recent: list[Look] = []
    days: dict[int, set[str]] = {}
    for look in looks:
        age = at - look.at
        if age < timedelta(0):
            continue
        if age < DAY:
            if since is None or look.at > since:
                recent.append(look)
        elif (number := age // DAY) <= DAYS:
            days.setdefault(number, set()).add(look.whose)
    persons, hour = len({look.whose for look in recent}), busiest_hour(recent)
    usual = habit([len(people) for people in days.values()])
    why = set()
    if hour > PER_HOUR:
        why.add(Unusual.IN_AN_HOUR)
    if persons > max(LEAST, TIMES * usual):
        why.add(Unusual.OWN_HABIT)
    return Reading(persons, hour, usual, frozenset(why))


def habit(days: list[int]) -> int:
    """How many people somebody reads on a working day of theirs: the median, or what everybody starts with."""
    return int(median(days)) if len(days) >= KNOWN_FROM else AT_FIRST


def busiest_hour(looks: Iterable[Look]) -> int:
    """The most different people within any sixty minutes."""
    window: deque[Look] = deque()
    seen: dict[str, int] = {}
    most = 0
    for look in sorted(looks, key=lambda one: one.at):
        window.append(look)
        seen[look.whose] = seen.get(look.whose, 0) + 1
        while look.at - window[0].at >= HOUR:
            gone = window.popleft().whose
            seen[gone] -= 1
            if not seen[gone]:
                del seen[gone]
        most = max(most, len(seen))
    return most
