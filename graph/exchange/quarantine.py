"""Rows that are set aside, kept as they came with the reasons beside them, so that they can be mended and read alone.

The file is one that an import reads: lists of rows by kind, each row with a property `quarantine` that is passed over.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, Self

from graph.exchange.problem import Problem
from graph.exchange.sources import SECTIONS, Kind

MAX_ROWS: Final = 10_000
"""More than that is no row to mend but a file that was never meant for us: the import stops."""
MAX_BYTES: Final = 64 << 20

SECTION: Final[dict[Kind, str]] = {kind: section for section, kind in SECTIONS.items() if section != "organizations"}


class Quarantine:
    """The rows of one import that were set aside; on disk, because they may be many."""

    def __init__(self) -> None:
        self._kept = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  # closed by __exit__
        self.rows = 0
        self.left_out = 0
        """Rows that were too many or too large to keep; counted, and told in the report."""
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    def put(self, kind: Kind, row: Any, problems: Iterable[Problem]) -> None:
        """Set a row aside with its reasons."""
        self.rows += 1
        reasons = [
            {"code": p.code.value, "file": p.place.file, "pointer": p.place.pointer, "places": dict(p.places)}
            for p in problems
        ]
        document = row if isinstance(row, dict) else {"row": row}
        line = json.dumps([kind, {**document, "quarantine": reasons}], ensure_ascii=True)
        if self.rows > MAX_ROWS or self._size + len(line) > MAX_BYTES:
            self.left_out += 1
            return
        self._size += len(line)
        self._kept.write(line + "\n")

    @property
    def is_full(self) -> bool:
        """Whether there is no point in going on."""
        return self.rows >= MAX_ROWS

    def write(self, path: Path, *, head: dict[str, Any], say: Callable[[dict[str, Any]], str]) -> None:
        """Write the file: `head` first, then the rows by kind, each reason with its words.

        Only its owner can read it: a row may hold what an export would withhold.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_name(f".{path.name}.{os.getpid()}")
        scratch.unlink(missing_ok=True)
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            opening = json.dumps(head, ensure_ascii=False, indent=1)
            out.write(opening.rstrip("}").rstrip() + ("," if head else ""))
            for number, (kind, section) in enumerate(SECTION.items()):
                out.write(("," if number else "") + f'\n "{section}": [')
                first = True
                for row in self._of(kind):
                    for reason in row["quarantine"]:
                        reason["text"] = say(reason)
                    out.write(("" if first else ",") + "\n  " + json.dumps(row, ensure_ascii=False))
                    first = False
                out.write("]" if first else "\n ]")
            out.write("\n}\n")
        scratch.replace(path)

    def _of(self, kind: Kind) -> Iterable[dict[str, Any]]:
        self._kept.flush()
        self._kept.seek(0)
        for line in self._kept:
            found, row = json.loads(line)
            if found == kind:
                yield row
        self._kept.seek(0, os.SEEK_END)
