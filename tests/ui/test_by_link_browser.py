"""The pages behind a link in a real browser: without script, on a desk and a telephone, in both languages. (R-12, R-35)"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from api.actions import answer_links, passwords
from api.actions.answer_links import CodeMade, LinkMade
from api.actions.enquiries import AskedOf
from graph.secrets import open_secrets
from graph.server import Server
from graph.store.migrate import migrate
from graph.store.network import Network
from tests.asking import Asker, set_the_clinics
from tests.cast import OTHER, PROVIDER
from tests.conftest import EMBEDDED, wipe
from tests.sending import CLINIC_SERVICE, OTHER_SERVICE
from tests.ui.browser import browser as one_browser
from tests.ui.browser import listening

pytestmark = [pytest.mark.browser, EMBEDDED]

SIZES: dict[str, Any] = {"desk": {"width": 1280, "height": 900}, "telephone": {"width": 375, "height": 740}}
CODE = "12345678"
SHOTS = os.environ.get("ENLACE_SHOTS", "")
"""A folder for pictures of the pages, for whoever wants to look at them."""


@dataclass
class Links:
    """A server, and a secret for each kind of link; each code opens once, so there is a referral for each test."""

    address: str
    secrets: dict[str, str]


@pytest.fixture(scope="module")
def links(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Links]:
    kept = open_secrets(tmp_path_factory.mktemp("secrets") / "keys")

    async def work() -> dict[str, str]:
        found: dict[str, str] = {"gone": "A" * 43}
        async with Network.open(server) as network:
            await wipe(network)
            await migrate(network)
            await set_the_clinics(network)
            await Asker(network, kept, at=datetime.now(UTC) - timedelta(hours=2)).crowd()
            walk = Asker(network, kept, at=datetime.now(UTC))
            await walk.begin(age_band="26-59", languages=["spa"])
            await walk.allow()
            asked = await walk.ask(CLINIC_SERVICE)
            assert isinstance(asked, AskedOf)
            subjects: list[tuple[str, str, Any]] = [("enquiry", asked.enquiries[0].id, answer_links.for_enquiry)]
            for name in ("referral", "es", "en"):
                sent = await walk.sent()
                subjects.append((name, sent.referral_id, answer_links.for_referral))
                code = await walk.network.write(
                    answer_links.make_code, sent.referral_id, await passwords.hashed(CODE), **walk.later()
                )
                assert isinstance(code, CodeMade)
            for name, id, action in subjects:
                found[name] = passwords.new_token()
                made = await walk.network.write(action, id, passwords.hash_of(found[name]), **walk.later())
                assert isinstance(made, LinkMade)
            found["places"] = passwords.new_token()
            told = walk.later() | {"actor": PROVIDER.model_copy(update={"organization_id": OTHER})}
            made = await walk.network.write(
                answer_links.for_places, OTHER_SERVICE, passwords.hash_of(found["places"]), **told
            )
            assert isinstance(made, LinkMade)
        return found

    found = asyncio.run(work())
    with listening(server, kept) as address:
        yield Links(address, found)


@pytest.fixture(scope="module")
def chromium(links: Links) -> Iterator[Browser]:
    with one_browser() as found:
        yield found


@pytest.fixture
def contexts() -> Iterator[list[BrowserContext]]:
    made: list[BrowserContext] = []
    yield made
    for context in made:
        context.close()


def opened(chromium: Browser, links: Links, made: list[BrowserContext], what: str, lang: str, size: str) -> Page:
    context = chromium.new_context(
        base_url=links.address, locale=lang, viewport=SIZES[size], color_scheme="dark" if lang == "en" else "light",
        java_script_enabled=True,
    )  # fmt: skip
    made.append(context)
    page = context.new_page()
    page.goto(f"/answer/{links.secrets[lang if what == 'copy' else what]}")
    assert page.url == f"{links.address}/answer"
    if what == "copy":
        page.fill("#name", "Persona de guardia")
        page.fill("#code", CODE)
        page.click("form[action='/answer/opening'] button")
    return page


@pytest.mark.parametrize(("lang", "size"), [("es", "desk"), ("en", "telephone")])
@pytest.mark.parametrize("what", ["referral", "enquiry", "places", "gone", "copy"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    chromium: Browser, links: Links, contexts: list[BrowserContext], what: str, lang: str, size: str
) -> None:
    page = opened(chromium, links, contexts, what, lang, size)
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"by-link-{what}-{lang}.png", full_page=True)
    options = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
    found = Axe().run(page, options=options).response["violations"]
    assert [(v["id"], [n["html"][:160] for n in v["nodes"]][:4]) for v in found] == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_without_script_two_presses_decline(chromium: Browser, links: Links, contexts: list[BrowserContext]) -> None:
    context = chromium.new_context(
        base_url=links.address, locale="en", viewport=SIZES["telephone"], java_script_enabled=False
    )
    contexts.append(context)
    page = context.new_page()
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.headers.get("referer", "")))
    page.goto(f"/answer/{links.secrets['referral']}")
    page.select_option("#reason", "full-now")
    page.click("button[value=reject]")
    assert page.locator("[role=status]").first.inner_text().startswith("Thank you")
    assert not any(links.secrets["referral"] in referer for referer in seen)
