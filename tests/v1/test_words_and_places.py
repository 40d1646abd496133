"""GET /v1/vocabularies and /v1/areas: what may be asked with. (R-04)"""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from api.v1.areas import AreasOut
from api.v1.vocabularies import VocabulariesOut
from graph.seed.vocabulary import SCHEMES


def found(client: TestClient, **query: str | int) -> list[str]:
    response = client.get("/v1/areas", params=query)
    assert response.status_code == 200, response.text
    return [area.code for area in AreasOut.model_validate(response.json()).areas]


def test_every_vocabulary_is_listed_in_both_languages(client: TestClient) -> None:
    body = VocabulariesOut.model_validate(client.get("/v1/vocabularies").json())
    assert tuple(body.vocabularies) == SCHEMES
    assert all(term.es and term.en for terms in body.vocabularies.values() for term in terms)


@pytest.mark.parametrize(
    ("q", "code"),
    [
        ("salcaja", "GT0902"),
        ("SALCAJÁ", "GT0902"),
        ("Salcaxa", "GT0902"),
        ("san martin", "GT0909"),
        ("gt1320", "GT1320"),
    ],
)
def test_accents_capitals_and_slips_are_forgiven(client: TestClient, q: str, code: str) -> None:
    assert found(client, q=q)[0] == code


def test_one_name_may_be_several_places(client: TestClient) -> None:
    assert set(found(client, q="Santa Bárbara")[:2]) == {"GT1320", "HN16"}
    assert found(client, q="Santa Bárbara", parent="GT13")[0] == "GT1320"


def test_without_a_name_it_lists_what_lies_below(client: TestClient) -> None:
    assert found(client) == ["GT", "HN"]
    assert found(client, parent="GT09") == ["GT0901", "GT0902", "GT0909"]


def test_an_unknown_parent_is_not_found(client: TestClient) -> None:
    assert client.get("/v1/areas", params={"parent": "XX"}).status_code == 404


def test_an_area_says_what_it_lies_in(client: TestClient) -> None:
    (area,) = client.get("/v1/areas", params={"q": "salcaja", "limit": 1}).json()["areas"]
    assert area["way"] == "Quetzaltenango, Guatemala"
