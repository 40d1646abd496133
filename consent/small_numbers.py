"""How few people a published number may be about. (R-21, R-26, design §9)

A count below k is hidden. A total over hidden counts is never published: only the sum of what is shown, said as
"at least". So nothing can be worked back from totals, because no total knows more than the cells beside it.
`tests/consent` attacks it by linear programming.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

K: Final = 5
K_SENSITIVE: Final = 10

SENSITIVE: Final = ("social.health", "social.children", "psychosocial.trafficking", "psychosocial.mental-health")
"""Service types, with all below and above them, that tell more about a person than others do."""


def least(service_type: str, lineage: Sequence[str], below: Sequence[str]) -> int:
    """The k of a table row: the larger one where the row holds anything sensitive."""
    return K_SENSITIVE if any(t in SENSITIVE for t in (service_type, *lineage, *below)) else K


@dataclass(frozen=True, slots=True)
class Shown:
    """A count as it may be published. `number` is None where it is hidden; a total says whether more is hidden."""

    number: int | None
    at_least: bool = False

    @property
    def is_hidden(self) -> bool:
        """Whether there is something that is not told."""
        return self.number is None


def shown(count: int, k: int) -> Shown:
    """The count, or hidden when it is about at least one and fewer than k."""
    return Shown(None) if 0 < count < k else Shown(count)


def part_shown(part: int, whole: int, k: int) -> Shown:
    """A part of a count: hidden too when the rest would be small enough to be worked out."""
    if shown(whole, k).is_hidden or 0 < whole - part < k:
        return Shown(None)
    return shown(part, k)


def total(cells: Sequence[Shown]) -> Shown:
    """The sum of what is shown; `at_least` where something is hidden."""
    return Shown(sum(c.number for c in cells if c.number is not None), at_least=any(c.is_hidden for c in cells))


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it may be published: cells by (row, column), and totals that know no more than the cells."""

    cells: Mapping[tuple[str, str], Shown]
    rows: Mapping[str, Shown]
    columns: Mapping[str, Shown]
    all: Shown


def publish(
    counts: Mapping[tuple[str, str], int], rows: Sequence[str], columns: Sequence[str], k_of: Mapping[str, int]
) -> Table:
    """Every cell of the table shown or hidden, with totals of what is shown."""
    cells = {(r, c): shown(counts.get((r, c), 0), k_of[r]) for r in rows for c in columns}
    return Table(
        cells,
        {r: total([cells[r, c] for c in columns]) for r in rows},
        {c: total([cells[r, c] for r in rows]) for c in columns},
        total(list(cells.values())),
    )
