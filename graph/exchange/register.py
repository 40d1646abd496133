"""What an import has seen so far, on disk: who was described first, and what of a later description differs.

Nested objects are references. The first description wins; a later one may add what the first did not state.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Self

from graph.exchange.problem import Place

_TABLE: Final = """
    CREATE TABLE seen (
        kind TEXT, id TEXT, digest BLOB, document TEXT, file TEXT, pointer TEXT, row INTEGER, whole INTEGER, n INTEGER,
        PRIMARY KEY (kind, id)
    ) WITHOUT ROWID
"""
_NAMES: Final = (
    "CREATE TABLE named (id TEXT, name TEXT, rows INTEGER, own INTEGER, PRIMARY KEY (id, name)) WITHOUT ROWID"
)


REPEATED: Final = frozenset({"organization", "taxonomy_term", "unit", "program"})
"""Kinds that stand in many rows, word for word the same."""
RECENT: Final = 20_000
MOST_NAMES: Final = 50
"""Of one organisation: more are not compared."""


@dataclass(frozen=True, slots=True)
class First:
    """The first description of a thing."""

    document: dict[str, Any]
    place: Place
    whole: bool
    same: bool
    """Whether the later description, for which it was looked up, says just the same."""


class Register:
    """Everything described in one import, by kind and id. Lives in a temporary file that vanishes with it."""

    def __init__(self) -> None:
        self._known = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._known.execute("PRAGMA journal_mode = OFF")
        self._known.execute("PRAGMA synchronous = OFF")
        self._known.execute("PRAGMA cache_size = -16000")
        self._known.execute(_TABLE)
        self._known.execute(_NAMES)
        self._known.execute("BEGIN")  # never committed: nothing of it is to last
        self._count = 0
        self._recent: dict[tuple[str, str], bytes] = {}
        """Marks of what was described last: most descriptions repeat the one just seen."""
        self._named: Counter[tuple[str, str, bool]] = Counter()
        """Names told since they were last written down."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._known.close()

    def put(
        self,
        kind: str,
        id: str,
        document: Any,
        place: Place,
        *,
        whole: bool = False,
        keep: bool = True,
        default: Callable[[Any], Any] | None = None,
    ) -> First | None:
        """Note a description. None when it is the first; else the first one. `keep` False notes the digest only."""
        text = json.dumps(document, sort_keys=True, default=default)
        mark = _mark(text)
        if not whole and self._recent.get((kind, id)) == mark:
            return First({}, place, whole, same=True)
        self._count += 1
        done = self._known.execute(
            "INSERT INTO seen VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                kind,
                id,
                mark,
                text if keep else "{}",
                place.file,
                place.pointer,
                place.row,
                whole,
                self._count,
            ),
        )
        first = None if done.rowcount else self._first(kind, id, mark)
        if not whole and (first is None or first.same):
            self._remember(kind, id, mark)
        return first

    def _remember(self, kind: str, id: str, mark: bytes) -> None:
        if kind in REPEATED:
            if len(self._recent) >= RECENT:
                self._recent.clear()
            self._recent[kind, id] = mark

    def find(self, kind: str, id: str, document: Any) -> First | None:
        """The first description of a thing, with whether a later one says just the same."""
        mark = _mark(json.dumps(document, sort_keys=True))
        if self._recent.get((kind, id)) == mark:
            return First({}, Place(""), whole=False, same=True)
        first = self._first(kind, id, mark)
        if first is not None and first.same:
            self._remember(kind, id, mark)
        return first

    def get(self, kind: str, id: str) -> First | None:
        """The first description of a thing, if there is one."""
        return self._first(kind, id, b"")

    def _first(self, kind: str, id: str, mark: bytes) -> First | None:
        row = self._known.execute(
            "SELECT digest, document, file, pointer, row, whole FROM seen WHERE kind = ? AND id = ?", (kind, id)
        ).fetchone()
        if row is None:
            return None
        found, document, file, pointer, number, whole = row
        same = found == mark
        return First({} if same else json.loads(document), Place(file, pointer, number), bool(whole), same)

    def add_to(self, kind: str, id: str, document: dict[str, Any], *, whole: bool) -> None:
        """Put the first description right after a later one has added to it."""
        self._known.execute(
            "UPDATE seen SET document = ?, whole = max(whole, ?) WHERE kind = ? AND id = ?",
            (json.dumps(document), whole, kind, id),
        )

    def replace(self, kind: str, id: str, document: dict[str, Any], place: Place, *, whole: bool) -> None:
        """Let another description be the first one."""
        self._recent.pop((kind, id), None)
        self._known.execute("DELETE FROM seen WHERE kind = ? AND id = ?", (kind, id))
        self.put(kind, id, document, place, whole=whole)

    def name(self, id: str, name: str, *, own: bool) -> None:
        """Note that a row calls an organisation so; `own`: in a document of the organisation's own."""
        self._named[id, name, own] += 1
        if len(self._named) >= RECENT:
            self._write_names()

    def _write_names(self) -> None:
        self._known.executemany(
            "INSERT INTO named VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET rows = rows + excluded.rows, own = max(own, excluded.own)",
            [(id, name, rows, own) for (id, name, own), rows in self._named.items()],
        )
        self._named.clear()

    def several_names(self) -> Iterator[tuple[str, list[tuple[str, int, bool]]]]:
        """Organisations that are called more than one thing: each name, how many rows tell it, whether one is its own."""
        self._write_names()
        several = self._known.cursor().execute("SELECT id FROM named GROUP BY id HAVING count(*) > 1 ORDER BY id")
        for (id,) in several:
            names = self._known.execute(
                "SELECT name, rows, own FROM named WHERE id = ? ORDER BY own DESC, rows DESC, name LIMIT ?",
                (id, MOST_NAMES),
            )
            yield id, [(name, rows, bool(own)) for name, rows, own in names]

    def all(self, kind: str) -> Iterator[tuple[str, First]]:
        """Everything of a kind, in the order in which it was described."""
        rows = self._known.cursor().execute(
            "SELECT id, document, file, pointer, row, whole FROM seen WHERE kind = ? ORDER BY n", (kind,)
        )
        for id, document, file, pointer, number, whole in rows:
            yield id, First(json.loads(document), Place(file, pointer, number), bool(whole), same=True)

    def has(self, kind: str, id: str) -> bool:
        """Whether there is a description of it."""
        return self._known.execute("SELECT 1 FROM seen WHERE kind = ? AND id = ?", (kind, id)).fetchone() is not None


def _mark(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def differing(first: dict[str, Any], later: dict[str, Any]) -> list[str]:
    """The properties that both state, and state differently. What one leaves out is no difference."""
    return sorted(
        name
        for name, value in later.items()
        if name in first and value not in (None, "", []) and first[name] not in (None, "", []) and first[name] != value
    )


def merged(first: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """The first description, with what only the later one states."""
    return {
        **later,
        **{name: value for name, value in first.items() if value not in (None, "", []) or name not in later},
    }
