"""Sentences a committee could argue about: `*.yaml` beside this file, each with the source it rests on."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.scenarios.told import Scenario, told

HERE = Path(__file__).parent
REQUIREMENTS = (HERE.parents[1] / "docs" / "requirements.md").read_text(encoding="utf-8")


def all_scenarios() -> list[Scenario]:
    files = sorted(HERE.glob("*.yaml"))
    return [Scenario.model_validate(row) for file in files for row in yaml.safe_load(file.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("scenario", all_scenarios(), ids=lambda s: s.name)
def test_scenario(scenario: Scenario) -> None:
    found = told(scenario)
    expected = scenario.then.model_dump(exclude_none=True)
    assert expected
    assert found.model_dump(include=set(expected)) == expected


def test_every_scenario_has_its_own_sentence_and_cites_what_the_sources_ask() -> None:
    scenarios = all_scenarios()
    assert len({s.name for s in scenarios}) == len(scenarios) >= 25
    for scenario in scenarios:
        assert len(scenario.name.split()) >= 5, scenario.name
        for label in scenario.cites:
            assert f"| {label} |" in REQUIREMENTS, label
