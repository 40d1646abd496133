"""The suggestions for the Jordan mapping equal an independent reading of it, on both engines. (R-05, R-06)

Hundreds of drawn queries: any type, also inner ones; places of every level; days in and out of season.
"""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from api.actions import suggestions
from api.query import Query
from graph.seed.vocabulary import terms
from graph.store.network import Network
from tests.store.imports import imported
from tests.store.jordan import FOLDER, Mapping, line

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the Jordan mapping lies in ../shared/data, not here")

QUERIES = 400
DAYS = ["2013-06-01", "2014-01-01", "2014-06-15", "2014-12-31", "2015-01-01", "2015-02-28", "2015-03-01", "2016-09-01"]
FACTORS = list(terms("factors"))
PAPERS = ["asylum-seeker-certificate", "interior-ministry-card", "national-identity-document", "passport"]
COUNTRIES = ["SY", "JO", "IQ"]


@pytest.fixture(scope="module")
async def jordan(network: Network) -> Network:
    assert (await imported(network, FOLDER)).is_clean
    return network


def drawn(mapping: Mapping, dice: random.Random) -> dict[str, Any]:
    """A query such as nobody chose to make it come out right; every part may be left unsaid."""
    query: dict[str, Any] = {
        "service_type": dice.choice(list(mapping.types)),
        "area": dice.choice(list(mapping.parents)),
        "on": dice.choice(DAYS),
    }
    if dice.random() < 0.7:
        query["service_type"] = dice.choice(
            [a["value"] for s in mapping.services for a in s["attributes"] if a["link_type"] == "service-type"]
        )
    if dice.random() < 0.6:
        query["nationality"] = dice.choice([*COUNTRIES, None])
    if dice.random() < 0.6:
        query["documents"] = dice.sample(PAPERS, dice.randrange(3))
    if dice.random() < 0.6:
        query["factors"] = dice.sample(FACTORS, dice.randrange(4))
    return query


async def test_what_is_suggested_is_what_the_raw_mapping_says(jordan: Network) -> None:
    mapping, dice = Mapping(FOLDER), random.Random(2015)
    found_some = 0
    for _ in range(QUERIES):
        asked = drawn(mapping, dice)
        query = Query.model_validate(asked)
        answer = await jordan.read(suggestions.answer, query.need(today=date(2015, 3, 1)), everywhere=True)
        suggested = {j.offer.terms.service_id for j in answer.suggestions.suggested}
        expected = mapping.suggested(asked)
        assert suggested == expected, asked
        found_some += bool(expected)
        everything = {j.offer.terms.service_id for j in answer.suggestions.ruled_out} | suggested
        of_type = {
            s["id"]
            for s in mapping.services
            if any(
                a["link_type"] == "service-type" and asked["service_type"] in line(a["value"], mapping.types)
                for a in s["attributes"]
            )
        }
        assert everything == of_type, "every service of the type is either suggested or ruled out with reasons"
    assert found_some > QUERIES / 10


async def test_without_everywhere_the_others_are_a_count_and_none_is_lost(jordan: Network) -> None:
    mapping, dice = Mapping(FOLDER), random.Random(7)
    for _ in range(60):
        need = Query.model_validate(drawn(mapping, dice)).need(today=date(2015, 3, 1))
        near = (await jordan.read(suggestions.answer, need)).suggestions
        far = (await jordan.read(suggestions.answer, need, everywhere=True)).suggestions
        assert {j.offer.terms.service_id for j in near.suggested} == {j.offer.terms.service_id for j in far.suggested}
        assert len(near.ruled_out) + near.elsewhere == len(far.ruled_out)
