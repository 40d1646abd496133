"""What somebody can work out from a published table, by linear programming. (R-21, R-26)

Pure: what is told of each cell comes in as the least and the most it can be, with the sums that everybody knows. Which
counts are small, and what is done about them, is `consent.small_numbers`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

Cell = tuple[str, ...]
Sum = tuple[Cell, tuple[Cell, ...]]
"""A total and its parts."""

Told = Mapping[Cell, tuple[float, float]]
"""The least and the most a cell can be, as it is told alone; infinity where nothing is."""

SLACK: Final = 1e-6
"""What two numbers of a solver may differ by and still be the same."""


def exposed(told: Told, sums: Sequence[Sum], need: Mapping[Cell, float]) -> list[Cell]:
    """Of the cells in need, those that cannot be as high as they need for whoever knows the table and calculates."""
    if not need:
        return []
    board = _Board(told, sums)
    left = {cell: height for cell, height in need.items() if board.highest[cell] < height - SLACK}
    open_ = sorted(set(need) - set(left))
    found = list(left)
    while open_:
        reached = board.push(open_, need)
        if reached is None:  # the solver gave up: what it could not look at counts as found
            return sorted(need)
        there = [cell for cell in open_ if reached[cell] >= need[cell] - SLACK]
        if not there:
            first = open_.pop(0)
            alone = board.push([first], need)
            if alone is None or alone[first] < need[first] - SLACK:
                found.append(first)
        open_ = [cell for cell in open_ if cell not in there]
    return sorted(found)


def to_untell(told: Told, sums: Sequence[Sum], cell: Cell, height: float, cost: Mapping[Cell, float]) -> set[Cell]:
    """What must not be told either, so that a cell could be this high: the cheapest that linear programming finds."""
    board = _Board(told, sums)
    return board.bend(cell, height, cost)


class _Board:
    """A table as a linear programme: one unknown for each cell that can move, one equation for each sum."""

    def __init__(self, told: Told, sums: Sequence[Sum]) -> None:
        self.told, self.sums = told, sums
        self.cells = sorted(told)
        self.at = {cell: n for n, cell in enumerate(self.cells)}
        self.highest = {cell: most for cell, (_, most) in told.items()}
        self._plain: Any = None

    def _equations(self, columns: int, repeats: int = 1, signs: Iterable[int] = (1,)) -> Any:
        from scipy.sparse import coo_array  # slow to load, and most commands need none

        rows, at, values = [], [], []
        for n, (total, parts) in enumerate(self.sums):
            for sign, block in zip(signs, range(repeats), strict=True):
                for cell, value in ((total, -1.0), *((part, 1.0) for part in parts)):
                    rows.append(n)
                    at.append(self.at[cell] + block * len(self.cells))
                    values.append(sign * value)
        return coo_array((values, (rows, at)), shape=(len(self.sums), columns)).tocsr()

    def push(self, cells: Collection[Cell], need: Mapping[Cell, float]) -> dict[Cell, float] | None:
        """One table that agrees with all that is told, in which these cells are as high as they can be together."""
        from scipy.optimize import linprog

        goal = [0.0] * len(self.cells)
        bounds: list[tuple[float, float | None]] = [
            (least, None if most == float("inf") else most) for least, most in (self.told[c] for c in self.cells)
        ]
        for cell in cells:
            goal[self.at[cell]] = -1.0
            least, most = bounds[self.at[cell]]
            bounds[self.at[cell]] = (least, need[cell] if most is None else min(most, need[cell]))
        zero = [0.0] * len(self.sums)
        if self._plain is None:  # the same for every push
            self._plain = self._equations(len(self.cells))
        found = linprog(goal, A_eq=self._plain, b_eq=zero, bounds=bounds, method="highs")
        return dict(zip(self.cells, map(float, found.x), strict=True)) if found.success else None

    def bend(self, cell: Cell, height: float, cost: Mapping[Cell, float]) -> set[Cell]:
        """The told cells that leave what is told of them, in the cheapest table in which a cell is so high."""
        from scipy.optimize import linprog

        size = len(self.cells)
        goal = [0.0] * size + [cost.get(c, 0.0) for c in self.cells] * 2
        inside: list[tuple[float, float | None]] = []
        over: list[tuple[float, float | None]] = []
        under: list[tuple[float, float | None]] = []
        for one in self.cells:
            least, most = self.told[one]
            free = most == float("inf")
            inside.append((least, None if free else most))
            over.append((0.0, 0.0 if free else None))
            under.append((0.0, 0.0 if free else least))
        inside[self.at[cell]] = (height, None)
        equations = self._equations(3 * size, 3, (1, 1, -1))
        found = linprog(goal, A_eq=equations, b_eq=[0.0] * len(self.sums), bounds=inside + over + under, method="highs")
        if not found.success:
            return set()
        moved = [max(found.x[size + n], found.x[2 * size + n]) for n in range(size)]
        return {self.cells[n] for n in range(size) if moved[n] > SLACK}
