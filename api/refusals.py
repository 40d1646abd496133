"""A refusal in words, for both faces: each reason, and what to do about it. (R-20)"""

from __future__ import annotations

from typing import Any, Final

from api.answer import day_in_words
from api.problems import Problem
from api.texts import catalogue, text
from graph.model.base import Language
from graph.model.refusal import Refusal
from graph.seed.catalogue import fields


def refused(refusal: Refusal, language: Language) -> Problem:
    """The refusal as a problem: each reason, and what to do about it."""
    return Problem("refused", reasons=_reasons(refusal, language, codes=True))


def why(refusal: Refusal, language: Language) -> list[dict[str, Any]]:
    """The same beside what was typed: a page says fields without their codes."""
    return _reasons(refusal, language, codes=False)


def _reasons(refusal: Refusal, language: Language, *, codes: bool) -> list[dict[str, Any]]:
    reasons: list[dict[str, Any]] = []
    for denied in refusal.reasons:
        places = {name: _in_words(name, value, language, codes=codes) for name, value in denied.places.items()}
        code = denied.reason.value
        ask = text(f"ask.{code}", language, **places)
        said = f"reason.{code}"
        if () in denied.places.values() and f"{said}.none" in catalogue(language):
            said = f"{said}.none"  # a list that would end in nothing
        reasons.append(
            {
                "code": code,
                "detail": text(said, language, **places),
                "ask": None if ask == f"ask.{code}" else ask,
            }
        )
    return reasons


STEPS: Final = ("follow.step", "received.step")
"""Where the words of a step are, from the side of who sends and of who receives."""

STANDS: Final = {"status": ("clocks.state", "departure.state"), "state": ("complaint.state",)}
"""Where the words for what something stands at are, by the name of the place."""


def _in_words(name: str, value: str | tuple[str, ...], language: Language, *, codes: bool) -> str:
    """Days, states and fields in words; what a caller could say next is a code where it is said as one."""
    if name == "fields":
        named = {
            c: fields()[c].label(language) if c in fields() else c
            for c in ([value] if isinstance(value, str) else value)
        }
        return ", ".join(f"{said} ({c})" if codes and said != c else said for c, said in named.items())
    if isinstance(value, tuple):
        return ", ".join(value if codes or name != "steps" else [_step(step, language) for step in value])
    if name == "date":
        return day_in_words(value, language)
    known = catalogue(language)
    stands = (f"{stem}.{value}" for stem in STANDS.get(name, ()))
    return next((text(key, language) for key in stands if key in known), value)


def _step(step: str, language: Language) -> str:
    """A step as its button says it."""
    known = catalogue(language)
    said = next((text(f"{stem}.{step}", language) for stem in STEPS if f"{stem}.{step}" in known), step)
    return f"“{said}”"
