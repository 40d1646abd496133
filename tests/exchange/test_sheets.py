"""A table leaves as a file that no spreadsheet executes, and comes back as it was typed. (R-25)"""

from __future__ import annotations

import csv
import io
import random
import re
import zipfile
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from api.sheets import FORMULA, STARTS, csv_of, harmless, xlsx_of

DANGEROUS = tuple("=+-@\t\r\n＝＋－＠")
SHAPES = ["{0}1+1", "{0}cmd|' /C calc'!A0", "{0}SUM(A1:A9)", ' {0}HYPERLINK("x","y")', "a;{0}1+1;b", 'a","{0}1+1', "a\n{0}1+1",
          "_x003D_{0}1", "\u00a0{0}1", "{0}", "a\t{0}1", "x|{0}1", "\x00{0}1+1", "#N/A{0}", "a'{0}2"]  # fmt: skip
HARMLESS = [
    "Guatemala",
    "Clínica del Norte (demo)",
    "15 %",
    "<5",
    "37+",
    "ñ, á; í",
    "",
    "_x0041_",
    "2026-11-21",
    "a = b",
    "#N/A",
]


def payloads() -> list[str]:
    """A thousand, from the same seed every time."""
    dice = random.Random(7731)
    found = [shape.format(sign) for shape in SHAPES for sign in DANGEROUS] + HARMLESS
    signs = [*DANGEROUS, *"ab1;,|\"'( )!_x\u00a0é"]
    while len(found) < 1000:
        found.append("".join(dice.choices(signs, k=dice.randint(1, 12))))
    return found


def reopened(book: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python(skip_empty_area=False)


def formulas(book: bytes) -> int:
    sheet = zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml")
    return sum(1 for element in fromstring(sheet).iter() if element.tag.endswith("}f"))


def is_dangerous(cell: str) -> bool:
    return cell.lstrip(" \u00a0\u3000").startswith(DANGEROUS)


def test_a_thousand_payloads_come_back_as_texts_and_none_as_a_formula() -> None:
    given_ = payloads()
    book = xlsx_of(["code", "text"], [[n, one] for n, one in enumerate(given_)])
    back = reopened(book)[1:]
    assert formulas(book) == 0 and len(back) == len(given_) >= 1000
    for (_, cell), one in zip(back, given_, strict=True):
        assert isinstance(cell, str) and not is_dangerous(cell)
        assert cell == harmless(one).replace("\r\n", "\n").replace("\r", "\n") or not (cell or one.strip())


def test_a_thousand_payloads_as_text_whatever_ends_a_cell_where_it_is_opened() -> None:
    given_ = payloads()
    file = csv_of(["text", "n"], [[one, n] for n, one in enumerate(given_)]).decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(file, newline="")))) == len(given_) + 1
    for separator in ",;\t|":
        for line in csv.reader(io.StringIO(file, newline=""), delimiter=separator):
            assert not any(is_dangerous(cell) for cell in line)
        for row in file.splitlines():
            assert not any(is_dangerous(cell.strip('"')) for cell in row.split(separator)), "read without its quotes"


def test_without_the_apostrophe_a_formula_would_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail: this is what it looks for."""
    monkeypatch.setattr("api.sheets.harmless", lambda text: text)
    assert any(is_dangerous(cell) for (cell,) in reopened(xlsx_of(["t"], [["=1+1"]]))[1:])


def as_typed(cell: str) -> str:
    """Without the apostrophe that `harmless` put before it."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell[1:]) else cell


@given(st.text(max_size=80))
@settings(max_examples=300, deadline=None)
def test_any_text_comes_back_as_it_was_typed(typed: str) -> None:
    kept = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]", "", typed)
    ((_, cell),) = reopened(xlsx_of(["n", "t"], [[1, typed]]))[1:]
    expected = kept.replace("\r\n", "\n").replace("\r", "\n")
    assert as_typed(cell) in (expected, as_typed(expected)) or not kept.strip(), (
        "an apostrophe of their own before a sign is the only loss"
    )


def test_numbers_are_numbers_and_what_is_neither_is_refused() -> None:
    book = xlsx_of(["n", "x"], [[3, -1.5], [0, None]], title="a/b: [c]*?")
    assert reopened(book) == [["n", "x"], [3, -1.5], [0, ""]]
    assert csv_of(["n", "x"], [[-3, 1.5], [0, None]]).decode("utf-8-sig").splitlines()[1] == "-3,1.5"
    for bad in (True, float("nan"), float("inf"), object(), [1]):
        with pytest.raises(TypeError):
            csv_of(["n"], [[bad]])  # type: ignore[list-item]
        with pytest.raises(TypeError):
            xlsx_of(["n"], [[bad]])  # type: ignore[list-item]


def test_full_width_signs_count_as_signs() -> None:
    assert [harmless(f"{sign}1") for sign in "＝＋－＠"] == [f"'{sign}1" for sign in "＝＋－＠"]
    assert all(sign in STARTS for sign in DANGEROUS if sign != "-")
    assert as_typed("'+502 2222") == "+502 2222" and as_typed("'quoted'") == "'quoted'"
