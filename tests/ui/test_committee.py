"""The committee's pages: the list of gaps, what stands how, the register, indicators; each as a file too. (R-07, R-51)"""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx2 import Response
from python_calamine import CalamineWorkbook

from graph.secrets import Secrets
from graph.server import Server
from graph.store.network import Network
from tests.cast import CLINIC, DEPARTMENT, HOME, OFFICER, OWNER, PROFESSIONAL, PROVIDER
from tests.everybody import COMMITTEE, DEPARTMENTAL, EVERYBODY, NOBODY, Callers, callers, set_the_house
from tests.sending import Patient
from tests.ui.pages import Page

TODAY = datetime.now(UTC).date()
SOON = (TODAY + timedelta(days=30)).isoformat()
TAKEN = {"service_type": "economic.finance", "department": DEPARTMENT, "remedy": "funds", "owner_id": CLINIC,
         "re_check_on": SOON, "words": "=HYPERLINK(\"x\")"}  # fmt: skip


@pytest.fixture(scope="module")
async def house(network: Network, server: Server, secrets: Secrets) -> AsyncIterator[Callers]:
    await set_the_house(network, secrets)
    async with callers(server, secrets) as house:
        house.app.state.network = Patient.of(house.app.state.network)
        yield house


async def page(house: Callers, path: str, by: str = COMMITTEE.id) -> Page:
    answer = await house.ask(by, "GET", path)
    assert answer.status_code == 200, (path, answer.text[:2000])
    assert answer.headers["cache-control"] == "no-store"
    return Page(answer)


def sheet(answer: Response) -> list[list[Any]]:
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()


async def test_a_gap_goes_on_the_list_by_its_form_and_is_decided_about(house: Callers) -> None:
    form = (await page(house, "/committee/gaps?need=economic.finance")).forms[-1]
    assert dict(form.values)["service_type"] == "economic.finance"
    key = {"key": dict(form.values)["key"]}
    made = await house.ask(COMMITTEE.id, "POST", form.action, TAKEN | key)
    assert made.status_code == 303
    again = await house.ask(COMMITTEE.id, "POST", form.action, TAKEN | key)
    assert (again.status_code, again.headers["location"]) == (303, made.headers["location"]), "sent twice, counted once"

    one = await page(house, made.headers["location"])
    assert "Buscar fondos" in one.text
    said = {k: v for k, v in TAKEN.items() if k not in ("service_type", "department")} | {"version": "1"}
    later = said | {"remedy": "watch", "owner_id": HOME}
    assert (await house.ask(COMMITTEE.id, "POST", made.headers["location"], later)).status_code == 303
    late = await house.ask(COMMITTEE.id, "POST", made.headers["location"], said)
    assert late.status_code == 409 and "cambió esta brecha" in late.text
    one = await page(house, made.headers["location"])
    assert HOME in one.text and "Lo que se decidió antes" in one.text


async def test_what_does_not_fit_stands_beside_its_field_and_what_was_typed_stays(house: Callers) -> None:
    bad = TAKEN | {"service_type": "social.housing", "owner_id": "nobody", "words": "quedó escrito"}
    refused = await house.ask(COMMITTEE.id, "POST", "/committee/gaps", bad)
    assert refused.status_code == 422
    found = Page(refused)
    assert "#owner_id" in found.links and "quedó escrito" in refused.text
    empty = await house.ask(COMMITTEE.id, "POST", "/committee/gaps", {"key": "x" * 20})
    assert empty.status_code == 422 and {"#service_type", "#re_check_on"} <= set(Page(empty).links)


async def test_the_list_as_a_workbook_executes_nothing(house: Callers) -> None:
    await house.ask(COMMITTEE.id, "POST", "/committee/gaps", TAKEN | {"service_type": "social.legal"})
    rows = sheet(await house.ask(COMMITTEE.id, "GET", "/committee/gap-list/file?kind=xlsx"))
    assert any(row[4] == '\'=HYPERLINK("x")' for row in rows)
    text = await house.ask(COMMITTEE.id, "GET", "/committee/gap-list/file?kind=csv")
    assert text.content.startswith(b"\xef\xbb\xbf") and "attachment" in text.headers["content-disposition"]


@pytest.mark.parametrize(
    "path", ["/committee", "/committee/gaps", "/committee/gap-list/file", "/committee/standing?country=GT"]
)
async def test_the_committee_alone_sees_its_pages(house: Callers, path: str) -> None:
    theirs = {COMMITTEE.id} | ({DEPARTMENTAL.id} if "gap" in path else set())
    for by in (NOBODY, *EVERYBODY):
        answer = await house.ask(by, "GET", path)
        expected = 200 if by in theirs else 303 if by == NOBODY else 403
        assert answer.status_code == expected, (by, path)


async def test_the_table_of_contents_leads_to_every_page(house: Callers) -> None:
    links = set((await page(house, "/committee")).links)
    for path in sorted(link for link in links if link.startswith("/committee/")):
        assert (await house.ask(COMMITTEE.id, "GET", path)).status_code == 200, path
    assert {"/gaps", "/duplicates", "/committee/publishing", "/committee/to-verify", "/committee/indicators"} <= links


async def test_the_register_tells_month_class_and_ground_and_no_place_of_a_few(house: Callers) -> None:
    assert "No se ha enviado nada sin consentimiento" in (await page(house, "/committee/register")).text
    case = await house.opened()
    referral = await house.drafted(case, await house.needed(case))
    plea = {"assessor_id": PROFESSIONAL.id, "requested_by": "organisation"}
    asked = await house.done(OWNER.id, "POST", f"/v1/referrals/{referral}/exception", plea)
    word = {"ground": "suicide-risk", "representative_reachable": False, "narrative": "relato"}
    await house.done(PROFESSIONAL.id, "POST", f"/v1/exceptions/asked/{asked['id']}/word", word)
    await house.done(OWNER.id, "POST", f"/v1/referrals/{referral}/send")
    found = await page(house, "/committee/register")
    assert all(words in found.text for words in ("Riesgo de suicidio", "Salud", "no se dice", "espera revisión"))
    assert case not in found.text and referral not in found.text and DEPARTMENT not in found.text
    header, line = sheet(await house.ask(COMMITTEE.id, "GET", "/committee/register/file"))
    assert (line[2], line[3]) == ("Riesgo de suicidio", "") and len(header) == len(line)
    assert (await house.ask(OFFICER.id, "GET", "/committee/register")).status_code == 200


async def test_what_hangs_by_a_thread_is_listed_with_where(house: Callers) -> None:
    found = await page(house, "/committee/standing?country=GT")
    titles = {words.split(" (")[0].strip() for level, words in found.headings if level == "h2"}
    assert {
        "Proveedores únicos",
        "Servicios sin procedimiento vigente",
        "Convenios vencidos",
        "Fichas viejas",
    } <= titles
    assert CLINIC in found.text
    sole = await house.ask(COMMITTEE.id, "GET", "/committee/standing/file?country=GT&table=sole&kind=csv")
    assert sole.status_code == 200 and "attachment" in sole.headers["content-disposition"]
    rows = sheet(await house.ask(COMMITTEE.id, "GET", "/committee/standing/file?country=GT&table=without-sop"))
    assert "s-clinic-unruled" in {row[1] for row in rows}


async def test_indicators_begin_with_the_persons_word_and_each_reads_its_own(house: Callers) -> None:
    found = await page(house, "/committee/indicators")
    assert next(words for level, words in found.headings if level == "h2") == "Resultados que la persona confirma"
    assert "De toda la red" in found.text and "Por departamento o estado" in found.text
    own = await page(house, "/committee/indicators", PROVIDER.id)
    assert "su organización" in own.text and "Por departamento o estado" not in own.text
    assert (await page(house, "/committee/indicators?lang=en")).h1 == "Indicators"
    for table in ("summary", "departments", "groups"):
        rows = sheet(await house.ask(COMMITTEE.id, "GET", f"/committee/indicators/file?table={table}"))
        assert len(rows[0]) >= 3
    for by in (OFFICER.id, "a-admin", PROFESSIONAL.id):
        assert (await house.ask(by, "GET", "/committee/indicators")).status_code == 403
        assert (await house.ask(by, "GET", "/v1/indicators")).status_code == 403
    assert (await house.done(PROVIDER.id, "GET", "/v1/indicators"))["organization_id"] == CLINIC


@pytest.mark.parametrize("path", ["/committee", "/committee/gaps", "/committee/standing", "/committee/indicators"])
async def test_each_page_has_its_english(house: Callers, path: str) -> None:
    spanish, english = await page(house, f"{path}?lang=es"), await page(house, f"{path}?lang=en")
    assert spanish.h1 != english.h1 and english.text != spanish.text
    assert len([h for level, h in english.headings if level == "h1"]) == 1


async def test_whoever_receives_referrals_is_led_to_their_own_indicators(house: Callers) -> None:
    assert "/committee/indicators" in Page(await house.ask(PROVIDER.id, "GET", "/outcomes")).links
