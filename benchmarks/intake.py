"""A generated network taken in by the real `enlace import`, in a process of its own that is watched; places that change.

What a row means is not asked here: the import says whether everything went in.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from api.actions import capacity
from consent.access import Nameless
from graph.model.places import Change
from graph.model.refusal import Refusal
from graph.server import Server
from graph.store.network import Network

ROOT = Path(__file__).parent.parent
GLANCE = 0.05
"""Seconds between two looks at the memory."""


class ImportFailed(Exception):
    """What the import said before it ended."""


@dataclass(frozen=True, slots=True)
class Intake:
    """How an import went."""

    services: int
    seconds: float
    processor_seconds: float
    """Of the importing process; the engine's are not in it."""
    peak_mb: float
    """Most memory the importing process held."""
    engine_peak_mb: float | None
    """Most memory the engine held, where it is ours to see."""


def take_in(data: Path, network: Path, *, services: int, server: Server) -> Intake:
    """Import a network into an engine that is up already."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ENLACE_", "NEO4J_"))}
    environment["PYTHONPATH"] = str(ROOT)
    if server.kind == "neo4j":
        environment |= {"NEO4J_URI": server.uri, "NEO4J_USERNAME": server.user, "NEO4J_PASSWORD": server.password}
    line = [sys.executable, "-m", "api.cli", "--data", str(data), "--lang", "en", "import", str(network)]
    engine = _engine(server)
    peak = engine_peak = processor = 0.0
    began = time.perf_counter()
    with (data / "import.log").open("w+", encoding="utf-8") as said:
        process = psutil.Popen(line, stdout=said, stderr=said, cwd=ROOT, env=environment)
        while process.poll() is None:
            try:
                peak = max(peak, process.memory_info().rss)
                times = process.cpu_times()
                processor = times.user + times.system
            except psutil.NoSuchProcess:
                break
            if engine is not None:
                engine_peak = max(engine_peak, engine.memory_info().rss)
            time.sleep(GLANCE)
        seconds = time.perf_counter() - began
        if process.wait():
            said.seek(0)
            raise ImportFailed(said.read()[-2000:])
    return Intake(services, seconds, processor, peak / 2**20, engine_peak / 2**20 if engine else None)


def _engine(server: Server) -> psutil.Process | None:
    """The process that listens where this server is, if it is ours."""
    port = int(server.uri.rsplit(":", 1)[1])
    for process in psutil.Process().children(recursive=True):
        try:
            if any(c.status == psutil.CONN_LISTEN and c.laddr.port == port for c in process.net_connections("tcp")):
                return process
        except psutil.Error:
            continue
    return None


@dataclass(frozen=True, slots=True)
class Updates:
    """How many statements of places go through in a second."""

    callers: int
    per_second: float
    troubles: int
    """Attempts that the engine turned away and that were tried again."""


async def change_places(network: Network, services: Sequence[str], *, callers: int, changes: int) -> Updates:
    """So many providers at once, each saying something about one of its services after the other."""

    async def caller(number: int) -> None:
        for turn in range(changes):
            service = services[(number + turn * callers) % len(services)]
            at = datetime.now(UTC)
            said = await network.write(
                capacity.change,
                service,
                Change.SET,
                actor=Nameless.MACHINE,
                by="provider",
                at=at,
                expected=None,
                number=turn % 5,
                deadline=30.0,
            )
            assert not isinstance(said, Refusal)

    before = sum(network.troubles.values())
    began = time.perf_counter()
    await asyncio.gather(*(caller(number) for number in range(callers)))
    seconds = time.perf_counter() - began
    return Updates(callers, callers * changes / seconds, sum(network.troubles.values()) - before)
