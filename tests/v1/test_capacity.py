"""/v1/services/{id}/capacity: said under the version that was read; two at once lose nothing. (R-06)"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

RENT = "/v1/services/s-rent/capacity"


def say(client: TestClient, said: dict[str, Any], if_match: str | None = "*", at: str = RENT) -> Response:
    headers = {} if if_match is None else {"If-Match": if_match}
    response: Response = client.put(at, json=said, headers=headers)
    return response


def test_what_was_said_last_comes_with_its_version(client: TestClient) -> None:
    response = client.get(RENT)
    assert response.json()["unit"] == "household"
    assert response.headers["etag"] == f'"{response.json()["version"]}"'


def test_a_version_that_was_not_named_is_asked_for(client: TestClient) -> None:
    response = say(client, {"change": "full"}, None)
    assert (response.status_code, response.json()["code"]) == (428, "version-required")
    assert say(client, {"change": "full"}, "*").status_code == 428, "only plus and minus hold whatever was said"


def test_an_old_version_is_told_the_one_that_holds(client: TestClient) -> None:
    now = client.get(RENT)
    assert say(client, {"change": "set", "number": 3}, now.headers["etag"]).status_code == 200
    late = say(client, {"change": "set", "number": 8}, now.headers["etag"])
    assert (late.status_code, late.json()["code"]) == (412, "edit-conflict")
    assert late.json()["version"] == now.json()["version"] + 1
    assert client.get(RENT).json()["available"] == 3


@pytest.mark.parametrize("header", ["abc", '"x"', 'W/"1"', '"99999999999999999999"', '""'])
def test_a_version_that_is_none_is_a_conflict(client: TestClient, header: str) -> None:
    assert say(client, {"change": "full"}, header).status_code == 412


def test_plus_and_minus_hold_whatever_was_said(client: TestClient) -> None:
    say(client, {"change": "set", "number": 4}, client.get(RENT).headers["etag"])
    assert say(client, {"change": "plus"}).json()["available"] == 5
    assert say(client, {"change": "minus", "number": 2}).json()["available"] == 3


@pytest.mark.parametrize("said", [{"change": "set", "number": 11}, {"change": "plus", "number": 20}])
def test_there_cannot_be_more_than_the_maximum(client: TestClient, said: dict[str, Any]) -> None:
    response = say(client, said, client.get(RENT).headers["etag"])
    assert (response.status_code, response.json()["code"]) == (409, "places-out-of-range")


def test_saying_it_changes_suggestions_at_once(client: TestClient) -> None:
    need = {"service_type": "social.housing.rent", "area": "GT0901"}
    say(client, {"change": "full"}, client.get(RENT).headers["etag"])
    body = client.post("/v1/suggestions", json=need).json()
    assert body["suggested"] == []
    assert body["near_misses"][0]["unmet"][0]["reason"] == "no-places"
    say(client, {"change": "set", "number": 6}, client.get(RENT).headers["etag"])
    assert [s["service"]["id"] for s in client.post("/v1/suggestions", json=need).json()["suggested"]] == ["s-rent"]


def test_a_pause_holds_until_its_day_and_ends_with_a_number(client: TestClient) -> None:
    need = {"service_type": "social.housing.rent", "area": "GT0901"}
    say(client, {"change": "set", "number": 6}, client.get(RENT).headers["etag"])
    said = say(client, {"change": "pause", "until": "2099-12-31"}, client.get(RENT).headers["etag"])
    assert (said.json()["paused_until"], said.json()["available"]) == ("2099-12-31", 6)
    near = client.post("/v1/suggestions", json=need).json()["near_misses"][0]["unmet"][0]
    assert near["reason"] == "places-paused"
    assert "2099" in near["text"]
    said = say(client, {"change": "plus"})
    assert said.json()["paused_until"] == "2099-12-31"
    said = say(client, {"change": "set", "number": 5}, said.headers["etag"])
    assert said.json()["paused_until"] is None
    assert [s["service"]["id"] for s in client.post("/v1/suggestions", json=need).json()["suggested"]] == ["s-rent"]


@pytest.mark.parametrize(
    ("said", "pointer", "code"),
    [
        ({"change": "set"}, "/number", "query.missing"),
        ({"change": "pause"}, "/until", "query.missing"),
        ({"change": "pause", "until": "2020-01-01"}, "/until", "query.wrong-shape"),
        ({"change": "full", "until": "2099-01-01"}, "/until", "query.unknown-key"),
        ({"change": "away"}, "/change", "query.wrong-shape"),
    ],
)
def test_what_is_missing_or_cannot_be_is_named(
    client: TestClient, said: dict[str, Any], pointer: str, code: str
) -> None:
    response = say(client, said, client.get(RENT).headers["etag"])
    (error,) = response.json()["errors"]
    assert (response.status_code, error["pointer"], error["code"]) == (422, pointer, code)
    assert (
        "pause" not in said.values()
        or "until" not in said
        or datetime.now(UTC).date().isoformat()[:4] in error["detail"]
    )
    assert said["change"] != "away" or "still-true" in error["detail"], "says what it can be"
    assert "away" not in response.text


def test_what_is_held_and_in_use_stands_beside_what_is_free(client: TestClient) -> None:
    found = client.get(RENT).json()
    assert (found["leased"], found["in_use"], found["declines"]) == (0, 0, 0)


def test_still_true_makes_it_fresh_again(client: TestClient) -> None:
    at = "/v1/services/s-stale/capacity"
    need = {"service_type": "economic.employment.apprenticeship", "area": "GT0901"}

    def reasons() -> set[str]:
        return {q["reason"] for q in client.post("/v1/suggestions", json=need).json()["suggested"][0]["unknown"]}

    assert "capacity-stale" in reasons()
    said = say(client, {"change": "still-true"}, client.get(at).headers["etag"], at)
    assert said.json()["available"] == 2
    assert "capacity-stale" not in reasons()


def test_of_a_service_of_which_nobody_said_anything_the_version_is_0(client: TestClient) -> None:
    at = "/v1/services/s-nowhere/capacity"
    first = client.get(at)
    assert (first.status_code, first.json(), first.headers["etag"]) == (200, None, '"0"')
    assert say(client, {"change": "set", "number": 2, "maximum": 5}, '"0"', at).json()["version"] == 1
    assert say(client, {"change": "set", "number": 3}, '"0"', at).status_code == 412


def test_a_service_that_is_not_there_is_not_found(client: TestClient) -> None:
    at = "/v1/services/s-none/capacity"
    assert client.get(at).status_code == 404
    assert say(client, {"change": "full"}, '"0"', at).status_code == 404


def test_many_at_once_lose_nothing(client: TestClient) -> None:
    say(client, {"change": "set", "number": 0, "maximum": 100}, client.get(RENT).headers["etag"])
    with ThreadPoolExecutor(8) as pool:
        codes = [r.status_code for r in pool.map(lambda _: say(client, {"change": "plus"}), range(24))]
    assert codes == [200] * 24
    assert client.get(RENT).json()["available"] == 24


def test_of_many_who_name_the_same_version_one_is_heard(client: TestClient) -> None:
    etag = client.get(RENT).headers["etag"]
    with ThreadPoolExecutor(6) as pool:
        codes = sorted(
            r.status_code for r in pool.map(lambda n: say(client, {"change": "set", "number": n}, etag), range(6))
        )
    assert codes == [200, 412, 412, 412, 412, 412]
