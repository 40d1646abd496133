"""A refusal says days, states and fields in words, and never ends in a list of nothing. (R-20)"""

from __future__ import annotations

import pytest

from api.refusals import refused
from graph.model.base import Language
from graph.model.refusal import Denied, Reason, Refusal


def told(reason: Reason, language: Language, **places: str | tuple[str, ...]) -> str:
    (why,) = refused(Refusal.of([Denied(reason=reason, places=places)]), language).members["reasons"]
    assert why["code"] == reason.value
    said: str = why["detail"]
    return said


@pytest.mark.parametrize(
    ("language", "day", "state", "field"),
    [("es", "3 de marzo de 2027", "cancelada", "Idiomas"), ("en", "3 March 2027", "cancelled", "Languages")],
)
def test_days_states_and_fields(language: Language, day: str, state: str, field: str) -> None:
    assert day in told(Reason.PLACES_FULL, language, date="2027-03-03")
    assert state in told(Reason.STEP_NOT_OPEN, language, step="accept", status="cancelled", steps=("void",))
    assert field in told(Reason.REQUIRED_NOT_PERMITTED, language, fields=("languages",))


@pytest.mark.parametrize("language", ["es", "en"])
def test_what_a_caller_can_say_next_stays_a_code_and_where_nothing_is_left_it_says_so(language: Language) -> None:
    some = told(Reason.STEP_NOT_OPEN, language, step="accept", status="rejected", steps=("void", "cancel"))
    none = told(Reason.STEP_NOT_OPEN, language, step="accept", status="rejected", steps=())
    assert some.endswith("void, cancel.") and ": ." not in none
    assert ": ." not in told(Reason.TASK_NOT_OPEN, language, tasks=())
