"""A pathway is walked from its page, and suggestions are looked for where the person goes. (R-05, R-36, R-41, R-42)"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from api.actions import directory
from graph.model.actor import Role
from graph.secrets import open_secrets
from graph.server import Server
from graph.store.migrate import migrate
from graph.store.network import Network
from tests import small_network
from tests.accounts import House
from tests.cast import HOME, OTHER, TOWN, set_the_stage
from tests.conftest import wipe
from tests.ui.casework_office import Office
from tests.ui.pages import Form, Page, send

JOB = "economic.employment.job-placement"
BIRTH, IDENTITY = "social.documents.birth-registration", "social.documents.identity"
WHO = {"age_band": "26-59", "gender": "female", "nationality": "GT", "languages": ["spa", "quc"], "papers_held": []}


@pytest.fixture(scope="module")
def town(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    house = House(server, open_secrets(tmp_path_factory.mktemp("keys of a town") / "keys"))

    async def stage(network: Network) -> None:
        await wipe(network)
        await migrate(network)
        at = datetime.now(UTC)
        await directory.import_(network, small_network.folder(tmp_path_factory.mktemp("a town"), at=at), at=at)
        await set_the_stage(network)

    house.run(stage)
    for login, role, organization in (
        ("the.manager", Role.CASE_MANAGER, HOME),
        ("the.stranger", Role.CASE_MANAGER, OTHER),
    ):
        house.add(login, role, organization=organization)
    office = Office(house)
    yield office
    office.close()


def sought(town: Office, service_type: str) -> tuple[str, str]:
    """A case without papers, and the address of an agreed need."""
    answer = town.done("the.manager", "POST", "/cases", {"data": {"municipality": TOWN} | WHO}, 201)
    case = str(answer["case_id"])
    return case, f"/cases/{case}/needs/{town.needed(case, service_type=service_type)}"


def step_of(page: Page, code: str) -> Form:
    return next(form for form in page.forms if ("step", code) in form.values)


def test_each_step_of_a_pathway_becomes_a_need_with_the_persons_word(town: Office) -> None:
    case, base = sought(town, JOB)
    page = town.page(base, lang="en")
    assert "do they want help to be sought for this" in page.text
    form = step_of(page, BIRTH)
    assert form.buttons == [("agreed", "yes"), ("agreed", "no")]
    twice = [send(town["the.manager"], form, agreed="yes") for _ in range(2)]
    assert [done.status_code for done in twice] == [303, 303]
    at = twice[1].headers["location"]
    assert re.fullmatch(rf"/cases/{case}/needs/[0-9a-f]+", at)
    town.page(at)
    later = town.posts(step_of(page, IDENTITY), {"agreed": "no"}).headers["location"]
    assert re.fullmatch(rf"/cases/{case}/plan\?done=stated#need-[0-9a-f]+", later)
    needs = {
        n["service_type"]: n["agreed_at"] for n in town.done("the.manager", "GET", f"/cases/{case}")["case"]["needs"]
    }
    assert set(needs) == {JOB, BIRTH, IDENTITY} and needs[BIRTH] and not needs[IDENTITY]
    page = town.page(base)
    assert at in page.links and step_of(page, IDENTITY).buttons == [("agreed", "yes")]
    town.posts(step_of(page, IDENTITY), {"agreed": "yes"})
    assert len(town.done("the.manager", "GET", f"/cases/{case}")["case"]["needs"]) == 3, "a need that is there goes on"
    for by, body, status in (
        ("the.stranger", {"step": BIRTH, "agreed": "yes"}, 404),
        ("the.manager", {"step": "nothing", "agreed": "yes"}, 422),
    ):
        assert town[by].post(f"/cases/{case}/steps", data=body).status_code == status


def test_who_could_help_where_the_person_goes_is_shown_and_the_place_stands_in_no_address(town: Office) -> None:
    _, base = sought(town, "psychosocial.family-mediation")
    here = town.page(base, lang="en")
    assert not [link for link in here.links if link.startswith(f"{base}/choose")], "nobody where she lives"
    form = next(form for form in here.forms if form.action == f"{base}/there")
    answer = send(town["the.manager"], form, department="GT13", municipality="")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    there = Page(answer)
    assert "Huehuetenango" in there.text and [link for link in there.links if link.startswith(f"{base}/choose")]
    assert not [link for link in there.links if "GT13" in link]
    wrong = send(town["the.manager"], form, department="", municipality="")
    assert wrong.status_code == 422 and "#department" in Page(wrong).links
    back = town["the.manager"].get(f"{base}/there?lang=en")
    assert (back.status_code, back.headers["location"]) == (303, f"{base}?lang=en")
    assert town["the.stranger"].post(f"{base}/there", data={"department": "GT13"}).status_code == 404
