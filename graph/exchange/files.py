"""Documents on their way out: streaming JSON lists, and the area tables. The way in is `document` and `tables`."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from typing import IO, Any, Final

from graph.exchange.hsds_write import area_row
from graph.exchange.tables import AREA_COLUMNS
from graph.model.area import Area


class JsonList:
    """A JSON list written one row at a time, so that its length does not matter."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self.count = 0
        out.write("[")

    def put(self, row: Any) -> None:
        """One more row."""
        self._out.write(("," if self.count else "") + "\n" + json.dumps(row, ensure_ascii=False))
        self.count += 1

    def close(self) -> None:
        """The end of the list."""
        self._out.write("\n]" if self.count else "]")


def write_areas(out: IO[str], areas: Iterable[Area]) -> None:
    """`areas.csv`, as an import reads it."""
    rows = [area_row(area) for area in sorted(areas, key=lambda a: (a.level, a.code))]
    used = [column for column in AREA_COLUMNS if column in ALWAYS or any(column in row for row in rows)]
    writer = csv.DictWriter(out, used, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


ALWAYS: Final = frozenset({"code", "name", "level", "parent", "lat", "lon"})


def write_adjacency(out: IO[str], pairs: Iterable[tuple[str, str]]) -> None:
    """`area-adjacency.csv`: each pair once; an import takes it for both directions."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("code", "adjacent"))
    writer.writerows(pairs)
