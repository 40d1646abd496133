"""Reads a JSON file row by row: streaming, so that neither its size nor its shape can fill the memory.

A file is a list of rows, a page with `contents`, or one row. What a row means does not belong here.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, Final

import ijson

from graph.exchange.problem import Fault, Place, Refusal, Refused, escape

CHUNK: Final = 1 << 16
MAX_FILE: Final = 2 << 30
MAX_ROW: Final = 4 << 20
"""Bytes of one row: an organisation with a thousand services. More is no row but an attack or a mistake."""
MAX_DEPTH: Final = 32
MAX_NESTING: Final = 200
"""Levels at which a file is refused; a row is set aside at `MAX_DEPTH`."""
MAX_ROWS: Final = 500_000
MAX_LINES_FOR: Final = 64 << 20
"""Up to this size of file the lines of problems are looked up."""
MAX_NAMES: Final = 1_000
"""Properties at the top of a page, or of a single row."""
LARGEST: Final = 2**53
"""Beyond it a number is not the same number everywhere."""

_BOM: Final = b"\xef\xbb\xbf"
_ESCAPE: Final = re.compile(rb"\\(?:u(?:([0-9a-fA-F]{4})|[0-9a-fA-F]{0,3}\Z)|[^u]|\Z)", re.DOTALL)
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_REST_OF_STRING: Final = re.compile(rb'(?:[^"\\]++|\\.)*+"', re.DOTALL)
_ENDLESS: Final = re.compile(rb"[0-9]{1000}")
_DIGITS_LAST: Final = re.compile(rb"[0-9]{1,1000}\Z")
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: its place, its value in plain Python, and what is wrong with it already as text."""

    place: Place
    value: Any
    fault: tuple[Fault, Place, dict[str, str]] | None = None


class _Object(dict[str, Any]):
    """A JSON object that remembers a key that stood in it twice."""

    __slots__ = ("twice",)

    def __setitem__(self, key: str, value: Any) -> None:
        if key in self:
            self.twice = key
        dict.__setitem__(self, key, value)


def open_regular(path: Path, *, name: str) -> BinaryIO:
    """Open a regular file of bearable size. A FIFO, a device, a socket or a link out of the folder is refused."""
    place = Place(name)
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        raise Refused(Refusal.NOT_THERE, place) from None
    except OSError as error:
        code = Refusal.NOT_A_FILE if path.is_symlink() else Refusal.UNREADABLE
        raise Refused(code, place, reason=error.strerror or "") from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise Refused(Refusal.NOT_A_FILE, place)
    if status.st_size > MAX_FILE:
        os.close(descriptor)
        raise Refused(Refusal.TOO_BIG, place, megabytes=status.st_size >> 20, limit=MAX_FILE >> 20)
    return os.fdopen(descriptor, "rb")


def rows(
    path: Path,
    *,
    name: str,
    section: str | None = None,
    checked: bool = True,
    read: Callable[[int], None] | None = None,
) -> Iterator[Row]:
    """The rows of a file, one after the other. `section` names the list of a page; None: a list, or one row.

    Unchecked rows are as the parser gives them: for whoever looks at a part of each only, and calls `plain` on that.
    Broken JSON, another encoding, a row too big: `Refused`, with the line where it is known.
    """
    with open_regular(path, name=name) as stream:
        prefix, pointer = (_layout(stream, name), "") if section is None else (f"{section}.item", f"/{section}")
        stream.seek(0)
        number = 0
        for number, value in enumerate(_items(stream, prefix, Place(name), read), start=1):
            if number > MAX_ROWS:
                raise Refused(Refusal.TOO_MANY_ROWS, Place(name), limit=MAX_ROWS)
            place = Place(name, f"{pointer}/{number - 1}" if prefix else "", number)
            yield plain(value, place) if checked else Row(place, value)


def sections(path: Path, *, name: str) -> frozenset[str] | None:
    """The names of the lists of a page, or None when the file is a list of rows or one row (which has an id)."""
    with open_regular(path, name=name) as stream:
        first = _first_byte(stream, name)
        stream.seek(0)
        if first != b"{":
            return None
        found: set[str] = set()
        names: set[str] = set()
        depth, key, count = 0, "", 0
        for event, value in _events(stream, Place(name), limit=None):
            if depth == 1 and event == "map_key":
                key = value
                names.add(key)
                count += 1
                if key in found or count > MAX_NAMES:  # a list twice: which one holds?
                    raise Refused(Refusal.SHAPE, Place(name))
            elif event in ("start_map", "start_array"):
                if event == "start_array" and depth == 1:
                    found.add(key)
                depth += 1
            elif event in ("end_map", "end_array"):
                depth -= 1
        return frozenset(found) if "contents" in found or (found and "id" not in names) else None


def _layout(stream: BinaryIO, name: str) -> str:
    first = _first_byte(stream, name)
    if first not in (b"[", b"{"):
        raise Refused(Refusal.SHAPE, Place(name))
    return "item" if first == b"[" else ""


def _first_byte(stream: BinaryIO, name: str) -> bytes:
    head = stream.read(4)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in head:
        raise Refused(Refusal.ENCODING, Place(name, line=1))
    if head.startswith(_BOM):
        head = head[3:]
    read = len(head)
    while not (stripped := head.lstrip()):
        head = stream.read(CHUNK)
        read += len(head)
        if not head or read > MAX_ROW:
            raise Refused(Refusal.SHAPE if read > 0 else Refusal.TRUNCATED, Place(name, line=1))
    return stripped[:1]


def _chunks(stream: BinaryIO, place: Place) -> Iterator[bytes]:
    """The bytes of the file, looked at before the parser sees them.

    A lone surrogate is refused because the parser would make a `?` of it in silence, endless nesting because the
    parser would remember the whole way down for every level.
    """
    held = b""
    first = True
    nesting = _Nesting()
    while chunk := stream.read(CHUNK):
        if first and chunk.startswith(_BOM):
            chunk = chunk[3:]
        first = False
        if not nesting.bears(chunk):
            code = Refusal.ENDLESS_NUMBER if nesting.is_endless else Refusal.NESTED
            raise _located(stream, Refused(code, place, limit=MAX_NESTING))
        if held or b"\\u" in chunk or chunk.endswith(b"\\"):
            chunk, held = held + chunk, b""
            sound = _judge(chunk, last=False)
            if sound is None:
                raise _located(stream, Refused(Refusal.ENCODING, place))
            chunk, held = chunk[:sound], chunk[sound:]
        if chunk:  # an empty one would tell the parser that the file ends
            yield chunk
    if held:
        if _judge(held, last=True) is None:
            raise _located(stream, Refused(Refusal.ENCODING, place))
        yield held


class _Nesting:
    """How deep the brackets stand, from chunk to chunk: strings are cut out, then matching pairs, layer by layer.

    And whether a number has more digits than any: from 4,301 on the parser ends the whole process.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = False
        self._escaped = False
        self._digits = b""
        self.is_endless = False
        """Whether it was a number that could not be borne."""

    def bears(self, chunk: bytes) -> bool:
        """Whether the depth stays within `MAX_NESTING`, and no number is endless."""
        outside = self._without_strings(chunk)
        numbers = self._digits + outside
        if _ENDLESS.search(numbers):
            self.is_endless = True
            return False
        found = _DIGITS_LAST.search(numbers)
        self._digits = found[0] if found else b""
        brackets = outside.translate(None, _NO_BRACKETS)
        for _ in range(MAX_NESTING):
            fewer = brackets.replace(b"[]", b"").replace(b"{}", b"")
            if len(fewer) == len(brackets):
                break
            brackets = fewer
        else:
            return False
        self._depth += sum(1 if bracket in b"[{" else -1 for bracket in brackets[: 4 * MAX_NESTING])
        return len(brackets) <= 4 * MAX_NESTING and self._depth <= MAX_NESTING

    def _without_strings(self, chunk: bytes) -> bytes:
        if self._escaped:
            chunk = chunk[1:]
            self._escaped = False
        if self._in_string:
            end = _REST_OF_STRING.match(chunk)
            if end is None:
                self._escaped = _ends_in_escape(chunk)
                return b""
            chunk = chunk[end.end() :]
            self._in_string = False
        outside = _STRING.sub(b"", chunk)
        opened = outside.find(b'"')
        if opened >= 0:
            self._in_string = True
            self._escaped = _ends_in_escape(outside[opened + 1 :])
            outside = outside[:opened]
        return outside


def _ends_in_escape(text: bytes) -> bool:
    return (len(text) - len(text.rstrip(b"\\"))) % 2 == 1


def _judge(chunk: bytes, *, last: bool) -> int | None:
    """How much of the chunk holds whole characters only; None when half a character stands alone.

    What its end cuts waits for the next chunk.
    """
    high = -1  # where the second half of a character must begin
    for match in _ESCAPE.finditer(chunk):
        if match[1] is None and match.end() == len(chunk) and match[0][1:2] in (b"", b"u"):
            if high >= 0 and (last or high != match.start()):
                return None
            return len(chunk) if last else high - 6 if high >= 0 else match.start()
        code = int(match[1], 16) if match[1] else 0
        low = 0xDC00 <= code <= 0xDFFF
        if low != (high >= 0) or (low and match.start() != high):
            return None
        high = match.end() if 0xD800 <= code <= 0xDBFF else -1
    if high < 0:
        return len(chunk)
    return high - 6 if high == len(chunk) and not last else None


def _items(stream: BinaryIO, prefix: str, place: Place, read: Callable[[int], None] | None) -> Iterator[Any]:
    found = ijson.sendable_list()
    parser = ijson.items_coro(found, prefix, map_type=_Object)
    since = 0
    for chunk in _chunks(stream, place):
        since += len(chunk)
        _feed(parser, chunk, stream, place)
        if read is not None:
            read(len(chunk))
        if found:
            since = 0
            yield from found
            del found[:]
        elif since > MAX_ROW:
            raise Refused(Refusal.ITEM_TOO_BIG, place, limit=MAX_ROW >> 20)
    _close(parser, stream, place)
    yield from found


def _events(stream: BinaryIO, place: Place, *, limit: int | None) -> Iterator[tuple[str, Any]]:
    found = ijson.sendable_list()
    parser = ijson.basic_parse_coro(found)
    total, since = 0, 0
    for chunk in _chunks(stream, place):
        total += len(chunk)
        since += len(chunk)
        _feed(parser, chunk, stream, place)
        if found:
            since = 0
        yield from found
        del found[:]
        if since > MAX_ROW or (limit is not None and total > limit):
            raise Refused(Refusal.ITEM_TOO_BIG, place, limit=MAX_ROW >> 20)
    _close(parser, stream, place)
    yield from found


def _feed(parser: Any, chunk: bytes, stream: BinaryIO, place: Place) -> None:
    try:
        parser.send(chunk)
    except ijson.JSONError as error:
        code = Refusal.ENCODING if "UTF8" in str(error) else Refusal.SYNTAX
        raise _located(stream, Refused(code, place)) from None
    except (ValueError, ArithmeticError):  # a number with more digits or a larger exponent than Python bears
        raise _located(stream, Refused(Refusal.SYNTAX, place)) from None


def _close(parser: Any, stream: BinaryIO, place: Place) -> None:
    try:
        parser.close()
    except ijson.JSONError:
        raise _located(stream, Refused(Refusal.TRUNCATED, place)) from None


def _located(stream: BinaryIO, refused: Refused) -> Refused:
    """The same refusal with the line at which the parser stopped: the file is fed once more, line by line."""
    end = stream.tell()
    if end > MAX_LINES_FOR:
        return refused
    stream.seek(0)
    parser = ijson.basic_parse_coro(_Nowhere())
    nesting = _Nesting()
    line = 1
    try:
        while stream.tell() < end and (piece := stream.readline(CHUNK)):
            if line == 1 and piece.startswith(_BOM):
                piece = piece[3:]
            if refused.code in (Refusal.NESTED, Refusal.ENDLESS_NUMBER):
                if not nesting.bears(piece):
                    break
            elif refused.code is Refusal.ENCODING and _judge(piece, last=True) is None:
                break
            else:
                parser.send(piece)
            line += piece.endswith(b"\n")
    except (ijson.JSONError, ValueError, ArithmeticError):
        pass
    refused.place = replace(refused.place, line=line)
    return refused


class _Nowhere:
    def append(self, _: Any) -> None:
        """Let an event fall."""

    send = append


def plain(value: Any, place: Place) -> Row:
    """A row in plain Python, with depth, text and numbers that every reader can bear; or what is wrong with it."""
    try:
        return Row(place, _plain(value, 0))
    except _Bad as bad:
        at = place.at(*reversed(bad.steps[-MAX_DEPTH:]))
        return Row(place, _rough(value, 0), (bad.code, at, bad.places))


class _Bad(Exception):
    """What is wrong, and the way to it: each level adds its step on the way out."""

    def __init__(self, code: Fault, **places: str) -> None:
        super().__init__(code.value)
        self.code, self.places = code, places
        self.steps: list[str | int] = []


def _plain(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise _Bad(Fault.TOO_DEEP, limit=str(MAX_DEPTH))
    if isinstance(value, dict):
        if (twice := getattr(value, "twice", None)) is not None:
            raise _Bad(Fault.DUPLICATE_KEY, value=twice)
        if any(map(_CONTROL.search, value)):
            raise _Bad(Fault.BAD_TEXT)
        return _plain_object(value, depth)
    if isinstance(value, list):
        return _plain_list(value, depth)
    if isinstance(value, str):
        if _CONTROL.search(value):
            raise _Bad(Fault.BAD_TEXT)
        return value
    return value if value is None or isinstance(value, bool) else _number(value)


def _plain_object(value: dict[str, Any], depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    name = ""
    try:
        for name, item in value.items():
            if isinstance(item, str):
                if _CONTROL.search(item):
                    raise _Bad(Fault.BAD_TEXT)
                found[name] = item
            elif item is None or item is True or item is False:
                found[name] = item
            else:
                found[name] = _plain(item, depth + 1) if isinstance(item, (dict, list)) else _number(item)
    except _Bad as bad:
        bad.steps.append(name)
        raise
    return found


def _plain_list(value: list[Any], depth: int) -> list[Any]:
    found: list[Any] = []
    try:
        for item in value:
            found.append(_plain(item, depth + 1))  # noqa: PERF401  # its length says where something is wrong
    except _Bad as bad:
        bad.steps.append(len(found))
        raise
    return found


def _number(value: float | Decimal) -> int | float:
    if not -LARGEST <= value <= LARGEST:
        raise _Bad(Fault.NUMBER_TOO_LARGE)
    if isinstance(value, int):
        return value
    number = float(value)
    return int(number) if number.is_integer() else number


def _rough(value: Any, depth: int) -> Any:
    """A row that is set aside, as JSON can carry it: what is too deep is cut, bad characters are replaced."""
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, dict):
        return {_CONTROL.sub("\N{REPLACEMENT CHARACTER}", k): _rough(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list):
        return [_rough(v, depth + 1) for v in value]
    if isinstance(value, str):
        return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, Decimal):
        number = float(value)
        return number if abs(number) <= LARGEST else str(value)
    return value


def lines(path: Path, wanted: set[str]) -> dict[str, int]:
    """The line at which each of these JSON pointers begins; only for files that are read again quickly."""
    found: dict[str, int] = {}
    if not wanted or path.stat().st_size > MAX_LINES_FOR:
        return found
    events = ijson.sendable_list()
    parser = ijson.basic_parse_coro(events)
    steps: list[str | int] = []
    pointer = [""]
    line = 1
    with open_regular(path, name=path.name) as stream:
        while (piece := stream.readline(CHUNK)) and len(found) < len(wanted):
            if line == 1 and piece.startswith(_BOM):
                piece = piece[3:]
            try:
                parser.send(piece)
            except (ijson.JSONError, ValueError, ArithmeticError):
                return found
            for event, value in events:
                if event == "map_key":
                    steps[-1] = value
                    continue
                if event in ("end_map", "end_array"):
                    steps.pop()
                    pointer.pop()
                    continue
                here = pointer[-1]
                if steps:
                    last = steps[-1]
                    if isinstance(last, int):
                        steps[-1] = last = last + 1
                    here = f"{here}/{last}" if isinstance(last, int) else f"{here}/{escape(last)}"
                if here in wanted:
                    found.setdefault(here, line)
                if event in ("start_map", "start_array"):
                    steps.append("" if event == "start_map" else -1)
                    pointer.append(here)
            del events[:]
            line += piece.endswith(b"\n")
    return found
