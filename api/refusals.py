"""A refusal in words, for both faces: each reason, and what to do about it. (R-20)"""

from __future__ import annotations

from api.problems import Problem
from api.texts import catalogue, text
from graph.model.base import Language
from graph.model.refusal import Refusal


def refused(refusal: Refusal, language: Language) -> Problem:
    """The refusal as a problem: each reason, and what to do about it."""
    reasons = []
    for denied in refusal.reasons:
        places = {n: ", ".join(v) if isinstance(v, tuple) else v for n, v in denied.places.items()}
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
    return Problem("refused", reasons=reasons)
