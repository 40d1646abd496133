"""Which files are read, what is kept of rows set aside, what is written; and the profile as it is published."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it brings no types

from graph.exchange import schema
from graph.exchange.document import rows
from graph.exchange.files import JsonList, write_adjacency, write_areas
from graph.exchange.pieces import Collector
from graph.exchange.problem import Fault, Place, Refusal, Refused
from graph.exchange.quarantine import Quarantine
from graph.exchange.register import Register, differing, merged
from graph.exchange.sources import find
from graph.exchange.tables import read_area, table_rows
from tests.exchange.networks import AREAS, PAIRS
from tests.exchange.samples import service

CHECKOUT = Path(__file__).parents[2]
JORDAN = CHECKOUT.parent / "shared" / "data" / "jordan" / "services.json"


def touch(folder: Path, **files: str) -> Path:
    for name, content in files.items():
        (folder / name.replace("__", ".").replace("_", "-")).write_text(content, encoding="utf-8")
    return folder


def test_a_folder_is_read_in_the_order_in_which_things_lean_on_each_other(tmp_path: Path) -> None:
    touch(
        tmp_path,
        services__json="[]",
        areas__csv="code,name,level\n",
        mechanisms__json="[]",
        notes__txt="",
        other__json="[]",
    )
    touch(tmp_path, organizations__json="[]", area_adjacency__csv="code,adjacent\n", suspensions__json="[]")
    found = find(tmp_path)
    assert [source.name for source in found.sources] == [
        "areas.csv",
        "area-adjacency.csv",
        "organizations.json",
        "services.json",
        "mechanisms.json",
        "suspensions.json",
    ]
    assert found.ignored == ("other.json",)


def test_a_file_is_known_by_what_stands_in_it(tmp_path: Path) -> None:
    touch(tmp_path, a__json='[{"id": "m", "scope": "local"}]', b__json='[{"subject": "area", "subject_id": "x"}]')
    touch(tmp_path, c__json="[]", d__csv="code,adjacent\n", e__csv="code,name,level\n")
    kinds = {name: find(tmp_path / name).sources[0].kind for name in ("a.json", "b.json", "c.json", "d.csv", "e.csv")}
    assert kinds == {
        "a.json": "mechanisms",
        "b.json": "suspensions",
        "c.json": "directory",
        "d.csv": "adjacency",
        "e.csv": "areas",
    }


def test_a_page_holds_several_lists(tmp_path: Path) -> None:
    touch(tmp_path, all__json='{"contents": [], "mechanisms": [], "areas": [], "x": []}')
    assert [(s.kind, s.section) for s in find(tmp_path / "all.json").sources] == [
        ("areas", "areas"),
        ("directory", "contents"),
        ("mechanisms", "mechanisms"),
    ]


def test_nothing_to_read_is_said(tmp_path: Path) -> None:
    for path, code in ((tmp_path, Refusal.NOTHING_TO_IMPORT), (tmp_path / "no.json", Refusal.NOT_THERE)):
        with pytest.raises(Refused) as found:
            find(path)
        assert found.value.code is code


def test_a_quarantine_is_a_file_that_can_be_read_again(tmp_path: Path) -> None:
    problems = Collector("service", "a")
    problems.add(Fault.UNKNOWN_CODE, Place("s.json", "/0"), value="x", scheme="areas")
    path = tmp_path / "folder" / "q.json"
    with Quarantine() as aside:
        aside.put("directory", {"id": "a", "name": "Ñ"}, problems.found)
        aside.put("areas", {"code": "QA"}, problems.found)
        aside.put("directory", "no object", problems.found)
        aside.write(path, head={"source": "s.json"}, say=lambda reason: f"dicho: {reason['code']}")
    assert path.stat().st_mode & 0o077 == 0, "it may hold what no export tells"
    found = json.loads(path.read_text(encoding="utf-8"))
    assert [row.get("id", row.get("row")) for row in found["contents"]] == ["a", "no object"]
    assert found["contents"][0]["quarantine"][0]["text"] == "dicho: unknown-code"
    assert [s.section for s in find(path).sources] == [
        "areas",
        "area_adjacency",
        "contents",
        "mechanisms",
        "suspensions",
    ]


def test_a_quarantine_keeps_only_so_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.exchange.quarantine.MAX_ROWS", 2)
    with Quarantine() as aside:
        for number in range(3):
            aside.put("directory", {"id": str(number)}, [])
        assert aside.is_full
        assert (aside.rows, aside.left_out) == (3, 1)
        aside.write(tmp_path / "q.json", head={}, say=lambda _: "")
    assert len(list(rows(tmp_path / "q.json", name="q", section="contents"))) == 2


def test_the_first_description_holds_and_a_later_one_may_add() -> None:
    first = {"id": "a", "name": "Casa", "email": None}
    later = {"id": "a", "name": "Otra", "email": "x@example.org", "url": "u"}
    assert differing(first, later) == ["name"]
    assert merged(first, later) == {"id": "a", "name": "Casa", "email": "x@example.org", "url": "u"}
    with Register() as register:
        assert register.put("organization", "a", first, Place("f", "/0")) is None
        again = register.put("organization", "a", dict(reversed(first.items())), Place("f", "/1"))
        assert again is not None and again.same
        other = register.put("organization", "a", later, Place("f", "/2"))
        assert other is not None and not other.same
        assert other.document == first and other.place.pointer == "/0"
        assert [(id, found.document["name"]) for id, found in register.all("organization")] == [("a", "Casa")]


def test_areas_are_written_as_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "areas.csv"
    with path.open("w", encoding="utf-8", newline="\n") as out:
        write_areas(out, AREAS)
    back = [
        read_area(row.value, row.place, Collector("area", None)) for row in table_rows(path, name="a", kind="areas")
    ]
    assert back == sorted(AREAS, key=lambda a: (a.level, a.code))
    pairs = io.StringIO()
    write_adjacency(pairs, sorted(PAIRS))
    assert next(csv.reader(io.StringIO(pairs.getvalue()))) == ["code", "adjacent"]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_list_is_written_row_by_row(count: int) -> None:
    out = io.StringIO()
    listed = JsonList(out)
    for number in range(count):
        listed.put({"n": number})
    listed.close()
    assert json.loads(out.getvalue()) == [{"n": number} for number in range(count)]


def test_the_published_schema_is_the_one_of_the_models() -> None:
    """`python -m graph.exchange.schema > docs/profile.schema.json`"""
    assert (CHECKOUT / "docs" / "profile.schema.json").read_text(encoding="utf-8") == schema.text()


def test_the_schema_takes_what_we_take_and_refuses_what_we_refuse() -> None:
    found = schema.profile_schema()
    Draft202012Validator.check_schema(found)
    checker = Draft202012Validator(found)
    assert checker.is_valid([service()])
    assert not checker.is_valid([service(attributes=[])])
    assert not checker.is_valid([service(sop={"eligibility": {"star_sign": "leo"}})])
    assert not checker.is_valid([service(service_areas=[{"extent": "{}", "extent_type": "geojson"}])])


def test_the_schema_takes_the_jordan_mapping_as_it_stands() -> None:
    if not JORDAN.exists():
        pytest.skip("the Jordan mapping is not beside this checkout (../shared/data/jordan)")
    found = schema.profile_schema()
    checker = Draft202012Validator({"$ref": "#/$defs/Service", "$defs": found["$defs"]})
    documents = json.loads(JORDAN.read_text(encoding="utf-8"))
    assert [e.message for document in documents[::10] for e in checker.iter_errors(document)] == []
