"""What a provider can say about its places, as a table of changes. (R-06)

A change is relative (plus, minus) or states what is now (set, full, waiting list, assess first, still true).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from graph.model.directory import CapacityState, ServiceCapacity


class Change(StrEnum):
    """One thing to say about places."""

    SET = "set"
    PLUS = "plus"
    MINUS = "minus"
    FULL = "full"
    WAITING_LIST = "waiting-list"
    ASSESS_FIRST = "assess-first"
    STILL_TRUE = "still-true"


RELATIVE: Final = frozenset({Change.PLUS, Change.MINUS})
"""Changes that hold whatever somebody else said in between, so that two at once lose nothing."""


class OutOfRange(Exception):
    """Places below zero, above the maximum, or counted where none were ever stated."""


def change_places(
    before: ServiceCapacity | None,
    change: Change,
    *,
    service_id: str,
    by: str,
    at: datetime,
    number: int | None = None,
    maximum: int | None = None,
    unit: str | None = None,
) -> ServiceCapacity:
    """The places after somebody said something about them. OutOfRange when that cannot be. (R-06)"""
    now = before or ServiceCapacity(
        id=str(uuid5(NAMESPACE_URL, f"enlace:capacity:{service_id}")),
        service_id=service_id,
        state=CapacityState.NONE,
        updated=at,
        updated_by=by,
        version=1,
    )
    limit = maximum if maximum is not None else now.maximum
    state, available = _CHANGES[change](now, number)
    if available is not None and (available < 0 or (limit is not None and available > limit)):
        raise OutOfRange
    return now.model_copy(
        update={
            "state": state,
            "available": available,
            "maximum": limit,
            "unit": unit or now.unit,
            "updated": at,
            "updated_by": by,
            "version": before.version + 1 if before else 1,
        }
    )


Said = tuple[CapacityState, int | None]


def _counted(number: int | None) -> Said:
    if number is None:
        raise OutOfRange
    return (CapacityState.AVAILABLE if number > 0 else CapacityState.NONE), number


def _step(now: ServiceCapacity, step: int) -> Said:
    if now.available is None:
        raise OutOfRange
    return _counted(now.available + step)


_CHANGES: Final[Mapping[Change, Callable[[ServiceCapacity, int | None], Said]]] = {
    Change.SET: lambda now, number: _counted(number),
    Change.PLUS: lambda now, number: _step(now, 1 if number is None else number),
    Change.MINUS: lambda now, number: _step(now, -1 if number is None else -number),
    Change.FULL: lambda now, number: (CapacityState.NONE, 0),
    Change.WAITING_LIST: lambda now, number: (CapacityState.WAITING_LIST, 0),
    Change.ASSESS_FIRST: lambda now, number: (CapacityState.ASSESS_FIRST, None),
    Change.STILL_TRUE: lambda now, number: (now.state, now.available),
}
