"""What a provider says about its places, and what cannot be. (R-06)"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from graph.model.directory import CapacityState, ServiceCapacity
from graph.model.places import Change, OutOfRange, change_places

THEN = datetime(2026, 11, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def before(available: int | None = 3, state: CapacityState = CapacityState.AVAILABLE) -> ServiceCapacity:
    return ServiceCapacity(
        id="c",
        service_id="s",
        unit="cama",
        state=state,
        available=available,
        maximum=5,
        updated=THEN,
        updated_by="import",
        version=7,
    )


def after(change: Change, start: ServiceCapacity | None, number: int | None = None, **said: Any) -> ServiceCapacity:
    return change_places(start, change, service_id="s", by="provider", at=NOW, number=number, **said)


@pytest.mark.parametrize(
    ("change", "number", "state", "available"),
    [
        (Change.SET, 5, CapacityState.AVAILABLE, 5),
        (Change.SET, 0, CapacityState.NONE, 0),
        (Change.PLUS, None, CapacityState.AVAILABLE, 4),
        (Change.PLUS, 2, CapacityState.AVAILABLE, 5),
        (Change.MINUS, None, CapacityState.AVAILABLE, 2),
        (Change.MINUS, 3, CapacityState.NONE, 0),
        (Change.FULL, None, CapacityState.NONE, 0),
        (Change.WAITING_LIST, None, CapacityState.WAITING_LIST, 0),
        (Change.ASSESS_FIRST, None, CapacityState.ASSESS_FIRST, None),
        (Change.STILL_TRUE, None, CapacityState.AVAILABLE, 3),
    ],
)
def test_a_change(change: Change, number: int | None, state: CapacityState, available: int | None) -> None:
    said = after(change, before(), number)
    assert (said.state, said.available) == (state, available)
    assert (said.updated, said.updated_by, said.version) == (NOW, "provider", 8)


@pytest.mark.parametrize(
    ("change", "number"), [(Change.MINUS, 4), (Change.PLUS, 3), (Change.SET, 6), (Change.SET, None)]
)
def test_never_below_zero_nor_above_the_maximum(change: Change, number: int | None) -> None:
    with pytest.raises(OutOfRange):
        after(change, before(), number)


def test_plus_where_nobody_ever_counted_is_refused_rather_than_guessed() -> None:
    for start in (None, before(available=None)):
        with pytest.raises(OutOfRange):
            after(Change.PLUS, start)


def test_the_first_word_about_places_makes_version_one_with_an_id_of_its_own() -> None:
    said = after(Change.SET, None, 4, maximum=10)
    assert (said.version, said.available, said.maximum) == (1, 4, 10)
    assert said.id == after(Change.FULL, None).id
