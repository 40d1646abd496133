"""From an agreed need to whom to turn to: suggestions, comparing, asking without saying who it is. (R-05, R-10, R-26, R-41)"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from graph.secrets import Secrets
from graph.seed.vocabulary import label
from graph.server import Server
from graph.store.network import Network
from tests.asking import CROWD, SECOND_SERVICE, SECRET_SERVICE, Asker, add_clinics
from tests.cast import COLLEAGUE, OTHER, OWNER, PROVIDER, STRANGER
from tests.everybody import Callers, callers, set_the_house
from tests.sending import CLINIC_SERVICE, NO_SOP_SERVICE, TYPE
from tests.ui.pages import Form, Page

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture(scope="module")
async def house(server: Server, network: Network, secrets: Secrets) -> AsyncIterator[Callers]:
    await set_the_house(network, secrets)
    await add_clinics(network)
    await Asker(network, secrets, at=datetime(2026, 11, 21, 1, 0, tzinfo=UTC)).crowd(CROWD + 2)
    async with callers(server, secrets) as asked:
        yield asked


async def looked(house: Callers, path: str, *, by: str = OWNER.id, status: int = 200) -> Page:
    answer = await house.ask(by, "GET", path, headers=ENGLISH)
    assert answer.status_code == status, answer.text[:2000]
    if status == 200:
        assert answer.headers["cache-control"] == "no-store"
    return Page(answer)


def form_to(page: Page, end: str) -> Form:
    return next(form for form in page.forms if form.action.endswith(end) and form.method == "post")


async def needed(house: Callers) -> str:
    """The address of the pages of an agreed need."""
    case = await house.opened(languages=["spa"])
    return f"/cases/{case}/needs/{await house.needed(case)}"


async def test_an_agreed_need_shows_who_fits_and_what_can_be_done_next(house: Callers) -> None:
    base = await needed(house)
    page = await looked(house, base)
    assert page.h1.endswith(label("service-types", TYPE, "en"))
    assert f"{base}/choose?service={CLINIC_SERVICE}" in page.links
    assert {"service"} <= {name for form in page.forms for name in form.options}
    for private in ("Nombre", "asma", "calle"):
        assert private not in page.text


async def test_a_need_that_was_not_agreed_says_what_to_do_instead(house: Callers) -> None:
    case = await house.opened()
    need = (await house.done(OWNER.id, "POST", f"/v1/cases/{case}/needs", {"service_type": TYPE}))["id"]
    for part in ("", "/compare", "/ask"):
        page = await looked(house, f"/cases/{case}/needs/{need}{part}")
        assert "has not agreed" in page.text
        assert f"/cases/{case}/plan" in page.links


@pytest.mark.parametrize("part", ["", "/compare", "/ask"])
async def test_a_need_of_others_looks_like_one_that_is_not_there(house: Callers, part: str) -> None:
    base = await needed(house)
    theirs = await house.ask(STRANGER.id, "GET", f"{base}{part}", headers=ENGLISH)
    none = await house.ask(STRANGER.id, "GET", f"/cases/nobodys/needs/none{part}", headers=ENGLISH)
    assert theirs.status_code == none.status_code == 404
    assert re.sub(r"/cases/[^\"?]*", "", theirs.text) == re.sub(r"/cases/[^\"?]*", "", none.text)
    assert (await house.ask(PROVIDER.id, "GET", f"{base}{part}", headers=ENGLISH)).status_code == 403
    nobody = await house.ask("nobody", "GET", f"{base}{part}", headers=ENGLISH)
    assert (nobody.status_code, nobody.headers["location"].partition("?")[0]) == (303, "/sign-in")


async def test_services_stand_side_by_side_and_a_secret_place_is_told_nowhere(house: Callers) -> None:
    base = await needed(house)
    marked = "&".join(f"service={id}" for id in (CLINIC_SERVICE, SECRET_SERVICE))
    answer = await house.ask(OWNER.id, "GET", f"{base}/compare?{marked}", headers=ENGLISH)
    page = Page(answer)
    assert answer.text.count("Kept secret") == 1
    assert f"2 {SECRET_SERVICE}" in page.text
    assert not [tag for tag, has in page.tags if tag == "circle" and has.get("class") == "exact"]
    assert "l-secret" not in answer.text
    ranked = await looked(house, f"{base}/compare")
    assert ranked.text.count("It fits") >= 1, "the first suggestions, where none is marked"
    unknown = await house.ask(OWNER.id, "GET", f"{base}/compare?service=none", headers=ENGLISH)
    assert unknown.status_code == 404


async def test_a_service_without_rules_says_that_nothing_can_be_sent_to_it(house: Callers) -> None:
    base = await needed(house)
    page = await looked(house, f"{base}/compare?service={NO_SOP_SERVICE}")
    assert "No rules in force" in page.text


async def test_several_are_asked_without_saying_who_and_the_one_that_can_is_chosen(house: Callers) -> None:
    base = await needed(house)
    page = await looked(house, f"{base}/ask?service={CLINIC_SERVICE}&service={SECOND_SERVICE}")
    form = form_to(page, "/ask")
    assert [v for n, v in form.values if n == "service"] == [CLINIC_SERVICE, SECOND_SERVICE]
    said = {"service": [CLINIC_SERVICE, SECOND_SERVICE], "language": "spa", "key": dict(form.values)["key"]}
    for odd in ({"language": "²"}, {"service": ["x" * 180]}):
        assert (await house.ask(OWNER.id, "POST", f"{base}/ask", said | odd)).status_code == 422, odd
    for _ in range(2):
        sent = await house.ask(OWNER.id, "POST", f"{base}/ask", said)
        assert (sent.status_code, sent.headers["location"]) == (303, f"{base}/ask?done=asked"), sent.text[:3000]
    asked = await house.done(OWNER.id, "GET", f"/v1{base}/enquiries")
    assert len(asked) == 2, "sent twice on a bad line, asked once"
    mine = next(q for q in asked if q["service_id"] == CLINIC_SERVICE)
    waiting = await looked(house, f"{base}/ask")
    assert not [f for f in waiting.forms if f.action.endswith("/choice")]
    link = next(f for f in waiting.forms if f.action == f"{base}/ask/{mine['id']}/link")
    linked = await house.ask(OWNER.id, "POST", link.action, dict(link.values), headers=ENGLISH)
    assert re.search(r"<code>http://[^<]+</code>", linked.text)
    again = await house.ask(OWNER.id, "POST", link.action, dict(link.values), headers=ENGLISH)
    assert "is not kept" in again.text and "<code>http" not in again.text
    await house.done(PROVIDER.id, "POST", f"/v1/enquiries/{mine['id']}/answer", {"answer": "can"})
    answered = await looked(house, f"{base}/ask")
    choice = form_to(answered, "/choice")
    chosen = await house.ask(OWNER.id, "POST", choice.action, dict(choice.values))
    assert chosen.status_code == 303
    assert re.fullmatch(r"/referrals/[0-9a-f]+/preview", chosen.headers["location"])
    after = await looked(house, f"{base}/ask")
    assert "no longer needed" in after.text.lower()


async def test_a_question_is_found_only_under_the_need_it_was_asked_for(house: Callers) -> None:
    base, elsewhere = await needed(house), await needed(house)
    await house.done(OWNER.id, "POST", f"/v1{base}/enquiries", {"service_ids": [CLINIC_SERVICE]})
    (asked,) = await house.done(OWNER.id, "GET", f"/v1{base}/enquiries")
    await house.done(PROVIDER.id, "POST", f"/v1/enquiries/{asked['id']}/answer", {"answer": "can"})
    another = f"{base.rpartition('/')[0]}/{await house.needed(base.split('/')[2])}"
    for part in ("choice", "link"):
        none = await house.ask(OWNER.id, "POST", f"{elsewhere}/ask/none/{part}", {"key": "k" * 20}, headers=ENGLISH)
        for at in (elsewhere, another):
            theirs = await house.ask(
                OWNER.id, "POST", f"{at}/ask/{asked['id']}/{part}", {"key": "k" * 20}, headers=ENGLISH
            )
            assert theirs.status_code == none.status_code == 404
            assert re.sub(r"/cases/[^\"?]*", "", theirs.text) == re.sub(r"/cases/[^\"?]*", "", none.text)
    (still,) = await house.done(OWNER.id, "GET", f"/v1{base}/enquiries")
    assert still["state"] == "answered"


async def test_asking_nobody_and_asking_where_it_is_dangerous_is_said_beside_the_form(house: Callers) -> None:
    base = await needed(house)
    none = await house.ask(OWNER.id, "POST", f"{base}/ask", {"language": ""}, headers=ENGLISH)
    assert none.status_code == 422 and "Mark at least one" in none.text
    secret = await house.ask(OWNER.id, "POST", f"{base}/ask", {"service": [SECRET_SERVICE]}, headers=ENGLISH)
    assert secret.status_code == 409
    marked = [v for n, v in form_to(Page(secret), "/ask").values if n == "service"]
    assert marked == [SECRET_SERVICE], "what was marked is still marked"
    theirs = await house.ask(COLLEAGUE.id, "POST", f"{base}/ask", {"service": [CLINIC_SERVICE]}, headers=ENGLISH)
    assert theirs.status_code == 404, "who is not of the team asks nobody"
    assert OTHER not in none.text
