"""Permissions on pages: the wording as it is, item by item, a yes, a no, and taking back with what had gone. (R-11, R-20, R-24)"""

from __future__ import annotations

from typing import Any

from graph.seed import notices
from tests.cast import CLINIC
from tests.sending import CANARY, CLINIC_SERVICE, PURPOSE
from tests.ui.casework_office import MISSING, Office, office
from tests.ui.pages import Form, Page

__all__ = ["office"]


def sheet_of(office: Office, case: str, notice: str = "es") -> Page:
    return office.page(f"/cases/{case}/consents/ask?organization={CLINIC}&purpose={PURPOSE}&notice={notice}")


def form_of(office: Office, case: str) -> Form:
    (form,) = [form for form in sheet_of(office, case).forms if form.action == f"/cases/{case}/consents"]
    return form


def consents_of(office: Office, case: str) -> list[Any]:
    found: list[Any] = office.done("the.manager", "GET", f"/cases/{case}/consents")
    return found


YES = {"answer": "yes", "modality": "written", "item": ["first-contact:given_name", "first-contact:health_condition"]}


def test_the_wording_is_shown_as_it_was_published_and_nothing_is_ticked(office: Office) -> None:
    case = office.opened()
    for spoken in ("es", "en"):
        page = sheet_of(office, case, spoken)
        wording = notices.wording("sharing", 1, spoken)
        assert wording is not None and wording.title in page.text
        assert wording.text.strip().splitlines()[-1] in page.text
        assert wording.digest[:16] in page.text
        form = next(form for form in page.forms if form.action == f"/cases/{case}/consents")
        assert form.options["item"] == [
            "first-contact:given_name",
            "first-contact:telephone",
            "first-contact:health_condition",
            "follow-up:allergies",
        ], "what its rules ask for, and nothing else"
        assert not [value for name, value in form.values if name == "item"]
        assert CANARY not in page.text


def test_a_yes_holds_what_was_ticked_at_its_stage_and_leaves_a_receipt(office: Office) -> None:
    case = office.opened()
    said = YES | {"item": ["first-contact:given_name", "follow-up:allergies"]}
    answer = office.posts(form_of(office, case), said)
    assert answer.headers["location"] == f"/cases/{case}/consents?done=given"
    (kept,) = consents_of(office, case)
    assert kept["fields"] == [
        {"field": "given_name", "stage": "first-contact"},
        {"field": "allergies", "stage": "follow-up"},
    ]
    page = office.page(answer.headers["location"])
    assert f"/receipts/{kept['receipt_id']}" in page.links
    office.page(f"/receipts/{kept['receipt_id']}")


def test_a_no_is_written_down_and_a_yes_that_ticks_nothing_is_neither(office: Office) -> None:
    case = office.opened()
    form = form_of(office, case)
    page = Page(office.posts(form, {"answer": "yes", "modality": "written"}, status=422))
    assert "#items" in page.links and "items" in page.ids and consents_of(office, case) == []
    office.posts(form, {"answer": "no", "modality": "written"})
    assert [one["state"] for one in consents_of(office, case)] == ["refused"]


def test_what_was_ticked_is_kept_when_something_is_missing_or_refused(office: Office) -> None:
    case = office.opened()
    form = form_of(office, case)
    page = Page(office.posts(form, {"answer": "yes", "item": YES["item"]}, status=422))
    assert "#modality" in page.links
    again = next(f for f in page.forms if f.action == f"/cases/{case}/consents")
    assert [value for name, value in again.values if name == "item"] == YES["item"]
    page = Page(office.posts(form, YES | {"modality": "spoken-before-witness"}, status=409))
    assert "refusal" in page.ids, "a spoken word needs a witness, and the page says so"


def test_a_sheet_that_is_sent_twice_is_one_consent(office: Office) -> None:
    case = office.opened()
    form = form_of(office, case)
    for _ in range(2):
        office.posts(form, YES)
    assert len(consents_of(office, case)) == 1


def test_a_child_is_told_first_and_nobody_says_yes_for_them_before_somebody_stands(office: Office) -> None:
    case = office.opened(age_band="6-11")
    page = sheet_of(office, case)
    child = notices.wording("sharing-child", 1, "es")
    assert child is not None and page.text.index(child.title) > 0
    assert f"/cases/{case}/record#standing" in page.links
    page = Page(office.posts(form_of(office, case), YES, status=422))
    assert "#guardian" in page.links and consents_of(office, case) == []


def test_taking_back_shows_what_ends_and_afterwards_what_had_gone_and_who_opened_it(office: Office) -> None:
    case = office.opened()
    need = office.needed(case)
    consent = office.allowed(case)
    referral = office.sent(case, need)
    office.done("the.clinic", "POST", f"/received/{referral}/opening")
    at = f"/cases/{case}/consents/{consent}"
    before = office.page(f"{at}/withdraw")
    assert "Derivaciones que se cancelan: 1." in before.text and "Leído el" in before.text
    assert consents_of(office, case)[0]["state"] == "given", "looking changes nothing"
    answer = office.sends(f"{at}/withdraw", f"{at}/withdraw")
    after = office.page(answer.headers["location"])
    assert after.h1.endswith("Permiso retirado") and "Leído el" in after.text and CANARY not in after.text
    assert consents_of(office, case)[0]["state"] == "withdrawn"
    assert office.done("the.clinic", "GET", f"/referrals/{referral}")["status"] == "cancelled"
    page = office.page(f"{at}/withdraw")
    assert not [form for form in page.forms if form.action == f"{at}/withdraw"], "there is nothing left to take back"


def test_whether_a_running_service_goes_on_is_the_persons_answer(office: Office) -> None:
    case = office.opened()
    need = office.needed(case)
    consent = office.allowed(case)
    referral = office.sent(case, need)
    for step in ("accept", "start"):
        office.done("the.clinic", "POST", f"/referrals/{referral}/steps", {"step": step})
    at = f"/cases/{case}/consents"
    office.sends(f"{at}/{consent}/withdraw", f"{at}/{consent}/withdraw")
    assert "¿El servicio sigue" in office.page(at).text
    assert f"{at}#goes-on-{referral}" in office.page(f"/cases/{case}").links
    office.sends(at, f"/cases/{case}/referrals/{referral}/goes-on", {"goes_on": "no"})
    assert office.done("the.manager", "GET", f"/referrals/{referral}")["status"] == "cancelled"
    assert "¿El servicio sigue" not in office.page(at).text


def test_consents_of_others_look_like_none_at_all(office: Office) -> None:
    case, other = office.opened(), office.opened()
    consent = office.allowed(case)
    for path in (f"/cases/{case}/consents", f"/cases/{case}/consents/{consent}/withdraw"):
        office.page(path, "the.stranger", status=404)
        office.page(path, "the.clinic", status=403)
    office.page(f"/cases/{other}/consents/{consent}/withdraw", status=404)
    office.page(f"/cases/{case}/consents/{MISSING}/withdraw", status=404)
    office.page(f"/cases/{case}/consents/ask?organization=nobody&purpose={PURPOSE}", status=404)
    assert CLINIC_SERVICE not in office.page(f"/cases/{case}/consents").text
