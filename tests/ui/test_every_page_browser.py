"""Every page of every role in a real browser: axe finds nothing, nothing scrolls sideways on the smallest telephone.

Spanish by light on a desk, English by dark on 320 pixels, every fold open. A page is looked at once, and again where
another thing or another role puts something on it that was not there before (`--full`: always). What only a form leads to
is looked at in `test_browser`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, ConsoleMessage, Error, Page

from api.app import create_app
from graph.server import Server
from tests.conftest import EMBEDDED
from tests.everybody import BY, named_in_header
from tests.served import HERE, OURS
from tests.sizes import is_full
from tests.ui.browser import browser as one_browser
from tests.ui.browser import listening
from tests.ui.crawler import VOID
from tests.ui.whole_house import READERS, Whole, furnished

pytestmark = [pytest.mark.browser, EMBEDDED]

LOOKS: Final[dict[str, dict[str, Any]]] = {
    "es": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "en": {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"},
}
OPTIONS: Final = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
WIDE: Final = """() => [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > 321 && !e.closest('.scroll, .matrix, .skip, .hidden, svg'))
    .map(e => e.tagName + '.' + e.className).slice(0, 4)
    .concat(document.documentElement.scrollWidth > 320 ? ['the page: ' + document.documentElement.scrollWidth] : [])"""
UNFOLD: Final = "() => document.querySelectorAll('details').forEach(one => one.open = true)"


class Built(HTMLParser):
    """How a page is built: which kind of element stands in which, by what styles and names them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: set[tuple[str, str]] = set()
        self._within: list[tuple[str, str]] = [("", "")]
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kind = " ".join([tag, *(f"{k}={v}" if k in ("class", "type", "role") else k for k, v in attrs)])
        self.parts.add((self._within[-1][1], kind))
        if tag not in VOID:
            self._within.append((tag, kind))

    def handle_endtag(self, tag: str) -> None:
        if tag in [open_ for open_, _ in self._within]:
            while self._within.pop()[0] != tag:
                pass


@dataclass
class Site:
    """The served house, its pages as each role finds them, and a browser."""

    whole: Whole
    app: FastAPI
    address: str
    browser: Browser
    looked: set[str] = field(default_factory=set)
    parts: set[tuple[str, str]] = field(default_factory=set)


@pytest.fixture(scope="module")
def site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    whole = furnished(server, tmp_path_factory.mktemp("whole house"))
    app = create_app(server, secrets=whole.secrets)
    app.state.identify = named_in_header()
    with listening(server, whole.secrets, named_in_header()) as address, one_browser() as browser:
        yield Site(whole, app, address, browser)


def to_look_at(site: Site, reader: str) -> list[tuple[str, str]]:
    """The pages of a reader that hold something which none before held there: every page once, and each new part of it."""
    found = []
    with TestClient(site.app, base_url=OURS, client=HERE, follow_redirects=False) as client:
        for route, at in site.whole.addresses(site.app):
            answer = client.get(at, headers={BY: site.whole.named(reader)})
            if answer.status_code != 200 or not answer.headers["content-type"].startswith("text/html"):
                continue
            parts = Built(answer.text).parts
            if is_full() or str(route) not in site.looked or parts - site.parts:
                site.looked.add(str(route))
                site.parts |= parts
                found.append((str(route), at))
    return found


def opened(site: Site, reader: str, lang: str) -> Page:
    context = site.browser.new_context(
        base_url=site.address, locale=lang, extra_http_headers={BY: site.whole.named(reader)}, **LOOKS[lang]
    )
    return context.new_page()


@pytest.mark.parametrize("reader", READERS)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    site: Site, reader: str, measured: Callable[[str], None]
) -> None:
    wrong: list[str] = []
    axe, looked = Axe(), to_look_at(site, reader)

    def complains(message: ConsoleMessage) -> None:
        if message.type == "error":
            wrong.append(f"console: {message.text}")

    def breaks(error: Error) -> None:
        wrong.append(f"script: {error}")

    for lang in LOOKS:
        page = opened(site, reader, lang)
        page.on("console", complains)
        page.on("pageerror", breaks)
        for route, at in looked:
            page.goto(at)
            page.evaluate(UNFOLD)
            found = axe.run(page, options=OPTIONS).response["violations"]
            wrong += [f"{route} {lang}: {v['id']}: {v['nodes'][0]['html'][:140]}" for v in found]
            if lang == "en":
                wrong += [f"{route}: wider than 320 pixels: {part}" for part in page.evaluate(WIDE)]
        page.context.close()
    wrong = [said for said in wrong if not re.search("status of 4", said)]
    assert not wrong, "\n".join(dict.fromkeys(wrong))
    measured(f"{len(looked)} pages in two languages")


WALKED: Final = (("case manager", "/cases/new"), ("person", "/mine"), ("nobody", "/sign-in"), ("nobody", "/directory"))
"""Forms that people fill in most."""


@pytest.mark.parametrize(("reader", "at"), WALKED)
@pytest.mark.parametrize("script", [False, True], ids=["no-script", "script"])
def test_everything_that_can_be_pressed_is_reached_by_keyboard_and_seen_to_be(
    site: Site, reader: str, at: str, script: bool
) -> None:
    context = site.browser.new_context(
        base_url=site.address, java_script_enabled=script, extra_http_headers={BY: site.whole.named(reader)}
    )
    page = context.new_page()
    page.goto(at)
    wanted = page.evaluate(
        """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
            .filter(e => e.checkVisibility() && !(e.type === 'radio' && !e.checked && document.querySelector(
                `input[type=radio][name="${e.name}"]:checked`)))
            .map((e, n) => { e.setAttribute('data-walked', n); return e.type === 'radio' ? 'radio ' + e.name : String(n) })"""
    )
    reached, unseen = set(), []
    for _ in range(3 * len(wanted) + 10):
        page.keyboard.press("Tab")
        now = page.evaluate(
            """() => { const e = document.activeElement, s = getComputedStyle(e);
                return [e.type === 'radio' ? 'radio ' + e.name : e.getAttribute('data-walked'),
                        s.outlineStyle !== 'none' || s.boxShadow !== 'none', e.outerHTML.slice(0, 100)] }"""
        )
        if now[0] is not None:
            unseen += [] if now[1] or now[0] in reached else [now[2]]  # the parts of a date are marked by the browser
            reached.add(now[0])
        if reached >= set(wanted):
            break
    context.close()
    assert set(wanted) <= reached and len(wanted) > 8
    assert unseen == []
