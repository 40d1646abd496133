"""A band in place of an age: told where it decides, asked about where a limit runs through it, never guessed. (R-24)"""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model.age import BOUNDS, CHILDREN, AgeBand, adult_on, age_of, band_of
from graph.model.refusal import Reason
from matching.criteria import serves_the_age
from matching.verdict import Met, Unknown, Unmet, Verdict
from tests.matching.offers import need, offer

LIMIT = st.none() | st.integers(0, 109)


@pytest.mark.parametrize(
    ("band", "low", "high", "kind", "reason"),
    [
        ("26-59", 18, 65, Met, None),
        ("18-25", 18, 25, Met, None),
        ("12-17", 18, 65, Unmet, Reason.AGE_BELOW),
        ("60-", 18, 59, Unmet, Reason.AGE_ABOVE),
        ("60-", 18, 65, Unknown, Reason.AGE_NOT_TOLD),
        ("60-", 18, None, Met, None),
        ("60-", 60, 120, Met, None),
        ("12-17", 15, None, Unknown, Reason.AGE_NOT_TOLD),
        ("18-25", None, 24, Unknown, Reason.AGE_NOT_TOLD),
        ("0-5", None, None, Unknown, Reason.AGE_NOT_STATED),
    ],
)
def test_a_band(band: AgeBand, low: int | None, high: int | None, kind: type, reason: Reason | None) -> None:
    verdict = serves_the_age(need(age=None, age_band=band), offer(minimum_age=low, maximum_age=high))
    assert isinstance(verdict, kind) and getattr(verdict, "reason", None) == reason


@given(st.sampled_from(list(BOUNDS)), LIMIT, LIMIT)
def test_a_band_says_what_all_its_ages_say_and_else_asks(band: AgeBand, low: int | None, high: int | None) -> None:
    service = offer(minimum_age=low, maximum_age=high)
    youngest, oldest = BOUNDS[band]
    single: set[type[Verdict]] = {
        type(serves_the_age(need(age=age), service)) for age in range(youngest, (oldest or 129) + 1)
    }
    of_band = type(serves_the_age(need(age=None, age_band=band), service))
    assert of_band == (single.pop() if len(single) == 1 else Unknown) or (low or 0) > (high or 130)


@given(st.integers(0, 130))
def test_every_age_lies_in_exactly_one_band(age: int) -> None:
    inside = [b for b, (low, high) in BOUNDS.items() if low <= age and (high is None or age <= high)]
    assert inside == [band_of(age)]
    assert (band_of(age) in CHILDREN) == (age < 18)


@pytest.mark.parametrize(
    ("born", "on", "years", "birthday"),
    [
        (date(2008, 11, 21), date(2026, 11, 20), 17, date(2026, 11, 21)),
        (date(2008, 11, 21), date(2026, 11, 21), 18, None),
        (date(2008, 2, 29), date(2026, 2, 28), 17, date(2026, 3, 1)),
        (date(2008, 2, 29), date(2026, 3, 1), 18, None),
        (date(2026, 11, 21), date(2026, 11, 21), 0, date(2044, 11, 21)),
    ],
)
def test_the_18th_birthday(born: date, on: date, years: int, birthday: date | None) -> None:
    assert (age_of(born, on=on), adult_on(born, on=on)) == (years, birthday)
