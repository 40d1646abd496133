"""What can be wrong with a row, as values: a code, where it stands, and the places of its text.

The words are `api/locale/<language>/import.po`; nothing here is a sentence. Free text of a row is never quoted whole:
`shown` cuts it and takes control characters out, because a report is read on a terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

SHOWN_AT_MOST = 80


class Fault(StrEnum):
    """Why a row is set aside: it goes to quarantine, its siblings go in. Never a default."""

    UNKNOWN_CODE = "unknown-code"
    DANGLING = "dangling"
    IMPOSSIBLE_DATE = "impossible-date"
    ENDS_BEFORE_BEGIN = "ends-before-begin"
    STATED_IN_FUTURE = "stated-in-future"
    NO_TIME_ZONE = "no-time-zone"
    OTHER_CONTENT = "other-content"
    OTHER_NAME = "other-name"
    ID_ELSEWHERE = "id-elsewhere"
    SOP_EDITED = "sop-edited"
    OWNER_IN_QUARANTINE = "owner-in-quarantine"
    MISSING = "missing"
    WRONG_TYPE = "wrong-type"
    OUT_OF_RANGE = "out-of-range"
    NOT_A_CODE = "not-a-code"
    BAD_VALUE = "bad-value"
    TOO_LONG = "too-long"
    TOO_MANY = "too-many"
    UNKNOWN_PROPERTY = "unknown-property"
    RESERVED_NAME = "reserved-name"
    CONTRADICTION = "contradiction"
    NO_SERVICE_TYPE = "no-service-type"
    NOT_EMPLOYMENT = "not-employment"
    OPENING_EXCLUDES = "opening-excludes"
    EXTENT_NOT_A_CODE = "extent-not-a-code"
    LANGUAGE_WITHOUT_CODE = "language-without-code"
    BAD_TEXT = "bad-text"
    NUMBER_TOO_LARGE = "number-too-large"
    TOO_DEEP = "too-deep"
    DUPLICATE_KEY = "duplicate-key"
    LEVEL = "level"
    CIRCLE = "circle"


class Notice(StrEnum):
    """What is worth knowing of a row that went in."""

    DIFFERS = "differs"
    REPEATED = "repeated"
    SIMILAR_NAMES = "similar-names"
    SAME_SERVICE = "same-service"
    NO_COVERAGE = "no-coverage"
    ENDED = "ended"
    OLDER_CAPACITY = "older-capacity"
    SEALED_KEPT = "sealed-kept"
    CARRIED = "carried"
    COLUMN_IGNORED = "column-ignored"
    FILE_IGNORED = "file-ignored"


class Refusal(StrEnum):
    """Why a file is not read at all: nothing of the import is written."""

    NOT_THERE = "not-there"
    NOT_A_FILE = "not-a-file"
    UNREADABLE = "unreadable"
    NOTHING_TO_IMPORT = "nothing-to-import"
    TOO_BIG = "too-big"
    ENCODING = "encoding"
    SYNTAX = "syntax"
    TRUNCATED = "truncated"
    NESTED = "nested"
    ENDLESS_NUMBER = "endless-number"
    ITEM_TOO_BIG = "item-too-big"
    LINE_TOO_LONG = "line-too-long"
    TOO_MANY_ROWS = "too-many-rows"
    SHAPE = "shape"
    HEADER = "header"
    TOO_MANY_FAULTS = "too-many-faults"


def escape(step: str) -> str:
    """A name as it stands in a JSON pointer."""
    return step.replace("~", "~0").replace("/", "~1") if "~" in step or "/" in step else step


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: the file, the row (from 1), the JSON pointer, the line where it is known."""

    file: str
    pointer: str = ""
    row: int | None = None
    line: int | None = None

    def at(self, *steps: str | int) -> Place:
        """A place further in."""
        tail = "".join(f"/{step}" if isinstance(step, int) else f"/{escape(step)}" for step in steps)
        return Place(self.file, self.pointer + tail, self.row, self.line)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with, or worth knowing of, one row."""

    code: Fault | Notice
    place: Place
    noun: str = "service"
    id: str | None = None
    places: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """A file (or the whole import) cannot be read: said with its place, before anything is written."""

    def __init__(self, code: Refusal, place: Place, /, **places: object) -> None:
        super().__init__(code.value)
        self.code = code
        self.place = place
        self.places = {name: shown(value) for name, value in places.items()}


def shown(value: Any) -> str:
    """A value as it may stand in a report: one line, cut, without control or lone surrogate characters."""
    if isinstance(value, (dict, list)):
        return "{…}" if isinstance(value, dict) else "[…]"
    text = value if isinstance(value, str) else str(value)[: SHOWN_AT_MOST * 2]
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[: SHOWN_AT_MOST + 1])
    return text if len(text) <= SHOWN_AT_MOST else text[: SHOWN_AT_MOST - 1] + "…"
