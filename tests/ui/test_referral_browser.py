"""A case manager's way in a real browser, with and without script: from a need to a referral that was sent and cancelled. (R-11, R-12)"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fastapi import Request
from playwright.sync_api import Browser, Page, expect

from graph.model.actor import Actor, Role
from graph.secrets import open_secrets
from graph.server import Server
from tests.accounts import House
from tests.cast import HOME
from tests.conftest import EMBEDDED
from tests.desk import Desk
from tests.sending import CANARY, CLINIC_SERVICE, set_the_clinic
from tests.ui.browser import browser as one_browser
from tests.ui.browser import listening, reading

pytestmark = [pytest.mark.browser, EMBEDDED]


@dataclass
class Place:
    """A server, and the address of a need for each walk."""

    address: str
    needs: list[str]


@pytest.fixture(scope="module")
def place(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    house = House(server, open_secrets(tmp_path_factory.mktemp("keys of a walk") / "keys"))
    desk = Desk(house.staged(set_the_clinic))
    manager = house.add("the.manager", Role.CASE_MANAGER, organization=HOME)
    try:
        needs = []
        for _ in range(2):
            case = desk.opened(languages=["spa"])
            needs.append(f"/cases/{case}/needs/{desk.needed(case)}")
    finally:
        desk.close()

    async def the_manager(_: Request) -> Actor:
        return Actor(id=manager.actor_id, organization_id=HOME, roles=frozenset({Role.CASE_MANAGER}))

    with listening(server, house.secrets, the_manager) as address:
        yield Place(address, needs)


@pytest.fixture(scope="module")
def chromium(place: Place) -> Iterator[Browser]:
    with one_browser() as found:
        yield found


@pytest.fixture
def page(chromium: Browser, place: Place, script: bool, width: int, lang: str) -> Iterator[Page]:
    with reading(chromium, place.address, lang=lang, width=width, dark=not script, script=script) as page:
        yield page


@pytest.mark.parametrize(("script", "width", "lang"), [(True, 1280, "es"), (False, 360, "en")])
def test_from_a_need_to_a_sent_referral_and_what_follows(page: Page, place: Place, script: bool, lang: str) -> None:
    base = place.needs[0 if script else 1]
    page.goto(base)
    page.locator(f"a[href='{base}/choose?service={CLINIC_SERVICE}']").first.click()
    said = {"es": "¿Quiere que pidamos ayuda", "en": "Shall we ask"}[lang]
    expect(page.locator("h1")).to_contain_text(said)
    for field in ("given_name", "health_condition"):
        page.locator(f"input[name=item][value='first-contact:{field}']").check()
    page.locator("button[name=answer][value=yes]").click()
    expect(page.locator(".summary")).to_be_visible()  # how they answered was not said
    assert page.locator("input[name=item]:checked").count() == 2
    page.locator("input[name=modality][value=written]").check()
    page.locator("button[name=answer][value=yes]").click()
    expect(page.locator("main")).to_contain_text(f"{CANARY} asma")
    if script:
        assert page.evaluate("Object.keys(sessionStorage)") == [], "what was ticked is said: it comes back nowhere"
    page.locator("form[action$='/send'] button").click()
    expect(page.locator(".thanks")).to_be_visible()
    assert page.locator("ol.timeline li.done").count() == 1
    assert CANARY not in page.content()
    referral = page.url.partition("?")[0]
    page.goto(f"{referral}/letter")
    assert page.locator("svg.sign").count() == 1 and CANARY not in page.content()
    page.goto(referral)
    cancel = page.locator("details", has=page.locator("input[value=cancel]"))
    cancel.locator("summary").click()
    cancel.locator("select").select_option("moved")
    cancel.locator("button").click()
    expect(page.locator(".thanks")).to_be_visible()
    tasks = page.locator("form[action$='/tasks']")
    assert tasks.count() == 2
    tasks.first.locator("button").click()
    expect(page.locator("form[action$='/tasks']")).to_have_count(1)
    page.locator(f"a[href^='{base}?after=']").first.click()
    assert page.locator(f"a[href='{base}/choose?service={CLINIC_SERVICE}']").count() == 0
    if script:  # without script the browser cannot tell how wide a page is
        for path in ("", "/compare", "/ask", f"/choose?service={CLINIC_SERVICE}"):
            page.set_viewport_size({"width": 320, "height": 640})
            page.goto(f"{base}{path}")
            assert page.evaluate("document.documentElement.scrollWidth") == 320, path
        for path in ("", "/reports"):
            page.goto(f"{referral}{path}")
            assert page.evaluate("document.documentElement.scrollWidth") == 320, path
