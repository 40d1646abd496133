"""Today: what is due, overdue, stale or waiting for whoever signed in, by word; doors for everybody else. (R-06, R-12)"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from api.actions.consequences import TABLE, TASK
from api.actions.outlook import BRING
from api.actions.waits import Waiting
from api.texts import catalogue
from graph.model.clock import Due
from graph.model.sop import Clocks
from graph.secrets import Secrets
from graph.server import Server
from graph.store import sops, terms
from graph.store.content import run
from graph.store.network import Network
from tests.cast import ADMIN, CLINIC, COUNTRY, OFFICER, OWNER, PROFESSIONAL, PROVIDER
from tests.everybody import COMMITTEE, NOBODY, OTHER_PROVIDER, Callers, callers, give_credential, set_the_house
from tests.sending import CANARY, CLINIC_SERVICE, PURPOSE, SERVICES, TYPE, Patient, keys_of_type, sop_of
from tests.ui.pages import Page

EN = {"Accept-Language": "en"}
QUICK = "s-clinic-at-once"


@pytest.fixture(scope="module")
async def house(server: Server, network: Network, secrets: Secrets) -> AsyncIterator[Callers]:
    await set_the_house(network, secrets)
    patient = Patient.of(network)
    rows = [{"id": QUICK, "organization": CLINIC, "type": TYPE, "keys": keys_of_type(TYPE)}]
    await patient.write(run, SERVICES, rows=rows, country=COUNTRY)
    await patient.write(sops.create, [sop_of(QUICK, clocks=Clocks(receive="PT0S", decide="P1Y"))])
    await patient.write(terms.refresh, [QUICK])
    async with callers(server, secrets) as asked:
        yield asked


async def sent(house: Callers, service: str = CLINIC_SERVICE) -> str:
    case = await house.opened()
    need = await house.needed(case)
    said = {"organization_id": CLINIC, "purpose": PURPOSE, "modality": "written",
            "fields": ["given_name", "health_condition"]}  # fmt: skip
    await house.done(OWNER.id, "POST", f"/v1/cases/{case}/consents", said)
    referral = await house.drafted(case, need, service=service)
    await house.done(OWNER.id, "POST", f"/v1/referrals/{referral}/send")
    return referral


async def today(house: Callers, by: str) -> Page:
    answer = await house.ask(by, "GET", "/", headers=EN)
    assert answer.status_code == 200, answer.text[:600]
    assert answer.headers["cache-control"] == "no-store" and CANARY not in answer.text
    assert not re.search(r'class="by">\s*·', answer.text), "nothing to be parted from"
    return Page(answer)


async def test_a_provider_sees_what_is_overdue_and_due_and_its_places_one_touch_away(house: Callers) -> None:
    late, due = await sent(house, QUICK), await sent(house)
    found = await today(house, PROVIDER.id)
    assert found.h1 == "Today"
    assert f"/received/{late}" in found.links and f"/received/{due}" in found.links
    order = [link for link in found.links if link in (f"/received/{late}", f"/received/{due}")]
    assert order == [f"/received/{late}", f"/received/{due}"], "what is late comes first, each referral once"
    assert "Overdue" in found.text and "Waiting for you" in found.text
    assert f"/services/{CLINIC_SERVICE}/places" in found.links, "all services on one screen, one touch each"
    assert "Nobody has said" in found.text or "old or unsaid" in found.text
    other = await today(house, OTHER_PROVIDER.id)
    assert f"/received/{late}" not in other.links and f"/services/{CLINIC_SERVICE}/places" not in other.links


async def test_a_case_manager_sees_what_waits_in_their_cases(house: Callers) -> None:
    referral = await sent(house)
    found = await today(house, OWNER.id)
    assert f"/referrals/{referral}" in found.links and "Waiting for others" in found.text
    await house.done(PROVIDER.id, "POST", f"/v1/referrals/{referral}/steps", {"step": "reject", "reason": "full-now"})
    assert "Look for another option with the person" in (await today(house, OWNER.id)).text
    case = await house.opened()
    assert case not in found.text
    assert "/cases" in (await today(house, OWNER.id)).links


async def test_each_other_role_is_told_how_much_waits_and_where(
    house: Callers, network: Network, secrets: Secrets
) -> None:
    for by in (COMMITTEE.id, PROFESSIONAL.id, OFFICER.id):
        assert "Nothing waits for you now" in (await today(house, by)).text, by
    case = await house.opened()
    referral = await house.drafted(case, await house.needed(case))
    plea = {"assessor_id": PROFESSIONAL.id, "requested_by": "organisation"}
    await house.done(OWNER.id, "POST", f"/v1/referrals/{referral}/exception", plea)
    found = await today(house, PROFESSIONAL.id)
    assert "/attest" in found.links and "One attestation you are asked for" in found.text
    complaint = {"about_id": CLINIC, "kind": "delay", "words": "Nadie contesta.", "unnamed": True}
    await house.done(OWNER.id, "POST", "/v1/complaints", complaint)
    found = await today(house, COMMITTEE.id)
    assert "/committee/complaints" in found.links and "One complaint to answer" in found.text
    await give_credential(network, secrets, "a-stranger", issued=False)
    assert "waits for a second word" in (await today(house, "a-admin-2")).text
    assert "waits for a second word" not in (await today(house, ADMIN.id)).text, "their own proposal waits for another"


async def test_visitors_find_doors_and_the_person_their_own_page(house: Callers) -> None:
    doors = Page(await house.ask(NOBODY, "GET", "/", headers=EN))
    assert {"/suggestions", "/places", "/gaps", "/sign-in"} <= set(doors.links) and doors.h1 != "Today"
    case = await house.opened()
    answer = await house.ask(f"person:{case}", "GET", "/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/mine")


def test_all_that_can_be_due_or_wait_has_its_words() -> None:
    words = catalogue("es")
    what = {
        f"mine.{code.value}"
        for code in (*Due, *(c for c, act in TABLE.items() if act is TASK))
        if code.value != "back-to-sender"
    } | {
        "mine.stop-notice",
        f"mine.{BRING}",
        *(f"others.{due.value}" for due in Due),
        *(f"waits.case-{kind}.many" for kind in Waiting if kind not in (Waiting.LATE, Waiting.TASK)),
    }
    assert sorted(key for key in what if f"today.{key}" not in words) == []
