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
from graph.store.migrate import migrate
from graph.store.network import Network
from tests.accounts import House
from tests.cast import CLINIC, HOME
from tests.conftest import wipe
from tests.sending import CANARY, CLINIC_SERVICE, PURPOSE, TYPE, set_the_clinic
from tests.ui.browser import browser as one_browser
from tests.ui.browser import listening
from tests.v1.test_own_access import Desk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize(
        "server", [pytest.param("embedded", marks=pytest.mark.xdist_group("embedded"))], indirect=True
    ),
]

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
    at = f"/cases/{case}"
    need = str(desk.done("the.manager", "POST", f"{at}/needs", {"service_type": TYPE})["id"])
    desk.done("the.manager", "POST", f"{at}/needs/{need}/agreement")
    allowed = {"organization_id": CLINIC, "purpose": PURPOSE, "modality": "written"}
    desk.done("the.manager", "POST", f"{at}/consents", allowed | {"fields": ["given_name", "health_condition"]}, 201)
    draft = {"need_id": need, "service_id": CLINIC_SERVICE, "chosen_because": "person-prefers"}
    referral = str(desk.done("the.manager", "POST", f"{at}/referrals", draft, 201)["referral_id"])
    desk.done("the.manager", "POST", f"/referrals/{referral}/send")
    return referral


@pytest.fixture(scope="module")
def place(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    house = House(server, open_secrets(tmp_path_factory.mktemp("keys of a queue") / "keys"))

    async def stage(network: Network) -> None:
        await wipe(network)
        await migrate(network)
        await set_the_clinic(network)

    house.run(stage)
    house.add("the.manager", Role.CASE_MANAGER, organization=HOME)
    house.add("the.clinic", Role.PROVIDER, organization=CLINIC)
    desk = Desk(house, {})
    try:
        referrals = [sent(desk) for _ in range(4)]
        cookie = desk["the.clinic"].cookies["enlace"]
    finally:
        for client in desk.clients.values():
            client.__exit__(None, None, None)
    with listening(server, house.secrets) as address:
        yield Place(address, cookie, referrals)


@pytest.fixture(scope="module")
def chromium(place: Place) -> Iterator[Browser]:
    with one_browser() as found:
        yield found


@pytest.fixture
def page(chromium: Browser, place: Place, lang: str, script: bool) -> Iterator[Page]:
    context = chromium.new_context(
        base_url=place.address,
        locale=lang,
        viewport={"width": 360, "height": 740},
        color_scheme="dark" if lang == "en" else "light",
        java_script_enabled=script,
    )
    context.add_cookies([{"name": "enlace", "value": place.cookie, "url": place.address}])
    yield context.new_page()
    context.close()


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
