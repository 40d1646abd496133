"""The data protection officer's day: what waits, the log, sends without consent, alerts, complaints, finding. (R-20, R-21, R-22, R-25, R-50)"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx2 import Response

from api.actions import unusual
from api.texts import LANGUAGES, catalogue
from graph.log.entry import instant, sign
from graph.model.actor import Role
from graph.model.log import EntryBody, Kind
from graph.store import log
from graph.store.content import run
from graph.store.network import Network, Tx
from tests.cast import CLINIC, HOME, OTHER
from tests.sending import CANARY, PURPOSE
from tests.ui.casework_office import Office, office
from tests.ui.pages import Page

__all__ = ["office"]
OFFICER = "the.officer"
PAGES = (
    "/officer",
    "/officer/log",
    "/officer/log/receipt",
    "/officer/exceptions",
    "/officer/alerts",
    "/officer/complaints",
    "/officer/find",
)


@pytest.fixture(scope="module")
def desk(office: Office) -> Office:
    """The office, with two administrators, a second officer and a credential of the doctor's."""
    for login in ("the.admin", "another.admin"):
        office.house.add(login, Role.ADMIN, organization=HOME)
    office.house.add("second.officer", Role.DATA_PROTECTION_OFFICER, organization=OTHER)
    doctor = office.house.ids["the.doctor"].actor_id
    until = (datetime.now(UTC) + timedelta(days=300)).isoformat()
    said = {"actor_id": doctor, "kind": "mental-health", "valid_to": until}
    proposed = office.done("the.admin", "POST", "/credentials", said, 201)
    office.done("another.admin", "POST", f"/credentials/{proposed['id']}/issue", None)
    return office


def used(office: Office) -> tuple[str, str]:
    """A send without consent: the case, and the use."""
    case = office.opened()
    referral = office.drafted(case, office.needed(case))
    plea = {"assessor_id": office.house.ids["the.doctor"].actor_id, "requested_by": "organisation"}
    asked = office.done("the.manager", "POST", f"/referrals/{referral}/exception", plea, 201)
    word = {"ground": "suicide-risk", "representative_reachable": False, "narrative": f"{CANARY} relato"}
    use = office.done("the.doctor", "POST", f"/exceptions/asked/{asked['id']}/word", word, 201)
    office.done("the.manager", "POST", f"/referrals/{referral}/send")
    return case, str(use["id"])


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_the_officers_alone_and_kept_by_nobody(desk: Office, path: str) -> None:
    for lang in LANGUAGES:
        page = desk.page(path, OFFICER, lang)
        assert page.h1
        assert not [word for word in page.text.split() if word.startswith(("officer.", "log.", "handling."))]
    assert desk[OFFICER].get(path).headers["cache-control"] == "no-store"
    for other in ("the.manager", "the.clinic", "the.doctor", "the.admin"):
        desk.page(path, other, status=403)
    with desk.house.client() as nobody:
        answer = nobody.get(path)
        assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?to=")


def test_the_desk_counts_what_waits_and_leads_to_it(desk: Office) -> None:
    case, _ = used(desk)
    page = desk.page("/officer", OFFICER)
    assert "Envíos sin consentimiento por revisar" in page.text and "/officer/exceptions" in page.links
    assert "Personas que aún no fueron informadas" in page.text
    assert "/access" in page.links and "/officer/log?kind=role-change" in page.links
    assert case not in page.text and CANARY not in page.text


def test_a_late_stop_names_the_organisation_and_nobody_else(desk: Office) -> None:
    case = desk.opened()
    consent = desk.allowed(case)
    desk.sent(case, desk.needed(case))
    desk.done("the.manager", "POST", f"/consents/{consent}/withdrawal")
    assert "Todas las organizaciones confirmaron a tiempo" in desk.page("/officer", OFFICER).text

    async def long_ago(network: Network) -> None:
        await network.write(
            run, "MATCH (x:StopNotice) SET x.acknowledge_by = $at", at=datetime.now(UTC) - timedelta(days=2)
        )

    desk.house.run(long_ago)
    page = desk.page("/officer", OFFICER)
    assert CLINIC in page.text and "hace 2 días" in page.text and case not in page.text


def test_the_log_is_searched_by_what_was_done_and_for_whom(desk: Office) -> None:
    case = desk.opened()
    desk.allowed(case)
    desk.sent(case, desk.needed(case))
    page = desk.page(f"/officer/log?kind=transfer&organization={CLINIC}&purpose={PURPOSE}&basis=consent", OFFICER)
    assert "Nombres" in page.text and CLINIC in page.text
    assert CANARY not in page.text and case not in page.text
    (link, *_) = [link for link in page.links if "?n=" in link and "lang=" not in link]
    entry = desk.page(link, OFFICER)
    assert "Íntegra" in entry.text and "Envío" in entry.text
    assert "Ninguna entrada coincide" in desk.page("/officer/log?kind=erasure", OFFICER).text
    assert "The newest" not in entry.text
    wrong = desk.page("/officer/log?kind=nothing&first=2026-13-01", OFFICER, status=422)
    assert {"#kind", "#first"} <= set(wrong.links)
    turned = desk.page("/officer/log?first=2026-02-01&last=2026-01-01", OFFICER, status=422)
    assert "#last" in turned.links
    desk.page("/officer/log?after=nothing", OFFICER, status=422)
    assert desk[OFFICER].get("/officer/log/none").status_code == 404


def test_older_entries_are_a_page_further(desk: Office) -> None:
    async def many(network: Network) -> None:
        async def write(tx: Tx) -> None:
            for n in range(1, 61):
                at = instant(datetime.now(UTC) - timedelta(hours=n))
                body = EntryBody(stream="s-many", n=n, kind=Kind.EXPORT, at=at, actor="a-many", role="admin")
                await log.next_number(tx, "s-many", at=at)
                await log.write(tx, sign(body, desk.house.secrets.signer))

        await network.write(write)

    desk.house.run(many)
    first = desk.page("/officer/log?stream=s-many", OFFICER)
    (older,) = [link for link in first.links if "after=" in link and "stream=s-many" in link and "lang" not in link]
    second = desk.page(older, OFFICER)
    entries = [{link for link in page.links if link.startswith("/officer/log/s-many?n=")} for page in (first, second)]
    assert [len(found) for found in entries] == [50, 10] and not entries[0] & entries[1]


def test_a_receipt_is_held_against_the_log(desk: Office) -> None:
    case = desk.opened()
    consent = desk.done(
        "the.manager",
        "POST",
        f"/cases/{case}/consents",
        {"organization_id": CLINIC, "purpose": PURPOSE, "modality": "written", "fields": ["given_name"]},
        201,
    )
    receipt = consent["entry"]
    good = desk.sends(
        "/officer/log/receipt", "/officer/log/receipt", {"receipt": json.dumps(receipt)}, by=OFFICER, status=200
    )
    assert "Íntegra" in Page(good).text
    changed = receipt | {"body": receipt["body"] | {"actor": "somebody-else"}}
    bad = desk.sends(
        "/officer/log/receipt", "/officer/log/receipt", {"receipt": json.dumps(changed)}, by=OFFICER, status=200
    )
    assert "Firma inválida" in Page(bad).text
    none = desk.sends("/officer/log/receipt", "/officer/log/receipt", {"receipt": "{}"}, by=OFFICER, status=422)
    assert "receipt-fault" in Page(none).ids


def test_a_send_without_consent_is_reviewed_with_a_word(desk: Office) -> None:
    case, use = used(desk)
    at = f"/officer/exceptions/{use}"
    assert at in desk.page("/officer/exceptions", OFFICER).links
    page = desk.page(at, OFFICER)
    for said in ("Riesgo de suicidio", "Profesional de salud mental", "Nombres", "Aún no"):
        assert said in page.text, said
    assert CANARY not in page.text and case not in page.text
    assert not [form for form in page.forms if form.action == f"{at}/finding"], "the papers first"
    papers = desk.sends(at, f"{at}/papers", by=OFFICER, status=200)
    assert f"{CANARY} relato" in papers.text
    (form,) = [form for form in Page(papers).forms if form.action == f"{at}/finding"]
    missing = Page(desk.posts(form, {"words": "ZZDICHOZZ"}, by=OFFICER, status=422))
    assert "#finding" in missing.links and "finding" in missing.ids
    (form,) = [form for form in missing.forms if form.action == f"{at}/finding"]
    answer = desk.posts(form, {"finding": "well-founded", "words": "Conforme"}, by=OFFICER)
    assert answer.headers["location"] == at
    again = desk.page(at, OFFICER)
    assert "Con motivo" in again.text and CANARY not in again.text
    listed = desk.page("/officer/log?kind=exception-found", OFFICER)
    assert "Resultado de una revisión" in listed.text


def raised(office: Office, reader: str, persons: int = 70) -> str:
    """So much is read by somebody that an alert is raised."""

    async def read(network: Network) -> None:
        async def write(tx: Tx) -> None:
            at = instant(datetime.now(UTC) - timedelta(minutes=2))
            actor = office.house.ids[reader]
            for n in range(persons):
                stream = f"s-{reader}-{n}"
                number = await log.next_number(tx, stream, at=at)
                body = EntryBody(
                    stream=stream, n=number, kind=Kind.CASE_READ, at=at, actor=actor.actor_id, role="case-manager",
                    organization=actor.organization_id,
                )  # fmt: skip
                await log.write(tx, sign(body, office.house.secrets.signer))

        await network.write(write)
        await network.write(unusual.look, at=datetime.now(UTC), secrets=office.house.secrets)

    office.house.run(read)
    (alert,) = [
        one for one in office.done("second.officer", "GET", "/alerts")["alerts"]
        if one["actor_id"] == office.house.ids[reader].actor_id
    ]  # fmt: skip
    return str(alert["id"])


def test_an_alert_says_who_read_and_is_looked_into_with_a_note(desk: Office) -> None:
    at = f"/officer/alerts/{raised(desk, 'the.colleague')}"
    assert at in desk.page("/officer/alerts", OFFICER).links
    page = desk.page(at, OFFICER)
    assert (
        "70 personas en una hora" in page.text
        and f"/officer/log?actor={desk.house.ids['the.colleague'].actor_id}" in page.links
    )
    assert "s-the.colleague-1" not in page.text
    missing = Page(desk.sends(at, at, {"note": " "}, by=OFFICER, status=422))
    assert "#note" in missing.links
    desk.sends(at, at, {"note": f"{CANARY} un relevo"}, by=OFFICER)
    seen = desk.page(at, OFFICER)
    assert f"{CANARY} un relevo" in seen.text and not [form for form in seen.forms if form.action == at]
    assert "Visto" in desk.page("/officer/alerts", OFFICER).text


def test_an_alert_about_the_reader_is_another_officers(desk: Office) -> None:
    at = f"/officer/alerts/{raised(desk, OFFICER)}"
    page = desk.page(at, OFFICER)
    assert "lo revisa otra persona" in page.text and not [form for form in page.forms if form.action == at]
    answer: Response = desk[OFFICER].post(at, data={"note": "todo bien"})
    assert answer.status_code == 404
    assert [form for form in desk.page(at, "second.officer").forms if form.action == at]


def complained(office: Office, kind: str = "data-protection", about: str = CLINIC) -> str:
    said = {"about_id": about, "kind": kind, "words": f"{CANARY} queja", "unnamed": True}
    return str(office.done("the.manager", "POST", "/complaints", said, 201)["complaint"]["id"])


def test_a_complaint_is_taken_read_and_answered_with_a_remedy(desk: Office) -> None:
    base, by = "/officer/complaints", OFFICER
    at = f"{base}/{complained(desk)}"
    assert at in desk.page(base, by).links
    page = desk.page(at, by)
    assert CANARY not in page.text and not [form for form in page.forms if form.action == f"{at}/answer"]
    assert f"{CANARY} queja" in desk.sends(at, f"{at}/reading", by=by, status=200).text
    desk.sends(at, f"{at}/taking", by=by)
    missing = Page(desk.sends(at, f"{at}/answer", {"words": "ZZESCRITOZZ"}, by=by, status=422))
    assert "#remedy" in missing.links and "ZZESCRITOZZ" in str(missing.tags) + missing.text
    desk.sends(at, f"{at}/answer", {"remedy": "apology", "words": "Lo sentimos"}, by=by)
    done = desk.page(at, by)
    assert "Respondida" in done.text and not [form for form in done.forms if form.action == f"{at}/answer"]
    assert desk[by].get(f"{base}/none").status_code == 404


def test_who_works_for_the_organisation_complained_about_finds_nothing(desk: Office) -> None:
    id = complained(desk, "data-protection", about=HOME)
    assert f"/officer/complaints/{id}" not in desk.page("/officer/complaints", OFFICER).links
    assert f"/officer/complaints/{id}" in desk.page("/officer/complaints", "second.officer").links
    there, nowhere = (desk[OFFICER].get(f"/officer/complaints/{one}") for one in (id, "none"))
    assert there.status_code == nowhere.status_code == 404
    assert there.text.replace(id, "none") == nowhere.text


def test_a_person_is_found_by_the_exact_number_of_a_document_and_that_is_written_down(desk: Office) -> None:
    case = desk.opened(document_number="4455 66778 0901")
    found = desk.sends("/officer/find", "/officer/find", {"value": "4455-66778-0901"}, by=OFFICER, status=200)
    page = Page(found)
    assert case in page.text and HOME in page.text and "4455" not in page.text
    none = desk.sends("/officer/find", "/officer/find", {"value": "0000"}, by=OFFICER, status=200)
    assert "Ninguna organización" in Page(none).text
    assert "#value" in Page(desk.sends("/officer/find", "/officer/find", {"value": " "}, by=OFFICER, status=422)).links
    assert "Persona buscada" in desk.page("/officer/log?kind=person-sought", OFFICER).text


def test_every_kind_of_entry_has_its_words(desk: Office) -> None:
    for language in LANGUAGES:
        words = catalogue(language)
        missing: list[Any] = [kind.value for kind in Kind if f"log.kind.{kind.value}" not in words]
        assert not missing
