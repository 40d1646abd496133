"""The pages in a real browser: with and without script, on a desk and on a telephone, by hand and by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from graph.server import Server
from tests.conftest import EMBEDDED
from tests.served import filled
from tests.ui.browser import browser as one_browser
from tests.ui.browser import listening

pytestmark = [pytest.mark.browser, EMBEDDED]

SIZES = {"desk": {"width": 1280, "height": 900}, "telephone": {"width": 360, "height": 740}}
FIRST_VISIT = 60_000


@dataclass(frozen=True)
class Words:
    """What the tests look for, in one language."""

    need: str
    search: str
    answer: str
    rent: str
    because: str
    change: str
    plus: str
    thanks: str
    conflict: str
    gaps: str


WORDS = {
    "es": Words(
        need="¿Qué necesita la persona?",
        search="Buscar servicios",
        answer="Servicios sugeridos",
        rent="Tres meses de alquiler",
        because="cubre el lugar",
        change="Cambiar lo pedido",
        plus="Uno más",
        thanks="Gracias. Queda dicho",
        conflict="Alguien más habló mientras tanto",
        gaps="Dónde falla la red",
    ),
    "en": Words(
        need="What does the person need?",
        search="Find services",
        answer="Suggested services",
        rent="Three months of rent",
        because="it covers the place",
        change="Change what was asked",
        plus="One more",
        thanks="Thank you. It has been said",
        conflict="Somebody else spoke in the meantime",
        gaps="Where the network falls short",
    ),
}


@pytest.fixture(scope="module")
def address(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    filled(server, tmp_path_factory.mktemp("small network"))
    with listening(server) as address:
        yield address


@pytest.fixture(scope="module")
def chromium(address: str) -> Iterator[Browser]:
    with one_browser() as found:
        yield found


Opened = Callable[..., Page]


@pytest.fixture
def opened(chromium: Browser, address: str) -> Iterator[Opened]:
    """A fresh visitor's page; whatever the browser complains about fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_(
        path: str, *, lang: str = "es", size: str = "desk", script: bool = False, dark: bool = False, **more: Any
    ) -> Page:
        context = chromium.new_context(
            base_url=address,
            locale=lang,
            viewport=more.get("viewport") or SIZES[size],  # type: ignore[arg-type]
            java_script_enabled=script,
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert [c for c in complaints if "status of 4" not in c] == []


def state_a_need(page: Page, *, need: str = "social.housing.rent", municipality: str = "salcaja") -> None:
    page.select_option("#need", need)
    page.select_option("#department", "GT09")
    page.fill("#municipality", municipality)
    page.click("details.person > summary")
    page.fill("#age", "34")
    page.select_option("#gender", "female")
    page.check("#languages-these")
    page.check("input[name=languages][value=quc]")
    page.check("#documents-none")
    page.click("#need-form button[type=submit]")


@pytest.mark.parametrize("script", [False, True], ids=["no-script", "script"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", WORDS)
def test_a_need_is_stated_and_the_answer_read(opened: Opened, lang: str, size: str, script: bool) -> None:
    words = WORDS[lang]
    page = opened("/suggestions", lang=lang, size=size, script=script)
    expect(page.locator("h1")).to_have_text(words.need)
    state_a_need(page)
    expect(page.locator("h1")).to_have_text(words.answer)
    card = page.locator(".card").first
    expect(card.locator("h4")).to_have_text(words.rent)
    expect(card).to_contain_text(words.because)
    assert "?" not in page.url, "nothing of what was asked stands in the address"
    page.click(f"text={words.change}")
    expect(page.locator("#age")).to_have_value("34")
    expect(page.locator("#languages-these")).to_be_checked()
    page.fill("#age", "16")
    page.click("#need-form button[type=submit]")
    expect(page.locator(".near")).to_contain_text("18")


def test_lists_are_shown_only_to_whom_they_concern(opened: Opened) -> None:
    page = opened("/suggestions")
    page.click("details.person > summary")
    marks = page.locator("#languages .marks")
    expect(marks).to_be_hidden()
    page.check("#languages-these")
    expect(marks).to_be_visible()


@pytest.mark.parametrize("lang", WORDS)
def test_a_place_that_may_be_several_is_asked_for(opened: Opened, lang: str) -> None:
    page = opened("/suggestions", lang=lang, size="telephone")
    state_a_need(page, municipality="san")
    summary = page.locator(".summary a")
    assert summary.get_attribute("href") == "#area-0"
    page.locator(".like label").first.click()
    page.click("#need-form button[type=submit]")
    expect(page.locator("h1")).to_have_text(WORDS[lang].answer)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", WORDS)
def test_places_are_said_in_two_presses(opened: Opened, lang: str, size: str) -> None:
    page = opened("/services/s-counsel/places", lang=lang, size=size)
    before = int(page.locator(".number span").inner_text())
    page.get_by_role("button", name=WORDS[lang].plus).click()
    expect(page.locator(".thanks")).to_contain_text(WORDS[lang].thanks)
    expect(page.locator(".number span")).to_have_text(str(before + 1))
    page.fill("#number", "7")
    page.press("#number", "Enter")
    expect(page.locator(".number span")).to_have_text("7")


@pytest.mark.parametrize("lang", WORDS)
def test_when_two_speak_at_once_the_second_decides(opened: Opened, lang: str) -> None:
    first, second = (opened("/services/s-birth/places", lang=lang, size="telephone") for _ in range(2))
    second.click("button[value=waiting-list]")
    first.click("button[value=full]")
    expect(first.locator("h1")).to_have_text(WORDS[lang].conflict)
    first.click("form button")
    expect(first.locator(".number span")).to_have_text("0")


@pytest.mark.parametrize("lang", WORDS)
def test_gaps_are_a_table_on_a_desk_and_a_list_on_a_telephone(opened: Opened, lang: str) -> None:
    desk = opened("/gaps", lang=lang)
    expect(desk.locator("h1")).to_have_text(WORDS[lang].gaps)
    expect(desk.locator(".matrix")).to_be_visible()
    expect(desk.locator(".matrix-list")).to_be_hidden()
    telephone = opened("/gaps", lang=lang, size="telephone")
    expect(telephone.locator(".matrix")).to_be_hidden()
    telephone.locator(".matrix-list summary").nth(1).click()
    expect(telephone.locator(".matrix-list details").nth(1)).to_contain_text("Quetzaltenango")


def test_the_language_can_be_changed_on_an_answer_without_losing_it(opened: Opened) -> None:
    page = opened("/suggestions")
    state_a_need(page)
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text(WORDS["en"].answer)
    expect(page.locator(".card h4").first).to_have_text(WORDS["en"].rent)
    page.get_by_role("link", name="Places", exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_by_keyboard_alone(opened: Opened) -> None:
    page = opened("/suggestions", lang="es", script=True)
    press = page.keyboard.press

    def focused(selector: str) -> bool:
        return bool(page.evaluate("s => document.activeElement.matches(s)", selector))

    press("Tab")
    assert focused(".skip")
    press("Enter")
    press("Tab")
    assert focused("#need")
    page.keyboard.type("Ayuda para el al")
    press("Tab")
    assert focused("summary")
    press("Tab")
    assert focused("#department")
    page.keyboard.type("Quet")
    press("Tab")
    page.keyboard.type("salcaja")
    press("Tab")
    assert focused("details.person > summary")
    press("Space")
    press("Tab")
    assert focused("#age")
    page.keyboard.type("34")
    for _ in range(3):
        press("Tab")
    while not focused("#languages-unknown"):
        press("Tab")
    press("ArrowRight")
    press("ArrowRight")
    assert focused("#languages-these")
    press("Tab")
    press("Space")
    assert focused("input[name=languages][value=spa]")
    while not focused("button[type=submit]"):
        press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", "focus is seen"
    press("Enter")
    expect(page.locator(".card h4").first).to_have_text(WORDS["es"].rent)


def visit(opened: Opened, what: str, **how: Any) -> Page:
    """Any page, also those that only a form leads to."""
    if what in {"answer", "several", "gap", "faults"}:
        page = opened("/suggestions", **how)
        if what == "answer":
            state_a_need(page)
        elif what == "several":
            page.select_option("#need", "social.housing")
            page.locator("fieldset details summary").first.click()
            page.select_option("#need-1", "economic.employment")
            page.select_option("#department", "GT09")
            page.click("details.person > summary")
            page.check("#documents-none")
            page.click("#need-form button[type=submit]")
        elif what == "gap":
            page.select_option("#need", "economic.finance")
            page.select_option("#department", "GT09")
            page.click("#need-form button[type=submit]")
        else:
            page.fill("#municipality", "san")
            page.click("details.person > summary")
            page.fill("#age", "x")
            page.check("#factors-these")
            page.click("#need-form button[type=submit]")
    elif what == "conflict":
        page, other = opened("/services/s-job/places", **how), opened("/services/s-job/places", **how)
        other.click("button[value=waiting-list]")
        page.click("button[value=full]")
        other.goto("/services/s-job/places")
        other.fill("#number", "7")
        other.press("#number", "Enter")
    else:
        page = opened(what, **how)
    for closed in page.locator("details:not([open]) > summary").all():
        if closed.is_visible():
            closed.click()
    return page


PAGES = [
    "faults",
    "answer",
    "several",
    "gap",
    "/services/s-shelter/places?said=1",
    "conflict",
    "/not-there",
]
"""What only a form, or a mistake, leads to. All others: `test_every_page_browser`."""


def test_axe_would_find_something(opened: Opened) -> None:
    """A page made worse on purpose: what finds nothing there would find nothing anywhere."""
    page = opened("/suggestions", script=True)
    page.evaluate(
        """() => { document.querySelector('label[for=need]').remove();
                   document.querySelector('.lead').style.color = '#bbb' }"""
    )
    found = {violation["id"] for violation in Axe().run(page).response["violations"]}
    assert {"select-name", "color-contrast"} <= found


@pytest.mark.parametrize("lang", WORDS)
@pytest.mark.parametrize("what", PAGES)
def test_axe_finds_nothing(opened: Opened, what: str, lang: str) -> None:
    """With every fold opened; Spanish by light on a desk, English by dark on a telephone; targets of 24 pixels."""
    dark = lang == "en"
    page = visit(opened, what, lang=lang, script=True, dark=dark, size="telephone" if dark else "desk")
    options = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
    found = Axe().run(page, options=options).response["violations"]
    assert [(v["id"], [n["html"][:160] for n in v["nodes"]][:4]) for v in found] == []


@pytest.mark.parametrize("what", PAGES)
def test_nothing_scrolls_sideways_on_the_smallest_telephone(opened: Opened, what: str) -> None:
    page = visit(opened, what, script=True, viewport={"width": 320, "height": 640})
    wide = page.evaluate(
        """() => [document.documentElement.scrollWidth, ...[...document.querySelectorAll('body *')]
            .filter(e => e.getBoundingClientRect().right > 321 && !e.closest('.scroll, .matrix, .skip, .hidden'))
            .map(e => e.tagName + '.' + e.className)]"""
    )
    assert wide == [320]


@pytest.mark.parametrize("path", ["/", "/suggestions", "/gaps"])
def test_a_first_visit_takes_few_bytes(opened: Opened, path: str) -> None:
    page = opened("/problems")
    sizes: list[int] = []
    fresh = page.context.browser
    assert fresh is not None
    context = fresh.new_context(base_url=page.url.removesuffix("/problems"))
    first = context.new_page()
    first.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    first.goto(path, wait_until="networkidle")
    context.close()
    assert len(sizes) >= 2
    assert 0 < sum(sizes) < FIRST_VISIT
