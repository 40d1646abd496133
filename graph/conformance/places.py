"""N callers on M places: never more than M. (design §6; the shape that every lease of a place takes)"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final, LiteralString

from graph.conformance.finding import Bench, Finding, of_race
from graph.conformance.gate import Gate
from graph.store.errors import StoreError
from graph.store.network import Network, Tx

OPEN: Final = """
    CREATE (:EngineCheckPlaces {id: $id, taken: 0, places: $places})
"""

COUNTER: Final = """
    MATCH (c:EngineCheckPlaces {id: $id})
    WHERE c.taken < c.places
    SET c.lock = $who
    WITH c
    WHERE c.taken < c.places
    SET c.taken = c.taken + 1
    CREATE (s:EngineCheckSeat {id: $who, place: c.id})
    RETURN s.id AS seat
"""
"""Cheap test, lock, test again, act: how Enlace takes a place."""

COUNTED: Final = """
    MATCH (c:EngineCheckPlaces {id: $id})
    SET c.lock = $who
    WITH c
    WHERE COUNT { MATCH (s:EngineCheckSeat {place: c.id}) } < c.places
    CREATE (s:EngineCheckSeat {id: $who, place: c.id})
    RETURN s.id AS seat
"""
"""The same by counting what was taken, so that nothing but the lock line stands between two callers."""

COUNTED_WITHOUT_LOCK: Final = """
    MATCH (c:EngineCheckPlaces {id: $id})
    WITH c
    WHERE COUNT { MATCH (s:EngineCheckSeat {place: c.id}) } < c.places
    CREATE (s:EngineCheckSeat {id: $who, place: c.id})
    RETURN s.id AS seat
"""
"""Its lock line taken out: this one must be seen to overbook."""

SEATS: Final = """
    MATCH (s:EngineCheckSeat {place: $id})
    RETURN count(s) AS seats
"""


async def open_places(tx: Tx, *, id: str, places: int) -> None:
    """A thing with so many places, none taken."""
    await (await tx.run(OPEN, id=id, places=places)).consume()


async def take(tx: Tx, statement: LiteralString, *, id: str, who: str) -> bool:
    """Whether a place was got."""
    return await (await tx.run(statement, id=id, who=who)).single() is not None


async def seats(tx: Tx, *, id: str) -> int:
    """How many places were given away."""
    return int((await (await tx.run(SEATS, id=id)).single(strict=True))["seats"])


async def forced(bench: Bench) -> Finding:
    """Two callers, one place, both inside their transactions at once: one gets it."""
    over = {}
    for name, statement in (("with", COUNTED), ("counter", COUNTER), ("without", COUNTED_WITHOUT_LOCK)):
        rounds = [_two_at_once(bench, statement, f"{bench.run}-forced-{name}-{n}") for n in range(bench.load.rounds)]
        over[name] = sum(1 for given in await asyncio.gather(*rounds) if given > 1)
    return of_race(
        "places-forced",
        with_lock=over["with"] + over["counter"],
        without_lock=over["without"],
        rounds=bench.load.rounds,
    )


async def _two_at_once(bench: Bench, statement: LiteralString, id: str) -> int:
    await bench.one.write(open_places, id=id, places=1, deadline=30.0)
    gate = Gate()

    async def first(tx: Tx) -> None:
        await take(tx, statement, id=id, who=f"{id}-first")
        await gate.hold()

    async def second(tx: Tx) -> None:
        await take(tx, statement, id=id, who=f"{id}-second")
        gate.other_is_done()

    async def after_first() -> None:
        await gate.wait_for_first()
        await bench.two.write(second, deadline=30.0)

    await asyncio.gather(bench.one.write(first, deadline=30.0), after_first())
    return await bench.one.read(seats, id=id, deadline=30.0)


PLACES: Final = 5


async def under_load(bench: Bench) -> Finding:
    """Many callers on few places, again and again: never one more than there are, and none left empty."""
    over, short = {}, 0
    for name, statement in (("with", COUNTED), ("counter", COUNTER), ("without", COUNTED_WITHOUT_LOCK)):
        given = [await _crowd(bench, statement, f"{bench.run}-load-{name}-{n}") for n in range(bench.load.rounds)]
        over[name] = sum(max(0, seats - PLACES) for seats in given)
        if name != "without":
            short += sum(max(0, PLACES - seats) for seats in given)
    return of_race(
        "places-load",
        with_lock=over["with"] + over["counter"],
        without_lock=over["without"],
        rounds=bench.load.rounds,
        callers=bench.load.callers,
        left_empty=short,
    )


async def _crowd(bench: Bench, statement: LiteralString, id: str) -> int:
    await bench.one.write(open_places, id=id, places=PLACES, deadline=30.0)

    async def caller(n: int, network: Network) -> None:
        with suppress(StoreError):  # too late or too crowded: a place not got is no place too many
            await network.write(take, statement, id=id, who=f"{id}-{n}", deadline=30.0)

    networks = (bench.one, bench.two)
    await asyncio.gather(*(caller(n, networks[n % 2]) for n in range(bench.load.callers)))
    return await bench.one.read(seats, id=id, deadline=30.0)
