"""Every reason for which nothing is sent can be read in both languages, with what to do about it. (R-20, R-50)"""

from __future__ import annotations

import ast
from pathlib import Path
from string import Formatter
from typing import Final

import pytest

from api.texts import catalogue
from graph.model.refusal import Reason

HOUSE: Final = Path(__file__).parents[2]
FILES: Final = (
    "consent/decision.py", "consent/capacity.py", "consent/emergency.py", "consent/minimisation.py",
    "graph/seed/notices.py", "graph/model/stock.py",
)  # fmt: skip


def told() -> set[str]:
    """The reasons that the core of consent names."""
    names = set()
    for file in FILES:
        for node in ast.walk(ast.parse((HOUSE / file).read_text(encoding="utf-8"))):
            match node:
                case ast.Attribute(value=ast.Name(id="Reason"), attr=name):
                    names.add(name)
    return names


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("name", sorted(told()))
def test_it_has_its_sentence_and_its_way_out_in_both_languages(name: str) -> None:
    code = Reason[name].value
    spanish, english = catalogue("es"), catalogue("en")
    for key in (f"reason.{code}", f"ask.{code}"):
        assert spanish[key] != english[key]
        assert places(spanish[key]) == places(english[key]), key
    assert places(spanish[f"ask.{code}"]) <= places(spanish[f"reason.{code}"])


def test_the_core_of_consent_says_no_in_many_ways() -> None:
    assert len(told()) >= 45
