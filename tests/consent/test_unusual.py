"""When reading is unusual: the two bounds, exactly; and what holds whatever somebody reads. (R-21)"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from consent.unusual import AT_FIRST, DAY, DAYS, HOUR, KNOWN_FROM, LEAST, PER_HOUR, TIMES, busiest_hour, judge
from graph.model.alert import Look, Unusual

AT = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def read(persons: int, *, ago: timedelta, over: timedelta = timedelta(0)) -> list[Look]:
    """So many people, one after the other, the last of them so long ago."""
    step = over / max(persons - 1, 1)
    return [Look(AT - ago - step * n, f"stream-{n}") for n in range(persons)]


def days(*persons: int) -> list[Look]:
    """The days before this one: yesterday first."""
    return [look for n, many in enumerate(persons, 1) for look in read(many, ago=DAY * n + HOUR)]


def test_sixty_in_an_hour_are_work_and_sixty_one_are_not() -> None:
    habit = days(*[PER_HOUR] * KNOWN_FROM)
    for many, why in ((PER_HOUR, frozenset()), (PER_HOUR + 1, frozenset({Unusual.IN_AN_HOUR}))):
        assert judge([*habit, *read(many, ago=MINUTE, over=50 * MINUTE)], at=AT).why == why
    spread = read(PER_HOUR + 1, ago=MINUTE, over=61 * MINUTE)
    assert judge([*habit, *spread], at=AT).hour == PER_HOUR
    assert not judge([*habit, *spread], at=AT).why


def test_the_hour_may_begin_at_any_minute_of_the_day() -> None:
    """A burst that two looks of a clock would each see half of is seen whole."""
    burst = read(PER_HOUR + 1, ago=timedelta(hours=3, minutes=27), over=55 * MINUTE)
    assert Unusual.IN_AN_HOUR in judge(burst, at=AT).why


def test_more_than_three_times_ones_own_median_is_unusual() -> None:
    habit = days(8, 2, 9, 8, 40)
    assert judge([*habit, *read(24, ago=MINUTE)], at=AT).why == frozenset()
    found = judge([*habit, *read(25, ago=MINUTE)], at=AT)
    assert (found.usual, found.persons, found.why) == (8, 25, frozenset({Unusual.OWN_HABIT}))


def test_days_off_do_not_lower_what_is_usual() -> None:
    """Five working days of thirty: the median of all thirty would be nought, and every look an alert."""
    habit = [look for n in (2, 7, 14, 21, 28) for look in read(20, ago=DAY * n)]
    assert judge([*habit, *read(60, ago=MINUTE)], at=AT).why == frozenset()


def test_who_reads_few_people_is_left_in_peace() -> None:
    assert not judge([*days(1, 1, 1, 1, 1), *read(LEAST, ago=MINUTE)], at=AT).why
    assert judge([*days(1, 1, 1, 1, 1), *read(LEAST + 1, ago=MINUTE)], at=AT).why == {Unusual.OWN_HABIT}


def test_who_is_new_has_no_habit_yet() -> None:
    most = TIMES * AT_FIRST
    assert not judge([*days(1, 1, 1, 1), *read(most, ago=MINUTE)], at=AT).why
    assert judge(read(most + 1, ago=MINUTE), at=AT).why == {Unusual.OWN_HABIT}


def test_the_same_person_again_and_again_is_one_person() -> None:
    looks = [Look(AT - MINUTE * n, "one") for n in range(500)]
    found = judge(looks, at=AT)
    assert (found.persons, found.hour, found.why) == (1, 1, frozenset())


def test_what_an_officer_has_looked_into_is_not_counted_again() -> None:
    morning = read(40, ago=5 * HOUR, over=HOUR / 2)
    assert judge(morning, at=AT).why
    assert not judge(morning, at=AT, since=AT - HOUR).why
    again = [Look(AT - MINUTE, f"other-{n}") for n in range(40)]
    assert judge([*morning, *again], at=AT, since=AT - HOUR).persons == 40


def test_an_hour_ends_after_sixty_minutes_and_a_habit_after_thirty_days() -> None:
    looks = [Look(AT - HOUR, "one"), Look(AT, "two")]
    assert busiest_hour(looks) == 1
    assert busiest_hour([*looks, Look(AT - HOUR + timedelta(seconds=1), "three")]) == 2
    for first, usual in ((DAYS - 4, 2), (DAYS - 3, AT_FIRST)):
        history = [look for n in range(first, first + 5) for look in read(2, ago=DAY * n + HOUR)]
        assert judge(history, at=AT).usual == usual


LOOKS = st.lists(
    st.builds(
        Look,
        st.integers(0, (DAYS + 3) * 24 * 60).map(lambda minutes: AT - timedelta(minutes=minutes)),
        st.integers(0, 80).map(str),
    ),
    max_size=150,
)
NOW = st.lists(st.integers(0, 100), max_size=90).map(lambda found: [Look(AT - MINUTE, f"new-{n}") for n in found])


@given(LOOKS, NOW)
def test_it_says_what_counting_by_hand_says(before: list[Look], lately: list[Look]) -> None:
    looks = [*before, *lately]
    found = judge(looks, at=AT)
    last = [look for look in looks if AT - DAY < look.at <= AT]
    hours = [len({o.whose for o in last if one.at <= o.at < one.at + HOUR}) for one in last]
    worked = [
        many
        for n in range(1, DAYS + 1)
        if (many := len({o.whose for o in looks if AT - DAY * (n + 1) < o.at <= AT - DAY * n}))
    ]
    usual = int(median(worked)) if len(worked) >= KNOWN_FROM else AT_FIRST
    assert (found.persons, found.hour, found.usual) == (len({o.whose for o in last}), max(hours, default=0), usual)
    assert (Unusual.IN_AN_HOUR in found.why) == (found.hour > 60)
    assert (Unusual.OWN_HABIT in found.why) == (found.persons > 3 * usual and found.persons > LEAST)


@given(LOOKS, NOW)
def test_reading_more_today_never_makes_it_less_unusual(before: list[Look], more: list[Look]) -> None:
    assert judge(before, at=AT).why <= judge([*before, *more], at=AT).why


@given(LOOKS)
def test_the_order_in_which_looks_come_says_nothing(looks: list[Look]) -> None:
    assert judge(looks, at=AT) == judge(reversed(looks), at=AT)
    assert busiest_hour(looks) <= len({look.whose for look in looks})
