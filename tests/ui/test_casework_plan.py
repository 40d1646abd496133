"""The plan on a page: the person's word on each need, goals, assessments, meetings and communications. (R-14, R-34, R-40, R-41)"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.sending import TYPE
from tests.ui.casework_office import Office, office
from tests.ui.pages import Page

__all__ = ["office"]
TODAY = datetime.now(UTC).date()


def file_of(office: Office, case: str) -> Any:
    return office.done("the.manager", "GET", f"/cases/{case}")


def test_a_need_is_stated_agreed_to_and_taken_back(office: Office) -> None:
    case = office.opened()
    at = f"/cases/{case}/plan"
    words = "Quiere seguir un tratamiento"
    office.sends(at, f"{at}/needs", {"state-service_type": TYPE, "state-description": words})
    (need,) = file_of(office, case)["case"]["needs"]
    assert (need["service_type"], need["agreed_at"]) == (TYPE, None)
    page = office.page(at)
    assert words in page.text and f"/cases/{case}/needs/{need['id']}" not in page.links, "nothing is sought unagreed"
    agreement = f"{at}/needs/{need['id']}/agreement"
    office.sends(at, agreement, {"agreed": "yes"})
    assert f"/cases/{case}/needs/{need['id']}" in office.page(at).links
    office.sends(at, agreement, {"agreed": "no"})
    (need,) = file_of(office, case)["case"]["needs"]
    assert need["revoked_at"] is not None
    assert f"/cases/{case}/needs/{need['id']}" not in office.page(at).links


def test_a_goal_is_planned_and_reviewed_and_a_day_too_late_is_refused_with_what_was_typed(office: Office) -> None:
    case = office.opened()
    at = f"/cases/{case}/plan"
    late = (TODAY + timedelta(days=700)).isoformat()
    said = {"goal-dimension": "social", "goal-wording": "ZZMETAZZ", "goal-review_on": late}
    answer = office.sends(at, f"{at}/goals", said, status=409)
    page = Page(answer)
    assert "refusal" in page.ids and "ZZMETAZZ" in page.text and late in answer.text
    day = (TODAY + timedelta(days=30)).isoformat()
    office.sends(at, f"{at}/goals", said | {"goal-review_on": day})
    (goal,) = file_of(office, case)["case"]["goals"]
    assert goal["review_on"] == day
    form = f"goal-{goal['id']}"
    again = (TODAY + timedelta(days=60)).isoformat()
    office.sends(at, f"{at}/goals/{goal['id']}", {f"{form}-review_on": again, f"{form}-feasibility": "feasible"})
    (goal,) = file_of(office, case)["case"]["goals"]
    assert (goal["review_on"], goal["feasibility"]) == (again, "feasible")
    assert Page(office.sends(at, f"{at}/goals", {"goal-review_on": "mañana"}, status=422)).links.count(
        "#goal-review_on"
    )


def test_factors_count_only_when_somebody_looked_and_threats_restrict_the_case_at_once(office: Office) -> None:
    case = office.opened()
    at = f"/cases/{case}/plan"
    office.sends(at, f"{at}/assessments", {"assessment-kind": "needs", "assessment-notes": "ZZHALLAZGOZZ"})
    assert file_of(office, case)["case"]["factors_assessed_at"] is None
    assert "no se sabe si los hay" in office.page(at).text and "ZZHALLAZGOZZ" in office.page(at).text
    office.sends(at, f"{at}/assessments", {"assessment-kind": "vulnerability", "assessment-looked": "yes"})
    assert file_of(office, case)["case"]["factors"] == []
    said = {"assessment-kind": "vulnerability", "assessment-looked": "yes", "assessment-factor": ["threatened"]}
    office.sends(at, f"{at}/assessments", said)
    assert file_of(office, case)["case"]["restricted"] is True


def test_meetings_and_communications_are_noted_and_a_meeting_to_come_is_told_later(office: Office) -> None:
    case = office.opened()
    at = f"/cases/{case}/plan"
    office.sends(at, f"{at}/meetings", {"meeting-on": TODAY.isoformat()})
    (meeting,) = file_of(office, case)["meetings"]
    assert meeting["held"] is None
    form = f"meeting-{meeting['id']}"
    office.sends(at, f"{at}/meetings/{meeting['id']}", {f"{form}-held": "yes", f"{form}-notes": "ZZCHARLAZZ"})
    (meeting,) = file_of(office, case)["meetings"]
    assert meeting["held"] is True and "ZZCHARLAZZ" in office.page(at).text
    word = {"word-party": "person", "word-channel": "telephone", "word-outcome": "not-reached"}
    office.sends(at, f"{at}/communications", word)
    (spoken,) = file_of(office, case)["communications"]
    assert (spoken["outcome"], spoken["organization_id"]) == ("not-reached", None)
    office.sends(at, f"{at}/communications", word | {"word-party": "provider"}, status=422)


def test_only_the_free_texts_of_the_plan_are_opened_and_that_is_written_down(office: Office) -> None:
    case = office.opened()
    need = {"service_type": TYPE, "description": "ZZDICHOZZ"}
    office.done("the.manager", "POST", f"/cases/{case}/needs", need)
    office.page(f"/cases/{case}/plan")
    (look,) = office.done("the.manager", "GET", f"/cases/{case}/looks")
    assert look["fields"] == ["need_description"]


def test_a_colleague_reads_the_plan_and_is_offered_nothing_to_change(office: Office) -> None:
    case = office.opened()
    need = office.needed(case, agreed=False)
    page = office.page(f"/cases/{case}/plan", "the.colleague")
    assert not [form for form in page.forms if form.action.startswith(f"/cases/{case}/plan")]
    answer = office["the.colleague"].post(f"/cases/{case}/plan/needs/{need}/agreement", data={"agreed": "yes"})
    assert answer.status_code == 409 and file_of(office, case)["case"]["needs"][0]["agreed_at"] is None
    office.page(f"/cases/{case}/plan", "the.stranger", status=404)


def test_a_closed_case_is_read_and_not_changed(office: Office) -> None:
    case = office.opened()
    office.needed(case)
    office.done("the.manager", "POST", f"/cases/{case}/closure", {"reason": "support-ends"})
    actions = {form.action for form in office.page(f"/cases/{case}/plan").forms}
    assert f"/cases/{case}/plan/needs" not in actions
    assert f"/cases/{case}/plan/communications" in actions, "people still call"
