"""Proposals and duplicates over /v1: the same actions as on the pages, with ids, codes and reasons. (R-02)"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from graph.secrets import Secrets
from graph.server import Server
from graph.store.network import Network
from tests.cast import ADMIN, OFFICER, OWNER, PROVIDER
from tests.everybody import COMMITTEE, NOBODY, OTHER_PROVIDER, Callers, callers, set_the_house
from tests.sending import CLINIC_SERVICE, NO_SOP_SERVICE, Patient

AT = "/v1/proposals"


@pytest.fixture(scope="module")
async def house(network: Network, server: Server, secrets: Secrets) -> AsyncIterator[Callers]:
    await set_the_house(network, secrets)
    async with callers(server, secrets) as house:
        house.app.state.network = Patient.of(house.app.state.network)
        yield house


def asked(**stated: object) -> dict[str, object]:
    return {"subject": "service", "subject_id": CLINIC_SERVICE, "stated": stated}


async def test_proposed_by_one_approved_by_another_and_taken_back(house: Callers) -> None:
    made = await house.done(PROVIDER.id, "POST", AT, asked(email="nueva@example.org"))
    assert made["state"] == "open"
    assert (await house.done(PROVIDER.id, "GET", AT))["proposals"] == [], "not one's own"
    (waiting,) = (await house.done(COMMITTEE.id, "GET", AT))["proposals"]
    assert waiting["stated"] == {"email": "nueva@example.org"} and waiting["before"] == {"email": None}
    at = f"{AT}/{made['id']}"
    for nobody in (PROVIDER.id, OTHER_PROVIDER.id, OFFICER.id, OWNER.id):
        assert (await house.ask(nobody, "POST", f"{at}/approval")).status_code == 404
    done = await house.done(COMMITTEE.id, "POST", f"{at}/approval")
    assert done == {"id": made["id"], "state": "approved"}
    (mine,) = (await house.done(PROVIDER.id, "GET", f"{AT}/mine"))["proposals"]
    assert mine["state"] == "approved"
    assert (await house.done(ADMIN.id, "POST", f"{at}/undoing"))["state"] == "undone"
    again = await house.ask(COMMITTEE.id, "POST", f"{at}/approval")
    assert again.status_code == 409 and again.json()["reasons"][0]["code"] == "proposal-ended"


async def test_rejected_with_a_reason_and_withdrawn(house: Callers) -> None:
    made = await house.done(OWNER.id, "POST", AT, asked(url="https://example.org"))
    no = {"reason": "not-confirmed", "note": "No contestan."}
    assert (await house.done(PROVIDER.id, "POST", f"{AT}/{made['id']}/rejection", no))["state"] == "rejected"
    other = await house.done(OWNER.id, "POST", AT, asked(url="https://example.org"))
    assert (await house.done(OWNER.id, "POST", f"{AT}/{other['id']}/withdrawal"))["state"] == "withdrawn"


async def test_what_no_entry_can_say_is_named(house: Callers) -> None:
    wrong = await house.ask(PROVIDER.id, "POST", AT, asked(languages=["klingon"]))
    assert wrong.status_code == 422 and wrong.json()["errors"][0]["pointer"] == "/languages"
    missing = await house.ask(PROVIDER.id, "POST", AT, asked(email="a@example.org") | {"subject_id": "none"})
    assert missing.status_code == 404
    assert (await house.ask(NOBODY, "POST", AT, asked(email="a@example.org"))).status_code == 401


async def test_two_entries_are_one_by_a_word_and_two_again(house: Callers) -> None:
    at = "/v1/duplicates"
    for nobody in (PROVIDER.id, OWNER.id, ADMIN.id):
        assert (await house.ask(nobody, "GET", at)).status_code == 404
    pair = {"subject": "service", "kept_id": CLINIC_SERVICE, "gone_id": NO_SOP_SERVICE, "same": True}
    made = await house.done(COMMITTEE.id, "POST", at, pair)
    assert made["state"] == "merged"
    twice = await house.ask(COMMITTEE.id, "POST", at, pair)
    assert twice.status_code == 409 and twice.json()["reasons"][0]["code"] == "merged-already"
    (said,) = (await house.done(COMMITTEE.id, "GET", f"{at}?subject=service"))["said"]
    assert (said["kept_id"], said["gone_id"]) == (CLINIC_SERVICE, NO_SOP_SERVICE)
    assert (await house.done(COMMITTEE.id, "POST", f"{at}/{made['id']}/undoing"))["state"] == "undone"
    apart = await house.done(COMMITTEE.id, "POST", at, pair | {"same": False})
    assert apart["state"] == "distinct"
