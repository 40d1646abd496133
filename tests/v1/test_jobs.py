"""Job matching under /v1: as a program uses it, with nothing about a person in addresses or errors. (R-35, R-36)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.job_answer import CandidatesOut, JobsOut
from graph.server import Server
from graph.store.network import Network
from tests.cast import PROVIDER, STRANGER, TOWN
from tests.job_market import open_the_market
from tests.sending import Patient
from tests.v1.knocking import knocking

PROFILE: dict[str, Any] = {
    "worked": [{"occupation": "711", "months": 60}],
    "skills": ["bricklaying"],
    "interests": ["721"],
    "schedules": ["full-time"],
}
ASKED = PROFILE | {"areas": [TOWN], "age": 31, "languages": ["spa"]}


@pytest.fixture(scope="module")
def client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    async def stage(network: Network) -> None:
        await open_the_market(Patient.of(network), tmp_path_factory.mktemp("job market"))

    with knocking(server, tmp_path_factory.mktemp("api secrets"), stage) as client:
        yield client


def asked(client: TestClient, **changed: Any) -> dict[str, Any]:
    answer = client.post("/v1/job-suggestions", json=ASKED | changed, headers={"x-test-actor": ""})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    body: dict[str, Any] = answer.json()
    JobsOut.model_validate(body)
    return body


def opened(client: TestClient, *, agreed: bool = True, profile: dict[str, Any] | None = PROFILE) -> str:
    told = {"municipality": TOWN, "age_band": "26-59", "languages": ["spa"], "given_name": "ZZCANARY"}
    id = str(client.post("/v1/cases", json={"data": told}).json()["case_id"])
    need = client.post(f"/v1/cases/{id}/needs", json={"service_type": "economic.employment"}).json()["id"]
    if agreed:
        client.post(f"/v1/cases/{id}/needs/{need}/agreement")
    if profile is not None:
        etag = client.get(f"/v1/cases/{id}/job-profile").headers["etag"]
        put = client.put(f"/v1/cases/{id}/job-profile", json=profile, headers={"If-Match": etag})
        assert put.status_code == 200, put.text
    return id


def test_a_stranger_reads_which_openings_fit_and_why(client: TestClient) -> None:
    body = asked(client)
    (mason,) = body["suggested"]
    assert mason["service"]["id"] == "j-mason" and mason["opening"]["occupation"]["code"] == "711"
    assert mason["opening"]["skills_required"] == [
        {"code": "bricklaying", "label": "Levantar muro y repello", "has": True}
    ]
    assert mason["opening"]["places"] == {"state": "available", "available": 2, "maximum": 3}
    rules = [v["rule"] for v in mason["verdicts"]]
    assert rules[:4] == ["occupation", "skills", "experience", "schedule"]
    assert not {"gender", "nationality", "factors"} & set(rules)
    assert body["policy"]["id"] == "wanted-first" and list(mason["order"]) == body["policy"]["keys"]


def test_what_is_missing_is_named_with_who_teaches_it_and_the_way_there(client: TestClient) -> None:
    body = asked(client)
    (near,) = body["near_misses"]
    assert near["service"]["id"] == "j-welder" and near["unmet"][0]["mended_by"] == "person"
    assert "Soldadura de arco" in near["unmet"][0]["text"]
    welding = body["to_learn"][0]
    assert (welding["skill"]["code"], welding["required_by"]) == ("welding", 1)
    assert [one["service"]["id"] for one in welding["taught_by"]] == ["c-welding"]
    assert [one["service"]["id"] for one in welding["to_ask"]] == ["c-silent"]
    (way,) = body["pathways"]
    assert way["opens"] == ["j-welder"] and way["steps"][0]["gap"] is False


def test_it_reads_well_in_english_too(client: TestClient) -> None:
    answer = client.post("/v1/job-suggestions", json=ASKED, headers={"accept-language": "en"}).json()
    assert "Arc welding" in answer["near_misses"][0]["unmet"][0]["text"]


def test_nothing_that_fits_is_a_gap_with_its_reason(client: TestClient) -> None:
    body = asked(client, interests=["512"], worked=[])
    assert body["suggested"] == [] and body["gap"]["reason"] == "occupation-other" and body["gap"]["text"]


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"gender": "female"}, "/gender"),
        ({"nationality": "GT"}, "/nationality"),
        ({"skills": ["ZZCANARY"]}, "/skills/0"),
        ({"interests": ["7x"]}, "/interests/0"),
        ({"worked": [{"occupation": "711", "months": -1}]}, "/worked/0/months"),
        ({"areas": []}, "/areas"),
        ({"areas": [TOWN, "ZZCANARY"]}, "/areas/1"),
    ],
)
def test_what_cannot_be_asked_is_said_with_its_place_and_never_repeated(
    client: TestClient, said: dict[str, Any], pointer: str
) -> None:
    answer = client.post("/v1/job-suggestions", json=ASKED | said)
    assert answer.status_code == 422 and answer.json()["errors"][0]["pointer"] == pointer
    assert "ZZCANARY" not in answer.text


def test_a_profile_is_written_down_read_and_taken_out_under_the_version_that_was_read(client: TestClient) -> None:
    at = f"/v1/cases/{opened(client, profile=None)}/job-profile"
    empty = client.get(at)
    assert empty.json() is None and empty.headers["cache-control"] == "no-store"
    etag = {"If-Match": empty.headers["etag"]}
    assert client.put(at, json=PROFILE).status_code == 428
    assert client.put(at, json=PROFILE, headers=etag).status_code == 200
    assert client.put(at, json=PROFILE, headers=etag).status_code == 412
    read = client.get(at)
    assert {name: read.json()[name] for name in PROFILE} == PROFILE and read.json()["areas"] is None
    refused = client.put(at, json=PROFILE | {"areas": ["ZZCANARY"]}, headers={"If-Match": read.headers["etag"]})
    assert refused.status_code == 422 and refused.json()["errors"][0]["pointer"] == "/job_areas"
    assert "ZZCANARY" not in refused.text
    gone = client.delete(at, headers={"If-Match": read.headers["etag"]})
    assert gone.status_code == 200 and "job_skills" in gone.json()["entry"]["body"]["fields"]
    assert client.get(at).json() is None


def test_openings_for_a_case_need_an_agreed_need_and_a_profile(client: TestClient) -> None:
    for id, code in (
        (opened(client, agreed=False), "need-not-agreed"),
        (opened(client, profile=None), "job-profile-missing"),
    ):
        answer = client.get(f"/v1/cases/{id}/job-suggestions")
        assert answer.status_code == 409 and [r["code"] for r in answer.json()["reasons"]] == [code]
        assert answer.json()["reasons"][0]["ask"]
    answer = client.get(f"/v1/cases/{opened(client)}/job-suggestions")
    JobsOut.model_validate(answer.json())
    assert [one["service"]["id"] for one in answer.json()["suggested"]] == ["j-mason"]
    assert answer.headers["cache-control"] == "no-store" and "ZZCANARY" not in answer.text


def test_who_of_ones_own_cases_fits_an_opening(client: TestClient) -> None:
    id = opened(client)
    answer = client.get("/v1/services/j-welder/job-candidates")
    CandidatesOut.model_validate(answer.json())
    (mine,) = [one for one in answer.json()["near"] if one["case_id"] == id]
    assert [skill["code"] for skill in mine["missing"]["required"]] == ["welding"]
    assert mine["unmet"][0]["reason"] == "skills-missing" and "ZZCANARY" not in answer.text
    assert id in [one["case_id"] for one in client.get("/v1/services/j-mason/job-candidates").json()["fitting"]]
    others = client.get("/v1/services/j-mason/job-candidates", headers={"x-test-actor": STRANGER.id}).json()
    assert (others["fitting"], others["near"], others["compared"]) == ([], [], 0)


def test_who_may_not_and_what_is_not_there_answer_alike(client: TestClient) -> None:
    id = opened(client)
    for actor in (STRANGER.id, PROVIDER.id, "person:another"):
        who = {"x-test-actor": actor}
        for path in ("job-profile", "job-suggestions"):
            there, nowhere = (client.get(f"/v1/cases/{c}/{path}", headers=who) for c in (id, "0000-0000-0000-0000"))
            assert there.status_code == nowhere.status_code == 404 and there.json() == nowhere.json()
    for actor in (PROVIDER.id, f"person:{id}"):
        who = {"x-test-actor": actor}
        there, nowhere = (client.get(f"/v1/services/{s}/job-candidates", headers=who) for s in ("j-mason", "nowhere"))
        assert there.status_code == nowhere.status_code == 404 and there.json() == nowhere.json()
    for path in (f"/v1/cases/{id}/job-profile", "/v1/services/j-mason/job-candidates"):
        assert client.get(path, headers={"x-test-actor": ""}).status_code == 401


def test_the_example_is_answered_and_every_operation_is_described(client: TestClient) -> None:
    document = client.get("/v1/openapi.json").json()
    (example,) = document["components"]["schemas"]["JobQuery"]["examples"]
    assert client.post("/v1/job-suggestions", json=example).status_code == 200
    found = [op for path, ops in document["paths"].items() if "job-" in path for op in ops.values()]
    assert len(found) == 6
    assert all(op["summary"] and len(op["description"]) > 40 for op in found)
