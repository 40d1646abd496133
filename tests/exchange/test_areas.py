"""Areas fit together or are set aside; what follows for each follows from all. (R-04, R-06)"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.exchange.geography import Division, settle
from graph.exchange.pieces import Collector
from graph.exchange.problem import Fault, Place, Refusal, Refused
from graph.exchange.tables import header_of, read_area, table_rows
from graph.model.area import Area
from graph.store.areas import relations
from tests.exchange.networks import AREAS, PAIRS

ROWS = b"""code,name,level,parent,lat,lon
QA,Pais,0,,15.5,-90.25
QA01,Norte,1,QA,,
"""


def table(tmp_path: Path, content: bytes, name: str = "areas.csv") -> list[Any]:
    path = tmp_path / name
    path.write_bytes(content)
    return list(table_rows(path, name=name, kind="adjacency" if "adjacency" in name else "areas"))


def read(**values: Any) -> Area | list[tuple[Fault, str]]:
    problems = Collector("area", None)
    area = read_area({"code": "QA", "name": "País", "level": "0", **values}, Place("areas.csv"), problems)
    return area if area and not problems.found else [(Fault(p.code), p.place.pointer) for p in problems.found]


def division(*areas: Area, pairs: tuple[tuple[str, str], ...] = (), known: tuple[Area, ...] = ()) -> Division:
    stated = [(area, Place("areas.csv", row=n, line=n + 1)) for n, area in enumerate(areas, 1)]
    return settle(stated, [(a, b, Place("x", row=1)) for a, b in pairs], {area.code: area for area in known})


def faults(found: Division) -> list[tuple[str | None, Fault]]:
    return [(p.id, Fault(p.code)) for p in found.problems]


def test_a_table_is_read_with_its_lines(tmp_path: Path) -> None:
    first, second = table(tmp_path, b"\xef\xbb\xbf" + ROWS)
    assert first.value == {"code": "QA", "name": "Pais", "level": "0", "lat": "15.5", "lon": "-90.25"}
    assert (second.place.row, second.place.line, second.fault) == (2, 3, None)


def test_semicolons_and_windows_line_ends_are_understood(tmp_path: Path) -> None:
    rows = table(tmp_path, ROWS.replace(b",", b";").replace(b"\n", b"\r\n"))
    assert [row.value["code"] for row in rows] == ["QA", "QA01"]


BROKEN = {
    "no header": (b"QA,Pais,0\n", Refusal.HEADER, 1),
    "a column twice": (b"code,name,level,name\n", Refusal.HEADER, 1),
    "latin 1": (b"code,name,level\nQA,Pa\xeds,0\n", Refusal.ENCODING, 2),
    "a NUL": (b"code,name,level\nQA,Pa\x00s,0\n", Refusal.ENCODING, 2),
    "a line without end": (b"code,name,level\n" + b"a" * 100_000, Refusal.LINE_TOO_LONG, 2),
    "a quote without end": (b'code,name,level\n"QA,' + b"a\n" * 200_000, Refusal.SYNTAX, None),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_table_is_refused_with_its_line(tmp_path: Path, case: str) -> None:
    content, code, line = BROKEN[case]
    with pytest.raises(Refused) as found:
        table(tmp_path, content)
    assert found.value.code is code
    assert line is None or found.value.place.line == line


def test_a_row_with_too_few_cells_is_set_aside(tmp_path: Path) -> None:
    rows = table(tmp_path, ROWS + b"QA02,Sur\nQA03,Este,1,QA,,\n")
    assert [row.fault and row.fault[0] for row in rows] == [None, None, Fault.BAD_VALUE, None]


def test_a_table_is_known_by_its_header(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("code;adjacent\n", encoding="utf-8")
    assert header_of(tmp_path / "x.csv", name="x.csv") == {"code", "adjacent"}


def test_numbers_and_days_of_a_row_are_read() -> None:
    area = read(lat="15.5", lon="-90", valid_from="2024-05-01", name_en="Country")
    assert isinstance(area, Area)
    assert (area.latitude, area.longitude, area.level, str(area.valid_from)) == (15.5, -90.0, 0, "2024-05-01")
    assert area.translations == {"en": {"name": "Country"}}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"lat": "north"}, [(Fault.WRONG_TYPE, "/lat")]),
        ({"lat": "1e400"}, [(Fault.WRONG_TYPE, "/lat")]),
        ({"lat": "nan"}, [(Fault.WRONG_TYPE, "/lat")]),
        ({"lat": "91"}, [(Fault.OUT_OF_RANGE, "/lat")]),
        ({"level": "5"}, [(Fault.UNKNOWN_CODE, "/level")]),
        ({"level": ""}, [(Fault.MISSING, "/level")]),
        ({"code": "a b"}, [(Fault.NOT_A_CODE, "/code")]),
        ({"name": "=1+1"}, [(Fault.BAD_VALUE, "/name")]),
        ({"valid_from": "2024-13-01"}, [(Fault.IMPOSSIBLE_DATE, "/valid_from")]),
        ({"valid_from": "2024-02-01", "valid_to": "2024-01-01"}, [(Fault.ENDS_BEFORE_BEGIN, "/valid_to")]),
    ],
)
def test_what_is_wrong_with_a_row_is_told(values: dict[str, str], expected: list[tuple[Fault, str]]) -> None:
    assert read(**values) == expected


def test_an_area_below_nothing_is_set_aside_with_all_below_it() -> None:
    found = division(
        AREAS[0],
        Area(code="QA0901", name="Aldea", level=2, parent="QA09"),
        Area(code="QA090101", name="Caserío", level=3, parent="QA0901"),
    )
    assert faults(found) == [("QA0901", Fault.DANGLING), ("QA090101", Fault.DANGLING)]
    assert [area.code for area in found.stated] == ["QA"]


def test_a_parent_stands_higher_and_only_countries_have_none() -> None:
    found = division(
        AREAS[0],
        Area(code="A", name="A", level=1, parent="B"),
        Area(code="B", name="B", level=1, parent="A"),
        Area(code="C", name="C", level=1),
        Area(code="D", name="D", level=0, parent="QA"),
    )
    assert {code for _, code in faults(found)} == {Fault.LEVEL, Fault.DANGLING, Fault.MISSING}
    assert [area.code for area in found.stated] == ["QA"]


def test_one_code_with_two_contents_keeps_the_first() -> None:
    other = AREAS[0].model_copy(update={"name": "Otro"})
    found = division(AREAS[0], other, AREAS[0])
    assert faults(found) == [("QA", Fault.OTHER_CONTENT)]
    assert found.areas["QA"].name == AREAS[0].name


def test_what_is_set_aside_leaves_what_was_known() -> None:
    wrong = AREAS[1].model_copy(update={"parent": "QA99"})
    found = division(wrong, AREAS[3], known=AREAS[:2])
    assert faults(found) == [("QA01", Fault.DANGLING)]
    assert found.areas["QA01"] == AREAS[1]
    assert [area.code for area in found.stated] == ["QA0101"]


def test_neighbours_are_two_and_known() -> None:
    found = division(*AREAS, pairs=(("QA02", "QA01"), ("QA01", "QA01"), ("QA01", "QA99")))
    assert found.adjacency == {("QA01", "QA02")}
    assert [code for _, code in faults(found)] == [Fault.CIRCLE, Fault.DANGLING]


def test_what_touches_a_department_touches_its_municipalities() -> None:
    """R-06"""
    found = relations({area.code: area for area in AREAS}, PAIRS)
    assert found["QA0101"].lineage == ("QA0101", "QA01", "QA")
    assert found["QA0101"].touching == ("QA0102", "QA02")
    assert found["QA0201"].touching == ("QA01",)
    assert found["QA01"].touching == ("QA02",)
    assert found["QA"].touching == ()


def test_neighbours_of_a_country_are_its_own_only() -> None:
    areas = {"A": Area(code="A", name="A", level=0), "B": Area(code="B", name="B", level=0)}
    areas["A1"] = Area(code="A1", name="A1", level=1, parent="A")
    found = relations(areas, [("A", "B")])
    assert (found["A"].touching, found["A1"].touching) == (("B",), ())
