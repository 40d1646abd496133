"""An acknowledged commit is on the disk: seen by counting the server's sync calls, where the server runs on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psutil

from graph.conformance.finding import Bench, Finding, Verdict
from graph.server import is_loopback
from graph.store.network import Tx

SYNC: Final = re.compile(r"\b(?:fsync|fdatasync|msync|sync_file_range)\(")

WRITE: Final = """
    CREATE (:EngineCheckCommit {run: $run, n: $n})
"""


async def write(tx: Tx, *, run: str, n: int) -> None:
    """One small commit."""
    await (await tx.run(WRITE, run=run, n=n)).consume()


async def synced(bench: Bench) -> Finding:
    """Commits one after the other: at least one sync call for each."""
    pid = _process_of(bench.server.uri)
    if pid is None:
        return Finding("synced", Verdict.UNSEEN, reason="not-on-this-machine")
    strace = shutil.which("strace")
    if strace is None:
        return Finding("synced", Verdict.UNSEEN, reason="no-strace")
    await bench.one.write(write, run=bench.run, n=-1, deadline=30.0)  # what only the first write costs is not counted
    with tempfile.TemporaryDirectory() as folder:
        seen = Path(folder) / "calls"
        line = [
            strace,
            "-f",
            "-qq",
            "-e",
            "trace=fsync,fdatasync,msync,sync_file_range",
            "-o",
            str(seen),
            "-p",
            str(pid),
        ]
        tracer = await asyncio.create_subprocess_exec(*line, stderr=asyncio.subprocess.DEVNULL)
        try:
            if not await _is_attached(pid, tracer):
                return Finding("synced", Verdict.UNSEEN, reason="strace-not-allowed")
            for n in range(bench.load.commits):
                await bench.one.write(write, run=bench.run, n=n, deadline=30.0)
        finally:
            with contextlib.suppress(ProcessLookupError):
                tracer.send_signal(signal.SIGINT)
            await tracer.wait()
        syncs = len(SYNC.findall(seen.read_text(encoding="utf-8", errors="replace")))
    facts = {"commits": bench.load.commits, "syncs": syncs}
    if syncs < bench.load.commits:
        return Finding("synced", Verdict.BROKEN, facts, "not-synced")
    return Finding("synced", Verdict.HELD, facts)


async def _is_attached(pid: int, tracer: asyncio.subprocess.Process) -> bool:
    """Whether every thread of the server is watched."""
    end = time.monotonic() + 10
    while time.monotonic() < end and tracer.returncode is None:
        if _all_are_traced(pid):
            return True
        await asyncio.sleep(0.05)
    return False


def _all_are_traced(pid: int) -> bool:
    return all(_is_traced(task) for task in Path(f"/proc/{pid}/task").iterdir())


def _is_traced(task: Path) -> bool:
    try:
        return not re.search(r"^TracerPid:\s+0$", (task / "status").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        return True  # the thread has ended meanwhile


def _process_of(uri: str) -> int | None:
    """The Java process on this machine that listens there. One behind a container's port is not seen as such."""
    parts = urlsplit(uri)
    if not Path("/proc/self/task").exists() or not is_loopback(parts.hostname or ""):
        return None
    for process in _java():
        with contextlib.suppress(psutil.Error):
            for s in process.net_connections(kind="inet"):
                if s.status == psutil.CONN_LISTEN and s.laddr.port == (parts.port or 7687):
                    return int(process.pid)
    return None


def _java() -> Iterator[psutil.Process]:
    for process in psutil.process_iter(["name"]):
        if process.info["name"] == "java":
            yield process
