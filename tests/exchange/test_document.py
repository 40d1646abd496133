"""Files are read row by row; hostile ones end in a clear refusal, with little memory and in little time."""

from __future__ import annotations

import json
import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.exchange import document
from graph.exchange.document import Row, lines, rows, sections
from graph.exchange.problem import Fault, Refusal, Refused, shown

ODD_TEXT = st.text(st.sampled_from('ab[]{}",:\\ñ\U0001f600\n'), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**50), 2**50) | ODD_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ODD_TEXT, inner, max_size=4),
    max_leaves=12,
)


def write(folder: Path, content: bytes | str, name: str = "rows.json") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(path: Path, **more: Any) -> list[Row]:
    return list(rows(path, name=path.name, **more))


def refusal(path: Path) -> Refused:
    with pytest.raises(Refused) as found:
        read(path)
    return found.value


@given(st.lists(VALUES, max_size=5), st.integers(1, 9), st.booleans())
def test_any_list_is_read_as_it_was_written(found: list[Any], chunk: int, escaped: bool) -> None:
    """However the bytes are cut: in the middle of a string, an escape, a character."""
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"enlace-rows-{os.getpid()}.json"
    path.write_text(json.dumps(found, ensure_ascii=escaped), encoding="utf-8")
    before, document.CHUNK = document.CHUNK, chunk  # type: ignore[misc]  # smaller than in life
    try:
        read_rows = read(path)
    finally:
        document.CHUNK = before  # type: ignore[misc]
        path.unlink()
    assert [row.value for row in read_rows if row.fault is None] == [v for v in found if not _has_control(v)]


def _has_control(value: Any) -> bool:
    return any(c in json.dumps(value) for c in ("\\u0000", "\\u007f"))


def test_a_page_a_list_and_one_row_are_read(tmp_path: Path) -> None:
    page = write(tmp_path, '{"total_items": 2, "contents": [{"id": "a"}, {"id": "b"}], "areas": []}', "page.json")
    assert sections(page, name="p") == frozenset({"contents", "areas"})
    assert [(r.value["id"], r.place.pointer) for r in read(page, section="contents")] == [
        ("a", "/contents/0"),
        ("b", "/contents/1"),
    ]
    single = write(tmp_path, '{"id": "a", "services": []}', "one.json")
    assert sections(single, name="s") is None
    assert [(r.value["id"], r.place.pointer) for r in read(single)] == [("a", "")]
    listed = write(tmp_path, '[{"id": "a"}]', "list.json")
    assert sections(listed, name="l") is None
    assert [r.place.pointer for r in read(listed)] == ["/0"]


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    assert [r.value for r in read(write(tmp_path, b'\xef\xbb\xbf[{"a": 1}]'))] == [{"a": 1}]


BROKEN = {
    "truncated": (b'[{"id": "a"},\n{"id": "b"', Refusal.TRUNCATED, 2),
    "nothing": (b"", Refusal.TRUNCATED, 1),
    "blank": (b" \n ", Refusal.SHAPE, 1),
    "no json": (b"id;name\n", Refusal.SHAPE, None),
    "a comma too many": (b'[{"id": "a"},\n]', Refusal.SYNTAX, 2),
    "two lists": (b"[]\n[]", Refusal.SYNTAX, 2),
    "NaN": (b"[NaN]", Refusal.SYNTAX, 1),
    "latin 1": ('[{"name": "ñ"}]'.encode("latin-1"), Refusal.ENCODING, 1),
    "utf-16": ('[{"name": "ñ"}]'.encode("utf-16"), Refusal.ENCODING, 1),
    "a NUL": (b"[\x00]", Refusal.ENCODING, 1),
    "half a character": (b'[\n"\\ud800"]', Refusal.ENCODING, 2),
    "the other half": (b'[\n\n"a\\udc00"]', Refusal.ENCODING, 3),
    "deep": (b"[" * 300, Refusal.NESTED, 1),
    "deep, in steps": (b'[{"a":' * 150, Refusal.NESTED, 1),
    "digits without end": (b"[" + b"9" * 5000 + b"]", Refusal.ENDLESS_NUMBER, 1),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_refused_with_its_line(tmp_path: Path, case: str) -> None:
    content, code, line = BROKEN[case]
    found = refusal(write(tmp_path, content))
    assert (found.code, found.place.line) == (code, line)


def test_surrogate_pairs_and_escaped_backslashes_are_no_halves(tmp_path: Path) -> None:
    path = write(tmp_path, b'["\\ud83d\\ude00", "\\\\ud800", "\\\\\\\\udc00"]')
    assert [row.value for row in read(path)] == ["\U0001f600", "\\ud800", "\\\\udc00"]


FAULTY = {
    "duplicate key": ('{"a": 1, "a": 2}', Fault.DUPLICATE_KEY, "/0"),
    "duplicate key further in": ('{"x": [{"a": 1, "a": 2}]}', Fault.DUPLICATE_KEY, "/0/x/0"),
    "a number beyond all": ('{"x": [0, 1e400]}', Fault.NUMBER_TOO_LARGE, "/0/x/1"),
    "an integer beyond all": ('{"x": 99999999999999999999}', Fault.NUMBER_TOO_LARGE, "/0/x"),
    "an escaped NUL": ('{"x": "a\\u0000"}', Fault.BAD_TEXT, "/0/x"),
    "a control character in a key": ('{"x": {"a\\u001b": 1}}', Fault.BAD_TEXT, "/0/x"),
    "deep": ("[" * 40 + "]" * 40, Fault.TOO_DEEP, "/0" + "/0" * 32),
}


@pytest.mark.parametrize("case", FAULTY)
def test_a_faulty_row_is_set_aside_and_its_siblings_are_read(tmp_path: Path, case: str) -> None:
    text, code, pointer = FAULTY[case]
    first, second = read(write(tmp_path, f"[{text}, 1]"))
    assert first.fault is not None
    assert (first.fault[0], first.fault[1].pointer) == (code, pointer)
    assert second.value == 1
    json.dumps(first.value)  # can be kept


@pytest.mark.parametrize("kind", ["string", "objects", "spaces"])
def test_a_row_without_end_is_refused_with_little_memory(tmp_path: Path, kind: str) -> None:
    filler = {"string": b"a" * 65536, "objects": b'"a":[1],' * 8192, "spaces": b" " * 65536}[kind]
    path = tmp_path / "big.json"
    with path.open("wb") as out:
        out.write({"string": b'[{"a":"', "objects": b"[{", "spaces": b"[1,"}[kind])
        for _ in range(400):  # 25 MB
            out.write(filler)
    tracemalloc.start()
    try:
        assert refusal(path).code is Refusal.ITEM_TOO_BIG
        assert tracemalloc.get_traced_memory()[1] < 300 << 20
    finally:
        tracemalloc.stop()


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    target = write(tmp_path, "[]")
    link = tmp_path / "link.json"
    link.symlink_to(target)
    assert refusal(link).code is Refusal.NOT_A_FILE
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    assert refusal(pipe).code is Refusal.NOT_A_FILE
    assert refusal(tmp_path).code is Refusal.NOT_A_FILE
    assert refusal(tmp_path / "nowhere.json").code is Refusal.NOT_THERE
    sparse = write(tmp_path, "[", "sparse.json")
    os.truncate(sparse, 3 << 30)
    assert refusal(sparse).code is Refusal.TOO_BIG


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MAX_ROWS", 3)
    assert refusal(write(tmp_path, "[1,2,3,4]")).code is Refusal.TOO_MANY_ROWS
    assert len(read(write(tmp_path, "[1,2,3]"))) == 3


def test_a_page_whose_list_stands_twice_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, '{"contents": [], "contents": [{"id": "a"}]}')
    with pytest.raises(Refused) as found:
        sections(path, name="p")
    assert found.value.code is Refusal.SHAPE


def test_lines_of_pointers_are_found(tmp_path: Path) -> None:
    text = '[\n {"id": "a",\n  "x/y": [1,\n   2]},\n {"id": "b"}\n]'
    path = write(tmp_path, text)
    wanted = {"/0", "/0/id", "/0/x~1y/1", "/1/id", "/7"}
    assert lines(path, wanted) == {"/0": 2, "/0/id": 2, "/0/x~1y/1": 4, "/1/id": 5}


def test_what_is_shown_is_short_and_cannot_write_on_the_terminal() -> None:
    assert shown("\x1b[31mrojo\n") == "\N{REPLACEMENT CHARACTER}[31mrojo\N{REPLACEMENT CHARACTER}"
    assert len(shown("x" * 10_000)) == 80
    assert shown({"a": 1}) == "{…}"
