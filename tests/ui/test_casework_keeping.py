"""How a case is kept, on pages: what left and who looked; team, restriction, household, journeys, the person's account, its end. (R-21, R-24, R-25, R-40, R-42)"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.accounts import PASSWORD, forget_attempts
from tests.cast import CLINIC
from tests.sending import CANARY, PURPOSE
from tests.ui.casework_office import Office, office
from tests.ui.pages import Page

__all__ = ["office"]


def case_of(office: Office, case: str) -> Any:
    return office.done("the.manager", "GET", f"/cases/{case}")["case"]


def test_what_left_and_who_looked_is_read_without_any_value(office: Office) -> None:
    case = office.opened()
    office.allowed(case)
    referral = office.sent(case, office.needed(case))
    office.done("the.clinic", "POST", f"/received/{referral}/opening")
    office.page(f"/cases/{case}/record", "the.colleague")
    page = office.page(f"/cases/{case}/gone")
    assert CLINIC in page.text and "Leído el" in page.text and "leyó el expediente" in page.text
    assert CANARY not in page.text
    for login, status in (("the.colleague", 404), ("the.stranger", 404), ("the.officer", 403)):
        office.page(f"/cases/{case}/gone", login, status=status)


def test_a_colleague_joins_by_their_login_and_nobody_else_does(office: Office) -> None:
    case = office.opened()
    at = f"/cases/{case}/more"
    for login in ("the.stranger", "nobody.at.all"):
        page = Page(office.sends(at, f"/cases/{case}/team", {"login": login}, status=422))
        assert "#login" in page.links and len(case_of(office, case)["team"]) == 1
    office.sends(at, f"/cases/{case}/team", {"login": "the.colleague"})
    team = set(case_of(office, case)["team"])
    assert team == {office.house.ids[login].actor_id for login in ("the.manager", "the.colleague")}
    member = office.house.ids["the.colleague"].actor_id
    office.sends(at, f"/cases/{case}/team/{member}/leave")
    assert len(case_of(office, case)["team"]) == 1
    me = office.house.ids["the.manager"].actor_id
    answer = office["the.manager"].post(f"/cases/{case}/team/{me}/leave", data={"key": ""})
    assert answer.status_code == 409, "the last one stays"


def test_a_case_is_restricted_and_the_restriction_lifted(office: Office) -> None:
    case = office.opened()
    at = f"/cases/{case}/more"
    for said, restricted in (("yes", True), ("no", False)):
        office.sends(at, f"/cases/{case}/restriction", {"restricted": said})
        assert case_of(office, case)["restricted"] is restricted


def test_two_cases_live_together_and_apart(office: Office) -> None:
    case, other = office.opened(), office.opened()
    at = f"/cases/{case}/more"
    page = Page(office.sends(at, f"/cases/{case}/household", {"other": "0000-0000"}, status=422))
    assert "#other" in page.links
    office.sends(at, f"/cases/{case}/household", {"other": other.lower()})
    assert f"/cases/{other}" in office.page(f"/cases/{case}").links
    office.sends(at, f"/cases/{case}/household/leave")
    assert f"/cases/{other}" not in office.page(f"/cases/{case}").links


def test_a_journey_is_planned_once_the_border_was_allowed_and_stops_everything_when_it_does_not_happen(
    office: Office,
) -> None:
    case = office.opened()
    at = f"/cases/{case}/more"
    assert f"/cases/{case}/consents" in office.page(at).links
    body = {"organization_id": CLINIC, "purpose": PURPOSE, "modality": "written", "countries": ["HN"]}
    office.done("the.manager", "POST", f"/cases/{case}/consents", body | {"fields": ["given_name"]}, 201)
    day = (datetime.now(UTC).date() + timedelta(days=9)).isoformat()
    office.sends(at, f"/cases/{case}/departure", {"journey-to": f"{CLINIC} HN", "journey-on": day})
    (journey,) = office.done("the.manager", "GET", f"/cases/{case}/departure")
    assert (journey["to"], journey["on"], journey["state"]) == ("HN", day, "planned")
    office.sends(at, f"/cases/{case}/departure/word", {"word": "did-not-depart"})
    (journey,) = office.done("the.manager", "GET", f"/cases/{case}/departure")
    assert journey["state"] == "did-not-depart"
    (consent,) = office.done("the.manager", "GET", f"/cases/{case}/consents")
    assert consent["state"] == "invalidated"


def test_the_person_is_handed_a_code_once_and_enters_with_it(office: Office) -> None:
    case = office.opened()
    at = f"/cases/{case}/more"
    answer = office.sends(at, f"/cases/{case}/account", {"login": "la.garza"}, status=200)
    (code,) = re.findall(r"<code>([A-Za-z0-9_-]{24})</code>", answer.text)
    taken = {"login": "la.garza", "one_time_password": code, "password": PASSWORD}
    with office.house.client() as anybody:
        forget_attempts(anybody)
        assert anybody.post("/v1/accounts/activation", json=taken).status_code == 200
    page = office.page(at)
    assert "Tiene una cuenta" in page.text and code not in page.text
    office.sends(at, f"/cases/{case}/account/end")
    assert "Tiene una cuenta" not in office.page(at).text
    page = Page(office.sends(at, f"/cases/{case}/account", {"login": "x"}, status=422))
    assert "#person-login" in page.links


def test_nobody_stands_in_front_of_a_child_with_an_account(office: Office) -> None:
    case = office.opened(age_band="6-11")
    actions = {form.action for form in office.page(f"/cases/{case}/more").forms}
    assert f"/cases/{case}/account" not in actions
    answer = office["the.manager"].post(f"/cases/{case}/account", data={"login": "la.garza.chica"})
    assert answer.status_code == 409


def test_a_case_is_closed_for_one_of_five_reasons_and_read_afterwards(office: Office) -> None:
    case = office.opened()
    at = f"/cases/{case}/more"
    page = Page(office.sends(at, f"/cases/{case}/closing", status=422))
    assert "#closing-reason" in page.links
    office.sends(at, f"/cases/{case}/closing", {"closing-reason": "moved-away", "closing-notes": "ZZDESPEDIDAZZ"})
    assert case_of(office, case)["closure"] == "moved-away"
    page = office.page(at)
    assert "Se mudó" in page.text and "ZZDESPEDIDAZZ" not in page.text
    assert f"/cases/{case}/closing" not in {form.action for form in page.forms}
    assert f"/cases/{case}" in office.page("/cases?which=closed").links


def test_a_colleague_is_offered_nothing_of_the_teams(office: Office) -> None:
    case = office.opened()
    page = office.page(f"/cases/{case}/more", "the.colleague")
    assert not [form for form in page.forms if form.action.startswith(f"/cases/{case}/")]
    for part in ("restriction", "closing", "account", "departure/word", "household/leave"):
        answer = office["the.colleague"].post(f"/cases/{case}/{part}", data={"login": "x.y.z", "restricted": "yes"})
        assert answer.status_code in (404, 409, 422), (part, answer.status_code)
    assert case_of(office, case)["restricted"] is False
