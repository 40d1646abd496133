"""Tables as files that a spreadsheet opens and never executes. (R-25, research: reliability §2.3)

A cell is a text or a number, nothing else. A text that a spreadsheet could take for a formula begins with an
apostrophe, in both formats: a workbook is saved as text sooner or later. What a page shows is not decided here.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, SupportsFloat

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

Cell = str | int | float | None
"""A text, a number, or nothing. Dates are texts as ISO 8601 writes them."""

CSV: Final = "text/csv; charset=utf-8"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

STARTS: Final = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"
"""What a formula may begin with, full-width forms too."""

FORMULA: Final = re.compile(f"^(?=[ \u00a0\u3000]*[{STARTS}])")
LATER: Final = re.compile(f"(?<=[,;|\t\r\n\"'])(?=[ \u00a0\u3000]*[{STARTS}])")
"""In a file of text also behind what another country's spreadsheet takes for the end of a cell."""

UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
"""What a workbook cannot hold, and nobody typed on purpose."""

CODED: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""`_x003D_` in a workbook is read as `=`; written so, it is read as it stands."""

LONGEST: Final = 32_000
"""Characters of a cell; Excel takes 32,767."""

WIDEST: Final = 60


def harmless(text: str) -> str:
    """The text as no spreadsheet executes it."""
    return FORMULA.sub("'", UNFIT.sub("", text)[:LONGEST])


def csv_of(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The table as RFC 4180 text, every text in quotes; it begins with the mark by which Excel knows UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    for row in (columns, *rows):
        writer.writerow([_in_text(_checked(cell)) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def xlsx_of(columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, title: str = "Enlace") -> bytes:
    """The table as a workbook of one sheet: first row in bold and always in sight, texts as texts, numbers as numbers."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\']", " ", title)[:31].strip() or "Enlace")
    lines = [[_checked(cell) for cell in row] for row in (columns, *rows)]
    sheet.freeze_panes = "A2"
    for at in range(len(columns)):
        widest = max((len(str(line[at])) for line in lines if at < len(line)), default=0)
        sheet.column_dimensions[_letters(at)].width = min(max(widest + 2, 8), WIDEST)
    for n, line in enumerate(lines):
        sheet.append([_in_book(sheet, cell, bold=not n) for cell in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _checked(cell: Cell) -> Cell:
    if cell is None or isinstance(cell, str):
        return cell
    is_number = not isinstance(cell, bool) and isinstance(cell, SupportsFloat)
    if not is_number or not math.isfinite(cell):
        raise TypeError("a cell is a text or a number")
    return cell


def _in_text(cell: Cell) -> Cell:
    return LATER.sub("'", harmless(cell)) if isinstance(cell, str) else cell


def _in_book(sheet: Any, cell: Cell, *, bold: bool) -> Any:
    written = WriteOnlyCell(sheet, CODED.sub("_x005F_", harmless(cell)) if isinstance(cell, str) else cell)
    if isinstance(cell, str):
        written.data_type = "s"  # whatever the library guesses: a text is a text
    if bold:
        written.font = Font(bold=True)
    return written


def _letters(column: int) -> str:
    """A, B, … Z, AA."""
    found = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(ord("A") + rest) + found
    return found
