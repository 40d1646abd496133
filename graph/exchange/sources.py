"""Which files an import reads, and what kind of rows stands in each. (issue: a folder or a file)"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from graph.exchange import document, tables
from graph.exchange.problem import Place, Refusal, Refused

Kind = Literal["areas", "adjacency", "directory", "mechanisms", "suspensions"]

NAMES: Final[dict[str, Kind]] = {
    "areas.csv": "areas",
    "area-adjacency.csv": "adjacency",
    "organizations.json": "directory",
    "services.json": "directory",
    "mechanisms.json": "mechanisms",
    "suspensions.json": "suspensions",
}
"""The files of a folder, in the order in which they are read. Others are told and left alone."""

SECTIONS: Final[dict[str, Kind]] = {
    "areas": "areas",
    "area_adjacency": "adjacency",
    "organizations": "directory",
    "contents": "directory",
    "mechanisms": "mechanisms",
    "suspensions": "suspensions",
}
"""The lists of a file that holds everything: an export in one file, or a quarantine."""

_ORDER: Final = ("areas", "adjacency", "directory", "mechanisms", "suspensions")


@dataclass(frozen=True, slots=True)
class Source:
    """Rows of one kind in one file."""

    kind: Kind
    path: Path
    name: str
    section: str | None = None

    @property
    def is_table(self) -> bool:
        """Whether it is CSV."""
        return self.path.suffix.lower() == ".csv"

    @property
    def size(self) -> int:
        """Bytes, for progress."""
        return self.path.stat().st_size


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to read, and what of a folder is left alone."""

    sources: tuple[Source, ...]
    ignored: tuple[str, ...]


def find(path: Path) -> Found:
    """The sources of a folder or file. `Refused` when there is nothing to read."""
    if path.is_dir():
        return _in_folder(path)
    if not path.exists() and not path.is_symlink():
        raise Refused(Refusal.NOT_THERE, Place(str(path)))
    sources = _in_file(path, path.name)
    return Found(tuple(sorted(sources, key=lambda s: _ORDER.index(s.kind))), ())


def _in_folder(path: Path) -> Found:
    present = {entry.name for entry in path.iterdir()}
    sources = [source for name in NAMES if name in present for source in _in_file(path / name, name)]
    if not sources:
        raise Refused(Refusal.NOTHING_TO_IMPORT, Place(path.name), names=", ".join(NAMES))
    others = sorted(name for name in present - NAMES.keys() if name.lower().endswith((".json", ".csv")))
    return Found(tuple(sorted(sources, key=lambda s: _ORDER.index(s.kind))), tuple(others))


def _in_file(path: Path, name: str) -> list[Source]:
    named = NAMES.get(name)
    if path.suffix.lower() == ".csv":
        columns = set() if named else tables.header_of(path, name=name)
        return [Source(named or ("adjacency" if "adjacent" in columns else "areas"), path, name)]
    lists = document.sections(path, name=name)
    if lists is not None:
        return [Source(SECTIONS[s], path, name, s) for s in SECTIONS if s in lists]
    return [Source(named or _kind_of_first(path, name), path, name)]


def _kind_of_first(path: Path, name: str) -> Kind:
    first = next(iter(document.rows(path, name=name)), None)
    keys = first.value.keys() if first is not None and isinstance(first.value, dict) else set()
    if "scope" in keys:
        return "mechanisms"
    return "suspensions" if {"subject", "subject_id"} <= keys else "directory"
