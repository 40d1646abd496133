"""What fictional people ask of the demo network can be asked: every code and place exists, several are sensitive."""

from __future__ import annotations

import csv
from datetime import date
from importlib.resources import files

from graph.seed.demo_needs import needs
from graph.seed.vocabulary import terms

DAY = date(2026, 11, 21)


def test_every_code_and_place_is_known() -> None:
    with files("graph.seed").joinpath("areas", "areas.csv").open(encoding="utf-8") as file:
        places = {row["code"] for row in csv.DictReader(file)}
    for need, times in needs(DAY):
        assert need.service_type in terms("service-types")
        assert need.area in places
        assert (need.documents or frozenset()) <= terms("papers").keys()
        assert (need.languages or frozenset()) <= terms("languages").keys()
        assert times > 0


def test_some_are_few_enough_to_be_hidden_and_four_countries_ask() -> None:
    asked = list(needs(DAY))
    assert sum(times < 5 for _, times in asked) >= 3
    assert {need.area[:2] for need, _ in asked} == {"GT", "HN", "SV", "MX"}
