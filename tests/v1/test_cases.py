"""Cases under /v1: through the real routes, as a signed-in person; nothing about a person in addresses or errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from graph.server import Server
from tests.cast import PROVIDER, STRANGER, TOWN, set_the_stage
from tests.v1.knocking import knocking

NEED = {"service_type": "social.health.care", "description": "ZZCANARY dolor"}


@pytest.fixture(scope="module")
def client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with knocking(server, tmp_path_factory.mktemp("api secrets"), set_the_stage) as client:
        yield client


def opened(client: TestClient, **data: Any) -> str:
    answer = client.post("/v1/cases", json={"data": {"municipality": TOWN, "age_band": "26-59"} | data})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["case_id"])


def test_a_case_from_opening_to_closure(client: TestClient) -> None:
    id = opened(client, given_name="ZZCANARY nombre")
    at = f"/v1/cases/{id}"
    first = client.get(at)
    assert first.headers["cache-control"] == "no-store" and first.json()["record"][0]["value"] == "ZZCANARY nombre"
    assert not {"person_id", "stream"} & first.json()["case"].keys()
    said = {"data": {"languages": ["spa"], "allergies": "ninguna"}}
    assert client.patch(f"{at}/record", json=said).status_code == 428
    assert client.patch(f"{at}/record", json=said, headers={"If-Match": first.headers["etag"]}).status_code == 200
    assert client.patch(f"{at}/record", json=said, headers={"If-Match": first.headers["etag"]}).status_code == 412
    need = client.post(f"{at}/needs", json=NEED).json()
    early = client.get(f"{at}/needs/{need['id']}/suggestions")
    assert early.status_code == 409 and [r["code"] for r in early.json()["reasons"]] == ["need-not-agreed"]
    assert client.post(f"{at}/needs/{need['id']}/agreement").json()["entry"]["body"]["kind"] == "need-agreed"
    assert client.get(f"{at}/needs/{need['id']}/suggestions").json()["suggested"] == []
    goal = client.post(f"{at}/goals", json={"dimension": "social", "review_on": "2026-12-24"}).json()
    again = {"dimension": "social", "review_on": "2027-02-01", "feasibility": "feasible"}
    assert client.put(f"{at}/goals/{goal['id']}", json=again).status_code == 200
    assert (
        client.post(f"{at}/assessments", json={"kind": "vulnerability", "factors": {"lgbti": None}}).status_code == 200
    )
    assert client.post(f"{at}/closure", json={"reason": "moved-away"}).status_code == 200
    late = client.post(f"{at}/needs", json=NEED, headers={"accept-language": "en"})
    assert late.status_code == 409 and late.json()["reasons"][0]["code"] == "case-closed"
    assert "ZZCANARY" not in late.text
    assert id in [case["id"] for case in client.get("/v1/cases", params={"limit": 200}).json()["cases"]]


def test_nobody_who_is_not_signed_in_gets_anything(client: TestClient) -> None:
    id = opened(client)
    for answer in (
        client.get("/v1/cases", headers={"x-test-actor": ""}),
        client.get(f"/v1/cases/{id}", headers={"x-test-actor": ""}),
        client.post("/v1/cases", json={"data": {}}, headers={"x-test-actor": ""}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")


def test_a_case_of_others_and_one_that_is_not_there_answer_alike(client: TestClient) -> None:
    id = opened(client)
    for actor in (STRANGER.id, PROVIDER.id, "person:another"):
        who = {"x-test-actor": actor}
        there, nowhere = (client.get(f"/v1/cases/{c}", headers=who) for c in (id, "0000-0000-0000-0000"))
        assert there.status_code == nowhere.status_code == 404 and there.json() == nowhere.json()
        there, nowhere = (client.post(f"/v1/cases/{c}/needs", json=NEED, headers=who) for c in (id, "0000"))
        assert there.status_code == nowhere.status_code == 404 and there.json() == nowhere.json()
    assert client.get(f"/v1/cases/{id}", headers={"x-test-actor": f"person:{id}"}).status_code == 200


def test_a_repeat_under_the_same_key_changes_nothing_more(client: TestClient) -> None:
    id, key = opened(client), {"Idempotency-Key": "k" * 32}
    one, two = (client.post(f"/v1/cases/{id}/needs", json=NEED, headers=key) for _ in range(2))
    assert one.json() == two.json() and len(client.get(f"/v1/cases/{id}").json()["case"]["needs"]) == 1
    other = client.post(f"/v1/cases/{id}/needs", json=NEED | {"priority": "urgent"}, headers=key)
    assert other.json()["code"] == "key-reused"


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"shoe_size": 3}, "/shoe_size"),
        ({"gender": "ZZCANARY"}, "/gender"),
        ({"birth_date": "ZZCANARY"}, "/birth_date"),
        ({"municipality": None}, "/municipality"),
    ],
)
def test_what_cannot_be_recorded_is_said_without_repeating_it(
    client: TestClient, said: dict[str, Any], pointer: str
) -> None:
    etag = client.get(f"/v1/cases/{(id := opened(client))}").headers["etag"]
    answer = client.patch(f"/v1/cases/{id}/record", json={"data": said}, headers={"If-Match": etag})
    assert answer.status_code == 422 and answer.json()["errors"][0]["pointer"] == pointer
    assert "ZZCANARY" not in answer.text


def test_a_document_number_is_found_and_a_name_is_not(client: TestClient) -> None:
    id = opened(client, document_number="9988 77665 0901")
    found = client.post("/v1/cases/find", json={"field": "document_number", "value": "9988776650901"})
    assert found.json() == [id]
    refused = client.post("/v1/cases/find", json={"field": "given_name", "value": "ZZCANARY"})
    assert refused.status_code == 422 and "ZZCANARY" not in refused.text


def test_nobody_says_an_id_of_their_own(client: TestClient) -> None:
    id = opened(client)
    assert client.post(f"/v1/cases/{id}/needs", json=NEED | {"id": "a name"}).status_code == 422
    assert client.post("/v1/cases", json={"data": {}, "id": "a name"}).status_code == 422
