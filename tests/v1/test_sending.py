"""A referral under /v1, walked over HTTP by those who do it: allowed, previewed, sent, opened, withdrawn. (R-10, R-20)"""

from __future__ import annotations

import secrets as random
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from graph.server import Server
from tests.cast import CAST, CLINIC, PROFESSIONAL, PROVIDER, TOWN
from tests.sending import CANARY, CLINIC_SERVICE, PURPOSE, RECORD, TYPE, set_the_clinic
from tests.v1.knocking import knocking

CONSENT = {"organization_id": CLINIC, "purpose": PURPOSE, "modality": "written"}


@pytest.fixture(scope="module")
def client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with knocking(server, tmp_path_factory.mktemp("api secrets"), set_the_clinic) as client:
        yield client


def said(client: TestClient, path: str, body: dict[str, Any] | None = None, *, by: str = "a-owner", status: int) -> Any:
    answer = client.post(f"/v1{path}", json=body, headers={"x-test-actor": by})
    assert answer.status_code == status, answer.text
    assert answer.headers["cache-control"] == "no-store" or status >= 400
    return answer.json()


def drafted(client: TestClient, case: str) -> str:
    need = said(client, f"/cases/{case}/needs", {"service_type": TYPE}, status=200)["id"]
    said(client, f"/cases/{case}/needs/{need}/agreement", status=200)
    draft = {"need_id": need, "service_id": CLINIC_SERVICE, "chosen_because": "person-prefers"}
    return str(said(client, f"/cases/{case}/referrals", draft, status=201)["referral_id"])


def opened(client: TestClient) -> str:
    data = RECORD | {"municipality": TOWN, "age_band": "26-59"}
    return str(said(client, "/cases", {"data": data}, status=201)["case_id"])


def test_a_referral_is_allowed_previewed_sent_opened_and_withdrawn(client: TestClient) -> None:
    case = opened(client)
    referral = drafted(client, case)
    without = said(client, f"/referrals/{referral}/send", status=409)
    assert [r["code"] for r in without["reasons"]] == ["consent-missing"] and without["reasons"][0]["ask"]
    given = said(
        client, f"/cases/{case}/consents", CONSENT | {"fields": ["given_name", "health_condition"]}, status=201
    )
    preview = client.get(f"/v1/referrals/{referral}/preview")
    assert preview.status_code == 200
    assert preview.json()["payload"] == {f: RECORD[f] for f in ("given_name", "health_condition")}
    assert preview.json()["withheld"] == ["telephone"]
    key = {"Idempotency-Key": random.token_hex(16)}
    sent, again = (client.post(f"/v1/referrals/{referral}/send", headers=key) for _ in range(2))
    assert sent.status_code == again.status_code == 200 and sent.json() == again.json()
    assert CANARY not in sent.text
    third = said(client, f"/referrals/{referral}/send", status=409)
    assert [r["code"] for r in third["reasons"]] == ["step-not-open"]
    queue = client.get("/v1/received", headers={"x-test-actor": PROVIDER.id}).json()
    assert referral in [row["id"] for row in queue["referrals"]]
    packet = said(client, f"/received/{referral}/opening", by=PROVIDER.id, status=200)
    assert packet["payload"] == preview.json()["payload"] and "withheld" not in packet
    stopped = said(client, f"/consents/{given['consent_id']}/withdrawal", by=f"person:{case}", status=200)
    assert stopped["cancelled"] == [referral]
    assert [o["actor_id"] for o in stopped["gone"][0]["opened"]] == [PROVIDER.id]
    closed = said(client, f"/received/{referral}/opening", by=PROVIDER.id, status=409)
    assert [r["code"] for r in closed["reasons"]] == ["copy-closed"]
    notices = client.get("/v1/stop-notices", headers={"x-test-actor": PROVIDER.id}).json()["stop_notices"]
    assert stopped["stop_notice_id"] in [n["id"] for n in notices] and case not in str(notices)
    seen = said(client, f"/stop-notices/{stopped['stop_notice_id']}/acknowledgement", by=PROVIDER.id, status=200)
    assert seen["in_time"]
    gone = client.get(f"/v1/cases/{case}/gone", headers={"x-test-actor": f"person:{case}"}).json()
    assert [g["referral_id"] for g in gone] == [referral] and gone[0]["closed_at"]


def test_a_foreign_referral_answers_as_one_that_is_not_there(client: TestClient) -> None:
    case = opened(client)
    referral = drafted(client, case)
    doors = [("POST", "send"), ("POST", "exception"), ("GET", "preview"), ("PUT", "goes-on")]
    bodies = {
        "exception": {"assessor_id": PROFESSIONAL.id, "requested_by": "organisation"},
        "goes-on": {"goes_on": True},
    }
    strangers = [a.id for a in CAST if a.id not in ("a-owner", "a-colleague")] + ["person:another"]
    for actor in strangers:
        for method, door in doors:
            answers = [
                client.request(
                    method, f"/v1/referrals/{id}/{door}", json=bodies.get(door), headers={"x-test-actor": actor}
                )
                for id in (referral, "0" * 32)
            ]
            assert [a.status_code for a in answers] == [404, 404], (actor, door)
            one, other = (a.json() for a in answers)
            assert {k: v for k, v in one.items() if k != "instance"} == {
                k: v for k, v in other.items() if k != "instance"
            }


def test_nobody_comes_in_without_signing_in(client: TestClient) -> None:
    for path in ("/v1/received", "/v1/stop-notices", "/v1/exceptions/asked", "/v1/exceptions/register"):
        assert client.get(path, headers={"x-test-actor": "nobody"}).status_code == 401


def test_a_body_says_what_it_says_and_nothing_else(client: TestClient) -> None:
    case = opened(client)
    for extra in ({"payload": {"address": "x"}}, {"fields": ["age_band"]}, {"fields": ["unheard-of"]}):
        body = CONSENT | {"fields": ["given_name"]} | extra
        said(client, f"/cases/{case}/consents", body, status=422)


def test_a_household_is_drafted_and_sent_together(client: TestClient) -> None:
    pair = [opened(client), opened(client)]
    client.put(f"/v1/cases/{pair[0]}/household", json={"case_id": pair[1]})
    members = []
    for case in pair:
        need = said(client, f"/cases/{case}/needs", {"service_type": TYPE}, status=200)["id"]
        said(client, f"/cases/{case}/needs/{need}/agreement", status=200)
        members.append({"case_id": case, "need_id": need})
    family = {"service_id": CLINIC_SERVICE, "members": members}
    said(client, "/referrals/together", family | {"members": members[:1] * 2}, status=422)
    said(client, "/referrals/together", family, by="a-stranger", status=404)
    drafted = said(client, "/referrals/together", family, status=201)
    send = f"/referrals/together/{drafted['together_id']}/send"
    fields = {"fields": ["given_name", "health_condition"]}
    said(client, f"/cases/{pair[0]}/consents", CONSENT | fields, status=201)
    (why,) = said(client, send, status=409)["reasons"]
    assert why["code"] == "decision-missing" and pair[1] in why["detail"] and pair[0] not in why["detail"]
    said(client, f"/cases/{pair[1]}/consents", CONSENT | fields, status=201)
    sent = said(client, send, status=200)
    assert len(sent["sent"]) == 2 and CANARY not in str(sent)
    for one in sent["sent"]:
        packet = said(client, f"/received/{one['referral_id']}/opening", by=PROVIDER.id, status=200)
        assert set(packet["payload"]) == set(fields["fields"])


def test_a_referral_is_answered_served_and_judged_by_both_sides(client: TestClient) -> None:
    case = opened(client)
    referral = drafted(client, case)
    fields = CONSENT | {"fields": ["given_name", "health_condition"]}
    given = said(client, f"/cases/{case}/consents", fields, status=201)["consent_id"]
    said(client, f"/referrals/{referral}/send", status=200)
    steps = f"/referrals/{referral}/steps"
    early = said(client, steps, {"step": "complete", "reason": "delivered"}, by=PROVIDER.id, status=409)["reasons"][0]
    assert early["code"] == "step-not-open" and "accept" in early["detail"]
    assert said(client, steps, {"step": "reject"}, by=PROVIDER.id, status=409)["reasons"][0]["code"] == "reason-missing"
    said(client, steps, {"step": "send"}, by=PROVIDER.id, status=422)
    lapsed = said(client, steps, {"step": "cancel", "reason": "lapsed"}, by=PROVIDER.id, status=409)["reasons"]
    assert [why["code"] for why in lapsed] == ["reason-unknown"], "that a time ran out is said by the clock alone"
    nothing = said(client, f"/referrals/{referral}/reports", {}, by=PROVIDER.id, status=422)["errors"]
    assert [error["code"] for error in nothing] == ["query.nothing-said"]
    assert said(client, f"/referrals/{referral}/marks", {"mark": "review"}, by=PROVIDER.id, status=200)["marks"]
    for step in ("accept", "start"):
        said(client, steps, {"step": step}, by=PROVIDER.id, status=200)
    seen = client.get(f"/v1/referrals/{referral}", headers={"x-test-actor": PROVIDER.id}).json()
    assert (seen["status"], seen["case_id"]) == ("in-progress", None)
    assert {s["step"]: bool(s["reasons"]) for s in seen["steps"]} == {
        "hold": True,
        "complete": True,
        "fail": True,
        "cancel": True,
    }
    done = said(client, steps, {"step": "complete", "reason": "delivered"}, by=PROVIDER.id, status=200)
    assert (done["status"], done["owner"], done["consequences"]) == ("completed", "provider-supply", ["call-person"])
    word = {"outcome": "not-served", "barrier": "accommodation"}
    heard = client.put(f"/v1/referrals/{referral}/outcome", json=word, headers={"x-test-actor": f"person:{case}"})
    assert heard.status_code == 200 and heard.json()["agreed"] is False and heard.json()["follow_up_id"]
    told = client.get(f"/v1/referrals/{referral}").json()
    assert (told["provider_outcome"], told["person_outcome"]) == ("served", "not-served")
    said(client, f"/consents/{given}/withdrawal", status=200)


def test_a_service_that_runs_goes_on_by_the_person_s_answer_alone(client: TestClient) -> None:
    case = opened(client)
    referral = drafted(client, case)
    fields = CONSENT | {"fields": ["given_name", "health_condition"]}
    given = said(client, f"/cases/{case}/consents", fields, status=201)["consent_id"]
    said(client, f"/referrals/{referral}/send", status=200)
    for step in ("accept", "start"):
        said(client, f"/referrals/{referral}/steps", {"step": step}, by=PROVIDER.id, status=200)
    stopped = said(client, f"/consents/{given}/withdrawal", status=200)
    assert (stopped["cancelled"], stopped["in_service"]) == ([], [referral])
    said(client, f"/received/{referral}/opening", by=PROVIDER.id, status=409)
    ends = client.put(f"/v1/referrals/{referral}/goes-on", json={"goes_on": False})
    assert (ends.status_code, ends.json()["status"]) == (200, "cancelled")
    over = client.get(f"/v1/referrals/{referral}").json()
    assert (over["reason"], over["owner"], over["ended_at"] is None) == ("consent-withdrawn", "person", False)
