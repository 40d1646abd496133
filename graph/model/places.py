"""What a provider can say about its places, as a table of changes. (R-06)

A change is relative (plus, minus) or states what is now (set, full, waiting list, assess first, paused, still true).
What is free now is stated: places that are held for somebody, or that somebody has, stand beside it (`stock`). How long
what was said is believed stands here too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol
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
    PAUSE = "pause"
    STILL_TRUE = "still-true"


RELATIVE: Final = frozenset({Change.PLUS, Change.MINUS})
"""Changes that hold whatever somebody else said in between, so that two at once lose nothing."""


GOES_ON: Final = RELATIVE | {Change.STILL_TRUE}
"""Changes in which a pause goes on."""


class OutOfRange(Exception):
    """Places below zero, above the maximum, counted where none were ever stated, or a pause without a day to come."""


def is_paused(paused_until: date | None, *, on: date) -> bool:
    """Whether no place is given on a day; the last day of a pause is included."""
    return paused_until is not None and on <= paused_until


MOST_HALVINGS: Final = 2
"""Confidence in what was said halves with every half-life, and once more with every decline for want of places; after
two halvings nobody knows any more. (design §6)"""


class PlacesSaid(Protocol):
    """What was said of places, wherever it is read."""

    @property
    def state(self) -> CapacityState: ...

    @property
    def updated(self) -> datetime: ...

    @property
    def half_life_days(self) -> int: ...

    @property
    def paused_until(self) -> date | None: ...


def is_unknown(said: PlacesSaid, *, at: datetime | date, declines: int = 0) -> bool:
    """Whether what was said of places is too old, or was contradicted too often, to be believed. (R-06)

    A decline for want of places contradicts only who says that there are some. After a pause it counts from the end of
    the pause: for then it was said.
    """
    updated, half_life_days, paused_until = said.updated, said.half_life_days, said.paused_until
    declines = declines if said.state is CapacityState.AVAILABLE else 0
    if declines >= MOST_HALVINGS:
        return True
    days = (MOST_HALVINGS - declines) * half_life_days
    if isinstance(at, datetime) and paused_until is None:
        return at - updated > timedelta(days=days)
    on = at.date() if isinstance(at, datetime) else at
    return on - max(updated.date(), paused_until or date.min) > timedelta(days=days)


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
    until: date | None = None,
    held: int = 0,
    half_life_days: int | None = None,
) -> ServiceCapacity:
    """The places after somebody said something about them. OutOfRange when that cannot be. (R-06)

    `held`: places that Enlace holds or has given, which are among the maximum and never among those that are free.
    A pause ends with its last day, or as soon as somebody says what is free.
    """
    now = before or ServiceCapacity(
        id=str(uuid5(NAMESPACE_URL, f"enlace:capacity:{service_id}")),
        service_id=service_id,
        state=CapacityState.NONE,
        updated=at,
        updated_by=by,
        version=1,
        **({} if half_life_days is None else {"half_life_days": half_life_days}),
    )
    if (change is Change.PAUSE) is not (until is not None) or (until is not None and until < at.date()):
        raise OutOfRange
    limit = maximum if maximum is not None else now.maximum
    state, available = _CHANGES[change](now, number)
    over = limit is not None and (available or 0) + held > limit
    if (available or 0) < 0 or (over and (available or maximum is not None)):
        raise OutOfRange
    return now.model_copy(
        update={
            "state": state,
            "available": available,
            "maximum": limit,
            "unit": unit or now.unit,
            "paused_until": until if change is Change.PAUSE else now.paused_until if change in GOES_ON else None,
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
    Change.PAUSE: lambda now, number: (now.state, now.available),
    Change.STILL_TRUE: lambda now, number: (now.state, now.available),
}
