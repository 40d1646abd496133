"""The checks in their order, run one after the other, and what they leave removed."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final
from uuid import uuid4

from graph.conformance import clock, dialect, durability, places, repetition, withdrawal
from graph.conformance.finding import Bench, Check, Finding, Load, Verdict
from graph.server import Server
from graph.store.errors import StoreError
from graph.store.network import Network, Tx

CHECKS: Final[Sequence[tuple[str, Check]]] = (
    ("constraints", dialect.constraints),
    ("values", dialect.values),
    ("constructs", dialect.constructs),
    ("clock", clock.agrees),
    ("places-forced", places.forced),
    ("places-load", places.under_load),
    ("withdrawal", withdrawal.forced),
    ("repetition-at-once", repetition.at_once),
    ("repetition-cuts", repetition.under_cuts),
    ("synced", durability.synced),
)
"""Names and functions. What a name means to a person stands in `api/locale/*/engine-check.po`."""

KEYS: Final = "engine-check-"


async def check_engine(
    server: Server, load: Load | None = None, *, on_start: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Finding]:
    """Put the server to the proof; a finding comes as soon as its check is done. Safe on a server with data."""
    async with Network.open(server) as one, Network.open(server) as two:
        await clean(one)
        bench = Bench(server, one, two, load or Load(), uuid4().hex[:12])
        try:
            for name, check in CHECKS:
                on_start(name)
                yield await _run(name, check, bench)
        finally:
            await clean(one)


async def _run(name: str, check: Check, bench: Bench) -> Finding:
    started = time.monotonic()
    try:
        finding = await check(bench)
    except StoreError as error:
        finding = Finding(name, Verdict.BROKEN, {"error": type(error).__name__}, "failed")
    return dataclasses.replace(finding, seconds=round(time.monotonic() - started, 2))


REMOVE: Final = """
    MATCH (n:EngineCheckPlaces|EngineCheckSeat|EngineCheckCase|EngineCheckConsent|EngineCheckTransfer
           |EngineCheckEffect|EngineCheckCommit|EngineCheckThing|EngineCheckValue|EngineCheckLink)
    WITH n LIMIT 2000
    DETACH DELETE n
    RETURN count(*) AS gone
"""

REMOVE_KEYS: Final = """
    MATCH (i:Idempotency)
    WHERE i.key STARTS WITH $prefix
    WITH i LIMIT 2000
    DELETE i
    RETURN count(*) AS gone
"""


async def remove(tx: Tx) -> int:
    """Remove some of what the checks wrote."""
    return int((await (await tx.run(REMOVE)).single(strict=True))["gone"])


async def remove_keys(tx: Tx) -> int:
    """Remove some of the keys that the checks used."""
    return int((await (await tx.run(REMOVE_KEYS, prefix=KEYS)).single(strict=True))["gone"])


async def clean(network: Network) -> None:
    """Leave nothing behind."""
    for action in (remove, remove_keys):
        while await network.write(action, deadline=60.0):
            pass
    for statement in dialect.UNSCHEMA:
        await network.define(statement)
