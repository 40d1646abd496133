"""Who uses the embedded engine of a data folder: the first comer starts it, others adopt it, the last one stops it.

Every user holds a lock on a file of its own for as long as it works; the operating system takes the lock back when the
user dies, so a killed run is never counted. Starting and stopping happen under one more lock, one at a time.
See docs/decisions/0010.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

from filelock import FileLock, Timeout

from graph import child
from graph.child import House, Running
from graph.server import EngineProblem, Server, answers

START: Final = 90.0
"""Seconds an engine may take until it answers: recovery after a crash reads its logs first."""

ORPHAN: Final = 15.0
"""Seconds an engine that nobody uses may take to answer before it is ended."""


@contextmanager
def engine_of(data: Path, *, memory: str) -> Iterator[Server]:
    """The engine of this folder, for as long as the block lasts."""
    house = House(data.resolve())
    house.prepare()
    with _one_at_a_time(house):
        house.make_password()
        mine = _sign_in(house)
        try:
            server = _adopt(house) or _start(house, memory=memory)
        except BaseException:
            _leave(house, mine)
            raise
    try:
        yield server
    finally:
        with _one_at_a_time(house):
            _leave(house, mine)


def _adopt(house: House) -> Server | None:
    """The engine that already serves this folder. One that is mute is ended, unless somebody still works with it."""
    running = house.recall()
    if running is None or child.alive(running, house) is None:
        return None
    server = house.server(running)
    end = time.monotonic() + ORPHAN
    while child.alive(running, house) is not None:
        if child.has_both_doors(running) and answers(server):
            child.inspect(running, server)
            return server
        if time.monotonic() >= end:
            if len(_users(house)) > 1:
                raise EngineProblem("engine.mute", pid=running.pid, log=house.log)
            child.stop(running, house, patience=5)
    return None


def _start(house: House, *, memory: str) -> Server:
    """Start an engine. A port that somebody else took in between is tried again with another."""
    for chance in (3, 2, 1):
        before = house.recall()
        running = child.start(house, memory=memory, before=before)
        try:
            server = _wait(house, running)
            child.inspect(running, server)
            return server
        except EngineProblem as problem:
            child.stop(running, house, patience=5)
            if problem.code != "engine.port-taken" or chance == 1:
                raise
        except BaseException:
            child.stop(running, house, patience=5)
            raise
    raise EngineProblem("engine.no-port")


def _wait(house: House, running: Running) -> Server:
    server = house.server(running)
    end = time.monotonic() + START
    while time.monotonic() < end:
        # One that cannot start says so and stays: what it says counts, not only whether it lives.
        if (problem := diagnosis(house)) is not None:
            raise problem
        if child.alive(running, house) is None:
            raise diagnosis(house) or EngineProblem("engine.no-start", log=house.output)
        if child.has_both_doors(running) and answers(server):
            return server
        time.sleep(0.05)
    raise EngineProblem("engine.too-slow", seconds=round(START), log=house.log)


SIGNS: Final = (
    ("LockException", "engine.locked"),
    ("No space left on device", "engine.disk-full"),
    ("Unable to listen", "engine.port-taken"),
    ("Could not reserve enough space", "engine.no-memory"),
    ("Too small maximum heap", "engine.no-memory"),
    ("GLIBC_", "engine.no-wheel"),
)


def diagnosis(house: House) -> EngineProblem | None:
    """What an engine says that cannot start, in our words; None while it has said nothing of the kind."""
    said = house.output.read_text(encoding="utf-8", errors="replace")
    for sign, code in SIGNS:
        if sign in said:
            return EngineProblem(
                code,
                folder=house.data,
                log=house.output,
                free=0,
                needed=child.NEEDED_BYTES // 2**20,
                machine="glibc < 2.34",
            )
    return None


@contextmanager
def _one_at_a_time(house: House) -> Iterator[None]:
    """Starting, adopting and stopping exclude each other, across processes."""
    try:
        with FileLock(house.root / "start.lock", timeout=2 * START, thread_local=False):
            yield
    except Timeout:
        raise EngineProblem("engine.busy", folder=house.data) from None


def _sign_in(house: House) -> FileLock:
    """Say that this process works with the engine."""
    folder = house.root / "users"
    folder.mkdir(exist_ok=True)
    lock = FileLock(folder / f"{uuid4().hex}.lock", thread_local=False)
    lock.acquire(timeout=0)
    return lock


def _users(house: House) -> list[Path]:
    """Who works with the engine now. The files of those who died are removed."""
    found = []
    for path in (house.root / "users").glob("*.lock"):
        try:
            with FileLock(path, timeout=0, thread_local=False):
                pass
            path.unlink(missing_ok=True)
        except Timeout:
            found.append(path)
    return found


def _leave(house: House, mine: FileLock) -> None:
    """Sign out; the last one stops the engine."""
    mine.release()
    Path(mine.lock_file).unlink(missing_ok=True)
    running = house.recall()
    if running is not None and not _users(house):
        child.stop(running, house)
