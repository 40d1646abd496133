"""A small house to try the launcher on: its real files, tiny requirement lists, and a command that tells what it got."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

CHECKOUT: Final = Path(__file__).resolve().parents[2]

BASE_PYTHON: Final = str(sys._base_executable)  # type: ignore[attr-defined]  # the Python under our environment
"""What a person has before anything is installed."""

COMMAND: Final = """
import json, os, sys, time
kept = {name: value for name, value in os.environ.items() if name.startswith(("ENLACE_", "NEO4J_", "PYTHONPATH"))}
told = json.dumps({"arguments": sys.argv[1:], "cwd": os.getcwd(), "python": sys.executable, "kept": kept})
try:
    print(told, flush=True)
    if "wait" in sys.argv:
        time.sleep(60)
except KeyboardInterrupt:
    sys.exit(5)
sys.exit(7)
"""


def make_wheel(
    folder: Path, name: str, files: Mapping[str, str], *, version: str = "1.0", tag: str = "py3-none-any"
) -> str:
    """A real wheel, and the line of a requirement file that asks for exactly it."""
    info = f"{name}-{version}.dist-info"
    content = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    rows = []
    for path, text in content.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        rows.append(f"{path},sha256={digest},{len(text.encode())}")
    content[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,"]) + "\n"
    wheel = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in content.items():
            archive.writestr(zipfile.ZipInfo(path), text)  # no time of day: the same content, the same checksum
    checksum = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return f"{name.replace('_', '-')}=={version} --hash=sha256:{checksum}\n"


@dataclass
class House:
    """A checkout in which only the launcher is whole."""

    root: Path
    wheels: Path
    more: dict[str, str] = field(default_factory=dict)
    """Environment variables of its operator."""

    @property
    def environ(self) -> dict[str, str]:
        ours = {
            name: v for name, v in os.environ.items() if not name.startswith(("PIP_", "ENLACE_", "NEO4J_", "PYTHON"))
        }
        index = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels), "PIP_CONFIG_FILE": os.devnull}
        return {**ours, **index, "ENLACE_LANG": "es", **self.more}

    def start(self, *arguments: str, python: str = BASE_PYTHON, cwd: Path | None = None) -> subprocess.Popen[str]:
        """`enlace …`, in a session of its own, so that a signal to all of it touches nobody else."""
        return subprocess.Popen(
            [python, str(self.root / "enlace"), *arguments],
            cwd=cwd or self.root,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, python: str = BASE_PYTHON, cwd: Path | None = None) -> Told:
        process = self.start(*arguments, python=python, cwd=cwd)
        out, err = process.communicate(timeout=120)
        return Told(process.returncode, out, err)

    @property
    def stamp(self) -> dict[str, Any]:
        """What the environment says it holds."""
        try:
            return dict(json.loads((self.root / ".enlace" / "venv" / "enlace-stamp.json").read_text()))
        except FileNotFoundError:
            return {}

    def wait_until(self, is_so: Callable[[dict[str, Any]], bool]) -> None:
        end = time.monotonic() + 60
        while not is_so(self.stamp):
            assert time.monotonic() < end, f"never came to that: {self.stamp}"
            time.sleep(0.005)

    def require(self, name: str, *lines: str) -> None:
        (self.root / "requirements" / f"{name}.txt").write_text("".join(lines))

    def installed(self, module: str) -> Path:
        return next((self.root / ".enlace" / "venv").glob("lib/python3*/site-packages")) / module


@dataclass
class Told:
    """What a person sees of one run."""

    code: int
    out: str
    err: str

    @property
    def command(self) -> dict[str, Any]:
        """What the command got."""
        return dict(json.loads(self.out.splitlines()[0]))


def kill_all(process: subprocess.Popen[str], how: signal.Signals) -> None:
    """A signal to the launcher and all it started."""
    os.killpg(process.pid, how)


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("wheels")


def build(root: Path, wheels: Path) -> House:
    """Nothing is installed in it yet."""
    (root / "api" / "cli").mkdir(parents=True)
    (root / "api" / "cli" / "__main__.py").write_text(COMMAND)
    (root / "requirements").mkdir()
    shutil.copy2(CHECKOUT / "enlace", root)
    shutil.copytree(CHECKOUT / "launcher", root / "launcher", ignore=shutil.ignore_patterns("__pycache__"))
    house = House(root, wheels)
    many = {f"pequena/part_{n}.py": f"NUMBER = {n}\n" for n in range(4)}
    house.require("core", make_wheel(wheels, "pequena", {"pequena/__init__.py": "", **many}))
    house.require("embedded", make_wheel(wheels, "motor", {"motor.py": ""}))
    # The module that `enlace test` hands over to, telling what it got like the command does.
    house.require("test", make_wheel(wheels, "probador", {"pytest.py": COMMAND}))
    return house


@pytest.fixture
def fresh(tmp_path: Path, wheels: Path) -> House:
    """A house before its first start, in a path as life has it."""
    return build(tmp_path / "mi copia de señal", wheels)


@pytest.fixture(scope="session")
def first_start(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> tuple[House, Told]:
    """A house after its first start, and what was seen of it."""
    house = build(tmp_path_factory.mktemp("una casa") / "Enlace ñandú (1)", wheels)
    return house, house.run("up", "--no-demo", cwd=house.root.parent)


@pytest.fixture
def house(first_start: tuple[House, Told], tmp_path: Path) -> Iterator[House]:
    """A copy of a house that has been started before."""
    origin, _ = first_start
    root = tmp_path / "otra copia"
    shutil.copytree(origin.root, root, symlinks=True)
    yield House(root, origin.wheels)
    shutil.rmtree(root, ignore_errors=True)
