"""Publishing in a real browser: drafted with and without script, worked out before one's eyes, sound for every reader. (R-10)"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import Request
from playwright.sync_api import Browser, BrowserContext, Page

from graph.model.actor import Actor
from graph.secrets import open_secrets
from graph.server import Server
from graph.store.migrate import migrate
from graph.store.network import Network
from tests.cast import NOW
from tests.conftest import EMBEDDED, wipe
from tests.publishing import ADDRESS, DRAFTER, ONE, TWO, Desk, draft, rules
from tests.sending import CLINIC_SERVICE, set_the_clinic
from tests.ui.browser import browser as one_browser
from tests.ui.browser import listening

pytestmark = [pytest.mark.browser, EMBEDDED]

WHO = {actor.id: actor for actor in (DRAFTER, ONE, TWO)}
AT = "/committee/publishing"


@dataclass
class Place:
    """A server on which one draft waits to be worked out."""

    address: str
    waiting: str


@pytest.fixture(scope="module")
def place(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    secrets = open_secrets(tmp_path_factory.mktemp("publishing") / "keys")

    async def stage() -> str:
        async with Network.open(server) as network:
            await wipe(network)
            await migrate(network)
            await set_the_clinic(network)
            desk = Desk(network, secrets, at=NOW)
            await desk.drafted(draft(rules(ADDRESS), starts_on=NOW.date().replace(year=NOW.year + 1)))
            await desk.submitted()
            return desk.id

    async def identify(request: Request) -> Actor | None:
        return WHO.get(request.headers.get("x-test-actor", ""))

    waiting = asyncio.run(stage())
    with listening(server, secrets, identify) as address:
        yield Place(address, waiting)


@pytest.fixture(scope="module")
def chromium(place: Place) -> Iterator[Browser]:  # after the stage: Playwright takes the loop of this thread
    with one_browser() as found:
        yield found


def opened(chromium: Browser, by: Actor, *, lang: str = "en", width: int = 1280, script: bool = True) -> BrowserContext:
    headers = {"x-test-actor": by.id, "Accept-Language": lang}
    return chromium.new_context(
        viewport={"width": width, "height": 900}, extra_http_headers=headers, java_script_enabled=script
    )


def is_sound(page: Page) -> None:
    """axe finds nothing, and nothing is wider than the screen."""
    found = Axe().run(page).response["violations"]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_provider_drafts_without_script_and_another_person_sees_it_worked_out_and_publishes(
    chromium: Browser, place: Place
) -> None:
    theirs = opened(chromium, DRAFTER, script=False)
    page = theirs.new_page()
    page.goto(f"{place.address}{AT}/new?service={CLINIC_SERVICE}")
    page.get_by_label("First day on which it holds").fill(f"{NOW.year + 1}-03-01")
    page.locator("#reason").select_option("less-data")
    for n in range(4):
        page.locator(f"#why-{n}").fill("to serve")
    page.locator("#need-1").select_option("no")
    page.get_by_role("button", name="Keep the draft").click()
    page.get_by_role("button", name="Hand in").click()
    assert "It is handed in" in page.inner_text("main")
    at = page.url.partition("?")[0]
    theirs.close()

    ours = opened(chromium, ONE)
    page = ours.new_page()
    page.goto(at)
    assert page.get_by_role("button", name="Publish").count() == 0
    page.get_by_role("button", name="Work out what would change").click()
    page.get_by_role("button", name="Publish").wait_for(timeout=60_000)  # nobody pressed anything in between
    assert "Health condition" in page.inner_text("main")
    is_sound(page)
    page.get_by_role("button", name="Publish").click()
    assert "It is published" in page.inner_text("main")
    ours.close()


@pytest.mark.parametrize(("lang", "width"), [("es", 1280), ("en", 320)])
def test_every_page_of_it_is_sound(chromium: Browser, place: Place, lang: str, width: int) -> None:
    with opened(chromium, ONE, lang=lang, width=width) as context:
        page = context.new_page()
        for path in (
            "",
            "/new?q=clinic",
            f"/new?service={CLINIC_SERVICE}",
            f"/{place.waiting}",
            f"/{place.waiting}/edit",
        ):
            answer = page.goto(f"{place.address}{AT}{path}")
            assert answer is not None and answer.status == 200, path
            is_sound(page)
