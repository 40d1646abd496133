"""Reads `areas.csv` and `area-adjacency.csv` row by row; a line too long or not UTF-8 refuses the file. (R-04, R-06)

Whether the areas fit together does not belong here: see `geography`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Final

from graph.exchange.document import MAX_ROWS, Row, open_regular
from graph.exchange.pieces import Collector, in_order, piece
from graph.exchange.problem import Fault, Place, Refusal, Refused
from graph.model.area import Area

MAX_LINE: Final = 1 << 16
_BOM: Final = b"\xef\xbb\xbf"

AREA_COLUMNS: Final = (
    "code",
    "name",
    "level",
    "parent",
    "lat",
    "lon",
    "point_from",
    "valid_from",
    "valid_to",
    "name_es",
    "name_en",
)
FORMULA: Final = "=+-@"
"""A name that begins so would be worked out by a spreadsheet that opens the table."""
NEEDED: Final = {"areas": {"code", "name", "level"}, "adjacency": {"code", "adjacent"}}


def table_rows(path: Path, *, name: str, kind: str) -> Iterator[Row]:
    """The rows of a table as texts by column, with their lines."""
    with open_regular(path, name=name) as stream:
        lines = _lines(stream, Place(name))
        first = next(lines, "")
        delimiter = ";" if first.count(";") > first.count(",") else ","
        reader = csv.reader(_again(first, lines), delimiter=delimiter, strict=True)
        try:
            header = [column.strip().lower() for column in next(reader, [])]
            if not NEEDED[kind] <= set(header) or len(set(header)) != len(header):
                raise Refused(Refusal.HEADER, Place(name, line=1), columns=", ".join(sorted(NEEDED[kind])))
            for number, cells in enumerate(reader, start=1):
                if number > MAX_ROWS:
                    raise Refused(Refusal.TOO_MANY_ROWS, Place(name), limit=MAX_ROWS)
                place = Place(name, row=number, line=reader.line_num)
                if not any(cell.strip() for cell in cells):
                    continue
                values = {c: v.strip() for c, v in zip(header, cells, strict=False) if v.strip()}
                if len(cells) != len(header):
                    told = {"name": "columns", "value": str(len(cells)), "expected": str(len(header))}
                    yield Row(place, values, (Fault.BAD_VALUE, place, told))
                elif any(not v.isprintable() for v in values.values()):
                    yield Row(place, values, (Fault.BAD_TEXT, place, {}))
                else:
                    yield Row(place, values)
        except csv.Error:
            raise Refused(Refusal.SYNTAX, Place(name, line=reader.line_num)) from None


def header_of(path: Path, *, name: str) -> set[str]:
    """The columns of a table, to know what it is a table of."""
    with open_regular(path, name=name) as stream:
        first = next(_lines(stream, Place(name)), "")
    return {column.strip().lower() for column in first.replace(";", ",").split(",")}


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _lines(stream: BinaryIO, place: Place) -> Iterator[str]:
    number = 0
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(_BOM)
        if len(line) > MAX_LINE:
            raise Refused(Refusal.LINE_TOO_LONG, replace(place, line=number), limit=MAX_LINE)
        if b"\x00" in line:
            raise Refused(Refusal.ENCODING, replace(place, line=number))
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused(Refusal.ENCODING, replace(place, line=number)) from None


def read_area(values: Mapping[str, Any], place: Place, problems: Collector) -> Area | None:
    """The area of a row; numbers may be texts, as they are in a table."""
    fields: dict[str, Any] = {
        n: values.get(n) for n in ("code", "name", "parent", "point_from", "valid_from", "valid_to")
    }
    fields["level"] = _number(values.get("level"), int)
    fields["latitude"] = _number(values.get("lat"), float)
    fields["longitude"] = _number(values.get("lon"), float)
    names = {lang: {"name": values[f"name_{lang}"]} for lang in ("es", "en") if values.get(f"name_{lang}")}
    if names:
        fields["translations"] = names
    area = piece(Area, fields, place, problems, {("latitude",): ("lat",), ("longitude",): ("lon",)})
    if area is not None:
        if area.name[0] in FORMULA:
            problems.add(Fault.BAD_VALUE, place.at("name"), name="name", value=area.name)
        in_order(area.valid_from, area.valid_to, place, problems)
    return area


def _number(value: Any, kind: type[int | float]) -> Any:
    if not isinstance(value, str):
        return value
    try:
        number = kind(value)
    except ValueError:
        return value  # told as a wrong type
    return number if abs(number) <= 1e15 else value  # neither infinite nor NaN
