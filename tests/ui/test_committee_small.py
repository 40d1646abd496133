"""The committee's small pages: entries to verify, mails, complaints, costs, suspensions. (R-02, R-12, R-15, R-26, R-50)"""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.texts import LANGUAGES
from graph.model.actor import Role
from graph.model.cost import Cost
from graph.model.entry_note import EntryNote
from graph.model.status_reason import Consequence
from graph.model.timer import Message
from graph.store import entry_notes, messages
from graph.store.content import records, run
from graph.store.network import Network, Tx
from tests.cast import CLINIC, DEPARTMENT, OTHER
from tests.sending import CANARY, CLINIC_SERVICE
from tests.ui.casework_office import Office, office
from tests.ui.pages import Page

__all__ = ["office"]
COMMITTEE = "the.committee"
PAGES = (
    "/committee/to-verify",
    "/committee/messages",
    "/committee/complaints",
    "/committee/costs",
    "/committee/suspensions",
)
OPEN_TO_ADMIN = {"/committee/to-verify", "/committee/messages"}
"""Administrators have these rights in the table too."""


@pytest.fixture(scope="module")
def seat(office: Office) -> Office:
    """The office, with a committee of another organisation."""
    office.house.add(COMMITTEE, Role.COMMITTEE, organization=OTHER)
    office.house.add("the.admin", Role.ADMIN)
    return office


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_the_committees_alone_and_kept_by_nobody(seat: Office, path: str) -> None:
    for lang in LANGUAGES:
        page = seat.page(path, COMMITTEE, lang)
        assert page.h1
        starts = ("toverify.", "mails.", "spent.", "suspending.", "handling.")
        assert not [word for word in page.text.split() if word.startswith(starts)]
    assert seat[COMMITTEE].get(path).headers["cache-control"] == "no-store"
    others = {"the.manager", "the.clinic", "the.doctor", "the.officer", "the.admin"}
    for other in others - ({"the.admin"} if path in OPEN_TO_ADMIN else set()):
        seat.page(path, other, status=403)
    with seat.house.client() as nobody:
        assert nobody.get(path).status_code == 303


def put(office: Office, work: Any) -> Any:
    async def write(network: Network) -> Any:
        return await network.write(work)

    return office.house.run(write)


def table(office: Office, path: str) -> list[list[str]]:
    """The rows of a file, below its heads, which are words."""
    workbook = office[COMMITTEE].get(path)
    assert workbook.headers["cache-control"] == "no-store" and workbook.content.startswith(b"PK")
    answer = office[COMMITTEE].get(path + ("&" if "?" in path else "?") + "kind=csv")
    assert answer.status_code == 200
    heads, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert not [head for head in heads if "." in head]
    return rows


def test_an_entry_is_verified_by_a_word_that_says_how(seat: Office) -> None:
    note = EntryNote(
        service_id=CLINIC_SERVICE,
        reason="service-ended",
        consequence=Consequence.RE_VERIFY,
        since=datetime.now(UTC) - timedelta(days=3),
        count=1,
    )

    async def down(tx: Tx) -> None:
        await entry_notes.note(tx, note)

    put(seat, down)
    ((_, _, because, count, _),) = table(seat, "/committee/entries/file")
    assert (because, count) == ("El servicio ya no se presta", "·"), "as few as on the page"
    assert table(seat, "/committee/entries/file?table=declined") == []
    at = f"/committee/to-verify/{CLINIC_SERVICE}"
    page = seat.page("/committee/to-verify", COMMITTEE)
    assert f"/services/{CLINIC_SERVICE}" in page.links and "muy pocas para decirlo" in page.text
    seat.sends("/committee/to-verify", at, {"how": "tea-leaves"}, by=COMMITTEE, status=422)
    done = seat.sends("/committee/to-verify", at, {"how": "visited"}, by=COMMITTEE)
    assert "la ficha está verificada" in seat.page(done.headers["location"], COMMITTEE).text
    assert at not in [form.action for form in seat.page("/committee/to-verify", COMMITTEE).forms]

    async def how(tx: Tx) -> Any:
        return (await records(tx, "MATCH (s:Service {id: $id}) RETURN s.verified_how AS how", id=CLINIC_SERVICE))[0]

    assert put(seat, how)["how"] == "visited"


def test_mails_that_left_wait_or_could_not_go(seat: Office) -> None:
    at = datetime.now(UTC)
    said: dict[str, Any] = {
        "template": "remind-provider",
        "created_at": at,
        "organization_id": CLINIC,
        "about": "ZZABOUTZZ",
    }
    rows = [
        Message(id="m-sent", to="desk@example.org", sent_at=at, tries=1, **said),
        Message(id="m-waits", to="desk@example.org", tries=2, **said),
        Message(id="m-gap", failed_because="no-address", **said),
        Message(id="m-refused", to="gone@example.org", failed_because="refused", tries=1, **said),
    ]

    async def down(tx: Tx) -> None:
        for row in rows:
            await messages.create(tx, row)

    put(seat, down)
    answer = seat[COMMITTEE].get("/committee/messages")
    text = Page(answer).text
    for words in (
        "Enviado",
        "2 intentos",
        "Sin dirección en el directorio",
        "El otro servidor no lo acepta",
        "complete su",
    ):
        assert words in text, words
    assert "ZZABOUTZZ" not in answer.text


def test_a_complaint_of_the_committees_is_answered_on_its_pages(seat: Office) -> None:
    said = {"about_id": CLINIC, "kind": "quality", "words": f"{CANARY} queja", "unnamed": True}
    id = seat.done("the.manager", "POST", "/complaints", said, 201)["complaint"]["id"]
    at = f"/committee/complaints/{id}"
    assert at in seat.page("/committee/complaints", COMMITTEE).links
    assert f"{CANARY} queja" in seat.sends(at, f"{at}/reading", by=COMMITTEE, status=200).text
    seat.sends(at, f"{at}/taking", by=COMMITTEE)
    seat.sends(at, f"{at}/answer", {"remedy": "rule-changed"}, by=COMMITTEE)
    assert "Respondida" in seat.page(at, COMMITTEE).text


def test_costs_about_few_referrals_are_not_told(seat: Office) -> None:
    case = seat.opened()
    seat.allowed(case)
    referral = seat.sent(case, seat.needed(case))
    cost = Cost(
        id="c-1",
        amount=123_456,
        currency="GTQ",
        what_for="service-fee",
        payer="state",
        said_at=datetime.now(UTC),
        said_by="a",
    )

    async def down(tx: Tx) -> None:
        from graph.store import costs

        await costs.create(tx, referral, cost)

    put(seat, down)
    assert [row[2:] for row in table(seat, "/committee/costs/file")] == [["·", "GTQ", "·"]]
    few = seat.page("/committee/costs", COMMITTEE)
    assert CLINIC in few.text and "muy pocas" in few.text and "1,234.56" not in few.text

    async def many(tx: Tx) -> None:
        copies = """
            MATCH (r:Referral {id: $id})-[:ADDRESSED_TO]->(o:Organization)
            UNWIND range(1, 20) AS n
            CREATE (x:Referral {id: 'many-' + toString(n)})-[:ADDRESSED_TO]->(o)
            CREATE (x)-[:COST]->(:Cost {id: 'many-' + toString(n), amount: 100, currency: 'GTQ', payer: 'state'})
        """
        await run(tx, copies, id=referral)

    put(seat, many)
    assert "1,254.56" in seat.page("/committee/costs", COMMITTEE).text
    assert table(seat, "/committee/costs/file")[0][2:4] == ["1254.56", "GTQ"]


def test_a_suspension_says_first_what_it_stops_then_holds_and_is_lifted(seat: Office) -> None:
    at = "/committee/suspensions"
    said = {"subject": "organization", "organization": CLINIC, "reason": "alleged-abuse"}
    sure = Page(seat.sends(at, f"{at}/look", said, by=COMMITTEE, status=200))
    assert "2 (organizaciones: 1)" in sure.text and "Denuncia de abuso" in sure.text
    assert "Nada está suspendido" in seat.page(at, COMMITTEE).text
    (form,) = [form for form in sure.forms if form.action == at]
    for _ in range(2):
        seat.posts(form, by=COMMITTEE)
    page = seat.page(at, COMMITTEE)
    english = json.dumps({"en": {"name": "Ixchel in English"}})

    async def in_english(tx: Tx) -> None:
        await run(tx, "MATCH (o:Organization {id: $id}) SET o.translations = $said", id=CLINIC, said=english)

    put(seat, in_english)
    assert "Ixchel in English" in seat.page(at, COMMITTEE, "en").text
    lifts = [form for form in page.forms if form.action.endswith("/lifting")]
    assert len(lifts) == 1, "sent twice, it is one"
    assert [row[2] for row in table(seat, f"{at}/file")] == ["Denuncia de abuso o explotación"]
    seat.posts(lifts[0], by=COMMITTEE)
    assert "Nada está suspendido" in seat.page(at, COMMITTEE).text
    kinds = [row["kind"] for row in seat.house.run(entries)]
    assert (kinds.count("suspension"), kinds.count("suspension-lifted")) == (1, 1)


async def entries(network: Network) -> list[dict[str, Any]]:
    return await network.read(records, "MATCH (e:LogEntry) RETURN e.kind AS kind")


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({}, "subject"),
        ({"subject": "area", "area": "", "reason": "disaster"}, "area"),
        ({"subject": "area", "area": "ZZZ", "reason": "disaster"}, "area"),
        ({"subject": "service", "service": "none", "reason": "disaster"}, "service"),
        ({"subject": "organization", "organization": CLINIC, "reason": ""}, "reason"),
        ({"subject": "organization", "organization": CLINIC, "reason": "disaster", "until": "2020-01-01"}, "until"),
    ],
)
def test_what_is_missing_is_said_beside_its_field(seat: Office, said: dict[str, str], fault: str) -> None:
    page = Page(seat.sends("/committee/suspensions", "/committee/suspensions/look", said, by=COMMITTEE, status=422))
    assert f"#{fault}" in page.links and fault in page.ids and f"{fault}-fault" in page.ids


def test_an_area_is_suspended_by_its_name(seat: Office) -> None:
    said = {"subject": "area", "area": DEPARTMENT, "reason": "disaster"}
    sure = Page(seat.sends("/committee/suspensions", "/committee/suspensions/look", said, by=COMMITTEE, status=200))
    assert DEPARTMENT in sure.text
