"""Where the network fails people: unmet needs and supply, by need and department. (R-06, R-07)

Pure: counts come in, a matrix goes out. Which numbers may be published is not decided here (`consent`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from graph.model.base import Code


class Supply(StrEnum):
    """What the directory has for a need in a department, from worst to best."""

    MISSING = "missing"
    PART_ONLY = "part-only"
    FULL = "full"
    THERE = "there"


@dataclass(frozen=True, slots=True)
class Unmet:
    """How often a need of one type was unmet in one department for one reason."""

    service_type: str
    department: str
    reason: Code
    """Of our own list, or a coded reason for which a referral ended."""
    near_miss: bool
    asked: int
    month: str = ""
    """in which it was seen last, as `2026-11`"""


@dataclass(frozen=True, slots=True)
class Offered:
    """Active services that reach a department: covering all of it, covering a part, and those without places."""

    whole: int = 0
    part: int = 0
    full: int = 0
    places: float | None = None
    """that fall to it (`matching.coverage`); None: nobody who reaches it says how many"""

    @property
    def supply(self) -> Supply:
        """The state in one word."""
        if not self.whole and not self.part:
            return Supply.MISSING
        if self.full >= self.whole + self.part:
            return Supply.FULL
        return Supply.THERE if self.whole else Supply.PART_ONLY


@dataclass(frozen=True, slots=True)
class Cell:
    """One need in one department."""

    unmet: int
    near: int
    main_reason: Code | None
    offered: Offered


def row_of(service_type: str, lineage: Callable[[str], tuple[str, ...]]) -> str:
    """The row of the matrix: the second level of the taxonomy; one grain only, so that no two tables can be subtracted."""
    line = lineage(service_type)
    return line[-2] if len(line) > 1 else line[-1]


def matrix(
    rows: Iterable[str],
    columns: Iterable[str],
    unmet: Iterable[Unmet],
    offered: Mapping[tuple[str, str], Offered],
    *,
    lineage: Callable[[str], tuple[str, ...]],
) -> dict[tuple[str, str], Cell]:
    """Every (row, department) with its demand, what mostly stood in the way, and the supply beside it. (R-07)"""
    asked: Counter[tuple[str, str]] = Counter()
    near: Counter[tuple[str, str]] = Counter()
    reasons: defaultdict[tuple[str, str], Counter[Code]] = defaultdict(Counter)
    for one in unmet:
        at = (row_of(one.service_type, lineage), one.department)
        asked[at] += one.asked
        reasons[at][one.reason] += one.asked
        if one.near_miss:
            near[at] += one.asked
    found = {}
    columns = tuple(columns)
    for row in rows:
        for column in columns:
            at = (row, column)
            main = max(reasons[at], key=lambda r: (reasons[at][r], r)) if at in reasons else None
            found[at] = Cell(asked[at], near[at], main, offered.get(at, Offered()))
    return found
