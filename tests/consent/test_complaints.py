"""Who may know of a complaint: every role, organisation, kind and relation, against rules written a second time. (R-50)"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from consent.complaints import ANSWER_WITHIN, answer_by, may_follow, may_handle, office_for
from graph.model.actor import Actor, Role
from graph.model.complaint import Complaint, ComplaintKind, ComplaintState, Office, Remedy
from graph.seed.working_days import working_days

NOW: Final = datetime(2026, 11, 21, 15, tzinfo=UTC)
DUE: Final = NOW + timedelta(days=5)
ORGANISATIONS: Final = ("about", "lead", "elsewhere", None)


def complaint(office: Office, **changes: object) -> Complaint:
    values: dict[str, object] = {
        "id": "k",
        "case_id": "case-1",
        "about_id": "about",
        "kind": ComplaintKind.OTHER,
        "office": office,
        "lead_ids": ("lead",) if office is Office.COMMITTEE_LEAD else (),
        "made_at": NOW,
        "recorded_by": "writer",
        "answer_by": DUE,
    }
    return Complaint.model_validate(values | changes)


def everybody() -> Iterator[Actor]:
    for roles in [frozenset({r}) for r in Role] + [frozenset(Role)]:
        for organization, id, case in itertools.product(ORGANISATIONS, ("writer", "x"), ("case-1", "case-2", None)):
            yield Actor(id=id, organization_id=organization, roles=roles, case_id=case)


def test_nobody_of_the_organisation_complained_about_knows_of_it_and_of_others_only_the_office_and_the_complainant() -> (
    None
):
    checked = 0
    for office, at, actor in itertools.product(Office, (NOW, DUE), everybody()):
        made = complaint(office)
        inside = actor.organization_id == "about"
        is_person = Role.PERSON in actor.roles and actor.case_id == "case-1"
        is_writer = actor.id == "writer" and Role.CASE_MANAGER in actor.roles and not is_person
        assert may_follow(actor, made) is (not inside and (is_person or is_writer)), (office, actor)
        seat = "data-protection-officer" if office is Office.DATA_PROTECTION_OFFICER else "committee"
        handles = not inside and not is_person and seat in {r.value for r in actor.roles}
        if office is Office.COMMITTEE_LEAD and at < DUE:
            handles = handles and actor.organization_id == "lead"
        assert may_handle(actor, made, at=at) is handles, (office, at, actor)
        checked += handles
    assert checked > 20


def test_it_goes_to_somebody_who_is_not_of_the_organisation_wherever_there_is_one() -> None:
    some = [frozenset(s) for n in range(4) for s in itertools.combinations(("about", "lead", "elsewhere"), n)]
    for kind, committees, officers, leads in itertools.product(ComplaintKind, some, some, some):
        office, leading = office_for(kind, "about", committees=committees, officers=officers, leads=leads)
        sitting = officers if office is Office.DATA_PROTECTION_OFFICER else committees
        if (committees | officers) - {"about"}:
            assert sitting - {"about"}, "there is somebody elsewhere, so it goes there"
        if kind is ComplaintKind.DATA_PROTECTION and officers - {"about"}:
            assert office is Office.DATA_PROTECTION_OFFICER
        if kind is not ComplaintKind.DATA_PROTECTION and committees - {"about"}:
            assert office is not Office.DATA_PROTECTION_OFFICER
        assert (office is Office.COMMITTEE_LEAD) is bool(leading)
        if kind is ComplaintKind.ABUSE_OR_EXPLOITATION:
            assert set(leading) == (committees & leads) - {"about"} or office is Office.DATA_PROTECTION_OFFICER
        else:
            assert leading == ()


def test_an_answer_is_due_in_fifteen_working_days_and_in_three_where_somebody_was_abused() -> None:
    assert ANSWER_WITHIN.keys() == set(ComplaintKind)
    friday = datetime(2026, 11, 20, 15, tzinfo=UTC)
    calendar = working_days("GT", 2026)
    for kind in ComplaintKind:
        due = answer_by(kind, friday, calendar)
        days = 3 if kind is ComplaintKind.ABUSE_OR_EXPLOITATION else 15
        assert (
            sum(calendar.is_working((friday + timedelta(n)).date()) for n in range(1, (due - friday).days + 1)) == days
        )
        assert calendar.is_working(due.date())


def test_it_is_late_from_the_instant_of_its_date_on_until_it_is_answered() -> None:
    made = complaint(Office.COMMITTEE)
    assert [made.is_late(at=at) for at in (DUE - timedelta(milliseconds=1), DUE)] == [False, True]
    assert made.state is ComplaintState.MADE
    answered = made.model_copy(update={"answered_at": DUE, "remedy": Remedy.APOLOGY, "taken_by": "x"})
    assert not answered.is_late(at=DUE + timedelta(days=9)) and answered.state is ComplaintState.ANSWERED
