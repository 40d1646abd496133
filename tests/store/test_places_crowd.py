"""Sixty-four callers in four processes on few places, the engine killed in between: no place is given twice. (R-06)

Everybody asks everywhere. At services where places come back, people come and go; where none comes back, exactly as many
have a place as there are. At the end the counters are what they count, and what was acknowledged is there.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import pytest

from graph.secrets import open_secrets
from graph.store.migrate import migrate
from graph.store.network import Network, Tx
from tests.house.tree import CHECKOUT
from tests.mortal import Mortal
from tests.places import counts, open_places
from tests.sending import Patient, Walk, set_the_clinic
from tests.sizes import kills, reservations

PROCESSES: Final = 4
CALLERS: Final = 64
PLACES: Final = 10
RESERVATIONS: Final = reservations(200, 10_000)
KILLS: Final = {"embedded": kills(2, 20), "neo4j": kills(1, 10)}

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

STATES: Final = """
    MATCH (r:Referral)-[:TO]->(s:Service)
    RETURN r.id AS id, s.id AS service, r.status AS status, [(r)-[:LEASES]->(l:Lease) | l.held] AS held
"""


class Process:
    """One of the processes of the crowd, and what it said so far."""

    def __init__(self, task: dict[str, Any]) -> None:
        line = [sys.executable, "-m", "tests.crowd"]
        self._child = subprocess.Popen(
            line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT, env=dict(os.environ)
        )
        assert self._child.stdin  # because of PIPE
        self._child.stdin.write(json.dumps(task))
        self._child.stdin.close()
        self.answers, self.told = 0, ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._child.stdout  # because of PIPE
        for line in self._child.stdout:
            if line == "answer\n":
                self.answers += 1
            else:
                self.told = line

    @property
    def is_running(self) -> bool:
        return self._child.poll() is None

    def result(self) -> dict[str, Any]:
        assert self._child.wait() == 0, "it prints why"
        self._reader.join(60)
        found: dict[str, Any] = json.loads(self.told)
        return found

    def end(self) -> None:
        if self.is_running:
            self._child.kill()
            self._child.wait(10)


async def test_no_place_is_given_twice_whatever_is_killed(
    engine: Mortal, tmp_path: Path, measured: Callable[[str], None]
) -> None:
    secrets = open_secrets(tmp_path / "keys")
    turns = max(2, RESERVATIONS // CALLERS)
    services = [(f"s-crowd-{n}", n % 2 == 1) for n in range(turns)]
    killed = KILLS[engine.server.kind]
    with ExitStack() as stack:
        async with Network.open(engine.server) as network:
            await migrate(network)
            await set_the_clinic(network)
            patient = Patient.of(network)
            for service, _ in services:
                await open_places(patient, service, PLACES)
            people = []
            for _ in range(CALLERS):
                walk = await Walk(network, secrets).begin()
                await walk.allow()
                people.append({"case": walk.case_id, "need": walk.need_id, "at": walk.at.isoformat()})
            task = {"server": asdict(engine.server), "keys": str(tmp_path / "keys"), "services": services}
            crowd = []
            for n in range(PROCESSES):
                crowd.append(Process(task | {"people": people[n::PROCESSES]}))
                stack.callback(crowd[-1].end)
            expected = 2 * turns * CALLERS
            for number in range(killed):
                async with asyncio.timeout(900):
                    while sum(p.answers for p in crowd) < expected * (number + 1) // (killed + 2):
                        assert all(p.is_running for p in crowd), "one of them ended early"
                        await asyncio.sleep(0.02)
                await asyncio.to_thread(engine.kill)
                await asyncio.to_thread(engine.come_back)
            results = [await asyncio.to_thread(process.result) for process in crowd]
            told = {id: what for result in results for id, what in result["told"].items()}
            rows = {row["id"]: row for row in await patient.read(_states)}
            assert set(told) == set(rows)
            for id, what in told.items():
                wanted = {"full": ("draft", []), "held": ("requested", ["leased"]), "back": ("completed", ["back"])}
                assert (rows[id]["status"], rows[id]["held"]) == wanted[what], id
            given = Counter(row["service"] for row in rows.values() if row["held"])
            for service, goes_on in services:
                free, leased, used = await counts(patient, service)
                assert (free, leased, used) == ((PLACES, 0, 0) if goes_on else (0, PLACES, 0)), service
                assert given[service] >= PLACES if goes_on else given[service] == PLACES, service
    unanswered = sum(result["unanswered"] for result in results)
    asked = turns * CALLERS
    measured(f"{asked} asked for a place, {CALLERS} callers, {PROCESSES} processes, {killed} kills: 0 given twice")
    assert unanswered, "nobody was in the middle of anything: this proves nothing"


async def _states(tx: Tx) -> list[dict[str, Any]]:
    return [row.data() async for row in await tx.run(STATES)]
