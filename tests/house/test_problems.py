"""Every problem has its status, its two texts in both languages, and its paragraph for whoever meets it."""

from __future__ import annotations

import re

import pytest

from api.problems import STATUS
from api.texts import LANGUAGES, catalogue
from tests.house.tree import CHECKOUT

PAGE = (CHECKOUT / "docs" / "problems.md").read_text(encoding="utf-8")


def test_the_page_explains_every_problem_and_no_other() -> None:
    assert re.findall(r"^## (.+)$", PAGE, flags=re.MULTILINE) == list(STATUS)


@pytest.mark.parametrize("code", STATUS)
def test_the_page_names_the_status(code: str) -> None:
    assert f"## {code}\n{STATUS[code].value}. " in PAGE


@pytest.mark.parametrize("code", STATUS)
def test_every_problem_says_what_happened_and_what_to_do(code: str) -> None:
    for language in LANGUAGES:
        assert f"problem.{code}" in catalogue(language)
        assert f"problem.{code}.do" in catalogue(language)
