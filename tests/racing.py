"""Races between a deed and a no, forced over two connections that know nothing of each other. (R-20, R-22, R-26)

One side is held in the middle of its transaction until the other has come as far as it can: to its own middle, to its
end, or to the lock. What the deed commits after the no was acknowledged is a leak. Which deeds and which noes race is
`store/test_send_races.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Concatenate, Final, Literal, TypeVar, cast

from graph.model.log import Entry, Kind
from graph.store import cases
from graph.store.network import Network, Tx

T = TypeVar("T")
Side = Literal["deed", "no"]

PATIENT: Final = 60.0
"""Seconds for everything here: a shared machine is slow, and that is no failure."""
LONGEST: Final = 30.0
"""Seconds one side is held for the other to come. Passed, the race was not forced, and its test fails."""
WAITING: Final = 0.03
"""Seconds after which a side that asked for a lock which the other holds is taken to wait for it."""

UNLOCKED: Final = "MATCH (c:Case {id: $id}) RETURN c.version AS version"
"""What stands in the place of the lock statement when it is taken out: the same answer, and no lock."""

LINES: Final[Mapping[str, str]] = {cases.BUMP: UNLOCKED}
"""Lock statements, each with what stands in its place when it is taken out: the case's, unless a race names others."""


@dataclass(slots=True)
class Marks:
    """How far one side has come."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    """It has asked for the case's lock."""
    inside: asyncio.Event = field(default_factory=asyncio.Event)
    """It is in its middle: it has read, or written what it came to write, and has not committed."""
    done: asyncio.Event = field(default_factory=asyncio.Event)
    """It was answered."""


class Meeting:
    """Both sides of one race. `waits`: on this engine, who asks for a held lock waits for it."""

    def __init__(self, *, waits: bool) -> None:
        self.marks: dict[Side, Marks] = {"deed": Marks(), "no": Marks()}
        self.waits = waits
        self.forced = True

    async def is_held(self, side: Side) -> None:
        """Called by the other side before it begins."""
        self.forced &= await self._first(self.marks[side].inside.wait(), self.marks[side].done.wait())
        self.forced &= self.marks[side].inside.is_set()

    async def hold(self, side: Side) -> None:
        """Called in the middle of a transaction, the first time it comes there: let the other side come."""
        mine, theirs = self.marks[side], self.marks["no" if side == "deed" else "deed"]
        if mine.inside.is_set():
            return
        mine.inside.set()
        # A no that is held goes on as soon as the deed has read; a deed only once the no was acknowledged.
        far_enough: list[Awaitable[object]] = [theirs.done.wait()]
        if side == "no":
            far_enough.append(theirs.inside.wait())
        if self.waits:
            far_enough.append(self._waits_for_us(theirs))
        self.forced &= await self._first(*far_enough)

    @staticmethod
    async def _first(*ways: Awaitable[object]) -> bool:
        """Whether one of these happened in time."""
        waiting = [asyncio.ensure_future(way) for way in ways]
        came, late = await asyncio.wait(waiting, timeout=LONGEST, return_when=asyncio.FIRST_COMPLETED)
        for way in late:
            way.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        return bool(came)

    @staticmethod
    async def _waits_for_us(theirs: Marks) -> None:
        await theirs.asked.wait()
        await asyncio.sleep(WAITING)


class Watched:
    """A transaction that is held before a statement, and can leave out the lock statement."""

    def __init__(
        self, tx: Tx, meeting: Meeting, side: Side, *, before: str, locked: bool, lines: Mapping[str, str]
    ) -> None:
        self._tx, self._meeting, self._side, self._before, self._locked = tx, meeting, side, before, locked
        self._lines = lines

    async def run(self, statement: str, **parameters: Any) -> Any:
        if statement == self._before:
            await self._meeting.hold(self._side)
        if statement in self._lines:
            if self._locked:
                self._meeting.marks[self._side].asked.set()
            else:
                statement = self._lines[statement]
        return await self._tx.run(statement, **parameters)


class Watching:
    """One side's network: it is held before `before`, and remembers whether the other was answered when it committed."""

    def __init__(
        self, network: Network, meeting: Meeting, side: Side, *, before: str, locked: bool, lines: Mapping[str, str]
    ) -> None:
        self._network, self._meeting, self._side, self._before, self._locked = network, meeting, side, before, locked
        self._lines = lines
        self.was_late = False

    async def write(self, action: Callable[Concatenate[Tx, ...], Awaitable[T]], *args: Any, **kwargs: Any) -> T:
        kwargs = _without_choices(kwargs)
        other = self._meeting.marks["no" if self._side == "deed" else "deed"]

        async def watched(tx: Tx) -> T:
            seen = Watched(tx, self._meeting, self._side, before=self._before, locked=self._locked, lines=self._lines)
            value = await action(cast(Tx, seen), *args, **kwargs)
            self.was_late = other.done.is_set()  # the last that is known before the commit
            return value

        return await self._network.write(watched, deadline=PATIENT)

    async def read(self, action: Callable[Concatenate[Tx, ...], Awaitable[T]], *args: Any, **kwargs: Any) -> T:
        kwargs = _without_choices(kwargs)
        return await self._network.read(action, *args, deadline=PATIENT, **kwargs)


class Within:
    """A network that is one transaction: the many steps that prepare a race cost one commit."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    async def write(self, action: Callable[Concatenate[Tx, ...], Awaitable[T]], *args: Any, **kwargs: Any) -> T:
        kwargs = _without_choices(kwargs)
        return await action(self._tx, *args, **kwargs)

    read = write


def _without_choices(kwargs: dict[str, Any]) -> dict[str, Any]:
    """The circumstances of an action, without what a caller chooses of the write itself."""
    return {name: v for name, v in kwargs.items() if name not in ("deadline", "idempotency_key", "request_hash")}


async def race(
    one: Network,
    two: Network,
    deed: Callable[[Network], Awaitable[bool]],
    no: Callable[[Network], Awaitable[None]],
    *,
    held: Side,
    before: dict[Side, str],
    without: Collection[Side] = (),
    waits: bool,
    lines: Mapping[str, str] = LINES,
) -> bool:
    """Whether the deed was done after the no was acknowledged. `without`: the sides whose lock lines are taken out."""
    meeting = Meeting(waits=waits and not without)
    doing = Watching(one, meeting, "deed", before=before["deed"], locked="deed" not in without, lines=lines)
    spoken = before["no"] if held == "no" else ""
    saying = Watching(two, meeting, "no", before=spoken, locked="no" not in without, lines=lines)

    async def does() -> bool:
        if held == "no":
            await meeting.is_held("no")
        try:
            done = await deed(cast(Network, doing))
            return done and doing.was_late
        finally:
            meeting.marks["deed"].done.set()

    async def says() -> None:
        if held == "deed":
            await meeting.is_held("deed")
        try:
            await no(cast(Network, saying))
        finally:
            meeting.marks["no"].done.set()

    async with asyncio.timeout(2 * PATIENT):
        leaked, _ = await asyncio.gather(does(), says())
    assert meeting.forced, "nobody met: this race proves nothing"
    return leaked


def after_a_withdrawal(entries: Iterable[Entry]) -> int:
    """How many transfers and readings stand in a stream behind the withdrawal of the consent they rest on."""
    withdrawn: set[str] = set()
    late = 0
    for entry in entries:
        if entry.body.kind is Kind.CONSENT_WITHDRAWN:
            withdrawn |= set(entry.body.basis_ids)
        elif entry.body.kind in (Kind.TRANSFER, Kind.READING):
            late += not withdrawn.isdisjoint(entry.body.basis_ids)
    return late
