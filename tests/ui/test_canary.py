"""What is refused is repeated nowhere: not in the answer, not in a log, not in an address. (R-21, R-26)

A marker that nobody else would write is posted into every field; people write names into wrong fields.
"""

from __future__ import annotations

import logging
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from api.actions import suggestions
from tests.ui.pages import get, send

MARKERS = ["Xiomara Canaria Ñ-7731", "canary_7731abcdefgh", "7731773177317731"]

FORM = [
    "reference",
    "before",
    "need",
    "area",
    "department",
    "municipality",
    "on",
    "age",
    "gender",
    "nationality",
    "languages_told",
    "languages",
    "documents_told",
    "documents",
    "factors_told",
    "factors",
    "unheard-of",
]


def silent(response: Response, marker: str, caplog: pytest.LogCaptureFixture) -> None:
    assert response.status_code >= 300, response.status_code
    shown = response.text + str(response.headers) + str(response.url)
    assert marker not in shown
    assert marker not in caplog.text
    assert not any(marker in str(record.__dict__) for record in caplog.records)


@pytest.fixture(autouse=True)
def loud(caplog: pytest.LogCaptureFixture) -> None:
    """Everything that would be logged is."""
    caplog.set_level(logging.DEBUG)


@pytest.mark.parametrize("marker", MARKERS)
@pytest.mark.parametrize("field", FORM)
def test_no_field_of_the_need_form_is_repeated(
    client: TestClient, caplog: pytest.LogCaptureFixture, field: str, marker: str
) -> None:
    form = get(client, "/suggestions").forms[-1]
    caplog.clear()
    response = send(client, form, **{"age": "x", field: marker})  # an error in any case
    assert response.status_code == 422
    silent(response, marker, caplog)


@pytest.mark.parametrize("marker", MARKERS)
@pytest.mark.parametrize("field", ["change", "number", "version", "key", "by", "unheard-of"])
def test_no_field_of_the_places_form_is_repeated(
    client: TestClient, caplog: pytest.LogCaptureFixture, field: str, marker: str
) -> None:
    sent = {"change": "set", "number": "999999", "version": "1", "key": "k" * 20, field: marker}
    silent(client.post("/services/s-rent/places", data=sent), marker, caplog)


QUERY: dict[str, Any] = {
    "service_type": "social.housing",
    "area": "GT09",
    "on": "2026-11-21",
    "age": 30,
    "gender": "female",
    "nationality": "GT",
    "languages": ["spa"],
    "factors": [],
    "documents": [],
    "limit": 3,
    "explain": True,
}


@pytest.mark.parametrize("marker", MARKERS)
@pytest.mark.parametrize("field", [*QUERY, "unheard-of"])
@pytest.mark.parametrize("shape", ["text", "list", "object"])
def test_no_field_of_a_query_is_repeated(
    client: TestClient, caplog: pytest.LogCaptureFixture, field: str, shape: str, marker: str
) -> None:
    value: Any = {"text": marker, "list": [marker], "object": {marker: marker}}[shape]
    body = {**QUERY, field: value}
    silent(client.post("/v1/suggestions", json=body), marker, caplog)
    silent(client.post("/v1/suggestions/together", json={"needs": [body]}), marker, caplog)


@pytest.mark.parametrize("marker", MARKERS)
@pytest.mark.parametrize("field", ["change", "number", "maximum", "unit", "by", "unheard-of"])
def test_no_field_of_capacity_is_repeated(
    client: TestClient, caplog: pytest.LogCaptureFixture, field: str, marker: str
) -> None:
    said = {"change": "set", "number": 999999, "unit": "seat", field: marker}
    silent(client.put("/v1/services/s-rent/capacity", json=said, headers={"If-Match": '"1"'}), marker, caplog)


@pytest.mark.parametrize("marker", MARKERS)
def test_no_broken_body_is_repeated(client: TestClient, caplog: pytest.LogCaptureFixture, marker: str) -> None:
    headers = {"Content-Type": "application/json"}
    for broken in (f'{{"area": "{marker}"', f'"{marker}"', f"[{marker}]", marker):
        silent(client.post("/v1/suggestions", content=broken.encode(), headers=headers), marker, caplog)
    silent(client.post("/v1/suggestions", json=QUERY, headers={"Enlace-Need": "Canaria"}), "Canaria", caplog)


@pytest.mark.parametrize("path", ["/suggestions", "/v1/suggestions"])
def test_not_even_a_failure_of_ours_repeats_what_was_asked(
    client: TestClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Messages of exceptions quote values: the log names the place only."""

    async def broken(*_: object, **__: object) -> None:
        raise ValueError(MARKERS[0])

    monkeypatch.setattr(suggestions, "answer", broken)
    monkeypatch.setattr(suggestions, "answer_together", broken)
    if path.startswith("/v1"):
        response = client.post(path, json=QUERY)
        assert response.json()["code"] == "unexpected"
    else:
        response = send(client, get(client, path).forms[-1], need="social", department="GT09")
    assert response.status_code == 500
    assert "content-security-policy" in response.headers
    silent(response, MARKERS[0], caplog)
    assert "unexpected ValueError at test_canary.py" in caplog.text
