"""One call, one effect, one answer: also when connections break in the middle of a commit. (design §2)"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from graph.conformance.cutting import cut_wire
from graph.conformance.finding import Bench, Finding, Verdict
from graph.store.errors import StoreError, Unavailable
from graph.store.network import Network, Tx

RATE: Final = 0.08
"""The share of the client's messages at which the wire breaks."""

TRIES: Final = 25
"""How often a caller comes back before it gives up."""

KEYS: Final = "CREATE CONSTRAINT idempotency_key IF NOT EXISTS FOR (n:Idempotency) REQUIRE n.key IS UNIQUE"
"""What the migration makes too: on a server that was never migrated it is made here, and stays."""

ACT: Final = """
    CREATE (:EngineCheckEffect {run: $run, call: $call, token: $token})
"""

EFFECTS: Final = """
    MATCH (e:EngineCheckEffect {run: $run})
    RETURN e.call AS call, e.token AS token
"""


async def act(tx: Tx, *, run: str, call: int) -> str:
    """The effect, and an answer that no second effect would have."""
    token = uuid4().hex
    await (await tx.run(ACT, run=run, call=call, token=token)).consume()
    return token


async def effects(tx: Tx, *, run: str) -> dict[int, list[str]]:
    """What every call left behind."""
    found: dict[int, list[str]] = defaultdict(list)
    async for record in await tx.run(EFFECTS, run=run):
        found[record["call"]].append(record["token"])
    return dict(found)


@dataclass(slots=True)
class Tally:
    """What went wrong between what callers were told and what is there."""

    cuts: int = 0
    duplicates: int = 0
    ghosts: int = 0
    lost: int = 0
    wrong_answers: int = 0

    @property
    def wrong(self) -> int:
        """All of it."""
        return self.duplicates + self.ghosts + self.lost + self.wrong_answers


async def under_cuts(bench: Bench) -> Finding:
    """Writes over a breaking wire, repeated until answered: with a key nothing is doubled, lost or left unsaid."""
    await bench.one.define(KEYS)
    with_key = await _many(bench, with_key=True)
    without_key = await _many(bench, with_key=False)
    facts = {
        "writes": bench.load.writes,
        "cuts": with_key.cuts,
        "duplicates": with_key.duplicates,
        "ghosts": with_key.ghosts,
        "lost": with_key.lost,
        "wrong_answers": with_key.wrong_answers,
        "without_key": without_key.wrong,
    }
    if with_key.wrong:
        return Finding("repetition-cuts", Verdict.BROKEN, facts, "broken-with-key")
    if not with_key.cuts or not without_key.wrong:
        return Finding("repetition-cuts", Verdict.UNSEEN, facts, "not-provoked")
    return Finding("repetition-cuts", Verdict.HELD, facts)


async def _many(bench: Bench, *, with_key: bool) -> Tally:
    run = f"{bench.run}-cuts-{with_key}"
    told: dict[int, str] = {}
    seats = asyncio.Semaphore(bench.load.callers)
    async with (
        cut_wire(bench.server, rate=RATE, seed=7) as wire,
        Network.open(wire.server) as network,
    ):

        async def caller(call: int) -> None:
            key = f"engine-check-{run}-{call}" if with_key else None
            async with seats:
                for _ in range(TRIES):
                    try:
                        told[call] = await network.write(act, run=run, call=call, idempotency_key=key, deadline=10.0)
                    except Unavailable:
                        continue  # told that it is not known or did not work: a caller comes back with the same key
                    return

        await asyncio.gather(*(caller(call) for call in range(bench.load.writes)))
    tally = Tally(cuts=wire.cuts)
    there = await bench.one.read(effects, run=run, deadline=60.0)
    for call in range(bench.load.writes):
        tokens = there.get(call, [])
        tally.duplicates += max(0, len(tokens) - 1)
        tally.ghosts += call not in told and bool(tokens)
        tally.lost += call in told and not tokens
        tally.wrong_answers += call in told and bool(tokens) and told[call] not in tokens
    return tally


async def at_once(bench: Bench) -> Finding:
    """Many calls with one key at the same time: one effect, and everybody hears the same answer."""
    await bench.one.define(KEYS)
    wrong = failed = 0
    for n in range(bench.load.rounds):
        run = f"{bench.run}-once-{n}"
        calls = [
            network.write(act, run=run, call=0, idempotency_key=f"engine-check-{run}", deadline=30.0)
            for network in (bench.one, bench.two)
            for _ in range(bench.load.callers // 2)
        ]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        told = {answer for answer in answers if isinstance(answer, str)}
        failed += sum(isinstance(answer, StoreError) for answer in answers)
        there = await bench.one.read(effects, run=run, deadline=30.0)
        wrong += there.get(0, []) != list(told)
    facts = {"rounds": bench.load.rounds, "callers": bench.load.callers, "wrong": wrong, "failed": failed}
    if wrong or failed:
        return Finding("repetition-at-once", Verdict.BROKEN, facts, "broken-with-key")
    return Finding("repetition-at-once", Verdict.HELD, facts)
