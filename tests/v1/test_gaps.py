"""GET /v1/gaps: where the network fails people, as numbers that name nobody. (R-07, R-51)"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi.testclient import TestClient

from api.v1.gaps import GapsOut


def read(client: TestClient, country: str = "GT") -> dict[str, Any]:
    response = client.get("/v1/gaps", params={"country": country})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    GapsOut.model_validate(body)
    return body


def cell(body: dict[str, Any], service_type: str, department: str) -> dict[str, Any]:
    return next(c for c in body["cells"] if (c["service_type"], c["department"]) == (service_type, department))


def need(client: TestClient, service_type: str, area: str, times: int, *, references: str) -> None:
    for n in range(times):
        headers = {"Enlace-Need": f"{references}-{n:08d}-reference"}
        query = {"service_type": service_type, "area": area}
        assert client.post("/v1/suggestions", json=query, headers=headers).json()["gap"]


def test_the_matrix_has_every_need_in_every_department(client: TestClient) -> None:
    body = read(client)
    assert [c["code"] for c in body["columns"]] == ["GT13", "GT09"]
    assert len(body["cells"]) == len(body["rows"]) * 2
    assert cell(body, "social.housing", "GT09")["supply"] == "there"
    assert cell(body, "economic.finance", "GT09")["supply"] == "missing"


def test_few_are_hidden_and_neither_neighbours_nor_totals_tell_them(client: TestClient) -> None:
    need(client, "economic.finance.grant", "GT0901", 7, references="seven")
    need(client, "economic.finance.grant", "GT1301", 3, references="three")
    body = read(client)
    assert cell(body, "economic.finance", "GT13")["unmet"] == {"number": None, "at_least": False}
    assert cell(body, "economic.finance", "GT13")["main_reason"] is None
    row = next(r for r in body["rows"] if r["service_type"] == "economic.finance")
    column = next(c for c in body["columns"] if c["code"] == "GT13")
    assert column["unmet"]["number"] is None, "three in all: hidden, and not nothing"
    beside, total = cell(body, "economic.finance", "GT09")["unmet"]["number"], row["unmet"]["number"]
    assert (beside, total) == (5, 10), "between one and nine: no narrower than if nobody had said anything of it"
    assert body["coarsened"] is False


def test_counts_are_told_in_steps(client: TestClient) -> None:
    need(client, "economic.finance.grant", "HN16", 8, references="eight")
    assert cell(read(client, "HN"), "economic.finance", "HN16")["unmet"] == {"number": 5, "at_least": True}


def test_every_unmet_need_has_its_signal(client: TestClient) -> None:
    need(client, "economic.skills", "HN0801", 6, references="signal")
    body = read(client, "HN")
    by_signal = {s["signal"]: s["unmet"]["number"] for s in body["signals"] if s["service_type"] == "economic.skills"}
    month = body["months"][-1]
    assert (month["month"], month["unmet"]) == (f"{datetime.now(UTC):%Y-%m}", body["unmet"]), "all of it this month"
    assert len(body["months"]) == 12 and {one["unmet"]["number"] for one in body["months"][:-1]} == {0}
    assert by_signal == {"nothing-fits": 5, "near-miss": 0, "declined": 0, "lapsed": 0, "planned": 0}


def test_what_tells_more_about_a_person_needs_ten(client: TestClient) -> None:
    need(client, "psychosocial.trafficking", "GT0901", 9, references="nine")
    assert cell(read(client), "psychosocial.trafficking", "GT09")["unmet"]["number"] is None
    need(client, "psychosocial.trafficking", "GT0901", 10, references="nine")
    assert cell(read(client), "psychosocial.trafficking", "GT09")["unmet"]["number"] == 10


def test_the_same_need_asked_again_is_one(client: TestClient) -> None:
    need(client, "economic.finance.credit", "HN0801", 9, references="again")
    need(client, "economic.finance.credit", "HN0801", 9, references="again")
    assert cell(read(client, "HN"), "economic.finance", "HN08")["unmet"]["number"] == 5


def test_entries_that_need_care_are_listed(client: TestClient) -> None:
    body = read(client)
    assert {e["id"] for e in body["without_sop"]} == {"s-counsel", "s-nowhere"}
    assert [e["name"] for e in body["ended_agreements"]] == ["Memorando viejo"]
    assert [e["id"] for e in body["stale_places"]] == ["s-stale"]


def test_places_are_shared_among_the_departments_that_a_service_reaches(client: TestClient) -> None:
    body = read(client)
    documents = [cell(body, "social.documents", department)["places"] for department in ("GT09", "GT13")]
    assert documents == [45, 15], "thirty for the whole country, and thirty for one of its departments"
    assert cell(body, "social.housing", "GT09")["places"] == 10, "of a place kept secret none"
    assert cell(body, "economic.finance", "GT09")["places"] is None


def test_an_unknown_country_is_not_found(client: TestClient) -> None:
    assert client.get("/v1/gaps", params={"country": "XX"}).json()["code"] == "not-found"
    assert client.get("/v1/gaps").status_code == 422
