"""A case manager's first hour in a real browser, with script and without: open, state, agree, ask, withdraw; axe finds nothing. (R-11, R-20, R-35)"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from graph.server import Server
from tests.cast import CLINIC, TOWN
from tests.conftest import EMBEDDED
from tests.sending import PURPOSE, TYPE
from tests.ui.browser import browser as one_browser
from tests.ui.browser import listening, reading
from tests.ui.casework_office import Office, office

__all__ = ["office"]
pytestmark = [pytest.mark.browser, EMBEDDED]
PICTURES = os.environ.get("ENLACE_PICTURES", "")
"""A folder outside the repository where whoever wants to look finds each page."""
STEPS = {"new-fault", "ask", "withdrawn"}
"""Pages that come of a form: a sweep over addresses does not see them."""


@pytest.fixture(scope="module")
def address(server: Server, office: Office) -> Iterator[str]:
    with listening(server, office.house.secrets) as address:
        yield address


@pytest.fixture(scope="module")
def chromium(address: str) -> Iterator[Browser]:
    with one_browser() as found:
        yield found


@pytest.fixture
def page(chromium: Browser, address: str, office: Office, lang: str, width: int, script: bool) -> Iterator[Page]:
    cookie = office["the.manager"].cookies["enlace"]
    with reading(chromium, address, cookie, lang=lang, width=width, dark=lang == "en", script=script) as page:
        yield page


def looked_at(page: Page, name: str, *, script: bool) -> None:
    """Nothing scrolls sideways on the smallest telephone; of what only a walk leads to, axe finds nothing either."""
    if PICTURES:
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
    if not script:
        return
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    if name in STEPS:
        options = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
        found = Axe().run(page, options=options).response["violations"]
        assert [(v["id"], [n["html"][:160] for n in v["nodes"]][:4]) for v in found] == [], name
    held = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") == 320, name
    if held:
        page.set_viewport_size(held)


@pytest.mark.parametrize(("lang", "width", "script"), [("es", 1280, True), ("en", 360, False)])
def test_a_case_is_opened_and_a_permission_asked_and_taken_back(page: Page, lang: str, script: bool) -> None:
    def press(es: str, en: str) -> None:
        page.get_by_role("button", name=es if lang == "es" else en, exact=True).first.click()

    page.goto("/cases/new")
    page.locator("#department").select_option("GT09")
    page.locator("#municipality").fill(TOWN)
    looked_at(page, "new", script=script)
    press("Abrir el expediente", "Open the case")
    expect(page.locator(".summary a[href='#age_band']")).to_be_visible()
    looked_at(page, "new-fault", script=script)
    page.locator("#age_band").select_option("26-59")
    press("Abrir el expediente", "Open the case")
    expect(page.locator(".thanks")).to_be_visible()
    case = page.url.partition("/cases/")[2].partition("?")[0]
    looked_at(page, "desk-new", script=script)
    page.get_by_role("link", name="Anotar una necesidad" if lang == "es" else "State a need").first.click()
    page.locator("#state-service_type").select_option(TYPE)
    press("Anotar la necesidad", "Save the need")
    press_agree = "La persona está de acuerdo" if lang == "es" else "The person agrees"
    page.get_by_role("button", name=press_agree).click()
    looked_at(page, "plan", script=script)
    page.goto(f"/cases/{case}/consents")
    looked_at(page, "consents", script=script)
    page.locator("#organization").select_option(CLINIC)
    expect(page.locator("#purpose")).to_have_value(PURPOSE)
    press("Leerlo con la persona", "Read it with the person")
    assert page.locator("input[name=item]:checked").count() == 0
    looked_at(page, "ask", script=script)
    page.locator("input[value='first-contact:given_name']").check()
    page.locator("input[name=modality][value=written]").check()
    press("Sí, permite lo marcado", "Yes, they allow what is ticked")
    expect(page.locator(".thanks")).to_be_visible()
    looked_at(page, "consents-given", script=script)
    page.get_by_role("link", name="Retirar este permiso" if lang == "es" else "Take this permission back").first.click()
    looked_at(page, "withdraw", script=script)
    press("Sí, retirarlo ahora", "Yes, withdraw it now")
    expect(page.locator("h1")).to_contain_text("Permiso retirado" if lang == "es" else "Permission withdrawn")
    looked_at(page, "withdrawn", script=script)


@pytest.mark.parametrize(("lang", "width", "script"), [("es", 1280, True)])
def test_what_was_ticked_comes_back_at_the_same_datum_or_nowhere(page: Page, office: Office, address: str) -> None:
    """Rules may have changed meanwhile: a tick belongs to what was read beside it, never to its place in the list."""
    page.context.clear_cookies(name="enlace")
    cookie = office["the.leaver"].cookies["enlace"]  # a session of its own: it ends here
    page.context.add_cookies([{"name": "enlace", "value": cookie, "url": address}])
    case = office.opened(by="the.leaver")
    ask = f"/cases/{case}/consents/ask?organization={CLINIC}&purpose="
    page.goto(ask + "legal-aid")
    other = page.locator("form[data-draft]").get_attribute("data-draft")
    page.goto(ask + PURPOSE)
    assert page.locator("form[data-draft]").get_attribute("data-draft") != other, "of another purpose"
    items = [one.get_attribute("value") or "" for one in page.locator("input[name=item]").all()]
    page.locator(f"input[value='{items[0]}']").check()

    def in_another_order(route: Route) -> None:
        answer = route.fetch()
        body = (
            answer.text().replace(items[0], "-").replace(items[1], items[0]).replace('value="-"', f'value="{items[1]}"')
        )
        route.fulfill(response=answer, body=body)

    page.route("**/consents/ask*", in_another_order)
    page.reload()
    ticked = [one.get_attribute("value") for one in page.locator("input[name=item]:checked").all()]
    assert ticked == [items[0]]
    page.unroute_all()
    page.goto("/sign-in")
    page.locator("form[action='/sign-out'] button").first.click()
    expect(page.locator("#login")).to_be_visible()
    assert page.evaluate("Object.keys(sessionStorage)") == [], "whoever signs in next finds nothing of it"


@pytest.mark.parametrize(("lang", "width", "script"), [("es", 1280, True)])
def test_the_search_changes_the_list_alone_and_leaves_no_word_in_an_address(page: Page, office: Office) -> None:
    case = office.opened()
    page.goto("/cases")
    page.locator("#sought").fill(case[5:9])
    page.keyboard.press("Enter")
    expect(page.locator(f"#found a[href='/cases/{case}']")).to_be_visible()
    assert page.url.endswith("/cases") and page.locator("main h1").count() == 1
