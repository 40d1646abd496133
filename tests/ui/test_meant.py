"""Which name is meant by what somebody typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.meant import EXACT, closest, folded

NAMES = ["Santa Cruz del Quiché", "Santa Cruz", "San Andrés Xecul", "Cobán", "Zacapa", "Ñuñoa"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("santa cruz", "Santa Cruz"),
        ("SANTA CRUZ DEL QUICHE", "Santa Cruz del Quiché"),
        ("quiche", "Santa Cruz del Quiché"),
        ("coban", "Cobán"),
        ("sacapa", "Zacapa"),
        ("san andres xecul", "San Andrés Xecul"),
        ("nunoa", "Ñuñoa"),
    ],
)
def test_the_first_is_the_one_meant(typed: str, first: str) -> None:
    assert NAMES[closest(typed, NAMES, limit=3)[0][0]] == first


def test_half_of_the_words_will_do_where_that_is_asked_for() -> None:
    assert closest("santa banana", NAMES, limit=3) == []
    assert {NAMES[p] for p, _ in closest("cruz banana", NAMES, limit=3, every_word=False)} == set(NAMES[:2])


def test_a_stranger_is_nobody() -> None:
    assert closest("wwwwwww", NAMES, limit=3) == []
    assert closest("   ", NAMES, limit=3) == []


@given(st.text(max_size=300))
def test_nothing_typed_breaks_it(typed: str) -> None:
    assert folded(folded(typed)) == folded(typed)
    found = closest(typed, NAMES, limit=4)
    assert len(found) <= 4
    assert all(0 < score <= EXACT for _, score in found)
