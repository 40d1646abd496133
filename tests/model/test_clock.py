"""Deadlines in real and in working time: holidays, leap days, daylight saving. (R-12)"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model.clock import Due, WorkingDays, add_real, add_working, allowance, deadline
from graph.model.duration import parse
from graph.model.sop import Clocks
from graph.seed.working_days import working_days

GUATEMALA = working_days("GT", 2026)
BORDER = WorkingDays(ZoneInfo("America/Tijuana"))


def local(calendar: WorkingDays, *at: int) -> datetime:
    return datetime(*at, tzinfo=calendar.zone).astimezone(UTC)  # type: ignore[misc,arg-type]


def test_the_usual_clocks_of_the_priorities() -> None:
    friday = local(GUATEMALA, 2026, 11, 20, 15)
    silent = Clocks()
    assert deadline(friday, silent, Due.DECIDE, "emergency", GUATEMALA) == friday + timedelta(hours=24)
    assert deadline(friday, silent, Due.DECIDE, "urgent", GUATEMALA) == friday + timedelta(hours=72)
    assert deadline(friday, silent, Due.DECIDE, "normal", GUATEMALA) == local(GUATEMALA, 2026, 12, 4, 15)


def test_the_sop_says_otherwise() -> None:
    assert allowance(Clocks(decide="P3D"), Due.DECIDE, "normal") == ("P3D", True)
    assert allowance(Clocks(decide="P3D"), Due.DECIDE, "urgent") == ("P3D", False)
    assert allowance(Clocks(decide="PT6H"), Due.DECIDE, "normal") == ("PT6H", False)


def test_a_holiday_and_a_weekend_do_not_count() -> None:
    assert not GUATEMALA.is_working(date(2026, 12, 25))
    wednesday = local(GUATEMALA, 2026, 12, 23, 10)
    assert add_working(wednesday, "P2D", GUATEMALA) == local(GUATEMALA, 2026, 12, 28, 10)


def test_what_begins_on_a_free_day_begins_with_the_next_working_one() -> None:
    saturday = local(GUATEMALA, 2026, 11, 21, 18)
    assert add_working(saturday, "P1D", GUATEMALA) == local(GUATEMALA, 2026, 11, 24)


def test_a_leap_day_counts_and_a_month_ends_on_a_working_day() -> None:
    plain = WorkingDays(ZoneInfo("UTC"))
    assert add_working(datetime(2028, 2, 28, 9, tzinfo=UTC), "P1D", plain) == datetime(2028, 2, 29, 9, tzinfo=UTC)
    assert add_working(datetime(2028, 1, 31, 9, tzinfo=UTC), "P1M", plain) == datetime(2028, 2, 29, 9, tzinfo=UTC)
    assert add_working(datetime(2026, 10, 30, 9, tzinfo=UTC), "P1M", plain) == datetime(2026, 11, 30, 9, tzinfo=UTC)


def test_across_daylight_saving_a_day_keeps_its_hour_and_hours_pass_as_they_are() -> None:
    before = local(BORDER, 2026, 10, 31, 12)  # summer time ends in the night
    assert add_real(before, "P1D", BORDER.zone) - before == timedelta(hours=25)
    assert add_real(before, "PT24H", BORDER.zone) - before == timedelta(hours=24)


@given(
    st.integers(0, 700 * 24 * 60),
    st.integers(0, 40),
    st.sampled_from(["GT", "HN", "SV", "MX"]),
)
def test_a_deadline_lies_on_a_working_day_and_a_longer_one_is_never_earlier(
    minutes: int, days: int, country: str
) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    calendar = working_days(country, start.year)
    due = add_working(start, f"P{days}D", calendar)
    assert due >= start
    assert calendar.is_working(due.astimezone(calendar.zone).date())
    assert add_working(start, f"P{days + 1}D", calendar) > due


@pytest.mark.parametrize("text", ["", "P", "PT", "7D", "P-1D", "P1.5D", "PT5"])
def test_what_is_no_duration_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueError, match="ISO 8601"):
        parse(text)
