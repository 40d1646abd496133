"""Small numbers stay hidden, also from somebody who calculates. (R-21, R-26)"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from consent.small_numbers import K_SENSITIVE, K, Shown, Table, least, part_shown, publish, shown, total

ROWS, COLUMNS = ("r0", "r1", "r2"), ("c0", "c1", "c2", "c3")
K_OF = {"r0": K, "r1": K_SENSITIVE, "r2": K}
COUNTS = st.lists(st.integers(0, 14), min_size=12, max_size=12)
AT = [(r, c) for r in ROWS for c in COLUMNS]


def published(counts: list[int]) -> Table:
    return publish(dict(zip(AT, counts, strict=True)), ROWS, COLUMNS, K_OF)


def attack(table: Table, target: tuple[str, str]) -> tuple[float, float]:
    """The least and most a hidden cell can be, for somebody who knows all that is published and the rule itself."""
    equal, sums = [], []
    for at, cell in table.cells.items():
        if cell.number is not None:
            equal.append([1.0 if a == at else 0.0 for a in AT])
            sums.append(cell.number)
    for axis, totals in ((0, table.rows), (1, table.columns)):
        for name, found in totals.items():
            if not found.at_least:
                equal.append([1.0 if a[axis] == name else 0.0 for a in AT])
                sums.append(found.number or 0)
    bounds = [(1, K_OF[a[0]] - 1) if table.cells[a].is_hidden else (0, None) for a in AT]
    ends = []
    for sign in (1, -1):
        goal = [float(sign) if a == target else 0.0 for a in AT]
        answer = linprog(goal, A_eq=equal or None, b_eq=sums or None, bounds=bounds, method="highs")
        assert answer.success
        ends.append(sign * answer.fun)
    return ends[0], ends[1]


@given(COUNTS)
@settings(max_examples=150, deadline=None)
def test_no_hidden_cell_can_be_worked_back_from_cells_and_totals(counts: list[int]) -> None:
    table = published(counts)
    for at, cell in table.cells.items():
        if cell.is_hidden:
            assert attack(table, at) == (1, K_OF[at[0]] - 1)


@given(COUNTS)
def test_what_is_shown_is_true(counts: list[int]) -> None:
    table = published(counts)
    for at, count in zip(AT, counts, strict=True):
        assert table.cells[at].number in (None, count)
        assert table.cells[at].is_hidden == (0 < count < K_OF[at[0]])
    assert (table.all.number or 0) <= sum(counts)
    assert table.all.at_least == any(c.is_hidden for c in table.cells.values())


def test_the_attack_does_find_a_cell_when_a_total_is_told_outright() -> None:
    """The attacker of this file can do what it is meant to do: hiding one cell beside its total hides nothing."""
    table = published([3, 9, 9, 9] + [0] * 8)
    told = Table(table.cells, {**table.rows, "r0": Shown(30)}, table.columns, table.all)
    assert attack(told, ("r0", "c0")) == (3, 3)


def test_a_part_is_hidden_when_the_rest_would_give_a_few_away() -> None:
    assert part_shown(18, 20, K) == Shown(None)
    assert part_shown(3, 20, K) == Shown(None)
    assert part_shown(20, 20, K) == Shown(20)
    assert part_shown(0, 3, K) == Shown(None)
    assert part_shown(8, 20, K) == Shown(8)


def test_zero_and_k_are_shown() -> None:
    assert [shown(n, K).number for n in (0, 1, K - 1, K)] == [0, None, None, K]
    assert total([Shown(7), Shown(None), Shown(0)]) == Shown(7, at_least=True)


def test_health_children_and_trafficking_ask_for_more_people() -> None:
    assert least("social.health.care", ("social.health.care", "social.health", "social"), ()) == K_SENSITIVE
    assert least("psychosocial", ("psychosocial",), ("psychosocial.trafficking",)) == K_SENSITIVE
    assert least("economic.skills", ("economic.skills", "economic"), ()) == K
