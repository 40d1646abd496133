"""What waits in a case, told from plain values: the most pressing first, and nothing twice. (R-12, R-14, R-40)"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from api.actions.waits import OnItsWay, Waiting, waits_of
from graph.model.case import Goal, Need
from graph.model.clock import Due, WorkingDays
from graph.model.owed import Owed, Terms
from graph.model.referral import Referral, Status
from graph.model.sop import Clocks

NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(days=3)


def need(id: str = "n", *, agreed: bool = True, revoked: bool = False) -> Need:
    return Need(
        id=id,
        service_type="social.health.care",
        agreed_at=EARLIER if agreed else None,
        revoked_at=EARLIER + timedelta(days=1) if revoked else None,
    )


def way(status: Status, *, late: bool = False, need_id: str = "n", **more: Any) -> OnItsWay:
    referral = Referral(
        id=f"r-{status.value}",
        case_id="c",
        need_id=need_id,
        service_id="s",
        requester_id="q",
        responder_id="o",
        purpose="health-care",
        status=status,
        created_at=EARLIER,
        **more,
    )
    by = NOW - timedelta(hours=1) if late else NOW + timedelta(days=1)
    terms = Terms(Clocks(), "normal", WorkingDays(ZoneInfo("America/Guatemala")))
    return OnItsWay(referral, (Owed(Due.DECIDE, EARLIER, by, terms),))


def whats(*found: Any, **more: Any) -> list[Waiting]:
    return [wait.what for wait in waits_of(*found, at=NOW, **more)]


def test_an_empty_case_waits_for_a_need_and_a_need_for_the_persons_word() -> None:
    assert whats([], [], []) == [Waiting.NO_NEED]
    assert whats([need(agreed=False)], [], []) == [Waiting.AGREE]
    assert whats([need()], [], []) == [Waiting.SEEK]
    assert whats([need(revoked=True)], [], []) == []


def test_a_need_is_sought_for_again_once_nobody_is_meeting_it() -> None:
    assert whats([need()], [], [way(Status.REQUESTED)]) == []
    assert whats([need()], [], [way(Status.COMPLETED)]) == []
    assert whats([need()], [], [way(Status.DRAFT)]) == [Waiting.SEND]
    assert whats([need()], [], [way(Status.CANCELLED)]) == [Waiting.SEEK]


def test_what_is_late_comes_first_and_the_rest_in_its_order() -> None:
    goals = [Goal(id="g", dimension="social", review_on=date(2026, 11, 21))]
    asked = way(Status.IN_PROGRESS, need_id="m", asked_at=EARLIER)
    found = whats([need(), need("m"), need("x")], goals, [asked, way(Status.REQUESTED, late=True)])
    assert found == [Waiting.LATE, Waiting.GOES_ON, Waiting.REVIEW, Waiting.SEEK]
    assert whats([need()], [Goal(id="g", dimension="social", review_on=date(2026, 11, 22))], [way(Status.DRAFT)]) == [
        Waiting.SEND
    ]


def test_what_follows_from_a_reason_is_a_task_until_it_is_done() -> None:
    rejected = way(Status.REJECTED, reason="full-now")
    (task, seek) = waits_of([need()], [], [rejected], at=NOW)
    assert (task.what, seek.what) == (Waiting.TASK, Waiting.SEEK) and task.task is not None
    done = way(Status.REJECTED, reason="full-now", tasks_done=(task.task.value,))
    assert whats([need()], [], [done]) == [Waiting.SEEK]
