"""What became of referrals, counted: ends, days between steps, groups. (R-51, R-35)

Pure: rows without anybody's id come in, counts go out. Which of them may be told is not decided here (`consent`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from statistics import median
from typing import Final

from graph.model.referral import Outcome, Status


class End(StrEnum):
    """What became of a referral, as far as is known: the person's word counts before anybody else's."""

    CONFIRMED = "confirmed"
    """the person says that they were served, or partly"""
    DENIED = "denied"
    """the person says that they were not"""
    SILENT = "silent"
    """it ended, and nobody has asked the person"""
    RUNNING = "running"
    DECLINED = "declined"
    CANCELLED = "cancelled"


ENDED: Final = (End.CONFIRMED, End.DENIED, End.SILENT)
"""Where a service was given, or said to be: what the person's word is asked of."""


class Stretch(StrEnum):
    """From one step to the next, and the whole way."""

    SENDING = "sending"
    """from the need to the sending"""
    RECEIVING = "receiving"
    DECIDING = "deciding"
    STARTING = "starting"
    ALL = "all"
    """from the need to the first service"""


@dataclass(frozen=True, slots=True)
class Life:
    """One referral without a name or a number."""

    department: str
    gender: str | None
    age_band: str | None
    status: Status
    person_outcome: Outcome | None
    against_data: bool
    without_consent: bool
    agreed_at: datetime | None
    sent_at: datetime
    received_at: datetime | None
    decided_at: datetime | None
    started_at: datetime | None

    @property
    def end(self) -> End:
        """What became of it."""
        if self.person_outcome is not None:
            return End.DENIED if self.person_outcome is Outcome.NOT_SERVED else End.CONFIRMED
        if self.status is Status.REJECTED:
            return End.DECLINED
        if self.status is Status.CANCELLED:
            return End.CANCELLED
        return End.SILENT if self.status in {Status.COMPLETED, Status.FAILED} else End.RUNNING

    def took(self, stretch: Stretch) -> tuple[datetime, float] | None:
        """When a stretch of its way ended, and after how many days; None where an end of it is missing."""
        ends = {
            Stretch.SENDING: (self.agreed_at, self.sent_at),
            Stretch.RECEIVING: (self.sent_at, self.received_at),
            Stretch.DECIDING: (self.sent_at, self.decided_at),
            Stretch.STARTING: (self.decided_at, self.started_at),
            Stretch.ALL: (self.agreed_at, self.started_at),
        }
        first, last = ends[stretch]
        return None if first is None or last is None else (last, max(0.0, (last - first).total_seconds() / 86400))


Group = tuple[str, str]
"""What people are told apart by (`gender`, `age-band`), and the code of one group; nothing: not stated."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Everything that was counted, exact."""

    ends: Counter[tuple[str, End]] = field(default_factory=Counter)
    """by department"""
    against_data: int = 0
    without_consent: int = 0
    groups: Counter[tuple[Group, bool]] = field(default_factory=Counter)
    """of what ended, by group and whether the person confirmed it"""
    days: dict[Stretch, tuple[int, float]] = field(default_factory=dict)
    """how many referrals a stretch was measured on, in whole steps, and its median in days"""


def count(lives: Iterable[Life], *, until: datetime, step: int) -> Counts:
    """The referrals as numbers. (R-51)

    Days are measured where a stretch ended before `until`, on the earliest of them in whole steps: a median stands still
    while less than a step of people was added, and moves by none of them alone.
    """
    every = list(lives)
    ends = Counter((life.department, life.end) for life in every)
    groups: Counter[tuple[Group, bool]] = Counter()
    for life in every:
        if life.end in ENDED:
            for group in (("gender", life.gender or ""), ("age-band", life.age_band or "")):
                groups[group, life.end is End.CONFIRMED] += 1
    days = {}
    for stretch in Stretch:
        ended = sorted(found for life in every if (found := life.took(stretch)) is not None and found[0] < until)
        measured = [long for _, long in ended[: len(ended) - len(ended) % step]]
        if measured:
            days[stretch] = (len(measured), float(median(measured)))
    return Counts(
        ends=ends,
        against_data=sum(life.against_data and life.end is End.DECLINED for life in every),
        without_consent=sum(life.without_consent for life in every),
        groups=groups,
        days=days,
    )


def middle(values: Sequence[float]) -> float | None:
    """The median; None of nothing."""
    return float(median(values)) if values else None
