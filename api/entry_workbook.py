"""The workbook of an organisation's services: written with lists to choose from, read back as what was typed. (R-02)

One sheet to fill in: a hidden row of codes, headers in Spanish and in English, one service a row. Everything in it is text,
so nothing is ever reckoned by a spreadsheet. How a file is taken apart safely is `graph.exchange.workbook`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from api.actions.entry_values import read as read_values
from api.actions.entry_values import typed
from api.texts import text
from graph.exchange.workbook import Sheet, pieces
from graph.model.directory import Service
from graph.model.entry import FIELDS, HOURS, Kind, Value, Wrong, differing, told, wrong
from graph.seed.vocabulary import terms

SLOTS: Final[Mapping[str, int]] = {"service_types": 3, "languages": 4}
"""Fields with several values from a list: so many cells, each with its list; what does not fit stands in the last one."""
ID: Final = "id"
FIRST: Final = 4
"""The row in which services begin: below the codes and the headers in two languages."""
ROOM: Final = 400
"""Rows below the headers for which lists are offered."""
SHEETS: Final = ("Servicios", "Listas", "Léame - Read me")
DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

COLUMNS: Final[tuple[str, ...]] = (
    ID,
    *(f"{code}.{n + 1}" if code in SLOTS else code for code in FIELDS["service"] for n in range(SLOTS.get(code, 1))),
)
DAY_CHOICES: Final = (
    "lunes a viernes · Monday to Friday",
    "lunes a sábado · Monday to Saturday",
    "lunes a domingo · Monday to Sunday",
    "sábado; domingo · Saturday; Sunday",
)

Word = Callable[[str, str], str]


def word(area_name: Callable[[str], str]) -> Word:
    """How a code is written in a cell: in both languages, with itself in brackets."""

    def written(scheme: str, code: str) -> str:
        if scheme == "areas":
            return f"{area_name(code)} ({code})"
        if scheme == "days":
            return f"{text(f'entry.day.{code}', 'es')} · {text(f'entry.day.{code}', 'en')} ({code})"
        term = terms(scheme).get(code)
        return f"{term.es} · {term.en} ({code})" if term else code

    return written


# -- writing ---------------------------------------------------------------------------------------------------------


def write(services: Sequence[Service], *, area_name: Callable[[str], str], areas: Iterable[str]) -> bytes:
    """The workbook of these services; `areas` are those that the list of places offers."""
    book = Workbook()
    for first in book.worksheets:
        book.remove(first)
    sheet = book.create_sheet(SHEETS[0])
    _headers(sheet)
    say = word(area_name)
    for number, service in enumerate(services, start=FIRST):
        for column, value in enumerate(row_of(service, say), start=1):
            put(sheet.cell(number, column), value)
    lists = book.create_sheet(SHEETS[1])
    _offer(sheet, lists, say, list(areas))
    _help(book.create_sheet(SHEETS[2]))
    sheet.freeze_panes = f"C{FIRST}"
    to = io.BytesIO()
    book.save(to)
    return to.getvalue()


def row_of(service: Service, say: Word) -> list[str]:
    """One service as the cells of its row."""
    shown = typed("service", told(service), word=say)
    cells = [service.id]
    for code in FIELDS["service"]:
        value = shown.get(code, "")
        if code not in SLOTS:
            cells.append(value.replace("\n", "; ") if FIELDS["service"][code].kind is Kind.CODES else value)
            continue
        parts = value.split("\n") if value else []
        room = SLOTS[code]
        cells += (
            [*parts[: room - 1], "; ".join(parts[room - 1 :])][:room]
            if len(parts) >= room
            else [
                *parts,
                *[""] * (room - len(parts)),
            ]
        )
    return cells


def put(cell: Cell | MergedCell, value: str) -> None:
    """A text, and never anything else: no formula, no number, no date, also when somebody edits the cell."""
    assert isinstance(cell, Cell)  # nothing is merged here
    cell.value = "".join(sign for sign in value if ord(sign) >= 32 or sign in "\n\t")[:32_000]
    cell.data_type = "s"
    cell.number_format = "@"
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    if value.startswith(DANGEROUS):
        cell.quotePrefix = True


def _headers(sheet: Worksheet) -> None:
    for column, code in enumerate(COLUMNS, start=1):
        put(sheet.cell(1, column), code)
        field, _, slot = code.partition(".")
        for row, language in ((2, "es"), (3, "en")):
            cell = sheet.cell(row, column)
            put(cell, f"{header(field, language)} {slot}".strip())  # type: ignore[arg-type]  # es or en
            cell.font = Font(bold=row == 2, italic=row == 3)
            cell.fill = PatternFill("solid", fgColor="DDE7EE")
        sheet.column_dimensions[get_column_letter(column)].width = 40 if "description" in code else 24
    sheet.row_dimensions[1].hidden = True
    sheet.column_dimensions["A"].hidden = True


def header(field: str, language: Literal["es", "en"]) -> str:
    """What stands above a column."""
    return text("workbook.id" if field == ID else f"entry.field.{field}", language)


def _offer(sheet: Worksheet, lists: Worksheet, say: Word, areas: list[str]) -> None:
    """Lists to choose from. Of places and days one may write something else; of all others not."""
    choices: dict[str, tuple[list[str], bool]] = {
        "status": ([say("service-statuses", code) for code in terms("service-statuses")], True),
        "service_types": ([say("service-types", code) for code in terms("service-types")], False),
        "languages": ([say("languages", code) for code in terms("languages")], False),
        "days": (list(DAY_CHOICES), False),
        "areas": ([say("areas", code) for code in areas], False),
    }
    for column, (field, (values, strict)) in enumerate(choices.items(), start=1):
        put(lists.cell(1, column), f"{header(field, 'es')} · {header(field, 'en')}")
        lists.column_dimensions[get_column_letter(column)].width = 44
        for row, value in enumerate(values, start=2):
            put(lists.cell(row, column), value)
        if not values:
            continue
        letter = get_column_letter(column)
        rule = DataValidation(
            type="list",
            formula1=f"={SHEETS[1]}!${letter}$2:${letter}${len(values) + 1}",
            allow_blank=True,
            showErrorMessage=strict,
        )
        for at, code in enumerate(COLUMNS, start=1):
            if code.partition(".")[0] == field:
                there = get_column_letter(at)
                rule.add(f"{there}{FIRST}:{there}{FIRST + ROOM}")
        sheet.add_data_validation(rule)


HELP: Final = ("what", "rows", "choose", "empty", "several", "hours", "text", "upload")


def _help(sheet: Worksheet) -> None:
    for row, (key, language) in enumerate(((key, lang) for lang in ("es", "en") for key in HELP), start=1):
        put(sheet.cell(row, 1), text(f"workbook.help.{key}", language))  # type: ignore[arg-type]  # es or en
    sheet.column_dimensions["A"].width = 110


# -- reading ---------------------------------------------------------------------------------------------------------

Bad = Literal["not-ours", "unknown-row", "new-row", "twice", "formula", "hours"] | Wrong


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one cell or row, both counted as the spreadsheet shows them."""

    row: int
    column: str
    field: str
    what: Bad


@dataclass(frozen=True, slots=True)
class Change:
    """What one row says otherwise than the entry."""

    row: int
    service: Service
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a workbook says: changes of good rows, faults of the others, how many rows said nothing new."""

    changes: tuple[Change, ...]
    faults: tuple[Fault, ...]
    same: int


def read(
    sheet: Sheet,
    services: Mapping[str, Service],
    *,
    area_name: Callable[[str], str],
    area_meant: Callable[[str], str | None],
) -> Reading:
    """What the sheet says of these services. A row with a fault is taken not at all; nothing is written."""
    rows = dict(pieces(sheet))
    at = {code: column for column, code in enumerate(rows.get(1, ())) if code in COLUMNS}
    if ID not in at:
        return Reading((), (Fault(1, "A", ID, "not-ours"),), 0)
    say = word(area_name)
    formulas = set(sheet.formulas)
    changes: list[Change] = []
    faults: list[Fault] = []
    seen: set[str] = set()
    same = 0
    for number, cells in rows.items():
        if number < FIRST:
            continue
        row = {code: cells[column] if column < len(cells) else "" for code, column in at.items()}
        bad = [
            Fault(number, get_column_letter(column + 1), code.partition(".")[0], "formula")
            for code, column in at.items()
            if (number, column + 1) in formulas
        ]
        service = services.get(row[ID])
        if service is None or service.id in seen:
            what: Bad = "twice" if service else "unknown-row" if row[ID] else "new-row"
            faults.append(Fault(number, get_column_letter(at[ID] + 1), ID, what))
            continue
        seen.add(service.id)
        values, amiss = _values(row, service, say, area_meant)
        bad += [Fault(number, get_column_letter(_column_of(code, at) + 1), code, w) for code, w in amiss.items()]
        if bad:
            faults += bad
        elif values:
            changes.append(Change(number, service, values))
        else:
            same += 1
    return Reading(tuple(changes), tuple(faults), same)


def _column_of(field: str, at: Mapping[str, int]) -> int:
    return next((column for code, column in at.items() if code.partition(".")[0] == field), 0)


def _values(
    row: Mapping[str, str], service: Service, say: Word, area_meant: Callable[[str], str | None]
) -> tuple[dict[str, Value], dict[str, Bad]]:
    """What differs from the entry, and what is wrong with it. A column that is not there changes nothing."""
    now = told(service)
    shown = dict(zip(COLUMNS, row_of(service, say), strict=True))
    asked: dict[str, str] = {}
    bad: dict[str, Bad] = {}
    for field in FIELDS["service"]:
        cells = {code: row[code] for code in COLUMNS if code.partition(".")[0] == field and code in row}
        if not cells or all(_same(cells[code], shown[code]) for code in cells):
            continue
        if field in HOURS and field not in now:
            bad[field] = "hours"
            continue
        asked[field] = "\n".join(value for value in cells.values() if value)
    values, faults = read_values("service", asked, area=area_meant)
    bad.update(faults)
    new = differing(service, values)
    bad.update({code: fault for code, fault in wrong("service", now | new).items() if code in new})
    return new, bad


def _same(cell: str, shown: str) -> bool:
    return " ".join(cell.split()) == " ".join(shown.split())
