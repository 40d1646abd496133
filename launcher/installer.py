"""The package installer: how it is called, what of its talk a waiting person sees, what a killed one leaves behind."""

from __future__ import annotations

import csv
import re
import shutil
import sys
from pathlib import Path
from typing import Final

from launcher.environment import Environment
from launcher.progress import Progress
from launcher.words import say

OPTIONS: Final = ("--require-hashes", "--only-binary=:all:", "--no-input", "--disable-pip-version-check")
"""Only what was locked, and nothing that would have to be compiled here."""

RAW_PROGRESS_SINCE: Final = (24, 1)
"""The first pip that tells, in lines, how much of a file has come."""


def command(environment: Environment, requirements: Path) -> list[str]:
    """The environment's own pip; where Debian keeps `ensurepip` apart, the pip of this Python, working on it."""
    bar = f"--progress-bar={'raw' if _tells_parts(environment) else 'off'}"
    install = ["install", *OPTIONS, bar, "-r", str(requirements)]
    if (environment.packages / "pip").is_dir():
        return [str(environment.python), "-I", "-m", "pip", *install]
    return [sys.executable, "-I", "-m", "pip", "--python", str(environment.python), *install]


def _tells_parts(environment: Environment) -> bool:
    description = next(environment.packages.glob("pip-*.dist-info"), Path("pip-0.0.dist-info"))
    version = description.name.removeprefix("pip-").split(".")
    return tuple(int(part) for part in version[:2]) >= RAW_PROGRESS_SINCE


DOWNLOADING: Final = re.compile(r"^Downloading (?:.*/)?([A-Za-z0-9_.]+?)-\d\S*(?: \(([^)]+)\))?")
COLLECTING: Final = re.compile(r"^(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9_.-]+)")
PART: Final = re.compile(r"^Progress (\d+) of (\d+)$")


def show(progress: Progress, line: str) -> None:
    """What the installer says, as far as it interests a waiting person."""
    language = progress.language
    if part := PART.match(line):
        if int(part[2]):
            progress.part(int(part[1]) * 100 // int(part[2]))
    elif found := DOWNLOADING.match(line):
        size = f" ({found[2]})" if found[2] else ""
        progress.detail(say("downloading", language, name=found[1] + size))
    elif found := COLLECTING.match(line):
        progress.detail(say("looking", language, name=found[1]))
    elif line.startswith("Installing collected packages:"):
        progress.detail(say("unpacking", language, count=line.count(",") + 1))
    elif "Retrying (Retry(" in line:
        progress.detail(say("retrying", language))


def remove_half_installed(packages: Path) -> list[str]:
    """Forget every package that is not whole, so that the installer puts it there again; their names.

    A killed installer leaves files behind, and the next one would take such a package for installed.
    """
    for leftover in packages.glob("~*"):
        shutil.rmtree(leftover, ignore_errors=True)
    broken = [found for found in packages.glob("*.dist-info") if not _is_whole(packages, found / "RECORD")]
    for description in broken:
        shutil.rmtree(description)
    return [description.name.split("-")[0] for description in broken]


def _is_whole(packages: Path, record: Path) -> bool:
    try:
        with record.open(encoding="utf-8", newline="") as rows:
            return all((packages / name).stat().st_size == int(size) for name, _, size in csv.reader(rows) if size)
    except (OSError, ValueError):
        return False
