"""The person's own page in a real browser, with all that can stand on it; on a desk and a telephone, in both languages. (R-20, R-35)"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from graph.model.actor import Role
from graph.secrets import open_secrets
from graph.server import Server
from tests.accounts import House
from tests.asking import CROWD, SECOND_SERVICE, set_the_clinics
from tests.cast import CLINIC, HOME, OTHER
from tests.conftest import EMBEDDED
from tests.desk import Desk
from tests.sending import CLINIC_SERVICE
from tests.ui.browser import browser as one_browser
from tests.ui.browser import listening, reading

pytestmark = [pytest.mark.browser, EMBEDDED]


@dataclass
class Place:
    """A server, and what the person's browser keeps once they signed in."""

    address: str
    cookie: str


def lived(desk: Desk) -> None:
    """A case of which everything is told: asked first, declined, served, leaving, complained of; its person signed in."""
    for _ in range(CROWD):
        need = desk.needed(desk.opened(languages=["spa"]))
    case = desk.opened(languages=["spa"])
    at, need = f"/cases/{case}", desk.needed(case)
    ask = {"service_ids": [CLINIC_SERVICE, SECOND_SERVICE], "language": "spa"}
    asked = desk.done("the.manager", "POST", f"{at}/needs/{need}/enquiries", ask, 201)["enquiries"]
    (first,) = [question["id"] for question in asked if question["service_id"] == CLINIC_SERVICE]
    desk.done("the.clinic", "POST", f"/enquiries/{first}/answer", {"answer": "cannot", "reason": "full-now"})
    desk.allowed(case)
    for steps in ([{"step": "reject", "reason": "full-now"}], [{"step": "accept"}, {"step": "start"}], []):
        referral = desk.sent(case, need)
        desk.done("the.clinic", "POST", f"/received/{referral}/opening")
        for step in steps:
            desk.done("the.clinic", "POST", f"/referrals/{referral}/steps", step)
    desk.moved_in(case, "the.person")
    desk.enter("the.person")
    for about, kind in ((CLINIC, "delay"), (OTHER, "discrimination")):
        made = {"about_id": about, "kind": kind, "words": "Nadie contesta."}
        desk.done("the.person", "POST", "/complaints", made, 201)


@pytest.fixture(scope="module")
def place(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    house = House(server, open_secrets(tmp_path_factory.mktemp("keys of a page") / "keys"))
    people = ("the.manager", Role.CASE_MANAGER, HOME), ("the.clinic", Role.PROVIDER, CLINIC)
    desk = Desk(house.staged(set_the_clinics, *people))
    try:
        lived(desk)
        cookie = desk.clients["the.person"].cookies["enlace"]
    finally:
        desk.close()
    with listening(server, house.secrets) as address:
        yield Place(address, cookie)


@pytest.fixture(scope="module")
def chromium(place: Place) -> Iterator[Browser]:
    with one_browser() as found:
        yield found


@pytest.fixture
def page(chromium: Browser, place: Place, lang: str, width: int) -> Iterator[Page]:
    with reading(chromium, place.address, place.cookie, lang=lang, width=width, dark=lang == "en") as page:
        yield page


@pytest.mark.parametrize(("lang", "width"), [("es", 1280), ("en", 375)])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(page: Page, lang: str) -> None:
    page.goto("/mine")
    assert page.locator("h1").inner_text() == {"es": "Lo que se sabe de usted", "en": "What is known about you"}[lang]
    assert page.locator("form[action$=feedback]").count() >= 1
    assert page.locator("form[action='/mine/complaints']").count() == 1
    assert page.locator("form[action^='/mine/consents/']").count() == 1
    asked = page.locator("section", has=page.locator("h2", has_text={"es": "sin decir", "en": "without saying"}[lang]))
    assert asked.locator("li").count() == 2
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert page.locator("form.tell:visible").count() == 4, "what is folded away is looked at too"
    options = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
    found = Axe().run(page, options=options).response["violations"]
    assert [(v["id"], [n["html"][:160] for n in v["nodes"]][:4]) for v in found] == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize(("lang", "width"), [("es", 375)])
def test_by_keyboard_alone_the_person_says_how_it_was(page: Page) -> None:
    """Every field has a name that is read out; what is folded away opens, and nothing keeps the keyboard."""
    page.goto("/mine")
    names = page.evaluate(
        "[...document.querySelectorAll('form input:not([type=hidden]), form select, form textarea')]"
        ".map(e => e.labels.length || e.getAttribute('aria-label') ? 1 : e.outerHTML)"
    )
    assert names and set(names) == {1}
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.localName") == "summary":
            page.keyboard.press("Enter")
        reached.add(page.evaluate("document.activeElement.closest('form')?.getAttribute('action') || ''"))
    assert "/mine/complaints" in reached and any(action.endswith("feedback") for action in reached)
