"""An engine that hangs, dies and comes back while somebody works with it. Needs an engine of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from graph.child import House
from graph.engine import serve
from graph.store.errors import StoreError, Unavailable
from graph.store.migrate import migrate
from graph.store.network import Network, Tx

pytestmark = [
    pytest.mark.xdist_group("embedded"),
    pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX"),
]


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[tuple[Path, Network]]:
    with serve(tmp_path) as server:
        async with Network.open(server) as network:
            await migrate(network)
            yield tmp_path, network


def pid_of(data: Path) -> int:
    running = House(data).recall()
    assert running is not None
    return running.pid


async def note(tx: Tx, n: int) -> int:
    await (await tx.run("CREATE (:TestOutage {n: $n})", n=n)).consume()
    return n


async def notes(tx: Tx) -> list[int]:
    answer = await tx.run("MATCH (o:TestOutage) RETURN collect(o.n) AS found")
    return sorted((await answer.single(strict=True))["found"])


async def test_an_engine_that_hangs_is_said_in_time_and_serves_again_when_it_goes_on(own: tuple[Path, Network]) -> None:
    data, network = own
    await network.write(note, 1, idempotency_key="outage-1")
    os.kill(pid_of(data), signal.SIGSTOP)
    try:
        started = asyncio.get_running_loop().time()
        answers = await asyncio.gather(
            network.read(notes, deadline=1.0),
            network.write(note, 2, deadline=1.0, idempotency_key="outage-2"),
            return_exceptions=True,
        )
        assert all(isinstance(answer, Unavailable) for answer in answers), answers
        assert asyncio.get_running_loop().time() - started < 4
    finally:
        os.kill(pid_of(data), signal.SIGCONT)
    assert await network.write(note, 2, deadline=20.0, idempotency_key="outage-2") == 2
    assert await network.read(notes) == [1, 2]


# A deadline that passes while the driver is still knocking at a dead port leaves its knock unheard, and asyncio says so.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_an_engine_that_dies_loses_nothing_acknowledged_and_is_found_again(own: tuple[Path, Network]) -> None:
    data, network = own
    some, restarted = asyncio.Event(), asyncio.Event()

    async def caller(n: int) -> None:
        try:
            await network.write(note, n, idempotency_key=f"outage-{n}", deadline=3.0)
        except StoreError:
            await restarted.wait()
            await network.write(note, n, idempotency_key=f"outage-{n}", deadline=30.0)
        some.set()

    calls = [asyncio.create_task(caller(n)) for n in range(60)]
    await some.wait()
    os.kill(pid_of(data), signal.SIGKILL)
    with await asyncio.to_thread(restart, data):
        restarted.set()
        await asyncio.gather(*calls)
        assert await network.read(notes) == list(range(60))


def restart(data: Path) -> ExitStack:
    """What the next command does that finds the engine dead."""
    stack = ExitStack()
    stack.enter_context(serve(data))
    return stack
