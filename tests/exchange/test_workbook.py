"""A workbook that somebody sends does no harm: what is too large, too deep, active or sly is refused, quickly. (R-02)"""

from __future__ import annotations

import io
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import date
from datetime import time as clock
from typing import Final

import pytest
from openpyxl import Workbook

from api import uploaded
from graph.exchange import workbook
from graph.exchange.workbook import Refusal, Refused

QUICK: Final = 6.0
"""Seconds on a machine that has other things to do; alone each takes less than one."""


def plain(fill: Callable[[Workbook], None] = lambda _: None) -> bytes:
    book = Workbook()
    book.active["A1"] = "id"  # type: ignore[index]  # a new book has a sheet
    fill(book)
    to = io.BytesIO()
    book.save(to)
    return to.getvalue()


def with_parts(parts: dict[str, bytes], base: bytes | None = None, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A workbook with some of its parts replaced or added."""
    to = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(base or plain())) as old, zipfile.ZipFile(to, "w", method) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return to.getvalue()


SHEET: Final = "xl/worksheets/sheet1.xml"
HEAD: Final = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def sheet_of(inner: str, before: str = "") -> bytes:
    return with_parts({SHEET: f"{before}{HEAD}{inner}</worksheet>".encode()})


def bomb() -> bytes:
    """A million times what it weighs: zeros in a part that nobody reads."""
    return with_parts({"xl/media/image1.png": b"\0" * (60 * 1024 * 1024)})


def lying_bomb() -> bytes:
    """The same, but every header says that it is small."""
    content = bytearray(bomb())
    size = (60 * 1024 * 1024).to_bytes(4, "little")
    return bytes(content).replace(size, (10).to_bytes(4, "little"))


def zip_in_zip() -> bytes:
    return with_parts({"xl/inner.zip": bomb()})


LAUGHS: Final = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(9))
    + "]>"
)
OUTSIDE: Final = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/passwd">]>'
ROWS: Final = "<sheetData>{}</sheetData>"


def wide() -> bytes:
    def fill(book: Workbook) -> None:
        for column in range(1, 10_001):
            book.active.cell(1, column, "x")  # type: ignore[union-attr]  # as above

    return plain(fill)


HARMFUL: Final[dict[str, tuple[Callable[[], bytes], Refused]]] = {
    "a zip bomb": (bomb, Refused.INFLATES),
    "a zip bomb that lies about its size": (lying_bomb, Refused.NO_WORKBOOK),
    "a zip in a zip": (zip_in_zip, Refused.ACTIVE),
    "an entity bomb": (lambda: sheet_of(ROWS.format('<row r="1"><c r="A1" t="str"><v>&j;</v></c></row>'), LAUGHS), Refused.ENTITIES),
    "a file of ours by an entity": (lambda: sheet_of(ROWS.format(""), OUTSIDE), Refused.ENTITIES),
    "an entity bomb among the texts": (lambda: with_parts({"xl/sharedStrings.xml": (LAUGHS + "<sst/>").encode()}), Refused.ENTITIES),
    "ten thousand columns": (wide, Refused.TOO_WIDE),
    "one cell in the farthest corner": (lambda: sheet_of(ROWS.format('<row r="1"><c r="A1"/><c r="XFD1"/></row>')), Refused.TOO_WIDE),
    "a last row of a million": (lambda: sheet_of(ROWS.format('<row r="1048576"><c r="A1048576"/></row>')), Refused.TOO_LONG),
    "ten gigabytes that it only says it has": (lambda: sheet_of('<dimension ref="A1:XFD1048576"/>' + ROWS.format("")), Refused.TOO_WIDE),
    "thousands of rows": (lambda: sheet_of(ROWS.format("<row/>" * 5_000)), Refused.TOO_LONG),
    "macros": (lambda: with_parts({"xl/vbaProject.bin": b"macro"}), Refused.ACTIVE),
    "a type with macros": (lambda: with_parts({"[Content_Types].xml": b'<Types ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/>'}), Refused.ACTIVE),
    "a link to elsewhere": (lambda: with_parts({"xl/externalLinks/externalLink1.xml": b"<a/>"}), Refused.ACTIVE),
    "an object in it": (lambda: with_parts({"xl/embeddings/oleObject1.xml": b"<a/>"}), Refused.ACTIVE),
    "hundreds of parts": (lambda: with_parts({f"xl/media/{n}.png": b"" for n in range(300)}), Refused.TOO_MANY_PARTS),
    "six megabytes": (lambda: b"PK\x03\x04" + b"\0" * (6 * 1024 * 1024), Refused.TOO_LARGE),
    "a text": (lambda: b"id;nombre\n1;x", Refused.NO_WORKBOOK),
    "an old workbook": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, Refused.NO_WORKBOOK),
    "half a workbook": (lambda: plain()[:2000], Refused.NO_WORKBOOK),
    "a zip of something else": (lambda: with_parts({"[Content_Types].xml": b"<broken"}), Refused.NO_WORKBOOK),
    "nothing": (lambda: b"", Refused.NO_WORKBOOK),
}  # fmt: skip


@pytest.mark.parametrize("made", HARMFUL)
async def test_what_could_harm_is_refused_quickly(made: str) -> None:
    content, why = HARMFUL[made][0](), HARMFUL[made][1]
    began = time.monotonic()
    with pytest.raises(Refusal) as refused:
        await uploaded.sheet_of(content)
    assert refused.value.why is why
    assert time.monotonic() - began < QUICK


def test_the_process_that_reads_gets_no_more_memory_than_its_own() -> None:
    greedy = "from graph.exchange.workbook_process import limit; limit(); bytearray(700 * 1024 * 1024)"
    done = subprocess.run([sys.executable, "-c", greedy], capture_output=True, check=False)
    assert done.returncode == 1 and b"MemoryError" in done.stderr


async def test_what_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploaded, "SECONDS", 0.01)
    with pytest.raises(Refusal) as refused:
        await uploaded.sheet_of(plain())
    assert refused.value.why is Refused.TIME


async def test_a_formula_is_told_by_its_place_and_never_taken() -> None:
    def fill(book: Workbook) -> None:
        book.active["C5"] = '=HYPERLINK("https://evil.example","x")'  # type: ignore[index]  # as above
        book.active["D6"] = "fin"  # type: ignore[index]  # as above

    sheet = await uploaded.sheet_of(plain(fill))
    assert sheet.formulas == [(5, 3)]
    assert all("evil" not in cell for row in sheet.rows for cell in row)
    assert sheet.rows[5][3] == "fin"


async def test_texts_that_look_like_formulas_are_texts() -> None:
    said = ["=1+1", "+502 7761", "-5", "@SUM(A1)", "\u200b=2", "＝3"]

    def fill(book: Workbook) -> None:
        for row, value in enumerate(said, start=1):
            cell = book.active.cell(row, 1)  # type: ignore[union-attr]  # as above
            cell.value, cell.data_type = value, "s"

    sheet = await uploaded.sheet_of(plain(fill))
    assert [row[0] for row in sheet.rows] == said and sheet.formulas == []


async def test_numbers_days_and_times_come_as_somebody_would_write_them() -> None:
    def fill(book: Workbook) -> None:
        book.active.append([18, 2.5, date(2026, 3, 1), clock(8, 30), True, "  texto "])  # type: ignore[union-attr]

    sheet = await uploaded.sheet_of(plain(fill))
    assert sheet.rows[1] == ["18", "2.5", "2026-03-01", "08:30", "1", "texto"]


def test_the_limits_are_those_of_the_house() -> None:
    """research/reliability §2.3: 5 MiB, 200 parts, ratio of 100, 50 MiB in all."""
    assert (workbook.MOST_BYTES, workbook.MOST_MEMBERS) == (5 * 1024 * 1024, 200)
    assert (workbook.MOST_RATIO, workbook.MOST_EXPANDED) == (100, 50 * 1024 * 1024)
