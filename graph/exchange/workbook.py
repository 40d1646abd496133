"""Reading a workbook that somebody sent, suspecting everything: what it holds is text in cells, or it is refused. (R-02)

Looked at from outside to inside, each step with its own limit and nothing trusted that a file says of itself: how many
parts, how much they inflate to (counted while inflating), no macros, no links to elsewhere, no document types or
entities in any XML, so many rows and columns. Only then are the cells read. Formulas are told by their place and never
taken. It runs in a process of its own (`graph.exchange.workbook_process`).
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Final
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml import DefusedXmlException
from defusedxml.sax import parse as parse_xml
from python_calamine import CalamineError, CalamineWorkbook

MOST_BYTES: Final = 5 * 1024 * 1024
MOST_MEMBERS: Final = 200
MOST_EXPANDED: Final = 50 * 1024 * 1024
MOST_RATIO: Final = 100
FREE_OF_RATIO: Final = 256 * 1024
"""A part that inflates to no more than this may be as repetitive as it likes."""
MOST_ROWS: Final = 2_000
MOST_COLUMNS: Final = 100
MOST_CELLS: Final = 60_000
MOST_TEXTS: Final = 60_000
MOST_FORMULAS: Final = 200
LONGEST: Final = 32_767
"""Signs in a cell: Excel's own limit."""

ACTIVE: Final = re.compile(
    r"vbaproject|\.bin$|activex|/embeddings/|externallinks?/|/ctrlprops/|\.zip$|\.xlsm?$|macrosheets", re.IGNORECASE
)
MACRO: Final = re.compile(rb"macroEnabled|vbaProject", re.IGNORECASE)


class Refused(StrEnum):
    """Why a workbook is not read."""

    TOO_LARGE = "too-large"
    NO_WORKBOOK = "no-workbook"
    TOO_MANY_PARTS = "too-many-parts"
    INFLATES = "inflates"
    ACTIVE = "active"
    ENTITIES = "entities"
    TOO_WIDE = "too-wide"
    TOO_LONG = "too-long"
    NO_SHEET = "no-sheet"
    TIME = "time"


class Refusal(Exception):
    """A workbook that is not read, and why; nothing of what it holds."""

    def __init__(self, why: Refused) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(slots=True)
class Sheet:
    """The cells of one sheet as text, row by row, and where formulas stood (row and column from 1)."""

    name: str
    rows: list[list[str]] = field(default_factory=list)
    formulas: list[tuple[int, int]] = field(default_factory=list)


def read(content: bytes, *, sheet: int = 0) -> Sheet:
    """The cells of one sheet of a workbook. `Refusal` for whatever is no plain workbook within the limits."""
    if len(content) > MOST_BYTES:
        raise Refusal(Refused.TOO_LARGE)
    if not content.startswith(b"PK\x03\x04"):
        raise Refusal(Refused.NO_WORKBOOK)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            seen = _look_inside(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError):
        raise Refusal(Refused.NO_WORKBOOK) from None
    return _cells(content, seen, sheet)


def _look_inside(archive: zipfile.ZipFile) -> dict[str, list[tuple[int, int]]]:
    """Every part, inflated within the limits and looked at; the formulas of each sheet by the name of its part."""
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise Refusal(Refused.TOO_MANY_PARTS)
    names = [member.filename for member in members]
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/workbook") for name in names):
        raise Refusal(Refused.NO_WORKBOOK)
    if len(set(names)) != len(names):
        raise Refusal(Refused.NO_WORKBOOK)
    if any(ACTIVE.search(f"/{name}") for name in names):
        raise Refusal(Refused.ACTIVE)
    budget = _Budget(MOST_EXPANDED)
    found: dict[str, list[tuple[int, int]]] = {}
    for member in members:
        if member.flag_bits & 0x1:
            raise Refusal(Refused.NO_WORKBOOK)
        part = _inflated(archive, member, budget)
        if member.filename == "[Content_Types].xml" and MACRO.search(part):
            raise Refusal(Refused.ACTIVE)
        if member.filename.endswith((".xml", ".rels")):
            looked = _Looked()
            try:
                parse_xml(io.BytesIO(part), looked, forbid_dtd=True)
            except DefusedXmlException:
                raise Refusal(Refused.ENTITIES) from None
            except Refusal:
                raise
            except Exception:  # noqa: BLE001 - whatever the parser says of a broken file, it is no workbook
                raise Refusal(Refused.NO_WORKBOOK) from None
            if member.filename.startswith("xl/worksheets/"):
                found[member.filename] = looked.formulas
    return found


@dataclass(slots=True)
class _Budget:
    left: int


def _inflated(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: _Budget) -> bytes:
    """One part, counted while it inflates: what its header says of its size is not believed."""
    most = min(budget.left, max(FREE_OF_RATIO, member.compress_size * MOST_RATIO))
    got = bytearray()
    with archive.open(member) as part:
        while piece := part.read(64 * 1024):
            got += piece
            if len(got) > most:
                raise Refusal(Refused.INFLATES)
    budget.left -= len(got)
    return bytes(got)


REFERENCE: Final = re.compile(r"([A-Z]{1,4})([0-9]{1,8})")


class _Looked(ContentHandler):
    """What stands in one XML part: how much, how far out, and where formulas are."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = self.cells = self.texts = 0
        self.formulas: list[tuple[int, int]] = []
        self._at = (0, 0)

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - SAX calls it so
        match name.rpartition(":")[2]:
            case "row":
                self.rows += 1
                number = attrs.get("r", "1")
                if self.rows > MOST_ROWS or not number.isdigit() or int(number[:9]) > MOST_ROWS:
                    raise Refusal(Refused.TOO_LONG)
                self._at = (int(number), 0)
            case "c":
                self._cell(attrs.get("r", ""))
            case "f":
                if len(self.formulas) < MOST_FORMULAS:
                    self.formulas.append(self._at)
            case "si" | "t":
                self.texts += 1
                if self.texts > 2 * MOST_TEXTS:
                    raise Refusal(Refused.TOO_LONG)
            case "dimension":
                self._reaches(attrs.get("ref", ""))
            case "mergeCell":
                self._reaches(attrs.get("ref", ""))

    def _cell(self, reference: str) -> None:
        self.cells += 1
        if self.cells > MOST_CELLS:
            raise Refusal(Refused.TOO_LONG)
        if reference:
            self._at = self._reaches(reference)
        else:
            self._at = (self._at[0], self._at[1] + 1)
            if self._at[1] > MOST_COLUMNS:
                raise Refusal(Refused.TOO_WIDE)

    def _reaches(self, reference: str) -> tuple[int, int]:
        """Row and column of the far corner. A sheet that only says that it is large is refused too."""
        last = REFERENCE.fullmatch(reference.replace("$", "").rpartition(":")[2])
        if last is None:
            raise Refusal(Refused.NO_WORKBOOK)
        column = 0
        for letter in last[1]:
            column = column * 26 + ord(letter) - 64
        if column > MOST_COLUMNS:
            raise Refusal(Refused.TOO_WIDE)
        if int(last[2]) > MOST_ROWS:
            raise Refusal(Refused.TOO_LONG)
        return int(last[2]), column


def _cells(content: bytes, formulas: dict[str, list[tuple[int, int]]], number: int) -> Sheet:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = book.sheet_names
        if number >= len(names):
            raise Refusal(Refused.NO_SHEET)
        sheet = book.get_sheet_by_index(number)
        start = sheet.start or (0, 0)
        rows = [[""] * start[1] + [_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=True)]
    except (CalamineError, ValueError, OSError):
        raise Refusal(Refused.NO_WORKBOOK) from None
    told = Sheet(names[number], [[] for _ in range(start[0])] + rows)
    parts = sorted(formulas, key=_in_order)
    told.formulas = formulas[parts[number]] if number < len(parts) else []
    return told


def _in_order(part: str) -> tuple[int, str]:
    digits = re.findall(r"\d+", part)
    return (int(digits[-1][:9]) if digits else 0, part)


def _text(cell: Any) -> str:
    """A cell as somebody would write it: whole numbers without a point, days and times as ISO writes them."""
    match cell:
        case bool():
            return "1" if cell else "0"
        case float() if cell.is_integer() and abs(cell) < 2**53:
            return str(int(cell))
        case datetime() if cell.time() == time(0):
            return cell.date().isoformat()
        case datetime():
            return cell.isoformat(sep=" ", timespec="minutes")
        case date():
            return cell.isoformat()
        case time():
            return cell.isoformat(timespec="minutes")
    text = str(cell)
    if len(text) > LONGEST:
        raise Refusal(Refused.TOO_LONG)
    return "".join(sign for sign in text if ord(sign) >= 32 or sign in "\n\t").strip()


def pieces(sheet: Sheet) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold something, with their numbers as the sheet shows them."""
    for number, row in enumerate(sheet.rows, start=1):
        if any(row):
            yield number, row
