"""The server's clock and ours: leases and freshness are compared across both."""

from __future__ import annotations

import time
from typing import Final

from graph.conformance.finding import Bench, Finding, Verdict
from graph.store.network import Tx

TOLERANCE: Final = 2.0
"""Seconds."""

NOW: Final = """
    RETURN timestamp() AS now
"""


async def now(tx: Tx) -> int:
    """What the server's clock says, in milliseconds."""
    return int((await (await tx.run(NOW)).single(strict=True))["now"])


async def agrees(bench: Bench) -> Finding:
    """Both clocks agree within two seconds."""
    before = time.time()
    there = await bench.one.read(now, deadline=30.0) / 1000
    after = time.time()
    skew = max(0.0, before - there, there - after)
    facts = {"skew": round(skew, 3)}
    if skew > TOLERANCE:
        return Finding("clock", Verdict.BROKEN, facts, "skew")
    return Finding("clock", Verdict.HELD, facts)
