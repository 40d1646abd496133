"""What a person says of a referral changes nothing they are offered, and no provider reads it. (R-50)"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import pytest

from graph.secrets import Secrets
from graph.server import Server
from graph.store.network import Network
from tests.cast import CLINIC, OWNER, PROVIDER, TOWN
from tests.everybody import EVERYBODY, NOBODY, Callers, callers, set_the_house
from tests.sending import PURPOSE, TYPE

CONSENT: Final = {
    "organization_id": CLINIC,
    "purpose": PURPOSE,
    "modality": "written",
    "fields": ["given_name", "health_condition"],
}


@pytest.fixture(scope="module")
async def house(server: Server, network: Network, secrets: Secrets) -> AsyncIterator[Callers]:
    await set_the_house(network, secrets)
    async with callers(server, secrets) as asked:
        yield asked


async def test_whatever_is_said_suggestions_are_the_same_to_the_byte(house: Callers) -> None:
    case = await house.opened()
    person = f"person:{case}"
    need = await house.needed(case)
    referral = await house.drafted(case, need)
    at = f"/v1/referrals/{referral}/feedback"
    draft = await house.ask(person, "PUT", at, {"helped": "yes"})
    assert draft.status_code == 409 and draft.json()["reasons"][0]["code"] == "nothing-to-judge"
    await house.done(OWNER.id, "POST", f"/v1/cases/{case}/consents", CONSENT)
    await house.done(OWNER.id, "POST", f"/v1/referrals/{referral}/send")
    asked = [
        (OWNER.id, "GET", f"/v1/cases/{case}/needs/{need}/suggestions", None),
        (NOBODY, "POST", "/v1/suggestions", {"service_type": TYPE, "area": TOWN}),
    ]

    async def offered() -> list[bytes]:
        answers = [await house.ask(*one) for one in asked]
        assert all(a.is_success for a in answers), [a.text for a in answers]
        return [a.content for a in answers]

    before = await offered()
    assert any(b"s-clinic" in found for found in before), "the service it is about is among them"
    for helped, respected in (("no", "no"), ("yes", "partly"), (None, None), ("no", None)):
        said = {"helped": helped, "respected": respected, "barrier": "acceptability" if helped == "no" else None}
        heard = await house.done(person, "PUT", at, said)
        entry = heard["entry"]["body"]
        assert entry["kind"] == "feedback-said" and entry["reasons"] == []
        assert entry["fields"] == sorted(name for name, value in said.items() if value)
        assert await offered() == before
        assert {name: (await house.done(OWNER.id, "GET", at))[name] for name in said} == said


async def test_the_team_and_the_person_read_it_and_nobody_else(house: Callers) -> None:
    case = await house.opened()
    referral = await house.drafted(case, await house.needed(case))
    await house.done(OWNER.id, "POST", f"/v1/cases/{case}/consents", CONSENT)
    await house.done(OWNER.id, "POST", f"/v1/referrals/{referral}/send")
    at = f"/v1/referrals/{referral}/feedback"
    assert (await house.ask(OWNER.id, "GET", at)).status_code == 404, "nothing was said yet"
    await house.done(OWNER.id, "PUT", at, {"respected": "no"})
    for by in (*EVERYBODY, f"person:{case}", "person:another", NOBODY):
        for method, body in (("GET", None), ("PUT", {"helped": "yes"})):
            granted = (await house.ask(by, method, at, body)).is_success
            assert granted is (by in (OWNER.id, f"person:{case}")), (by, method)
    view = await house.done(PROVIDER.id, "GET", f"/v1/referrals/{referral}")
    assert "respected" not in str(view) and "feedback" not in str(view)
