"""A departmental committee: its own gaps, list and indicators on pages and in files, and nothing of anybody else's. (R-52)"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from python_calamine import CalamineWorkbook

from graph.model.actor import Role
from graph.secrets import open_secrets
from graph.server import Server
from tests.accounts import House
from tests.served import filled
from tests.ui.pages import Page, get, send

pytestmark = pytest.mark.parametrize(  # what engines have a say in is tested in tests/v1 and tests/store
    "server", [pytest.param("embedded", marks=pytest.mark.xdist_group("embedded"))], indirect=True
)

OWN, OTHER = "GT09", "GT13"


@pytest.fixture(scope="module")
def house(server: Server, tmp_path_factory: pytest.TempPathFactory) -> House:
    filled(server, tmp_path_factory.mktemp("small network"))
    house = House(server, open_secrets(tmp_path_factory.mktemp("keys of departments") / "keys"))
    house.add("nacional", Role.COMMITTEE, organization="o-house")
    house.add("de-xela", Role.DEPARTMENT_COMMITTEE, organization="o-desk", department=OWN)
    house.add("la-admin", Role.ADMIN, organization="o-house")
    with house.client() as visitor:
        for area, times in (("GT0901", 12), ("GT1301", 23)):
            for n in range(times):
                need = {"service_type": "economic.finance.grant", "area": area}
                visitor.post("/v1/suggestions", json=need, headers={"Enlace-Need": f"{area}-{n:08d}-reference"})
    return house


def as_(house: House, login: str) -> Iterator[TestClient]:
    with house.client() as client:
        house.signed_in(client, login)
        yield client


@pytest.fixture(scope="module")
def national(house: House) -> Iterator[TestClient]:
    yield from as_(house, "nacional")


@pytest.fixture(scope="module")
def departmental(house: House) -> Iterator[TestClient]:
    yield from as_(house, "de-xela")


def rows(client: TestClient, path: str) -> list[list[Any]]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()


def test_its_gaps_are_its_column_of_the_countrys_table(national: TestClient, departmental: TestClient) -> None:
    whole, ours = (client.get("/v1/gaps?country=GT").json() for client in (national, departmental))
    assert ours["cells"] == [cell for cell in whole["cells"] if cell["department"] == OWN]
    assert [c["code"] for c in ours["columns"]] == [OWN] and ours["department"] == OWN and whole["department"] is None
    total = next(row["unmet"] for row in ours["rows"] if row["service_type"] == "economic.finance")
    assert total == {"number": 10, "at_least": True}, "of its own twelve, not of the country's thirty-five"
    assert (ours["signals"], ours["without_sop"], ours["stale_places"], ours["ended_agreements"]) == ([], [], [], [])
    page = get(departmental, "/gaps")
    assert "Usted lee Quetzaltenango" in page.text and "Huehuetenango" not in page.text and not page.forms[1:]
    file = rows(departmental, "/gaps/file?country=GT")
    assert {row[1] for row in file[1:]} == {"Quetzaltenango"}
    assert "Huehuetenango" not in departmental.get("/gaps/file?country=GT&kind=csv").text


def test_another_country_looks_like_one_that_is_not_there(departmental: TestClient) -> None:
    for face in ("/v1/gaps", "/gaps", "/gaps/file"):
        there, nowhere = (departmental.get(f"{face}?country={code}") for code in ("HN", "XX"))
        assert there.status_code == nowhere.status_code == 404, face


def test_its_pages_are_these_and_no_others(departmental: TestClient) -> None:
    home = get(departmental, "/")
    for path in ("/gaps", "/committee/gaps", "/committee/indicators"):
        assert path in home.links and get(departmental, path).h1
    for path in ("/committee", "/committee/standing", "/committee/register", "/committee/costs", "/committee/messages",
                 "/committee/publishing", "/committee/suspensions", "/duplicates", "/cases", "/queue", "/officer"):  # fmt: skip
        assert departmental.get(path).status_code == 403, path
    indicators = get(departmental, "/committee/indicators")
    assert "De Quetzaltenango" in indicators.text and "toda la red" in indicators.text
    assert not {"/committee", "/committee/register"} & set(indicators.links)
    assert len(rows(departmental, "/committee/indicators/file")) == 9, (
        "the person's word, what was sent, what became of it"
    )


def test_the_list_is_read_and_not_written(national: TestClient, departmental: TestClient) -> None:
    said = {"service_type": "economic.finance", "remedy": "funds", "owner_id": "o-house", "re_check_on": "2026-12-20"}
    own, other = (
        send(national, get(national, "/committee/gaps").forms[-1], **said, department=code).headers["location"]
        for code in (OWN, OTHER)
    )
    listed = get(departmental, "/committee/gaps")
    assert (
        own in listed.links
        and other not in listed.links
        and not any(f.method == "post" and f.action.startswith("/committee") for f in listed.forms)
    )
    assert "Quetzaltenango" in get(departmental, own).h1 and not get(departmental, own).forms[1:]
    missing = departmental.get("/committee/gaps/nothing")
    assert (departmental.get(other).status_code, departmental.get(other).text) == (404, missing.text)
    assert {row[1] for row in rows(departmental, "/committee/gap-list/file")[1:]} == {"Quetzaltenango"}
    assert departmental.post(own, data={"remedy": "watch"}).status_code == 403


def test_an_administrator_makes_such_an_account_on_the_page(house: House) -> None:
    with house.client() as admin:
        house.signed_in(admin, "la-admin")
        form = next(f for f in get(admin, "/accounts").forms if f.action == "/accounts")
        assert {OWN, OTHER} <= set(form.options["department"])
        said = {"login": "de-huehue", "organization_id": "o-desk", "roles": "department-committee"}
        refused = send(admin, form, **said)
        assert refused.status_code == 409 and "un departamento" in refused.text
        made = send(admin, form, **said, department=OTHER)
        assert made.status_code == 200 and "Comité departamental · Huehuetenango" in Page(made).text
