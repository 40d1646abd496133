"""From the typed command to the running one: what it needs, its environment, then the hand-over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from launcher.environment import Environment
from launcher.prepare import prepare
from launcher.progress import Progress
from launcher.trouble import CANNOT_START, Trouble, in_file_system
from launcher.words import language_of, say

ROOT: Final = Path(__file__).resolve().parent.parent

OPTIONS_WITH_VALUE: Final = ("--data", "--lang")

KEPT_FOR_TESTS: Final = ("NEO4J_TEST_", "ENLACE_REQUIRE", "ENLACE_TEST_", "ENLACE_LANG")
"""Tests never see an operator's server or data folder, whatever the shell they are started from says."""


class Interrupted(Exception):
    """Somebody asked us to stop."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum


def main(arguments: Sequence[str]) -> int:
    """Prepares what the command needs, then becomes it. Returns only where that failed, or on Windows."""
    language = language_of(arguments, os.environ)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # both are text files in a script
    environment = Environment(ROOT)
    progress = Progress(language)
    before = _position_of_command(arguments)
    is_test = arguments[before : before + 1] == ["test"]
    try:
        with _stopping_on_signals():
            _prepare(environment, progress, is_test=is_test)
    except Interrupted as stop:
        progress.line(say("interrupted", language))
        return 128 + stop.signum
    except Trouble as trouble:
        progress.line(trouble.told(language, environment.log))
        return CANNOT_START
    except OSError as error:
        known = in_file_system(error, ROOT)
        if known is None:
            raise
        progress.line(known.told(language))
        return CANNOT_START
    if is_test:
        os.chdir(ROOT)
        return _become(environment, ["-m", "pytest", *arguments[before + 1 :]], _without_operators_settings(os.environ))
    return _become(environment, ["-m", "api.cli", *arguments], os.environ)


def _prepare(environment: Environment, progress: Progress, *, is_test: bool) -> None:
    names = ["core"] if os.environ.get("NEO4J_URI") and not is_test else ["core", "embedded"]
    tests = ["test"] if is_test else []
    try:
        prepare(environment, names + tests, progress=progress, environ=os.environ)
    except Trouble as trouble:
        if not (is_test and trouble.key == "no-engine" and os.environ.get("NEO4J_TEST_URI")):
            raise
        progress.line(trouble.told(progress.language))
        prepare(environment, ["core", *tests], progress=progress, environ=os.environ)


def _position_of_command(arguments: Sequence[str]) -> int:
    """Where the command stands, behind the options that hold for all commands."""
    position = 0
    while position < len(arguments) and arguments[position].startswith("-"):
        position += 2 if arguments[position] in OPTIONS_WITH_VALUE else 1
    return position


def _without_operators_settings(environ: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in environ.items()
        if not name.startswith(("NEO4J_", "ENLACE_")) or name.startswith(KEPT_FOR_TESTS)
    }


def _become(environment: Environment, arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """The environment's Python takes our place: working folder, signals and exit code are its own.

    `-P` keeps a folder of the same name in the working folder from being taken for one of ours.
    """
    command = [str(environment.python), "-P", *arguments]
    env = {name: value for name, value in environ.items() if name != "PYTHONHOME"}
    env |= {"PYTHONPATH": str(environment.root), "PYTHONUTF8": "1"}
    if os.name == "posix":
        sys.stdout.flush()
        sys.stderr.flush()
        os.execve(command[0], command, env)
    process = subprocess.Popen(command, env=env)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the console tells the child too; we wait for its answer
    return process.wait()


@contextmanager
def _stopping_on_signals() -> Iterator[None]:
    """While preparing, a signal ends the tool at work before it ends us."""

    def stop(signum: int, frame: FrameType | None) -> NoReturn:
        raise Interrupted(signum)

    wanted = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {signum: signal.signal(signum, stop) for signum in wanted}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
