"""Every word on a screen is there in Spanish and English, is called for, and has the same places in both."""

from __future__ import annotations

import ast
import re
import string

import pytest
from babel.messages.pofile import read_po

from api.problems import STATUS
from api.texts import catalogue
from graph.model.refusal import Reason
from tests.house.tree import CHECKOUT, modules, place

LOCALE = CHECKOUT / "api" / "locale"

SAME_IN_BOTH = frozenset(
    {
        "engine-check.seconds",
        "mine.say.no",
        "pages.form.error",
        "pages.gaps.total",
        "pages.no",
        "pages.supply.part-only.letter",
        "pages.supply.there.letter",
        "pages.tongue.en",
        "pages.tongue.es",
    }
)
"""Keys whose Spanish and English are the same words, and meant to be."""

WORDLESS = re.compile(r"^[\W\d_]*$")


def places_in(text: str) -> set[str]:
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_conversations() -> None:
    assert {f.name for f in (LOCALE / "es").glob("*.po")} == {f.name for f in (LOCALE / "en").glob("*.po")}


def test_both_languages_have_every_key() -> None:
    spanish, english = catalogue("es"), catalogue("en")
    assert sorted(spanish.keys() ^ english.keys()) == []


@pytest.mark.parametrize("language", ["es", "en"])
def test_no_text_is_empty_and_none_is_fuzzy(language: str) -> None:
    unfinished = []
    for file in sorted((LOCALE / language).glob("*.po")):
        with file.open("rb") as stream:
            unfinished += [m.id for m in read_po(stream) if m.id and (m.fuzzy or not m.string)]
    assert unfinished == []


def test_texts_have_the_same_places_in_both_languages() -> None:
    spanish, english = catalogue("es"), catalogue("en")
    apart = {
        key: (sorted(places_in(spanish[key])), sorted(places_in(english[key])))
        for key in spanish.keys() & english.keys()
        if places_in(spanish[key]) != places_in(english[key])
    }
    assert apart == {}


def test_english_is_not_spanish_left_as_it_was() -> None:
    spanish, english = catalogue("es"), catalogue("en")
    same = {
        key
        for key in spanish.keys() & english.keys()
        if spanish[key] == english[key] and not WORDLESS.match(re.sub(r"\{[^}]*\}", "", spanish[key]))
    }
    assert sorted(same - SAME_IN_BOTH) == []
    assert sorted(SAME_IN_BOTH - same) == [], "no longer the same"


def test_every_reason_has_its_text() -> None:
    """A no that nobody can read is no answer. (R-20)"""
    for catalogue_ in (catalogue("es"), catalogue("en")):
        assert sorted(reason.value for reason in Reason if f"reason.{reason}" not in catalogue_) == []


def test_every_problem_says_what_is_wrong_and_what_to_do() -> None:
    wanted = {f"problem.{code}{part}" for code in STATUS for part in ("", ".do")}
    assert sorted(wanted - catalogue("es").keys()) == []
    assert sorted(wanted - catalogue("en").keys()) == []


def test_every_key_that_the_code_names_has_its_text() -> None:
    """`text("…")` with a literal key; keys made from codes are held by the tests of those codes."""
    known = catalogue("es")
    missing = []
    for path, tree in modules("api"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "text" and node.args:
                key = node.args[0]
                if isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value not in known:
                    missing.append(f"{place(path, node.lineno)} {key.value}")
    assert missing == []
