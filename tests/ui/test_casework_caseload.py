"""The caseload, opening a case and its desk: what a case manager sees first, and what nobody else sees. (R-12, R-21, R-25, R-40)"""

from __future__ import annotations

import re

import pytest

from tests.cast import TOWN
from tests.sending import CANARY
from tests.ui.casework_office import MISSING, PEOPLE, Office, office
from tests.ui.pages import Page

__all__ = ["office"]
NUMBER = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}")


def test_who_has_no_cases_is_told_how_to_open_one(office: Office) -> None:
    page = office.page("/cases", "the.colleague")
    assert page.h1 == "Mis casos" and "/cases/new" in page.links
    assert "Todavía no lleva ningún caso" in page.text
    assert "You have no cases yet" in office.page("/cases", "the.colleague", lang="en").text


def test_a_case_is_opened_under_a_number_and_its_desk_says_what_comes_next(office: Office) -> None:
    said = {"department": "GT09", "municipality": TOWN, "age_band": "26-59", "given_name": "ZZPERSONAZZ"}
    answer = office.sends("/cases/new", "/cases/new", said)
    address = answer.headers["location"].partition("?")[0]
    assert re.fullmatch(rf"/cases/{NUMBER.pattern}", address)
    page = office.page(address)
    assert "Anotar qué necesita" in page.text and f"{address}/plan#state" in page.links
    assert "ZZPERSONAZZ" not in page.text, "the desk opens no envelope"
    listed = office.page("/cases")
    assert address in listed.links and "ZZPERSONAZZ" not in listed.text


def test_a_form_that_is_sent_twice_opens_one_case(office: Office) -> None:
    (form, *_) = [form for form in office.page("/cases/new").forms if form.action == "/cases/new"]
    said = {"department": "GT09", "municipality": TOWN, "age_band": "26-59"}
    first, again = (office.posts(form, said) for _ in range(2))
    assert first.headers["location"] == again.headers["location"]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"municipality": TOWN}, "age_band"),
        ({"age_band": "26-59"}, "department"),
        ({"municipality": "ZZ ninguna parte", "age_band": "26-59"}, "municipality"),
        ({"municipality": TOWN, "birth_date": "2999-01-01"}, "birth_date"),
    ],
)
def test_what_is_missing_or_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    office: Office, said: dict[str, str], fault: str
) -> None:
    answer = office.sends("/cases/new", "/cases/new", said | {"given_name": "ZZESCRITOZZ"}, status=422)
    page = Page(answer)
    assert f"#{fault}" in page.links and fault in page.ids and f"{fault}-fault" in page.ids
    assert "ZZESCRITOZZ" in answer.text


def test_the_desk_shows_each_need_with_its_referral_and_its_clock(office: Office) -> None:
    case = office.opened()
    need = office.needed(case)
    office.needed(case, agreed=False, service_type="social.housing.rent")
    page = office.page(f"/cases/{case}")
    assert f"/cases/{case}/needs/{need}" in page.links
    office.allowed(case)
    draft = office.drafted(case, need)
    assert f"/referrals/{draft}/preview" in office.page(f"/cases/{case}").links
    office.done("the.manager", "POST", f"/referrals/{draft}/send")
    page = office.page(f"/cases/{case}")
    assert f"/referrals/{draft}" in page.links and CANARY not in page.text
    assert "Sin acuerdo todavía" in page.text and "La persona está de acuerdo" in page.text
    assert "Falta el acuerdo de la persona" in page.text, "what waits next"


def test_looking_at_a_desk_is_written_down_for_the_person(office: Office) -> None:
    case = office.opened()
    office.page(f"/cases/{case}", "the.colleague")
    looks = office.done("the.manager", "GET", f"/cases/{case}/looks")
    assert [(look["kind"], look["fields"]) for look in looks] == [("case-read", [])]


def test_a_case_is_found_by_part_of_its_number_or_a_whole_document_and_never_by_name(office: Office) -> None:
    case = office.opened(given_name="Ixmucanéa", document_number="7788 99001 0901")

    def sought(word: str, by: str = "the.manager") -> Page:
        (form, *_) = [form for form in office.page("/cases", by).forms if form.action == "/cases"]
        return Page(office.posts(form, {"sought": word}, by=by, status=200))

    assert f"/cases/{case}" in sought(case[5:9].lower()).links
    assert f"/cases/{case}" in sought("7788990010901").links
    for word in ("Ixmucanéa", "77889900", "G"):
        assert f"/cases/{case}" not in sought(word).links, word
    assert f"/cases/{case}" not in sought("7788990010901", "the.stranger").links


@pytest.mark.parametrize("path", ["/cases", "/cases/new", f"/cases/{MISSING}"])
def test_who_is_not_signed_in_is_led_to_sign_in_and_other_roles_are_told_why_not(office: Office, path: str) -> None:
    with office.house.client() as nobody:
        answer = nobody.get(path)
        assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?to=")
    for login, role, _ in PEOPLE:
        if role != "case-manager":
            office.page(path, login, status=403)


def test_a_foreign_case_looks_like_a_missing_one(office: Office) -> None:
    case = office.opened()
    foreign, missing = (office["the.stranger"].get(f"/cases/{id}").text.replace(id, "") for id in (case, MISSING))
    assert foreign == missing


def test_a_restricted_case_is_its_teams_alone(office: Office) -> None:
    case = office.opened()
    office.page(f"/cases/{case}", "the.colleague")
    assert f"/cases/{case}" in office.page("/cases?which=all", "the.colleague").links
    office.done("the.manager", "PUT", f"/cases/{case}/restriction", {"restricted": True})
    office.page(f"/cases/{case}", "the.colleague", status=404)
    assert f"/cases/{case}" not in office.page("/cases?which=all", "the.colleague").links
    assert "Reservado" in office.page("/cases").text or "reservado" in office.page("/cases").text
