"""The environment `.enlace/venv`: where it lies, what it holds, and what is missing in it. Changes nothing."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from launcher.trouble import Trouble


@dataclass(frozen=True)
class Stamp:
    """What the environment holds, by checksum; a file that is `installing` was cut short, unless someone is at it."""

    python: str = ""
    installed: Mapping[str, str] = field(default_factory=dict)
    installing: str | None = None

    @classmethod
    def read(cls, path: Path) -> Stamp:
        """An unreadable stamp is no stamp."""
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return cls()

    def write(self, path: Path) -> None:
        """All or nothing."""
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        beside.replace(path)


@dataclass(frozen=True)
class Environment:
    """The environment of one checkout."""

    root: Path

    @property
    def home(self) -> Path:
        """Where all that Enlace makes for itself lies."""
        return self.root / ".enlace"

    @property
    def path(self) -> Path:
        """The virtual environment."""
        return self.home / "venv"

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.path / "Scripts" / "python.exe" if os.name == "nt" else self.path / "bin" / "python"

    @property
    def packages(self) -> Path:
        """Where its libraries lie."""
        return next(iter(self.path.glob("lib/python3*/site-packages")), self.path / "Lib" / "site-packages")

    @property
    def stamp(self) -> Path:
        """Says what it holds."""
        return self.path / "enlace-stamp.json"

    @property
    def log(self) -> Path:
        """What the tools said when it was last worked on."""
        return self.home / "install.log"

    @property
    def temporary(self) -> Path:
        """For downloads on their way: on the same disk, so that only one disk can be full."""
        return self.home / "tmp"

    @property
    def is_usable(self) -> bool:
        """It was made to its end, and the Python under it is still the same."""
        made_with = Stamp.read(self.stamp).python
        return self.python.exists() and made_with == os.path.realpath(self.python)

    def requirements(self, name: str) -> Path:
        """The hashed requirement file of that name."""
        return self.root / "requirements" / f"{name}.txt"

    def checksum(self, name: str) -> str:
        """Changes with every change of the requirement file."""
        path = self.requirements(name)
        try:
            return hashlib.sha256(path.read_bytes()).hexdigest()
        except FileNotFoundError:
            raise Trouble("no-requirements", path=path) from None

    def missing(self, names: Sequence[str]) -> list[str]:
        """Which of the requirement files are not installed as they now are."""
        installed = Stamp.read(self.stamp).installed if self.is_usable else {}
        return [name for name in names if installed.get(name) != self.checksum(name)]
