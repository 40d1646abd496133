"""What is due, what comes next, which notices left, and a served house that does it all by itself. (R-05, R-12, R-14)"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from api.actions import outbox
from api.scheduler import Clockwork, Scheduler, running
from graph.model.sop import Clocks, SopContact
from graph.model.timer import Rung
from graph.secrets import Secrets
from graph.server import Server
from graph.store import messages, sops, terms
from graph.store.contacts import Told
from graph.store.content import run
from graph.store.network import Network
from tests.cast import ADMIN, CLINIC, COUNTRY, OFFICER, OWNER, PROVIDER, STRANGER
from tests.everybody import COMMITTEE, EVERYBODY, NOBODY, OTHER_PROVIDER, Callers, callers, set_the_house
from tests.post_office import office
from tests.sending import CLINIC_SERVICE, PURPOSE, SERVICES, TYPE, Patient, keys_of_type, sop_of

QUICK: Final = "s-clinic-quick"
NEXT: Final = "s-clinic-next"
DIVIDED: Final = "MATCH (d:Area {code: 'GT09'}) MATCH (c:Area {code: 'GT'}) MERGE (d)-[:PART_OF]->(c)"
ALLOWED: Final = {"organization_id": CLINIC, "purpose": PURPOSE, "modality": "written"}


@pytest.fixture(scope="module")
async def house(server: Server, network: Network, secrets: Secrets) -> AsyncIterator[Callers]:
    await set_the_house(network, secrets)
    patient = Patient.of(network)
    rows = [{"id": id, "organization": CLINIC, "type": TYPE, "keys": keys_of_type(TYPE)} for id in (QUICK, NEXT)]
    await patient.write(run, SERVICES, rows=rows, country=COUNTRY)
    desk = SopContact(name="Recepción", channel="email", address="desk@example.org")
    quick = Clocks(decide="PT2S", receive="P1Y")
    await patient.write(sops.create, [sop_of(QUICK, clocks=quick, contacts=(desk,)), sop_of(NEXT)])
    await patient.write(terms.refresh, [QUICK, NEXT])
    async with callers(server, secrets) as asked:
        yield asked


async def sent(house: Callers, service: str = CLINIC_SERVICE) -> tuple[str, str]:
    """A case, and a referral that was sent."""
    case = await house.opened()
    need = await house.needed(case)
    allowed = ALLOWED | {"fields": ["given_name", "health_condition"]}
    await house.done(OWNER.id, "POST", f"/v1/cases/{case}/consents", allowed)
    draft = {"need_id": need, "service_id": service, "chosen_because": "person-prefers"}
    referral = str((await house.done(OWNER.id, "POST", f"/v1/cases/{case}/referrals", draft))["referral_id"])
    await house.done(OWNER.id, "POST", f"/v1/referrals/{referral}/send")
    return case, referral


async def viewed(house: Callers, referral: str) -> Any:
    return await house.done(OWNER.id, "GET", f"/v1/referrals/{referral}")


async def due(house: Callers, by: str, referral: str) -> list[dict[str, Any]]:
    found = (await house.done(by, "GET", "/v1/due"))["items"]
    return [item for item in found if item["referral_id"] == referral]


async def test_each_side_sees_what_it_owes_and_what_it_waits_for(house: Callers) -> None:
    case, referral = await sent(house)
    owes = await due(house, PROVIDER.id, referral)
    assert [(item["what"], item["side"], item["waits_for_me"]) for item in owes] == [
        ("receive", "responder", True),
        ("decide", "responder", True),
    ]
    waits = await due(house, OWNER.id, referral)
    assert {(item["what"], item["waits_for_me"]) for item in waits} == {("receive", False), ("decide", False)}
    for by in (*(EVERYBODY.keys() - {PROVIDER.id, OWNER.id}), f"person:{case}"):
        assert await due(house, by, referral) == []
    assert (await house.ask(NOBODY, "GET", "/v1/due")).status_code == 401
    for by in (PROVIDER.id, OWNER.id):
        for item in (await house.done(by, "GET", "/v1/due"))["items"]:
            assert (await house.ask(by, "GET", f"/v1/referrals/{item['referral_id']}")).status_code == 200
    assert case not in (await house.ask(PROVIDER.id, "GET", "/v1/due")).text
    for step, reason in (("accept", None), ("hold", "document-missing")):
        await house.done(PROVIDER.id, "POST", f"/v1/referrals/{referral}/steps", {"step": step, "reason": reason})
    assert await due(house, PROVIDER.id, referral) == []
    mine = [item["what"] for item in await due(house, OWNER.id, referral) if item["waits_for_me"]]
    assert "bring" in mine


async def test_a_notice_to_stop_is_due_to_who_may_acknowledge_it_and_to_nobody_else(house: Callers) -> None:
    case, referral = await sent(house)
    (consent,) = await house.done(OWNER.id, "GET", f"/v1/cases/{case}/consents")
    stop = await house.done(OWNER.id, "POST", f"/v1/consents/{consent['id']}/withdrawal")
    for by in (*EVERYBODY, f"person:{case}"):
        answer = await house.ask(by, "GET", "/v1/due")
        assert answer.headers["cache-control"] == "no-store" and case not in answer.text
        items = [item for item in answer.json()["items"] if item["stop_notice_id"] == stop["stop_notice_id"]]
        assert [(i["what"], i["waits_for_me"], i["is_late"]) for i in items] == (
            [("stop-notice", True, False)] if by == PROVIDER.id else []
        ), by
    await house.done(PROVIDER.id, "POST", f"/v1/stop-notices/{stop['stop_notice_id']}/acknowledgement")
    assert stop["stop_notice_id"] not in (await house.ask(PROVIDER.id, "GET", "/v1/due")).text
    assert "decide" not in {item["what"] for item in await due(house, PROVIDER.id, referral)}


async def test_the_next_suggestion_is_fresh_and_without_who_said_no(house: Callers) -> None:
    _, referral = await sent(house)
    for by in (PROVIDER.id, STRANGER.id, COMMITTEE.id):
        assert (await house.ask(by, "GET", f"/v1/referrals/{referral}/next")).status_code == 404
    said = {"step": "reject", "reason": "full-now"}
    await house.done(PROVIDER.id, "POST", f"/v1/referrals/{referral}/steps", said)
    found = await house.done(OWNER.id, "GET", f"/v1/referrals/{referral}/next")
    services = {s["service"]["id"] for s in [*found["suggested"], *found["ruled_out"]]}
    assert NEXT in services
    assert CLINIC_SERVICE not in services


async def test_a_served_house_reminds_and_lapses_by_itself(house: Callers, network: Network, secrets: Secrets) -> None:
    """Two seconds for a decision: told at one, two, two and a half and three seconds, lapsed at four."""
    _, referral = await sent(house, QUICK)
    with office() as post_office:
        clockwork = Clockwork(every=0.1, committee="comite@example.org", post=post_office.post)
        async with running(clockwork, network, secrets), asyncio.timeout(60):
            while (view := await viewed(house, referral))["status"] == "requested":  # noqa: ASYNC110 - over HTTP
                await asyncio.sleep(0.2)
        assert (view["status"], view["reason"], view["owner"]) == ("cancelled", "lapsed", "clock")
        assert "next-suggestion" in view["consequences"]
        assert post_office.told[0] == "desk@example.org"
        assert post_office.told[-1] == "comite@example.org"
    assert not [t for t in asyncio.all_tasks() if "Scheduler" in repr(t.get_coro())]
    mine = [item["what"] for item in await due(house, OWNER.id, referral) if item["waits_for_me"]]
    assert "next-suggestion" in mine
    await network.write(run, DIVIDED)
    gaps = await house.done(COMMITTEE.id, "GET", "/v1/gaps?country=GT")
    assert gaps["country"] == "GT", "the committee reads what the clock counted"
    found = await house.done(OWNER.id, "GET", f"/v1/referrals/{referral}/next")
    assert QUICK not in {s["service"]["id"] for s in found["suggested"]}


@pytest.fixture
async def told(house: Callers, network: Network) -> str:
    """Two mails about one referral, one of them without an address; the referral."""
    _, referral = await sent(house)
    about: dict[str, Any] = {"about": referral, "country": "GT", "clock": "decide"}
    for n, (rung, to) in enumerate([(Rung.FOCAL_POINT, None), (Rung.PROVIDER, "desk@example.org")]):
        at = datetime.now(UTC) + timedelta(days=1, seconds=n)
        await network.write(outbox.put, Told(CLINIC, to), f"remind-{rung.value}", rung=rung, at=at, **about)
    return referral


@pytest.mark.usefixtures("told")
async def test_the_committee_sees_what_was_mailed_and_which_address_is_missing(house: Callers) -> None:
    rows = (await house.done(COMMITTEE.id, "GET", "/v1/messages"))["messages"]
    assert {(row["rung"], row["failed_because"]) for row in rows} >= {("provider", None), ("focal-point", "no-address")}
    assert all("about" not in row and "link" not in row for row in rows)
    oldest = (await house.done(ADMIN.id, "GET", "/v1/messages?limit=1"))["messages"]
    assert oldest == rows[:1]
    following = await house.done(ADMIN.id, "GET", f"/v1/messages?after={rows[0]['id']}")
    assert following["messages"][0] == rows[1]
    for by in (OWNER.id, PROVIDER.id, OFFICER.id):
        assert (await house.ask(by, "GET", "/v1/messages")).status_code == 403
    assert (await house.ask("nobody", "GET", "/v1/messages")).status_code == 401


async def test_the_link_of_a_mail_asks_who_you_are(house: Callers, network: Network, told: str) -> None:
    found = (await network.read(messages.page))[0]
    address = f"/r/{found.id}"
    referral, _ = await network.read(outbox.subject, found.id, actor=OWNER)
    assert referral == told
    asked = await house.ask("nobody", "GET", address)
    assert (asked.status_code, asked.headers["location"]) == (303, f"/sign-in?to=%2Fr%2F{found.id}")
    other = await house.ask("nobody", "GET", f"/r/{'0' * 32}")
    assert other.status_code == 303
    for by in (OWNER.id, PROVIDER.id):
        seen = await house.ask(by, "GET", address)
        assert seen.status_code == 200
        assert referral in seen.text
    for by in (OTHER_PROVIDER.id, STRANGER.id, COMMITTEE.id):
        assert (await house.ask(by, "GET", address)).status_code == 404


async def test_without_keys_or_when_switched_off_nothing_is_done(network: Network, secrets: Secrets) -> None:
    for clockwork, keys in ((None, secrets), (Clockwork(), None)):
        async with running(clockwork, network, keys):
            assert not [t for t in asyncio.all_tasks() if Scheduler.run.__qualname__ in repr(t)]
