"""Small numbers stay hidden, also from somebody who calculates, comes back tomorrow, or reads two tables. (R-21, R-26)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from consent import small_numbers
from consent.small_numbers import (
    K_SENSITIVE,
    STEP,
    TOTAL,
    K,
    Shown,
    Table,
    column_of,
    column_total,
    least,
    part_shown,
    publish,
    row_total,
    shown,
    stepped,
)
from consent.worked_out import Cell, Sum

ROWS, COLUMNS = ("r0", "r1", "r2"), ("c0", "c1", "c2", "c3")
K_OF = {"r0": K, "r1": K_SENSITIVE, "r2": K}
COUNTS = st.lists(st.integers(0, 24), min_size=12, max_size=12)
AT = [(r, c) for r in ROWS for c in COLUMNS]
EVERYTHING: Final[list[Cell]] = [*AT, *map(row_total, ROWS), *map(column_total, COLUMNS), TOTAL]


def published(counts: Sequence[int]) -> Table:
    return publish(dict(zip(AT, counts, strict=True)), ROWS, COLUMNS, K_OF)


def as_told(table: Table) -> dict[Cell, Shown]:
    """Everything that stands on the page."""
    rows = {row_total(r): told for r, told in table.rows.items()}
    columns = {column_total(c): told for c, told in table.columns.items()}
    cells: dict[Cell, Shown] = {(r, c): told for (r, c), told in table.cells.items()}
    return {**cells, **rows, **columns, TOTAL: table.all, **table.beside}


def truth(counts: Sequence[int]) -> dict[Cell, int]:
    every: dict[Cell, int] = dict(zip(AT, counts, strict=True))
    margins: dict[Cell, int] = {row_total(r): sum(every[r, c] for c in COLUMNS) for r in ROWS}
    margins |= {column_total(c): sum(every[r, c] for r in ROWS) for c in COLUMNS}
    return every | margins | {TOTAL: sum(counts)}


SUMS: Final[list[Sum]] = [
    *((row_total(r), tuple((r, c) for c in COLUMNS)) for r in ROWS),
    *((column_total(c), tuple((r, c) for r in ROWS)) for c in COLUMNS),
    (TOTAL, tuple(row_total(r) for r in ROWS)),
]


def attack(told: Mapping[Cell, Shown], target: Cell, sums: Sequence[Sum] = SUMS) -> tuple[float, float]:
    """The least and most a cell can be, for somebody who knows all that is published, the steps and the sums."""
    cells = list(told)
    bounds: list[tuple[int, int | None]] = []
    for cell in told.values():
        number = cell.number
        if number is None:
            bounds.append((0, None))
        else:
            bounds.append((number, number + STEP - 1 if cell.at_least else number))
    equal = [[(-1.0 if c == total else 1.0 if c in parts else 0.0) for c in cells] for total, parts in sums]
    ends: list[float] = []
    for sign in (1, -1):
        goal = [float(sign) if c == target else 0.0 for c in cells]
        answer = linprog(goal, A_eq=equal, b_eq=[0.0] * len(equal), bounds=bounds, method="highs")
        if answer.status == 3:
            ends.append(float("inf"))
        else:
            assert answer.success, answer.message
            ends.append(sign * answer.fun)
    return ends[0], ends[1]


def small(counts: Mapping[Cell, int]) -> list[Cell]:
    return [cell for cell, n in counts.items() if 0 < n < K_OF.get(cell[0], K)]


@given(COUNTS)
@settings(max_examples=40, deadline=None)
def test_no_small_number_can_be_bounded_below_k_by_whoever_knows_the_table_and_calculates(counts: list[int]) -> None:
    table, true = published(counts), truth(counts)
    told = as_told(table)
    assert not table.coarsened
    for cell in small(true):
        k = K_OF.get(cell[0], K)
        low, high = attack(told, cell)
        assert told[cell].is_hidden
        assert high >= k - 1e-6, "that it is fewer than k is not said by anything"
        assert high - low >= k - 1e-6, "nor is it narrowed down to a handful"


@given(COUNTS)
@settings(max_examples=40, deadline=None)
def test_what_is_told_is_true_to_the_step(counts: list[int]) -> None:
    told, true = as_told(published(counts)), truth(counts)
    for cell in EVERYTHING:
        number = told[cell].number
        assert number is None or number <= true[cell] < number + (STEP if told[cell].at_least else 1)
        assert not (number == 0 and told[cell].at_least), "nothing is told as a little more than nothing"


@given(COUNTS)
@settings(max_examples=20, deadline=None)
def test_departments_that_tell_each_other_what_they_read_know_no_more_than_the_whole_table(counts: list[int]) -> None:
    """Each reads its column; together, and with the whole table beside, they attack in vain. (R-52)"""
    table, true = published(counts), truth(counts)
    known = as_told(table)
    for c in COLUMNS:
        one = column_of(table, c)
        told = {(r, c): one.cells[r, c] for r in ROWS} | {column_total(c): one.all}
        assert set(one.cells) == {(r, c) for r in ROWS} and one.beside == {} and one.columns == {c: one.all}
        assert {cell: known[cell] for cell in told} == told, "nothing is told to a department that the table hides"
        assert dict(one.rows) == {r: one.cells[r, c] for r in ROWS}, "a row's total is not the country's"
        known |= told
    for cell in small(true):
        assert attack(known, cell)[1] >= K_OF.get(cell[0], K) - 1e-6


def test_the_attack_finds_a_cell_whose_neighbours_and_total_are_told() -> None:
    """The attacker of this file can do what it is meant to do: hiding one cell beside its total hides nothing."""
    counts = [3, 20, 30, 40] + [0] * 8
    alone = {cell: Shown(None) if 0 < n < K else stepped(n) for cell, n in truth(counts).items()}
    assert attack(alone, ("r0", "c0"))[1] < K
    told = as_told(published(counts))
    assert attack(told, ("r0", "c0"))[1] >= K + 3
    assert sum(told[cell].is_hidden for cell in AT) > 1 or told[row_total("r0")].is_hidden


def test_what_fails_the_audit_is_coarsened(monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing kept back beside the small ones, the audit finds them: then only totals of rows are left."""
    monkeypatch.setattr(small_numbers, "to_untell", lambda *_: set())
    small_numbers.protect.cache_clear()
    table = published([3, 20, 30, 40] + [0] * 8)
    small_numbers.protect.cache_clear()
    assert table.coarsened and all(cell.is_hidden for cell in table.cells.values())
    assert table.rows == {"r0": Shown(90, at_least=True), "r1": Shown(None), "r2": Shown(None)}
    assert table.all.is_hidden and all(told.is_hidden for told in table.columns.values())


@given(COUNTS, st.lists(st.integers(0, 24), min_size=12, max_size=12))
@settings(max_examples=20, deadline=None)
def test_a_second_table_that_shares_cells_gives_nothing_away(counts: list[int], parts: list[int]) -> None:
    """Each cell is broken down into two parts, one of which is told beside it: the rest must not come out small."""
    beside: dict[Cell, int] = {}
    sums: list[Sum] = []
    for (r, c), whole, wanted in zip(AT, counts, parts, strict=True):
        part = min(whole, wanted)
        beside |= {(r, c, "part"): part, (r, c, "rest"): whole - part}
        sums.append(((r, c), ((r, c, "part"), (r, c, "rest"))))
    rest = [cell for cell in beside if cell[-1] == "rest"]
    table = publish(
        dict(zip(AT, counts, strict=True)), ROWS, COLUMNS, K_OF, beside=beside, beside_sums=sums, untold=rest
    )
    told = as_told(table)
    assert not table.coarsened and all(told[cell].is_hidden for cell in rest)
    for cell in small({**truth(counts), **beside}):
        low, high = attack(told, cell, [*SUMS, *sums])
        assert high >= K_OF.get(cell[0], K) - 1e-6 and high - low >= K_OF.get(cell[0], K) - 1e-6


def classes(counts: Sequence[int]) -> list[str]:
    """Of every count and total no more than: nothing, few, or which step."""
    ks = {cell: K_OF.get(cell[0], K) for cell in EVERYTHING}
    return ["few" if 0 < n < ks[cell] else str(stepped(n)) for cell, n in truth(counts).items()]


@given(COUNTS, st.integers(0, 11))
@settings(max_examples=60, deadline=None)
def test_what_is_kept_back_depends_on_nothing_finer_than_what_is_told(counts: list[int], at: int) -> None:
    """So whoever knows the rule learns nothing from which cells were chosen, and a person more inside a step moves none."""
    later = [*counts[:at], counts[at] + 1, *counts[at + 1 :]]
    if classes(later) == classes(counts):
        assert published(later) == published(counts)


@given(COUNTS, st.integers(0, 11), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_whoever_comes_back_after_one_person_more_cannot_subtract_the_day(
    counts: list[int], at: int, more: int
) -> None:
    """What is told moves by whole steps or not at all: two visits never differ by the few who came between them."""
    later = [*counts[:at], counts[at] + more, *counts[at + 1 :]]
    before, after = as_told(published(counts)), as_told(published(later))
    for cell in EVERYTHING:
        one, other = before[cell].number, after[cell].number
        if one and other:
            assert (other - one) % STEP == 0


def test_from_four_to_five_the_number_appears_as_five_or_more() -> None:
    """The step from hidden to told is seen; that it was one person, and which number it was before, is not said."""
    four, five = (published([n] + [0] * 11) for n in (4, 5))
    assert four.cells["r0", "c0"].is_hidden and four.rows["r0"].is_hidden and four.all.is_hidden
    assert five.cells["r0", "c0"] == Shown(5, at_least=True)
    seven, nine = (published([n] + [0] * 11) for n in (7, 9))
    assert as_told(seven) == as_told(nine) == as_told(five)


def test_a_total_of_hidden_counts_is_hidden_and_not_nothing() -> None:
    table = published([3] + [0] * 11)
    assert table.rows["r0"].is_hidden and table.columns["c0"].is_hidden and table.all.is_hidden
    assert table.rows["r1"] == Shown(0)


def test_a_part_is_hidden_when_the_rest_would_give_a_few_away() -> None:
    assert part_shown(18, 20, K) == Shown(None)
    assert part_shown(3, 20, K) == Shown(None)
    assert part_shown(20, 20, K) == Shown(20)
    assert part_shown(0, 3, K) == Shown(None)
    assert part_shown(8, 20, K) == Shown(8)


def test_zero_and_k_are_shown() -> None:
    assert [shown(n, K).number for n in (0, 1, K - 1, K)] == [0, None, None, K]
    assert [stepped(n) for n in (0, 5, 9, 10)] == [Shown(0), Shown(5, True), Shown(5, True), Shown(10, True)]


def test_health_children_and_trafficking_ask_for_more_people() -> None:
    assert least("social.health.care", ("social.health.care", "social.health", "social"), ()) == K_SENSITIVE
    assert least("psychosocial", ("psychosocial",), ("psychosocial.trafficking",)) == K_SENSITIVE
    assert least("economic.skills", ("economic.skills", "economic"), ()) == K
