"""A data protection officer's day in a real browser: with script and without, on a desk and a telephone. (R-21, R-22, R-25)"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page

from graph.server import Server
from tests.conftest import EMBEDDED
from tests.sending import CANARY
from tests.ui.browser import browser as one_browser
from tests.ui.browser import listening, reading
from tests.ui.casework_office import Office, office
from tests.ui.test_officer import OFFICER, complained, desk, raised, used

__all__ = ["desk", "office"]

pytestmark = [pytest.mark.browser, EMBEDDED]


@dataclass
class Place:
    """A server, what the officer's browser keeps once they signed in, and what waits for them."""

    address: str
    cookie: str
    alerts: dict[bool, str]


@pytest.fixture(scope="module")
def place(server: Server, desk: Office) -> Iterator[Place]:
    for _ in range(2):
        used(desk)
        complained(desk)
    alerts = {True: raised(desk, "the.colleague"), False: raised(desk, "the.stranger")}
    cookie = desk[OFFICER].cookies["enlace"]
    with listening(server, desk.house.secrets) as address:
        yield Place(address, cookie, alerts)


@pytest.fixture(scope="module")
def chromium(place: Place) -> Iterator[Browser]:
    with one_browser() as found:
        yield found


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def page(chromium: Browser, place: Place, request: pytest.FixtureRequest) -> Iterator[Page]:
    scripted: bool = request.param
    lang, width = ("es", 1280) if scripted else ("en", 360)
    with reading(chromium, place.address, place.cookie, lang=lang, width=width, script=scripted) as page:
        yield page


WORDS = {
    "papers": ("Abrir los papeles", "Open the papers"),
    "well": ("Con motivo", "Well founded"),
    "leave": ("Dejar el resultado", "Leave the finding"),
    "alert": ("Dar por visto", "Say it was looked into"),
    "seen": ("Visto", "Looked into"),
    "take": ("Tomar esta queja", "Take this complaint in hand"),
    "read": ("Leer la queja", "Read the complaint"),
    "answer": ("Enviar la respuesta", "Send the answer"),
    "answered": ("Respondida", "Answered"),
    "look": ("Buscar", "Search"),
    "whole": ("Íntegra", "Whole"),
}


def test_a_day_from_the_desk_to_the_log(page: Page, place: Place) -> None:
    page.goto("/officer")
    scripted = page.viewport_size == {"width": 1280, "height": 800}

    def said(key: str) -> str:
        return WORDS[key][0 if scripted else 1]

    page.locator("ul.lines a[href='/officer/exceptions']").first.click()
    page.locator("table th a").first.click()
    page.get_by_role("button", name=said("papers")).click()
    assert page.get_by_text(f"{CANARY} relato").is_visible()
    page.get_by_label(said("well"), exact=True).check()
    page.locator("#words").fill("Conforme")
    page.get_by_role("button", name=said("leave")).click()
    assert page.locator(".badge.good", has_text=said("well")).is_visible()
    assert page.get_by_text(CANARY).count() == 0

    page.goto(f"/officer/alerts/{place.alerts[scripted]}")
    page.locator("#note").fill("Un relevo")
    page.get_by_role("button", name=said("alert")).click()
    assert page.locator(".badge.good", has_text=said("seen")).is_visible()

    page.goto("/officer/complaints")
    page.locator("table th a").first.click()
    page.get_by_role("button", name=said("take")).click()
    page.get_by_role("button", name=said("read")).click()
    assert page.get_by_text(f"{CANARY} queja").is_visible()
    page.locator("#remedy").select_option("apology")
    page.get_by_role("button", name=said("answer")).click()
    assert page.locator(".badge.good", has_text=said("answered")).is_visible()

    page.goto("/officer/log")
    page.locator("#kind").select_option("exception-used")
    page.get_by_role("button", name=said("look"), exact=True).click()
    page.locator("table th a").first.click()
    assert page.locator(".badge.good", has_text=said("whole")).is_visible()
    if scripted:
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
