"""How few people a published number may be about. (R-21, R-26, design §9)

A count below k is not told, and no other number from which it could be worked out: totals are true, so further cells
are kept back until a solver finds that every small one could be k more than a small one is (`consent.worked_out`). A table that
fails this audit is not published but coarsened. Counts are told in steps, so that who looks every day sees no single
person come. `tests/consent` attacks all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from consent.worked_out import Cell, Sum, Told, exposed, to_untell

K: Final = 5
K_SENSITIVE: Final = 10

STEP: Final = 5
"""Counts of a table that is read while it grows are told as 5+, 10+, 15+."""

SENSITIVE: Final = ("social.health", "social.children", "psychosocial.trafficking", "psychosocial.mental-health")
"""Service types, with all below and above them, that tell more about a person than others do."""


def least(service_type: str, lineage: Sequence[str], below: Sequence[str]) -> int:
    """The k of a table row: the larger one where the row holds anything sensitive."""
    return K_SENSITIVE if any(t in SENSITIVE for t in (service_type, *lineage, *below)) else K


@dataclass(frozen=True, slots=True)
class Shown:
    """A count as it may be published. `number` is None where it is not told; `at_least`: it is this or a little more."""

    number: int | None
    at_least: bool = False

    @property
    def is_hidden(self) -> bool:
        """Whether it is not told: about few people, or others could be worked out from it."""
        return self.number is None


HIDDEN: Final = Shown(None)


def shown(count: int, k: int) -> Shown:
    """The count, or hidden when it is about at least one and fewer than k."""
    return HIDDEN if 0 < count < k else Shown(count)


def stepped(count: int) -> Shown:
    """A count in steps: nothing is nothing, and everything else is so many or a few more."""
    return Shown(count - count % STEP, at_least=True) if count else Shown(0)


def part_shown(part: int, whole: int, k: int) -> Shown:
    """A part of a count: hidden too when the rest would be small enough to be worked out."""
    if shown(whole, k).is_hidden or 0 < whole - part < k:
        return HIDDEN
    return shown(part, k)


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it may be published: cells by (row, column), true totals, and whatever was counted beside them."""

    cells: Mapping[tuple[str, str], Shown]
    rows: Mapping[str, Shown]
    columns: Mapping[str, Shown]
    all: Shown
    beside: Mapping[Cell, Shown] = field(default_factory=dict)
    coarsened: bool = False
    """The audit found a small number, so that only totals of rows are told."""


def column_of(table: Table, column: str) -> Table:
    """One column of a table as it is told to everybody: whoever reads it beside the whole learns nothing more. (R-52)"""
    cells = {at: told for at, told in table.cells.items() if at[1] == column}
    rows = {row: told for (row, _), told in cells.items()}
    total = table.columns[column]
    return Table(cells, rows, {column: total}, total, coarsened=table.coarsened)


def row_total(row: str) -> Cell:
    """The cell of a row's total."""
    return (row, "")


def column_total(column: str) -> Cell:
    """The cell of a column's total."""
    return ("", column)


TOTAL: Final[Cell] = ("", "")


def publish(
    counts: Mapping[tuple[str, str], int],
    rows: Sequence[str],
    columns: Sequence[str],
    k_of: Mapping[str, int],
    *,
    beside: Mapping[Cell, int] | None = None,
    beside_sums: Sequence[Sum] = (),
    untold: Iterable[Cell] = (),
) -> Table:
    """A table with its totals as it may be told, in steps. (R-21)

    `beside`: further counts that share cells or totals with it (`beside_sums`), told with it and audited with it; the
    first part of such a cell is its row. `untold`: those of them that are never told, and must not be worked out.
    """
    every: dict[Cell, int] = {(r, c): counts.get((r, c), 0) for r in rows for c in columns}
    cells: dict[Cell, int] = {**every, **(beside or {})}
    sums: list[Sum] = list(beside_sums)
    for r in rows:
        cells[row_total(r)] = sum(every[r, c] for c in columns)
        sums.append((row_total(r), tuple((r, c) for c in columns)))
    for c in columns:
        cells[column_total(c)] = sum(every[r, c] for r in rows)
        sums.append((column_total(c), tuple((r, c) for r in rows)))
    cells[TOTAL] = sum(every.values())
    sums.append((TOTAL, tuple(row_total(r) for r in rows)))
    sums.append((TOTAL, tuple(column_total(c) for c in columns)))
    ks = {cell: k_of.get(cell[0], K) for cell in cells}
    told = protect(tuple(sorted(cells.items())), tuple(sums), tuple(sorted(ks.items())), frozenset(untold))
    if told is None:
        return _coarsened(cells, rows, columns, k_of)
    return Table(
        {(r, c): told[r, c] for r in rows for c in columns},
        {r: told[row_total(r)] for r in rows},
        {c: told[column_total(c)] for c in columns},
        told[TOTAL],
        {cell: told[cell] for cell in beside or {}},
    )


@lru_cache(maxsize=64)
def protect(
    counts: tuple[tuple[Cell, int], ...],
    sums: tuple[Sum, ...],
    ks: tuple[tuple[Cell, int], ...],
    untold: frozenset[Cell] = frozenset(),
) -> Mapping[Cell, Shown] | None:
    """Every count told in steps or hidden, so that no small one can be worked out; None if the audit finds one all the same.

    Small: about at least one and fewer than k people. Whoever knows all that is told and calculates must hold it possible
    that a small count is k more than it can be. What is kept back beside depends on nothing finer than what is told, so
    that which cells were chosen says nothing either.
    """
    count, k_of = dict(counts), dict(ks)
    need = {cell: 2.0 * k_of[cell] - 1 for cell, n in count.items() if 0 < n < k_of[cell]}
    hidden = set(need) | set(untold)
    cost = {cell: _worth(cell, n - n % STEP if n else None) for cell, n in count.items()}
    for cell in exposed(_told(count, hidden), sums, need):
        if exposed(_told(count, hidden), sums, {cell: need[cell]}):
            hidden |= to_untell(_told(count, hidden), sums, cell, need[cell], cost)
    if exposed(_told(count, hidden), sums, need):
        return None
    return {cell: HIDDEN if cell in hidden else stepped(n) for cell, n in count.items()}


def _told(count: Mapping[Cell, int], hidden: set[Cell]) -> Told:
    """What everybody knows of each cell by itself."""
    bounds = {}
    for cell, n in count.items():
        if cell in hidden:
            bounds[cell] = (0.0, float("inf"))
        else:
            floor = float(n - n % STEP)
            bounds[cell] = (floor, floor + STEP - 1 if n else 0.0)
    return bounds


def _worth(cell: Cell, told: int | None) -> float:
    """What is lost when a cell is not told: totals are worth more than cells, and a nothing is better left said."""
    margins = sum(part == "" for part in cell)
    return (4.0 if told is None else 1.0 + min(told, 200) / 50) * (1, 6, 30)[min(margins, 2)]


def _coarsened(
    cells: Mapping[Cell, int], rows: Sequence[str], columns: Sequence[str], k_of: Mapping[str, int]
) -> Table:
    """Totals of rows alone, with no total over them: nothing is left to calculate with."""
    kept = {r: HIDDEN if cells[row_total(r)] < k_of[r] else stepped(cells[row_total(r)]) for r in rows}
    return Table(
        {(r, c): HIDDEN for r in rows for c in columns}, kept, dict.fromkeys(columns, HIDDEN), HIDDEN, coarsened=True
    )
