"""Places shared among departments: none counts twice, and who serves less of one gives it less. (R-06, R-07)"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.coverage import PART, WHOLE, Reach, shared

REACHES = st.lists(
    st.builds(
        Reach, st.sampled_from("abc"), st.just(12), st.sampled_from(["d1", "d2", "d3"]), st.sampled_from([WHOLE, PART])
    ),
    unique_by=lambda one: (one.service_id, one.department),
)


def test_a_service_shares_its_places_among_those_it_reaches_and_a_part_weighs_half() -> None:
    everywhere = [Reach("a", 20, "d1"), Reach("a", 20, "d2")]
    assert shared([*everywhere, Reach("b", 9, "d2"), Reach("b", 9, "d3", PART)]) == {"d1": 10, "d2": 16, "d3": 3}


@given(REACHES)
def test_all_departments_together_have_as_many_as_there_are(reaches: list[Reach]) -> None:
    assert sum(shared(reaches).values()) == pytest.approx(12 * len({one.service_id for one in reaches}))
