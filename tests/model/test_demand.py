"""An unmet need is counted once and says nothing about a person. (R-07)"""

from __future__ import annotations

from datetime import UTC, date, datetime

from graph.model.demand import Demand
from graph.model.need import Need

AT = datetime(2026, 11, 21, 9, tzinfo=UTC)
NEED = Need(service_type="social.health", area="GT0901", on=date(2026, 11, 21), age=17, factors=frozenset({"a", "b"}))


def counted(need: Need = NEED, *, reference: str | None = None, pepper: bytes = b"p", at: datetime = AT) -> Demand:
    return Demand.of(need, "no-places", "GT09", near_miss=True, at=at, reference=reference, pepper=pepper)


def test_only_type_department_month_and_reason_are_kept() -> None:
    kept = counted().model_dump(exclude={"key"})
    assert kept == {
        "service_type": "social.health",
        "department": "GT09",
        "month": "2026-11",
        "reason": "no-places",
        "near_miss": True,
    }


def test_the_same_question_on_the_same_day_is_one_need() -> None:
    assert counted().key == counted().key
    assert counted().key != counted(at=AT.replace(day=22)).key
    assert counted().key != counted(NEED.model_copy(update={"age": 18})).key


def test_a_reference_makes_it_one_need_whatever_is_told_later() -> None:
    later = NEED.model_copy(update={"age": 18})
    assert counted(reference="r" * 20).key == counted(later, reference="r" * 20, at=AT.replace(month=12)).key
    assert counted(reference="r" * 20).key != counted(reference="s" * 20).key


def test_without_the_pepper_nobody_can_try_questions_until_a_key_fits() -> None:
    assert counted(pepper=b"one").key != counted(pepper=b"two").key
