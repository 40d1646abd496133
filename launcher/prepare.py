"""Makes the environment, redoes what changed, takes up what was cut short. One start at a time."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol

from launcher import child, installer
from launcher.environment import Environment, Stamp
from launcher.lock import only_one
from launcher.progress import Progress
from launcher.trouble import Trouble, in_installation, python_version
from launcher.words import say


class Run(Protocol):
    """Runs a tool with all that is the same for every tool."""

    def __call__(self, command: Sequence[str], *, on_line: Callable[[str], None]) -> tuple[int, str]:
        """Its exit code, and what it said last."""


def prepare(environment: Environment, names: Sequence[str], *, progress: Progress, environ: Mapping[str, str]) -> None:
    """Afterwards the environment holds every named requirement file."""
    if not environment.missing(names):
        return
    environment.home.mkdir(exist_ok=True)
    with only_one(environment.home / "lock", while_waiting=_Waiting(progress)) as lock:
        if not environment.missing(names):
            return
        environment.log.write_text("", encoding="utf-8")
        shutil.rmtree(environment.temporary, ignore_errors=True)
        environment.temporary.mkdir()
        run = partial(
            child.run,
            env=child.clean(environ, environment.temporary),
            cwd=environment.root,
            log=environment.log,
            keep_open=lock,
            on_tick=progress.tick,
        )
        try:
            if not environment.is_usable:
                _make(environment, progress, run)
            elif Stamp.read(environment.stamp).installing:
                progress.step(say("mending", progress.language))
                installer.remove_half_installed(environment.packages)
            for name in environment.missing(names):
                _install(environment, name, progress, run)
        finally:
            shutil.rmtree(environment.temporary, ignore_errors=True)
    progress.line(say("done", progress.language, elapsed=progress.elapsed))


class _Waiting:
    """Says once that another start is at it, then only that time passes."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._is_told = False

    def __call__(self) -> None:
        if not self._is_told:
            self._progress.step(say("waiting", self._progress.language))
        self._is_told = True
        self._progress.tick()


def _make(environment: Environment, progress: Progress, run: Run) -> None:
    if not _has("venv"):
        raise Trouble("venv-missing", module="venv", version=python_version())
    brings_pip = _has("ensurepip")
    if not brings_pip and not _has("pip"):
        raise Trouble("venv-missing", module="ensurepip", version=python_version())
    if os.pathsep in str(environment.path):
        raise Trouble("bad-path", sign=os.pathsep, path=environment.root)
    progress.step(say("venv", progress.language, version=platform.python_version()))
    if environment.path.exists():
        shutil.rmtree(environment.path)
    options = [] if brings_pip else ["--without-pip"]
    command = [sys.executable, "-I", "-m", "venv", *options, str(environment.path)]
    code, said = run(command, on_line=lambda _: None)
    if code:
        cause = in_installation(said, step="venv", root=environment.root)
        raise Trouble("venv-failed", path=environment.path) if cause.key == "install-failed" else cause
    Stamp(python=os.path.realpath(environment.python)).write(environment.stamp)


def _has(module: str) -> bool:
    """Whether this Python brings the module; an empty folder of its name does not count."""
    found = importlib.util.find_spec(module)
    return found is not None and found.origin is not None


def _install(environment: Environment, name: str, progress: Progress, run: Run) -> None:
    stamp = Stamp.read(environment.stamp)
    others = {other: checksum for other, checksum in stamp.installed.items() if other != name}
    checksum = environment.checksum(name)
    Stamp(stamp.python, others, installing=name).write(environment.stamp)
    progress.step(say(name, progress.language))
    command = installer.command(environment, environment.requirements(name))
    code, said = run(command, on_line=partial(installer.show, progress))
    if code:
        raise in_installation(said, step=name, root=environment.root)
    Stamp(stamp.python, {**others, name: checksum}).write(environment.stamp)
