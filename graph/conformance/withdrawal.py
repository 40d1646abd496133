"""Nothing is sent after a withdrawal was acknowledged: the case is the lock. (R-20, design §5)"""

from __future__ import annotations

import asyncio
from typing import Final

from graph.conformance.finding import Bench, Finding, of_race
from graph.conformance.gate import Gate
from graph.store.network import Tx

OPEN: Final = """
    CREATE (:EngineCheckCase {id: $id, version: 0}), (:EngineCheckConsent {id: $id, state: 'given'})
"""

LOCK: Final = """
    MATCH (c:EngineCheckCase {id: $id})
    SET c.version = c.version + 1
"""
"""The lock line: bump the case first, read after."""

STATE: Final = """
    MATCH (g:EngineCheckConsent {id: $id})
    RETURN g.state AS state
"""

SEND: Final = """
    CREATE (:EngineCheckTransfer {id: $id})
"""

WITHDRAW: Final = """
    MATCH (g:EngineCheckConsent {id: $id})
    SET g.state = 'withdrawn'
"""


async def open_case(tx: Tx, *, id: str) -> None:
    """A case with a consent in force."""
    await (await tx.run(OPEN, id=id)).consume()


async def lock(tx: Tx, *, id: str) -> None:
    """Hold the case until the transaction ends."""
    await (await tx.run(LOCK, id=id)).consume()


async def is_given(tx: Tx, *, id: str) -> bool:
    """Whether the consent is in force."""
    return bool((await (await tx.run(STATE, id=id)).single(strict=True))["state"] == "given")


async def send(tx: Tx, *, id: str) -> None:
    """The transfer."""
    await (await tx.run(SEND, id=id)).consume()


async def withdraw(tx: Tx, *, id: str) -> None:
    """The person changes their mind."""
    await (await tx.run(WITHDRAW, id=id)).consume()


async def forced(bench: Bench) -> Finding:
    """The consent is read, then withdrawn and acknowledged, then the sending goes on: nothing may leave."""
    leaks = {}
    for locked in (True, False):
        races = [_race(bench, f"{bench.run}-consent-{locked}-{n}", locked=locked) for n in range(bench.load.rounds)]
        leaks[locked] = sum(await asyncio.gather(*races))
    return of_race("withdrawal", with_lock=leaks[True], without_lock=leaks[False], rounds=bench.load.rounds)


async def _race(bench: Bench, id: str, *, locked: bool) -> bool:
    """Whether something left after the withdrawal had been acknowledged."""
    await bench.one.write(open_case, id=id, deadline=30.0)
    gate = Gate()
    acknowledged = False

    async def sending(tx: Tx) -> bool:
        if locked:
            await lock(tx, id=id)
        if not await is_given(tx, id=id):
            return False
        await gate.hold()
        await send(tx, id=id)
        return acknowledged  # before the commit: what is committed now leaves after the acknowledgement

    async def withdrawing(tx: Tx) -> None:
        if locked:
            await lock(tx, id=id)
        await withdraw(tx, id=id)

    async def person() -> None:
        nonlocal acknowledged
        await gate.wait_for_first()
        await bench.two.write(withdrawing, deadline=30.0)
        acknowledged = True
        gate.other_is_done()

    leaked, _ = await asyncio.gather(bench.one.write(sending, deadline=30.0), person())
    return leaked
