"""Runs one tool to its end, line by line, and ends it with us."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

TICK_SECONDS: Final = 0.2
PATIENCE_SECONDS: Final = 10


def run(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    log: Path,
    keep_open: int,
    on_line: Callable[[str], None],
    on_tick: Callable[[], None],
) -> tuple[int, str]:
    """The exit code, and what the tool said last. `keep_open` is a descriptor that the tool shall inherit."""
    with log.open("a", encoding="utf-8") as record:
        process = subprocess.Popen(
            command,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            pass_fds=() if sys.platform == "win32" else (keep_open,),
        )
        lines: queue.Queue[str | None] = queue.Queue()
        assert process.stdout is not None  # because of PIPE
        threading.Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
        said: list[str] = []
        try:
            while (line := _next(lines, on_tick)) is not None:
                record.write(line)
                said.append(line)
                on_line(line.strip())
            return process.wait(), "".join(said[-25:])
        finally:
            _end(process)


def _read(stream: IO[str], lines: queue.Queue[str | None]) -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)


def _next(lines: queue.Queue[str | None], on_tick: Callable[[], None]) -> str | None:
    while True:
        try:
            return lines.get(timeout=TICK_SECONDS)
        except queue.Empty:
            on_tick()


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def clean(environ: Mapping[str, str], temporary: Path) -> dict[str, str]:
    """The environment for installing: nobody's habits may send packages elsewhere; the index and proxy stay."""
    kept = {name: value for name, value in environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    for name in ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIREMENT", "PIP_CONSTRAINT", "PIP_NO_BINARY"):
        kept.pop(name, None)
    kept |= {"PIP_USER": "0", "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
    kept |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), os.fspath(temporary))
    return kept
