"""What the person holds: the receipt as a document and on paper, and a sign on it that tells nobody anything. (R-11, R-20)"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import segno
from fastapi.testclient import TestClient

from graph.server import Server
from tests.cast import CAST, CLINIC, COLLEAGUE, HOME, OWNER, STRANGER, TOWN
from tests.sending import CANARY, PURPOSE, RECORD, set_the_clinic
from tests.served import OURS
from tests.ui.pages import Page
from tests.v1.knocking import BY, knocking

CONSENT = {"organization_id": CLINIC, "purpose": PURPOSE, "modality": "written", "fields": ["given_name", "allergies"]}
MISSING = "0" * 32


@pytest.fixture(scope="module")
def client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with knocking(
        server, tmp_path_factory.mktemp("api secrets"), set_the_clinic, **{"accept-language": "es"}
    ) as client:
        yield client


def said(client: TestClient, path: str, body: Any = None, *, by: str = OWNER.id, status: int = 201) -> Any:
    answer = client.post(f"/v1{path}", json=body, headers={BY: by})
    assert answer.status_code == status, answer.text
    return answer.json()


def opened(client: TestClient, **data: Any) -> str:
    told = {"data": RECORD | {"municipality": TOWN, "age_band": "26-59"} | data}
    return str(said(client, "/cases", {**told, "data": {k: v for k, v in told["data"].items() if v}})["case_id"])


@pytest.fixture
def case(client: TestClient) -> str:
    return opened(client)


@pytest.fixture
def given(client: TestClient, case: str) -> dict[str, Any]:
    return dict(said(client, f"/cases/{case}/consents", CONSENT | {"stages": ["first-contact", "follow-up"]}))


def test_the_receipt_says_what_was_allowed_in_both_languages_and_nothing_of_the_record(
    client: TestClient, case: str, given: dict[str, Any]
) -> None:
    at = f"/v1/consents/{given['consent_id']}/receipt"
    spanish, english = (client.get(at, headers={"accept-language": lang}) for lang in ("es", "en"))
    for answer in (spanish, english):
        assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
        assert CANARY not in answer.text
        assert answer.json()["receipt_id"] == given["receipt_id"]
    es, en = spanish.json()["pii_processing"], english.json()["pii_processing"]
    assert (es["language"], en["language"]) == ("es", "en")
    assert {(f["pii_attribute_id"], f["stage"]) for f in es["purposes"][0]["pii_information"]} == {
        (field, stage) for field in CONSENT["fields"] for stage in ("first-contact", "follow-up")
    }
    assert es["purposes"][0]["purpose"] == "Recibir atención de salud"
    assert es["explained_by"]["actor_id"] == OWNER.id and es["explained_by"]["party_id"] == HOME


def test_who_explained_it_is_of_the_organisation_that_holds_the_case(client: TestClient, case: str) -> None:
    given = said(client, f"/cases/{case}/consents", CONSENT | {"explained_by": COLLEAGUE.id})
    receipt = client.get(f"/v1/consents/{given['consent_id']}/receipt").json()
    assert receipt["pii_processing"]["explained_by"]["actor_id"] == COLLEAGUE.id
    no = [
        client.post(f"/v1/cases/{case}/{kind}", json=body | {"explained_by": id})
        for kind, body in (("consents", CONSENT), ("refusals", {k: v for k, v in CONSENT.items() if k != "fields"}))
        for id in (STRANGER.id, MISSING)
    ]
    assert [a.status_code for a in no] == [404] * 4 and len({a.content for a in no}) == 1


def test_others_receipt_answers_as_one_that_is_not_there(client: TestClient, case: str, given: dict[str, Any]) -> None:
    for actor in CAST:
        if actor in (OWNER, COLLEAGUE):
            continue
        for path in ("/v1/consents/{}/receipt", "/receipts/{}"):
            there = path.format(given["consent_id"] if "v1" in path else given["receipt_id"])
            answers = [client.get(p, headers={BY: actor.id}) for p in (there, path.format(MISSING))]
            assert [a.status_code for a in answers] == [404, 404] and answers[0].content == answers[1].content
    other = f"person:{opened(client)}"
    assert client.get(f"/receipts/{given['receipt_id']}", headers={BY: other}).status_code == 404
    assert client.get(f"/v1/cases/{case}/consents", headers={BY: other}).status_code == 404


def test_without_signing_in_the_sign_tells_nothing_not_even_whether_it_is_one(
    client: TestClient, case: str, given: dict[str, Any]
) -> None:
    answers = [client.get(f"/receipts/{id}", headers={BY: ""}) for id in (given["receipt_id"], MISSING)]
    assert [a.status_code for a in answers] == [401, 401]
    one, other = (a.text.replace(id, "") for a, id in zip(answers, (given["receipt_id"], MISSING), strict=True))
    assert one == other
    for secret in (case, given["consent_id"], CLINIC, "salud", CANARY):
        assert secret not in one
    assert f"/sign-in?to=/receipts/{given['receipt_id']}" in Page(answers[0]).links


def test_the_page_is_complete_without_script_and_its_sign_leads_back_to_it(
    client: TestClient, case: str, given: dict[str, Any]
) -> None:
    for who in (f"person:{case}", OWNER.id, COLLEAGUE.id):
        answer = client.get(f"/receipts/{given['receipt_id']}", headers={BY: who})
        page = Page(answer)
        assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
        assert [h for h in page.headings if h[0] == "h1"] == [("h1", "Comprobante de su permiso")]
        for words in (CLINIC, HOME, "Recibir atención de salud", "Nombres", "Alergias", "Seguimiento", OWNER.id):
            assert words in page.text, words
        for secret in (case, given["consent_id"], CANARY):
            assert secret not in answer.text
        scripts = [str(attributes.get("src", "")) for tag, attributes in page.tags if tag == "script"]
        assert all(src.startswith("/static/") for src in scripts), "the house's own, and the page is whole without"
        assert not any("style" in attributes for _, attributes in page.tags), "the policy of the page forbids it"
        paths = re.findall(r' d="([^"]+)"', answer.text[answer.text.index('class="sign"') :])
        expected = segno.make(f"{OURS}/receipts/{given['receipt_id']}", error="m", micro=False)
        assert paths[-1] in expected.svg_inline(scale=1, border=4)
    english = client.get(f"/receipts/{given['receipt_id']}?lang=en")
    assert "Receipt of your permission" in english.text and "Comprobante" not in english.text
    client.cookies.clear()


def test_a_receipt_of_a_no_and_of_what_was_taken_back_say_so(
    client: TestClient, case: str, given: dict[str, Any]
) -> None:
    said(client, f"/consents/{given['consent_id']}/withdrawal", by=f"person:{case}", status=200)
    page = Page(client.get(f"/receipts/{given['receipt_id']}"))
    assert "Ahora: Retirado por la persona" in page.text
    said(client, f"/cases/{case}/refusals", {k: v for k, v in CONSENT.items() if k != "fields"})
    mine = client.get(f"/v1/cases/{case}/consents", headers={BY: f"person:{case}"}).json()
    assert [c["state"] for c in mine] == ["refused", "withdrawn"]
    no = Page(client.get(f"/receipts/{mine[0]['receipt_id']}"))
    assert "Ahora: Negado" in no.text and "usted dijo que no" in no.text


def test_every_consent_has_a_reference_of_its_own_that_nobody_can_guess(client: TestClient, case: str) -> None:
    found = {said(client, f"/cases/{case}/consents", CONSENT)["receipt_id"] for _ in range(5)}
    assert len(found) == 5 and all(re.fullmatch(r"[0-9a-f]{32}", id) for id in found)


def test_whoever_is_asked_is_shown_the_notice_for_them(client: TestClient, case: str) -> None:
    asking = {"organization_id": CLINIC, "purpose": PURPOSE}
    told = said(client, f"/cases/{case}/notices", asking, status=200)
    assert told["decides"] == "self" and [n["for"] for n in told["notices"]] == ["person"]
    assert "{" not in told["notices"][0]["text"] and CLINIC in told["notices"][0]["text"]
    child = opened(client, age_band="6-11")
    for language, title in (("es", "¿Qué piensas tú?"), ("en", "What do you think?")):
        told = said(client, f"/cases/{child}/notices", asking | {"language": language}, status=200)
        assert [n["for"] for n in told["notices"]] == ["child", "representative"]
        assert told["notices"][0]["title"] == title and "{" not in told["notices"][0]["text"]
        assert {"authority-needed", "child-not-heard"} <= set(told["lacking"])
    no = said(client, f"/cases/{child}/notices", asking | {"language": "quc"}, status=409)
    assert {r["code"] for r in no["reasons"]} == {"notice-not-translated"}
    said(client, f"/cases/{child}/notices", asking | {"purpose": "shoe-size"}, status=422)
    answers = [
        client.post(f"/v1/cases/{id}/notices", json=asking, headers={BY: STRANGER.id}) for id in (child, MISSING)
    ]
    assert [a.status_code for a in answers] == [404, 404] and answers[0].content == answers[1].content


def test_what_a_child_thinks_is_kept_with_the_notice_that_was_read_to_them(client: TestClient) -> None:
    child = opened(client, age_band="6-11")
    said(client, f"/cases/{child}/child-views", {"agrees": None, "language": "en"}, status=200)
    (view,) = client.get(f"/v1/cases/{child}").json()["case"]["child_views"]
    assert (view["notice"]["id"], view["notice"]["language"], view["agrees"]) == ("sharing-child", "en", None)
    no = said(client, f"/cases/{child}/child-views", {"agrees": True, "language": "quc"}, status=409)
    assert [r["code"] for r in no["reasons"]] == ["notice-not-translated"]
    late = said(client, f"/cases/{child}/child-views", {"agrees": True, "notice_version": 2}, status=409)
    assert [r["code"] for r in late["reasons"]] == ["notice-superseded"]
    assert len(client.get(f"/v1/cases/{child}").json()["case"]["child_views"]) == 1
