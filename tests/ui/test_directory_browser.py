"""The directory and its entries in a real browser, with script and without: search, propose, sheet up, decide, merge. (R-02)"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from openpyxl import load_workbook
from playwright.sync_api import Browser, BrowserContext, Page, expect

from api.entry_workbook import COLUMNS, FIRST
from graph.server import Server
from tests.conftest import EMBEDDED
from tests.directory_people import People, people
from tests.ui.browser import browser as one_browser
from tests.ui.browser import listening
from tests.ui.test_duplicates import twins_in

pytestmark = [pytest.mark.browser, EMBEDDED]
PICTURES = os.environ.get("ENLACE_PICTURES", "")
"""A folder outside the repository where whoever wants to look finds each page."""


@pytest.fixture(scope="module")
def who(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with people(server, tmp_path_factory.mktemp("directory browser")) as found:
        twins_in(found)
        yield found


@pytest.fixture(scope="module")
def address(server: Server, who: People) -> Iterator[str]:
    with listening(server, who.house.secrets) as address:
        yield address


@pytest.fixture(scope="module")
def chromium(address: str) -> Iterator[Browser]:
    with one_browser() as found:
        yield found


class Desk:
    """One browser window for each person."""

    def __init__(self, chromium: Browser, address: str, who: People, lang: str, width: int, *, script: bool) -> None:
        self.chromium, self.address, self.who = chromium, address, who
        self.lang, self.width, self.script = lang, width, script
        self.open: list[BrowserContext] = []

    def of(self, login: str) -> Page:
        context = self.chromium.new_context(
            base_url=self.address,
            locale=self.lang,
            viewport={"width": self.width, "height": 800},
            color_scheme="dark" if self.lang == "en" else "light",
            java_script_enabled=self.script,
            accept_downloads=True,
        )
        if login != "nobody":
            cookie = self.who(login).cookies["enlace"]
            context.add_cookies([{"name": "enlace", "value": cookie, "url": self.address}])
        self.open.append(context)
        return context.new_page()

    def looked_at(self, page: Page, name: str) -> None:
        """Nothing for axe to find, nothing wider than the window; a picture for whoever wants one."""
        if self.script:  # axe is a script
            found = Axe().run(page).response["violations"]
            assert found == [], (name, [(v["id"], [n["target"] for n in v["nodes"]]) for v in found])
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (name, "too wide")
        if PICTURES:
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{self.lang}-{self.width}.png"), full_page=True)


@pytest.fixture
def desk(chromium: Browser, address: str, who: People, lang: str, width: int, script: bool) -> Iterator[Desk]:
    found = Desk(chromium, address, who, lang, width, script=script)
    yield found
    for context in found.open:
        context.close()


WAYS = pytest.mark.parametrize(("lang", "width", "script"), [("es", 1280, True), ("en", 360, True), ("es", 360, False)])


@WAYS
def test_search_forgives_and_the_address_tells_it(desk: Desk) -> None:
    page = desk.of("nobody")
    page.goto("/directory")
    desk.looked_at(page, "directory")
    page.fill("#q", "alqiler")
    if desk.script:  # while one types; the address follows when it is sent
        expect(page.locator("#found h3")).not_to_have_count(11)
    page.locator("form.search button").first.click()
    expect(page.locator("#found h3").first).to_have_text(
        "Tres meses de alquiler" if desk.lang == "es" else "Three months of rent"
    )
    assert "q=alqiler" in page.url, "who sends the address sends the search"
    desk.looked_at(page, "directory-found")
    page.locator("#found h3 a").first.click()
    expect(page.locator("a[href='/entry/services/s-rent']")).to_be_visible()
    desk.looked_at(page, "service")


@WAYS
def test_proposed_on_a_page_and_decided_by_somebody_else(desk: Desk) -> None:
    page = desk.of("desk")
    page.goto("/entry")
    desk.looked_at(page, "entry")
    page.goto("/entry/services/s-rent")
    desk.looked_at(page, "entry-form")
    page.fill("#email", f"nuevo{desk.lang}{desk.width}@example.org")
    page.locator("main form").last.locator("button").click()
    expect(page.locator(".thanks")).to_be_visible()
    desk.looked_at(page, "entry-proposed")
    other = desk.of("committee")
    other.goto("/entry/proposals")
    desk.looked_at(other, "proposals")
    other.locator("form[action$='/approval'] button").first.click()
    expect(other.locator(".thanks")).to_be_visible()
    desk.looked_at(other, "proposals-decided")


@WAYS
def test_the_sheet_goes_down_and_comes_back(desk: Desk, tmp_path: Path) -> None:
    page = desk.of("desk")
    page.goto("/entry/workbook")
    desk.looked_at(page, "workbook")
    with page.expect_download() as told:
        page.locator("a[href='/entry/workbook/file']").click()
    path = tmp_path / "mine.xlsx"
    told.value.save_as(path)
    book = load_workbook(path)
    sheet = book["Servicios"]
    row = next(r[0].row for r in sheet.iter_rows(min_row=FIRST) if r[0].value == "s-job")
    sheet.cell(row, COLUMNS.index("phone") + 1).value = f"+502 7761 {desk.width}{len(desk.lang)}"
    sheet.cell(row, COLUMNS.index("url") + 1).value = f"https://example.org/{desk.lang}{desk.width}{desk.script}"
    other = next(r[0].row for r in sheet.iter_rows(min_row=FIRST) if r[0].value == "s-stale")
    sheet.cell(other, COLUMNS.index("email") + 1).value = "=1+1"
    book.save(path)
    page.set_input_files("#file", path)
    page.locator("main form button").click()
    expect(page.locator("form[action='/entry/workbook/proposals']")).to_be_visible()
    desk.looked_at(page, "workbook-dry")
    page.locator("form[action='/entry/workbook/proposals'] button").click()
    expect(page.locator(".thanks")).to_be_visible()


@WAYS
def test_two_spellings_side_by_side(desk: Desk) -> None:
    page = desk.of("committee")
    page.goto("/duplicates")
    desk.looked_at(page, "duplicates")
    page.locator("main .panel form button").first.click()
    expect(page.locator(".thanks")).to_be_visible()
    desk.looked_at(page, "duplicates-merged")
    page.locator("form[action$='/undoing'] button").first.click()
    expect(page.locator(".thanks")).to_be_visible()
