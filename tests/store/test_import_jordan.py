"""A real inter-agency mapping goes in whole, again, newer and spoilt. (R-02) It lies beside the checkout, not in it."""

from __future__ import annotations

import copy
import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from api.actions import directory
from api.cli.export import to_folder
from graph.exchange.problem import Fault, Notice
from graph.exchange.quarantine import Quarantine
from graph.store import services
from graph.store.network import Network
from tests.conftest import wipe
from tests.exchange.networks import NOW
from tests.store.directories import apart, content, graph, put
from tests.store.jordan import FOLDER

HSDS = FOLDER.parent / "hsds"

pytestmark = pytest.mark.skipif(
    not (FOLDER / "services.json").exists(),
    reason="the Jordan mapping is not beside this checkout (../shared/data/jordan)",
)


@pytest.fixture(scope="module")
def raw() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((FOLDER / "services.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
async def loaded(network: Network) -> directory.Report:
    return await directory.import_(network, FOLDER, at=NOW)


@pytest.fixture
async def told(network: Network, loaded: directory.Report, tmp_path: Path) -> Path:
    """The export of the mapping."""
    assert loaded.is_clean
    folder = tmp_path / "told"
    folder.mkdir()
    await to_folder(network, folder)
    return folder


async def test_every_row_goes_in(network: Network, loaded: directory.Report) -> None:
    assert loaded.is_clean
    assert {noun: loaded.new[noun] for noun in ("service", "organization", "area", "location", "sop")} == {
        "service": 562,
        "organization": 44,
        "area": 82,
        "location": 82,
        "sop": 562,
    }


async def test_blemishes_are_told_and_left_in(loaded: directory.Report, raw: list[dict[str, Any]]) -> None:
    assert loaded.noticed == {
        Notice.ENDED: 562,  # the mapping is of March 2015
        Notice.NO_COVERAGE: sum(not service["service_areas"] for service in raw),
        Notice.SAME_SERVICE: len(raw) - len({(s["organization"]["id"], s["name"]) for s in raw}),
        Notice.SIMILAR_NAMES: 1,
        Notice.DIFFERS: loaded.noticed[Notice.DIFFERS],
    }
    [similar] = [n for n in loaded.notices if n.code is Notice.SIMILAR_NAMES]
    assert {similar.places["name"], similar.places["other"]} == {"NHF", "IFH/NHF"}
    assert {n.noun for n in loaded.notices if n.code is Notice.DIFFERS} == {"taxonomy_term"}


async def test_the_services_are_what_the_documents_say(
    network: Network, loaded: directory.Report, raw: list[dict[str, Any]]
) -> None:
    assert loaded.is_clean
    found = await network.read(services.get, [document["id"] for document in raw], deadline=60.0)
    for document in raw:
        service = found[document["id"]]
        assert service.organization_id == document["organization"]["id"]
        assert service.areas == (tuple(a["extent"] for a in document["service_areas"]) or None)
        assert [str(s.valid_to) for s in service.schedules] == [s["valid_to"] for s in document["schedules"]]
        assert service.locations[0].area == document["service_at_locations"][0]["location"]["external_identifier"]


async def test_a_second_time_changes_nothing(network: Network, loaded: directory.Report) -> None:
    before = await graph(network)
    again = await directory.import_(network, FOLDER, at=NOW)
    assert again.wrote_nothing and again.is_clean
    assert again.unchanged["service"] == loaded.new["service"]
    assert apart(await graph(network), before) == []


async def test_the_export_says_what_the_mapping_said(told: Path, raw: list[dict[str, Any]]) -> None:
    """Every document comes back: nothing of it is lost, and of one taxonomy term there is one description."""
    back = {document["id"]: document for document in json.loads((told / "services.json").read_text(encoding="utf-8"))}
    assert back.keys() == {document["id"] for document in raw}
    for document in raw:
        found = back[document["id"]]
        for name in ("name", "status", "schedules", "service_at_locations"):
            assert found[name] == document[name]
        assert found["organization"] == document["organization"]
        assert found.get("service_areas", []) == document["service_areas"]
        values = [(a["id"], a["link_type"], a["value"]) for a in document["attributes"]]
        assert [(a["id"], a["link_type"], a["value"]) for a in found["attributes"]] == values
        assert found["sop"] == document["sop"]
    descriptions: dict[str, set[str]] = {}
    for document in back.values():
        for term in (a["taxonomy_term"] for a in document["attributes"] if "taxonomy_term" in a):
            descriptions.setdefault(term["id"], set()).add(term["description"])
    assert {len(found) for found in descriptions.values()} == {1}


async def test_the_export_is_valid_hsds(told: Path) -> None:
    from tests.exchange.test_round_trip import schema

    for file, name in (("services.json", "service.json"), ("organizations.json", "organization.json")):
        checker = schema(name)
        documents = json.loads((told / file).read_text(encoding="utf-8"))
        assert documents
        assert [error.message for document in documents for error in checker.iter_errors(document)] == []


async def test_a_newer_file_updates_and_tells_what_changed(
    network: Network, loaded: directory.Report, raw: list[dict[str, Any]], tmp_path: Path
) -> None:
    newer = copy.deepcopy(raw)
    newer[0]["description"] = "Now with a description"
    newer[1]["schedules"][0]["valid_to"] = "2026-12-31"
    newer[2]["sop"]["accepts_referrals"] = not newer[2]["sop"]["accepts_referrals"]
    report = await directory.import_(network, put(tmp_path / "services.json", newer), at=NOW)
    assert [(c.noun, c.id, c.fields) for c in report.changes if c.noun == "service"] == [
        ("service", newer[0]["id"], ("description",)),
        ("service", newer[1]["id"], ("schedules",)),
        ("service", newer[2]["id"], ("sop",)),
    ]
    assert [c.fields for c in report.changes if c.noun == "sop"] == [("accepts_referrals",)]
    assert report.changed == {"service": 3, "sop": 1}
    back = await directory.import_(network, FOLDER, at=NOW)
    assert back.changed == report.changed


# -- the spoilt copy -------------------------------------------------------------------------------------------------


def spoilt(raw: list[dict[str, Any]], folder: Path) -> Path:
    """The mapping with a mistake of every kind."""
    folder.mkdir()
    for name in ("areas.csv", "area-adjacency.csv"):
        shutil.copyfile(FOLDER / name, folder / name)
    with (folder / "areas.csv").open("a", encoding="utf-8", newline="") as out:
        csv.writer(out).writerow(["JO9901", "Lost place", "2", "JO99", "31.0", "36.0"])
    rows: list[Any] = copy.deepcopy(raw)
    rows[0]["attributes"][0]["value"] = "social.nonsense"
    rows[0]["attributes"][0]["taxonomy_term"]["code"] = "social.nonsense"
    rows[1]["schedules"][0]["valid_to"] = "2014-02-30"
    rows[2]["service_areas"][0]["extent"] = "JO9901"
    rows[3]["name"] = 17
    rows[4]["sop"]["eligibility"]["documents_any_of"] = ["library-card"]
    rows[5]["schedules"][0]["valid_to"] = "2013-01-01"
    rows[6]["sop"]["eligibility"]["star_sign"] = "leo"
    rows[7]["status"] = "open"
    rows[8]["service_areas"] = {}
    rows[9]["organization"] = {"id": "nobody"}
    rows[10]["sop"]["response_time"] = "soon"
    twice = {**copy.deepcopy(rows[561]), "name": "Another name"}
    rows[12]["organization"]["name"] = "Somebody else"
    put(folder / "services.json", [*rows, twice, "no document", rows[13]])
    return folder


EXPECTED = [
    ("areas.csv", Fault.DANGLING, "/parent", "JO9901"),
    ("services.json", Fault.UNKNOWN_CODE, "/0/attributes/0/value", 0),
    ("services.json", Fault.IMPOSSIBLE_DATE, "/1/schedules/0/valid_to", 1),
    ("services.json", Fault.UNKNOWN_CODE, "/2/service_areas/0/extent", 2),
    ("services.json", Fault.WRONG_TYPE, "/3/name", 3),
    ("services.json", Fault.UNKNOWN_CODE, "/4/sop/eligibility/documents_any_of/0", 4),
    ("services.json", Fault.ENDS_BEFORE_BEGIN, "/5/schedules/0/valid_to", 5),
    ("services.json", Fault.UNKNOWN_PROPERTY, "/6/sop/eligibility/star_sign", 6),
    ("services.json", Fault.UNKNOWN_CODE, "/7/status", 7),
    ("services.json", Fault.WRONG_TYPE, "/8/service_areas", 8),
    ("services.json", Fault.DANGLING, "/9/organization", 9),
    ("services.json", Fault.NOT_A_CODE, "/10/sop/response_time", 10),
    ("services.json", Fault.OTHER_NAME, "/12/organization/name", 12),
    ("services.json", Fault.OTHER_CONTENT, "/561/id", 561),
    ("services.json", Fault.OTHER_CONTENT, "/562/id", 561),
    ("services.json", Fault.WRONG_TYPE, "/563", None),
]


async def test_of_a_spoilt_copy_the_spoilt_rows_are_set_aside_and_all_others_go_in(
    network: Network, raw: list[dict[str, Any]], tmp_path: Path
) -> None:
    folder = spoilt(raw, tmp_path / "spoilt")
    await directory.import_(network, FOLDER, at=NOW)  # the name of row 12 is known
    before = await graph(network)
    with Quarantine() as aside:
        report = await directory.import_(network, folder, at=NOW, quarantine=aside)
        aside.write(tmp_path / "aside.json", head={}, say=lambda _: "")
    expected = [(f, c, p, raw[i]["id"] if isinstance(i, int) else i) for f, c, p, i in EXPECTED]
    assert [(p.place.file, p.code, p.place.pointer, p.id) for p in report.problems] == expected
    assert all(p.place.line for p in report.problems)
    assert report.wrote_nothing, "the rows that are right were there already, the others leave what was there"
    assert report.unchanged["service"] == 562 - 13
    assert report.noticed[Notice.REPEATED] == 1
    assert apart(await graph(network), before) == []

    kept = json.loads((tmp_path / "aside.json").read_text(encoding="utf-8"))
    assert [len(kept[name]) for name in ("areas", "contents")] == [1, 15]
    assert [reason["code"] for row in kept["contents"] for reason in row["quarantine"]] == [
        code.value for _, code, _, _ in EXPECTED[1:]
    ]


async def test_a_spoilt_copy_into_an_empty_graph_brings_the_siblings(
    network: Network, raw: list[dict[str, Any]], tmp_path: Path
) -> None:
    await wipe(network)
    report = await directory.import_(network, spoilt(raw, tmp_path / "spoilt"), at=NOW)
    assert report.new["service"] == 562 - 13
    assert report.faults[Fault.OTHER_NAME] == 1, "all other rows call that organisation what it is called"
    assert report.new["area"] == 82


async def test_through_an_empty_graph_it_is_the_same_mapping(network: Network, tmp_path: Path) -> None:
    await wipe(network)
    await directory.import_(network, FOLDER, at=NOW)
    before = await graph(network)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    await to_folder(network, tmp_path / "one")
    await wipe(network)
    report = await directory.import_(network, tmp_path / "one", at=NOW)
    assert report.is_clean
    assert apart(await graph(network), before) == []
    await to_folder(network, tmp_path / "two")
    assert content(tmp_path / "two") == content(tmp_path / "one")


async def test_a_dry_run_into_an_empty_graph_tells_all_and_writes_nothing(network: Network) -> None:
    await wipe(network)
    report = await directory.import_(network, FOLDER, at=NOW, dry_run=True)
    assert (report.new["service"], report.new["location"], report.is_clean) == (562, 82, True)
    assert await graph(network) == ({}, [])
