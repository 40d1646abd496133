"""A provider's day on a telephone, with script and without: sees, opens, answers, updates places. (R-06, R-12, R-35)"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from graph.model.actor import Role
from graph.secrets import open_secrets
from graph.server import Server
from tests.accounts import House
from tests.cast import CLINIC, HOME
from tests.conftest import EMBEDDED
from tests.desk import Desk
from tests.sending import CANARY, CLINIC_SERVICE, set_the_clinic
from tests.ui.browser import browser as one_browser
from tests.ui.browser import listening, reading

pytestmark = [pytest.mark.browser, EMBEDDED]

PICTURES = os.environ.get("ENLACE_PICTURES", "")
"""A folder of somebody who wants to look; nothing is kept otherwise."""


@dataclass
class Place:
    """A server, and what the provider's browser keeps once they signed in; a referral for each walk."""

    address: str
    cookie: str
    referrals: list[str]


def sent(desk: Desk) -> str:
    """A referral that lies in the clinic's queue."""
    case = desk.opened()
    need = desk.needed(case)
    desk.allowed(case)
    return desk.sent(case, need)


@pytest.fixture(scope="module")
def place(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    house = House(server, open_secrets(tmp_path_factory.mktemp("keys of a queue") / "keys"))
    people = ("the.manager", Role.CASE_MANAGER, HOME), ("the.clinic", Role.PROVIDER, CLINIC)
    desk = Desk(house.staged(set_the_clinic, *people))
    try:
        referrals = [sent(desk) for _ in range(4)]
        cookie = desk["the.clinic"].cookies["enlace"]
    finally:
        desk.close()
    with listening(server, house.secrets) as address:
        yield Place(address, cookie, referrals)


@pytest.fixture(scope="module")
def chromium(place: Place) -> Iterator[Browser]:
    with one_browser() as found:
        yield found


@pytest.fixture
def page(chromium: Browser, place: Place, lang: str, script: bool) -> Iterator[Page]:
    with reading(chromium, place.address, place.cookie, lang=lang, width=360, dark=lang == "en", script=script) as page:
        yield page


def seen(page: Page, name: str) -> None:
    """Nothing scrolls sideways; a picture for whoever wants to look."""
    width = page.locator("html").bounding_box()
    assert width is not None and width["width"] <= 360, name
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize(("lang", "script"), [("es", True), ("en", False)])
def test_a_provider_walks_its_day_on_a_telephone(page: Page, place: Place, lang: str, script: bool) -> None:
    name = f"{lang}-{'script' if script else 'plain'}"
    page.goto("/")
    assert page.locator("h1").inner_text() == {"es": "Hoy", "en": "Today"}[lang]
    seen(page, f"today-{name}")
    page.locator("nav a[href='/queue']").click()
    assert CANARY not in page.content()
    seen(page, f"queue-{name}")
    page.locator("ol.lines a[href^='/received/']").first.click()
    address = page.url
    seen(page, f"received-{name}")
    page.locator("#shared button").click()
    page.get_by_text(f"{CANARY} Nombre").wait_for()
    assert page.url == address or not script, "with script the page stays where it is"
    seen(page, f"opened-{name}")
    page.locator("form[action$='/answer'] button[value=accept]").click()
    assert page.locator(".thanks").count() == 1 and CANARY not in page.content()
    seen(page, f"accepted-{name}")
    page.locator("a.button[href^='/received/']").click()
    assert page.url != address
    page.locator("form[action$='/answer'] button[value=reject]").click()
    assert page.locator(".summary").count() == 1
    seen(page, f"fault-{name}")
    page.locator("#reason-reject").select_option("full-now")
    page.locator("form[action$='/answer'] button[value=reject]").click()
    assert page.locator(".thanks").count() == 1
    page.goto("/")
    page.locator(f"#places a[href='/services/{CLINIC_SERVICE}/places']").click()
    page.locator("h1").wait_for()
    assert page.url.endswith("/places")
    page.goto("/outcomes")
    assert page.locator("table.data tbody tr").count() >= 1
    seen(page, f"outcomes-{name}")
