"""POST /v1/suggestions: a stranger reads who fits, why, and why not. (R-05, R-06, R-07)"""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.answer import OPEN_END, AnswerOut, TogetherOut, sentence
from api.query import Query
from tests.small_network import FIT

RENT: dict[str, Any] = {"service_type": "social.housing.rent", "area": "GT0901"}


def ask(client: TestClient, query: dict[str, Any], **headers: str) -> dict[str, Any]:
    response = client.post("/v1/suggestions", json=query, headers=headers)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    AnswerOut.model_validate(body)
    return body


def test_what_fits_is_suggested_with_every_verdict(client: TestClient) -> None:
    (one,) = ask(client, RENT | FIT)["suggested"]
    assert one["service"]["id"] == "s-rent"
    assert one["organization"]["name"].startswith("Ventanilla")
    assert {v["rule"]: v["verdict"] for v in one["verdicts"]} == dict.fromkeys(
        [
            "status",
            "validity",
            "suspension",
            "referrals",
            "coverage",
            "age",
            "gender",
            "nationality",
            "factors",
            "papers",
            "language",
            "standing",
            "capacity",
            "sop",
            "prerequisites",
        ],
        "met",
    )
    assert one["unknown"] == []
    assert one["order"]["nearness"] == 1


def test_names_are_in_the_language_of_the_reader(client: TestClient) -> None:
    spanish = ask(client, RENT, **{"Accept-Language": "es"})["suggested"][0]["service"]["name"]
    english = ask(client, RENT, **{"Accept-Language": "en"})["suggested"][0]["service"]["name"]
    assert (spanish, english) == ("Tres meses de alquiler", "Three months of rent")


def test_what_is_not_told_is_a_question(client: TestClient) -> None:
    (one,) = ask(client, {"service_type": "social.housing.emergency-shelter", "area": "GT0902"})["suggested"]
    assert {q["reason"] for q in one["unknown"]} >= {"gender-not-told", "capacity-not-public"}
    assert all(q["ask"] for q in one["unknown"])


def test_exactly_one_unmet_rule_is_a_near_miss_and_stands_in_ruled_out_too(client: TestClient) -> None:
    body = ask(client, {"service_type": "psychosocial.family-mediation", "area": "GT0901", **FIT})
    (near,) = body["near_misses"]
    assert near in body["ruled_out"]
    assert near["unmet"][0]["reason"] == "coverage-next-area"
    assert "Huehuetenango" in near["unmet"][0]["text"]
    assert body["gap"]["reason"] == "coverage-next-area"


def test_a_pathway_two_steps_deep_leaves_out_what_the_person_has(client: TestClient) -> None:
    job = {"service_type": "economic.employment.job-placement", "area": "GT0901", **FIT}
    (way,) = ask(client, job | {"documents": []})["pathways"]
    assert [s["service_type"] for s in way["steps"]] == [
        "social.documents.birth-registration",
        "social.documents.identity",
    ]
    assert way["opens"] == ["s-job"]
    (shorter,) = ask(client, job | {"documents": ["birth-certificate"]})["pathways"]
    assert [s["service_type"] for s in shorter["steps"]] == ["social.documents.identity"]
    assert ask(client, job | {"documents": ["national-identity-document"]})["pathways"] == []


def test_an_inner_type_includes_what_lies_below(client: TestClient) -> None:
    found = ask(client, {"service_type": "social.housing", "area": "GT0901"} | FIT)["suggested"]
    assert {one["service"]["id"] for one in found} == {"s-rent", "s-shelter"}


def test_a_limit_cuts_the_list_but_not_the_counts(client: TestClient) -> None:
    body = ask(client, {"service_type": "social.housing", "area": "GT0901", "limit": 1})
    assert len(body["suggested"]) == 1
    assert body["counts"]["suggested"] == 2


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"service_type": "social.houssing.rent"}, "/service_type", "query.unknown-code"),
        ({"area": "GT9999"}, "/area", "query.unknown-area"),
        ({"documents": ["birth-certificat"]}, "/documents/0", "query.unknown-code"),
        ({"nationality": "XX"}, "/nationality", "query.unknown-code"),
        ({"age": -1}, "/age", "query.wrong-shape"),
        ({"on": "2026-02-30"}, "/on", "query.wrong-shape"),
        ({"on": 20260228}, "/on", "query.wrong-shape"),
        ({"on": "20260228"}, "/on", "query.wrong-shape"),
        ({"age": True}, "/age", "query.wrong-shape"),
        ({"age": "34"}, "/age", "query.wrong-shape"),
        ({"limit": True}, "/limit", "query.wrong-shape"),
        ({"explain": "yes"}, "/explain", "query.wrong-shape"),
        ({"languages": "quc"}, "/languages", "query.wrong-shape"),
        ({"surprise": 1}, "/surprise", "query.unknown-key"),
        ({"María de la Cruz": 1}, "/…", "query.unknown-key"),
        ({"area": None}, "/area", "query.wrong-shape"),
    ],
)
def test_a_wrong_query_is_a_problem_that_names_the_place(
    client: TestClient, change: dict[str, Any], pointer: str, code: str
) -> None:
    response = client.post("/v1/suggestions", json=RENT | change)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    (error,) = response.json()["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)


def test_a_limit_that_is_not_there_is_not_said() -> None:
    """Neither "from 12 to …" nor "until: …": people read this."""
    spanish = sentence("reason.age-not-told", {"low": "12", "high": OPEN_END}, "es", {})
    assert spanish == "Atiende desde los 12 años; la edad de la persona no consta."
    english = sentence("reason.age-not-told", {"low": "12", "high": "17"}, "en", {})
    assert english == "It serves ages 12 to 17; the person’s age is not recorded."
    assert sentence("ask.age-not-told", {"low": "12", "high": OPEN_END}, "en", {}) == "Ask the person’s age."
    stopped = {"why": "security", "date": OPEN_END}
    assert sentence("reason.area-suspended", stopped, "en", {}).endswith(", with no end date.")
    ended = sentence("reason.area-suspended", stopped | {"date": "2026-12-01"}, "en", {})
    assert ended.endswith("until: 1 December 2026).")


def test_a_wrong_shape_says_what_is_expected(client: TestClient) -> None:
    def told(**change: Any) -> str:
        response = client.post("/v1/suggestions", json=RENT | change, headers={"Accept-Language": "en"})
        (error,) = response.json()["errors"]
        return str(error["detail"]).removeprefix("This does not have the expected form. ")

    assert told(on="tomorrow") == "A day written like 2026-11-21 is expected."
    assert told(age=131) == "The most is 130."
    assert told(limit=-1) == "The least is 0."
    assert told(factors={}) == "A list is expected."
    assert told(explain=2) == 'true, false or "all" is expected.'


def test_a_null_key_is_as_if_it_were_not_there(client: TestClient) -> None:
    """A query may be filled in by a program that writes null for whatever it does not know."""
    empty = dict.fromkeys(set(Query.model_fields) - set(RENT))
    assert ask(client, RENT | empty) == ask(client, RENT)


def test_of_several_needs_each_says_for_itself_whether_to_look_elsewhere(client: TestClient) -> None:
    far = {"service_type": "social.housing", "area": "HN08"}
    body = client.post("/v1/suggestions/together", json={"needs": [far, far | {"explain": "all"}]}).json()
    near, wide = (answer["counts"] for answer in body["answers"])
    assert (near["elsewhere"], near["ruled_out"]) == (2, 0)
    assert (wide["elsewhere"], wide["ruled_out"]) == (0, 2)


def test_the_nearest_codes_are_named(client: TestClient) -> None:
    (error,) = client.post("/v1/suggestions", json=RENT | {"service_type": "social.houssing.rent"}).json()["errors"]
    assert "social.housing.rent" in error["detail"]


def test_a_missing_key_is_missing(client: TestClient) -> None:
    body = client.post("/v1/suggestions", json={"service_type": "social"}).json()
    assert [(e["pointer"], e["code"]) for e in body["errors"]] == [("/area", "query.missing")]


def test_problems_are_titled_in_the_language_of_the_reader(client: TestClient) -> None:
    titles = {
        language: client.post("/v1/suggestions", json={}, headers={"Accept-Language": language}).json()["title"]
        for language in ("es-GT", "en-US")
    }
    assert titles == {"es-GT": "La solicitud no es válida.", "en-US": "The request is not valid."}


def test_answers_about_a_need_are_kept_nowhere(client: TestClient) -> None:
    assert client.post("/v1/suggestions", json=RENT).headers["cache-control"] == "no-store"
    assert client.post("/v1/suggestions", json={}).headers["cache-control"] == "no-store"


def test_several_needs_tell_who_could_serve_more_than_one_and_what_nobody_spoke_of(client: TestClient) -> None:
    needs = [RENT | FIT, {"service_type": "psychosocial.counselling", "area": "GT0901"} | FIT]
    body = client.post("/v1/suggestions/together", json={"needs": needs}).json()
    TogetherOut.model_validate(body)
    assert [(s["organization"]["id"], s["needs"]) for s in body["shared"]] == [("o-desk", [0, 1])]
    assert body["untouched"] == ["economic"]


def test_an_unknown_area_among_several_needs_is_named_by_its_position(client: TestClient) -> None:
    needs = [RENT, RENT | {"area": "GT9999"}]
    (error,) = client.post("/v1/suggestions/together", json={"needs": needs}).json()["errors"]
    assert error["pointer"] == "/needs/1/area"
