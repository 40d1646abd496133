"""Work on pages: a profile without a name, the profile of a case, openings with their reasons and what could be learnt. (R-36, R-41)"""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from typing import Any

import pytest

from graph.secrets import open_secrets
from graph.server import Server
from graph.store.network import Network
from tests.accounts import House
from tests.cast import TOWN
from tests.job_market import open_the_market
from tests.sending import Patient
from tests.ui.casework_office import PEOPLE, Office
from tests.ui.pages import Form, Page

SAID: dict[str, Any] = {
    "worked": ["711", "", ""],
    "months": ["60", "", ""],
    "skills": ["bricklaying"],
    "interests": ["721", "", ""],
    "schedules": ["full-time"],
}


@pytest.fixture(scope="module")
def market(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    house = House(server, open_secrets(tmp_path_factory.mktemp("keys of a market") / "keys"))

    def stage(network: Network) -> Awaitable[object]:
        return open_the_market(Patient.of(network), tmp_path_factory.mktemp("job market"))

    office = Office(house.staged(stage, *PEOPLE))
    yield office
    office.close()


def form_of(page: Page, action: str) -> Form:
    return next(form for form in page.forms if form.action == action and "skills" in form.options)


def test_anybody_reads_which_openings_fit_why_and_what_could_be_learnt_and_nobody_is_named(market: Office) -> None:
    with market.house.client() as nobody:
        page = Page(nobody.get("/jobs"))
        said = SAID | {"department": "GT09", "municipality": TOWN}
        answer = nobody.post("/jobs", data=said)
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    found = Page(answer)
    assert "Plazas que encajan (1)" in found.text and "/services/j-mason" in found.links
    assert "Casi: falla una sola regla (1)" in found.text and "/services/j-welder" in found.links
    assert "Qué aprender, y dónde" in found.text
    assert {"given_name", "gender", "nationality"}.isdisjoint(name for form in page.forms for name in form.options)
    again = form_of(found, "/jobs")
    assert ("skills", "bricklaying") in again.values and ("months", "60") in again.values


@pytest.mark.parametrize(
    ("wrong", "field"), [({"municipality": "", "department": ""}, "department"), ({"worked": ["99999"]}, "worked")]
)
def test_what_is_wrong_is_said_beside_its_field_and_the_rest_is_kept(
    market: Office, wrong: dict[str, Any], field: str
) -> None:
    said = SAID | {"department": "GT09", "municipality": TOWN} | wrong
    answer = market["the.manager"].post("/jobs", data=said)
    page = Page(answer)
    assert answer.status_code == 422 and f"#{field}" in page.links and f"{field}-fault" in page.ids
    assert ("skills", "bricklaying") in form_of(page, "/jobs").values


def test_the_profile_of_a_case_is_written_read_and_taken_out_and_openings_wait_for_the_persons_word(
    market: Office,
) -> None:
    case = market.opened(municipality=TOWN, languages=["spa"])
    at = f"/cases/{case}/jobs"
    page = market.page(at)
    assert "Todavía no se buscan empleos" in page.text
    market.posts(form_of(page, at), SAID)
    assert "Todavía no se buscan empleos" in market.page(at).text, "a profile alone looks for nothing"
    market.needed(case, service_type="economic.employment")
    page = market.page(at)
    assert "/services/j-mason" in page.links and "Por qué encaja" in page.text
    profile = market.done("the.manager", "GET", f"/cases/{case}/job-profile")
    assert (profile["worked"], profile["skills"]) == ([{"occupation": "711", "months": 60}], ["bricklaying"])
    form = next(f for f in page.forms if ("take_out", "yes") in f.buttons)
    market.posts(form, {"take_out": "yes"})
    assert market.done("the.manager", "GET", f"/cases/{case}/job-profile") is None


def test_who_saves_over_a_change_is_told_and_keeps_what_they_said(market: Office) -> None:
    case = market.opened()
    at = f"/cases/{case}/jobs"
    form = form_of(market.page(at), at)
    market.needed(case)
    page = Page(market.posts(form, SAID, status=409))
    assert "refusal" in page.ids
    market.posts(form_of(page, at))
    assert market.done("the.manager", "GET", f"/cases/{case}/job-profile")["skills"] == ["bricklaying"]


def test_the_profile_is_the_teams_to_change_and_nobody_elses_to_find(market: Office) -> None:
    case = market.opened()
    at = f"/cases/{case}/jobs"
    assert at not in {form.action for form in market.page(at, "the.colleague").forms}
    market.page(at, "the.stranger", status=404)
    market.page(at, "the.clinic", status=403)


def test_who_of_ones_own_cases_fits_an_opening_stands_on_its_page_and_nobody_elses_does(market: Office) -> None:
    case = market.opened(municipality=TOWN, languages=["spa"])
    at = f"/cases/{case}/jobs"
    market.posts(form_of(market.page(at), at), SAID)
    market.needed(case, service_type="economic.employment")
    with_it = Page(market["the.manager"].post("/jobs", data=SAID | {"department": "GT09", "municipality": TOWN}))
    assert "/services/j-mason/candidates" in with_it.links
    page = market.page("/services/j-mason/candidates")
    assert at in page.links and "Encajan" in page.text
    assert "/services/j-mason/candidates" in market.page("/services/j-mason").links
    near = market.page("/services/j-welder/candidates")
    assert at in near.links and "Soldadura" in near.text
    theirs = market.page("/services/j-mason/candidates", "the.stranger")
    assert at not in theirs.links and "Ninguno de sus casos" in theirs.text
    missing, other = [market["the.manager"].get(f"/services/{id}/candidates") for id in ("nowhere", "c-welding")]
    assert missing.status_code == other.status_code == 404
    market.page("/services/j-mason/candidates", "the.clinic", status=403)
    with market.house.client() as nobody:
        shown = nobody.post("/jobs", data=SAID | {"department": "GT09", "municipality": TOWN})
        assert "candidates" not in shown.text
        assert nobody.get("/services/j-mason/candidates").headers["location"].startswith("/sign-in")
