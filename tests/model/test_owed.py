"""What is owed in a state, by when, and whom to tell when: over holidays, leap days, daylight saving. (R-12)"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model.clock import Due, WorkingDays
from graph.model.owed import LADDER, LAPSES_AT, Terms, held_until, owed
from graph.model.referral import BusinessStatus, Referral, Status
from graph.model.sop import Clocks, Priority
from graph.seed.status_reasons import stands_still
from graph.seed.working_days import working_days

GUATEMALA = working_days("GT", 2026)
SENT = datetime(2026, 11, 23, 15, tzinfo=UTC)  # a Monday


def referral(status: Status = Status.REQUESTED, **changes: object) -> Referral:
    told: dict[str, object] = {
        "id": "r", "case_id": "c", "need_id": "n", "service_id": "s", "requester_id": "q", "responder_id": "p",
        "purpose": "health-care", "status": status, "created_at": SENT, "sent_at": SENT,
    }  # fmt: skip
    return Referral.model_validate(told | changes)


def terms(clocks: Clocks | None = None, priority: Priority = "normal", calendar: WorkingDays = GUATEMALA) -> Terms:
    return Terms(clocks or Clocks(), priority, calendar)


def dues(found: Referral) -> list[Due]:
    return [one.due for one in owed(found, terms(), stands_still=stands_still(found))]


def test_what_is_owed_in_which_state() -> None:
    assert dues(referral()) == [Due.RECEIVE, Due.DECIDE]
    assert dues(referral(received_at=SENT)) == [Due.DECIDE]
    waiting = referral(received_at=SENT, business_status=BusinessStatus.WAITING_LIST)
    assert dues(waiting) == [Due.REPORT]
    assert dues(referral(Status.ACCEPTED, decided_at=SENT)) == [Due.START]
    assert dues(referral(Status.IN_PROGRESS, decided_at=SENT, started_at=SENT)) == [Due.REPORT]
    held = {"decided_at": SENT, "held_at": SENT}
    assert dues(referral(Status.ON_HOLD, reason="staff-unavailable", **held)) == [Due.START]
    assert dues(referral(Status.ON_HOLD, reason="document-missing", **held)) == []
    for status in (Status.DRAFT, Status.REJECTED, Status.COMPLETED, Status.FAILED, Status.CANCELLED):
        assert dues(referral(status, decided_at=SENT, started_at=SENT)) == []


def test_a_clock_that_stood_still_goes_on_where_it_stood() -> None:
    began = referral(Status.IN_PROGRESS, started_at=SENT)
    (before,) = owed(began, terms(Clocks(report="PT48H")), stands_still=False)
    still = began.model_copy(update={"still_seconds": 3600})
    (after,) = owed(still, terms(Clocks(report="PT48H")), stands_still=False)
    assert after.by - before.by == timedelta(hours=1)


def test_the_ladder_of_two_weeks_of_work() -> None:
    """Sent on Monday 23 November at nine in the morning, over the holidays of December."""
    _, decide = owed(referral(), terms(), stands_still=False)
    told = [decide.at(part).astimezone(GUATEMALA.zone) for part in (*LADDER.values(), LAPSES_AT)]
    assert [f"{at:%d.%m. %H}" for at in told] == ["30.11. 09", "07.12. 09", "09.12. 21", "14.12. 09", "21.12. 09"]
    assert told[1].astimezone(UTC) == decide.by


def test_what_is_urgent_is_told_in_real_time_over_a_weekend() -> None:
    friday = referral(sent_at=datetime(2026, 11, 27, 22, tzinfo=UTC))
    _, decide = owed(friday, terms(priority="emergency"), stands_still=False)
    assert [decide.at(part) - decide.since for part in LADDER.values()] == [
        timedelta(hours=12), timedelta(hours=24), timedelta(hours=30), timedelta(hours=36)
    ]  # fmt: skip
    assert decide.at(LAPSES_AT) - decide.since == timedelta(hours=48)


def test_across_the_end_of_summer_time_a_day_is_a_day_and_twenty_four_hours_are_hours() -> None:
    border = WorkingDays(ZoneInfo("America/Tijuana"))
    sent = datetime(2026, 10, 30, 17, tzinfo=UTC)  # a Friday, ten in the morning; clocks go back on Sunday
    _, decide = owed(referral(sent_at=sent), terms(Clocks(decide="P2D"), calendar=border), stands_still=False)
    told = [decide.at(part).astimezone(border.zone) for part in (0.5, 1.0, 2.0)]
    assert [f"{at:%d.%m. %H}" for at in told] == ["02.11. 10", "03.11. 10", "05.11. 10"]
    _, real = owed(referral(sent_at=sent), terms(Clocks(decide="PT48H"), calendar=border), stands_still=False)
    assert real.by - sent == timedelta(hours=48)


def test_a_leap_day_is_worked() -> None:
    plain = WorkingDays(ZoneInfo("UTC"))
    sent = datetime(2028, 2, 28, 9, tzinfo=UTC)
    _, decide = owed(referral(sent_at=sent), terms(Clocks(decide="P2D"), calendar=plain), stands_still=False)
    assert (decide.at(0.5), decide.by) == (datetime(2028, 2, 29, 9, tzinfo=UTC), datetime(2028, 3, 1, 9, tzinfo=UTC))


def test_a_hold_lasts_as_long_as_a_report() -> None:
    held = referral(Status.ON_HOLD, reason="document-missing", decided_at=SENT, held_at=SENT)
    assert held_until(held, terms(Clocks(report="P5D"))) == datetime(2026, 11, 30, 15, tzinfo=UTC)
    assert held_until(referral(), terms()) is None


@given(
    st.integers(0, 700 * 24 * 60),
    st.sampled_from(["P1D", "P3D", "P2W", "P1M", "PT6H", "PT4S"]),
    st.sampled_from(["GT", "HN", "SV", "MX"]),
    st.sampled_from(["emergency", "urgent", "normal"]),
)
def test_the_rungs_never_change_places_and_work_is_told_on_working_days(
    minutes: int, said: str, country: str, priority: Priority
) -> None:
    sent = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    calendar = working_days(country, sent.year)
    asked = terms(Clocks(decide=said), priority, calendar)
    _, decide = owed(referral(sent_at=sent), asked, stands_still=False)
    told = [decide.at(part) for part in (*LADDER.values(), LAPSES_AT)]
    assert sent <= told[0] and told == sorted(told) and told[1] == decide.by
    if priority == "normal" and "T" not in said:
        assert all(calendar.is_working(at.astimezone(calendar.zone).date()) for at in told)


@pytest.mark.parametrize(("minutes", "late"), [(-10, False), (0, False), (10, True)])
def test_late_is_after_the_instant(minutes: int, late: bool) -> None:
    _, decide = owed(referral(), terms(), stands_still=False)
    assert decide.is_late(at=decide.by + timedelta(minutes=minutes)) is late
