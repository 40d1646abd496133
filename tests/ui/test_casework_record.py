"""The record on pages: read by group, changed a group at a time; who decides, and what must be known before they do. (R-14, R-21, R-23, R-24)"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.cast import NEXT_TOWN
from tests.ui.casework_office import Office, office
from tests.ui.pages import Page

__all__ = ["office"]
NAME = "ZZNOMBREZZ"


def file_of(office: Office, case: str) -> Any:
    return office.done("the.manager", "GET", f"/cases/{case}")


def recorded(office: Office, case: str) -> dict[str, Any]:
    return {told["field"]: told["value"] for told in file_of(office, case)["record"]}


def test_what_is_recorded_is_read_by_group_and_what_is_not_is_named(office: Office) -> None:
    case = office.opened(given_name=NAME)
    page = office.page(f"/cases/{case}/record")
    assert NAME in page.text and "Sin anotar:" in page.text
    assert [words for level, words in page.headings if level == "h2"][:3] == ["Identidad", "Contacto", "Familia"]
    assert NAME not in "".join(words for _, words in page.headings)
    office.page(f"/cases/{case}/record", "the.stranger", status=404)
    office.page(f"/cases/{case}/record", "the.officer", status=403)


def test_only_what_was_changed_is_written_and_an_emptied_field_is_taken_out(office: Office) -> None:
    case = office.opened(given_name=NAME, family_name="ZZAPELLIDOZZ")
    at = f"/cases/{case}/record?group=identity"
    office.sends(at, at, {"given_name": NAME, "family_name": ""})
    assert office.run_log(case)[-1] == ("case-changed", ["family_name"]), "the name was sent too, and was as before"
    assert recorded(office, case)["given_name"] == NAME and "family_name" not in recorded(office, case)


def test_where_the_person_lives_and_several_languages_are_changed(office: Office) -> None:
    case = office.opened()
    at = f"/cases/{case}/record?group=contact"
    said = {"department": "GT09", "municipality": NEXT_TOWN, "languages": ["spa", "quc"], "interpreter_needed": "yes"}
    office.sends(at, at, said | {"telephone": "5550 1111"})
    case_now = file_of(office, case)["case"]
    assert (case_now["area"], sorted(case_now["languages"])) == (NEXT_TOWN, ["quc", "spa"])
    assert recorded(office, case)["interpreter_needed"] is True
    at = f"/cases/{case}/record?group=identity"
    office.sends(at, at, {"papers_held": ["-"]})
    assert file_of(office, case)["case"]["papers"] == [], "none is not the same as not told"


def test_who_saves_over_somebody_elses_change_is_shown_both_and_loses_nothing(office: Office) -> None:
    case = office.opened()
    at = f"/cases/{case}/record?group=return"
    (form,) = [form for form in office.page(at).forms if form.action == at]
    office.done("the.manager", "POST", f"/cases/{case}/needs", {"service_type": "social.health.care"})
    answer = office.posts(form, {"return_kind": "ZZMIOZZ"}, status=409)
    assert "refusal" in Page(answer).ids and "ZZMIOZZ" in answer.text
    office.posts(next(f for f in Page(answer).forms if f.action == at), {"return_kind": "ZZMIOZZ"})
    assert recorded(office, case)["return_kind"] == "ZZMIOZZ"


def test_a_wrong_value_is_said_beside_its_field_and_only_what_was_typed_is_shown_again(office: Office) -> None:
    case = office.opened(given_name="Otro nombre")
    at = f"/cases/{case}/record?group=identity"
    page = Page(office.sends(at, at, {"birth_date": "2999-12-31"}, status=422))
    assert "#birth_date" in page.links and "birth_date-fault" in page.ids
    assert office.run_log(case)[-1] == ("case-read", []), "no envelope is opened for an answer that says no"
    office.page(f"/cases/{case}/record?group=standing", status=404)


def test_a_childs_guardian_best_interests_and_own_view_are_written_down(office: Office) -> None:
    case = office.opened(age_band="6-11")
    at, here = f"/cases/{case}/record", f"/cases/{case}/standing"
    said = {"guardian-kind": "parent", "guardian-name": NAME, "guardian-document": "national-identity-document"}
    office.sends(at, f"{here}/guardians", said)
    (guardian,) = file_of(office, case)["case"]["guardians"]
    assert (guardian["kind"], guardian["countries"]) == ("parent", ["GT"]) and NAME in office.page(at).text
    office.sends(at, f"{here}/best-interests", {"interests-country": "GT", "interests-conclusion": "ZZBIENZZ"})
    office.sends(at, f"{here}/child-views", {"child-agrees": "yes", "child-view": "ZZOPINAZZ"})
    page = office.page(at)
    assert "ZZBIENZZ" in page.text and "ZZOPINAZZ" in page.text
    assert file_of(office, case)["case"]["child_views"][0]["agrees"] is True
    office.sends(at, f"{here}/guardians/{guardian['id']}/bar")
    assert file_of(office, case)["case"]["guardians"][0]["barred"] is True
    page = Page(office.sends(at, f"{here}/best-interests", {"interests-country": "GT"}, status=422))
    assert "#interests-conclusion" in page.links


def test_incapacity_needs_a_professionals_code_and_an_adult_decides_alone(office: Office) -> None:
    case = office.opened()
    at, here = f"/cases/{case}/record", f"/cases/{case}/standing"
    until = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
    said = {"incapacity-assessed_by": "nobody", "incapacity-valid_to": until}
    refused = office.sends(at, f"{here}/incapacities", said, status=409)
    assert "refusal" in Page(refused).ids, "without a credential no word of anybody counts"
    assert not [form for form in office.page(at).forms if form.action == f"{here}/guardians"]
    assert file_of(office, case)["case"]["incapacities"] == []
