"""Every closing step has reasons; every reason has an owner, consequences and words for the person. (R-14, R-50)"""

from __future__ import annotations

import pytest

from graph.model.referral import REASONED, Step
from graph.model.status_reason import Barrier, Consequence, Owner
from graph.seed.status_reasons import LAPSED, REDIRECTED, reasons_of, reasons_unnamed, status_reasons

ALL = tuple(status_reasons().values())


@pytest.mark.parametrize("step", Step)
def test_a_step_has_reasons_exactly_when_it_needs_one(step: Step) -> None:
    assert bool(reasons_of(step)) is (step in REASONED)


def test_that_a_time_ran_out_is_said_by_the_clock_alone() -> None:
    assert LAPSED in status_reasons()
    assert all(reason.code != LAPSED for step in Step for reason in reasons_of(step))


def test_a_question_that_names_nobody_is_answered_without_a_word_of_the_person() -> None:
    told = {reason.code: reason.owner for reason in reasons_unnamed()}
    assert {"full-now", "outside-coverage", "not-eligible-age", "suspended"} <= set(told)
    assert not {Owner.PERSON, Owner.SENDER, Owner.CLOCK} & set(told.values())
    assert REDIRECTED not in told


def test_owners_consequences_and_barriers_are_all_in_use() -> None:
    assert {reason.owner for reason in ALL} == set(Owner)
    assert {consequence for reason in ALL for consequence in reason.consequences} == set(Consequence)
    assert {reason.barrier for reason in ALL} - {None} == set(Barrier)


def test_nothing_follows_only_where_nothing_else_does() -> None:
    for reason in ALL:
        assert Consequence.NOTHING not in reason.consequences or len(reason.consequences) == 1


@pytest.mark.parametrize("language", ["es", "en"])
def test_labels_differ_and_the_person_is_told_in_a_sentence(language: str) -> None:
    labels = [reason.label(language) for reason in ALL]  # type: ignore[arg-type]
    assert len(set(labels)) == len(labels)
    for reason in ALL:
        assert reason.to_person(language).endswith((".", "?"))  # type: ignore[arg-type]
        assert reason.source.startswith("R-")
