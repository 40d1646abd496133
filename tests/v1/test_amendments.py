"""Rules published by two persons over HTTP: drafted by whose service it is, published by the committee. (R-10, R-35)"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from graph.model.actor import Actor, Role
from graph.secrets import Secrets
from graph.server import Server
from graph.store.network import Network, Tx
from tests.cast import COUNTRY, OTHER, OWNER, PROVIDER, TOWN
from tests.everybody import COMMITTEE, EVERYBODY, OTHER_PROVIDER, Callers, callers, set_the_house
from tests.sending import CLINIC_SERVICE, TYPE

AT = f"/v1/services/{CLINIC_SERVICE}/amendments"
MECHANISM = "mechanism-demo"
SECOND = Actor(id="a-committee-two", organization_id=OTHER, roles=frozenset({Role.COMMITTEE}))


@pytest.fixture(scope="module")
async def house(server: Server, network: Network, secrets: Secrets) -> AsyncIterator[Callers]:
    await set_the_house(network, secrets)

    async def mechanism(tx: Tx) -> None:
        made = "MERGE (m:Mechanism {id: $id}) SET m.name = 'Mesa', m.area = $area, m.scope = 'national'"
        await (await tx.run(made, id=MECHANISM, area=COUNTRY)).consume()

    await network.write(mechanism)
    async with callers(server, secrets, {**EVERYBODY, SECOND.id: SECOND}) as asked:
        yield asked


def field(code: str, **changes: Any) -> dict[str, Any]:
    return {"field": code, "stage": "first-contact", "required": True, "why_needed": "para atender"} | changes


def said(*fields: dict[str, Any], days: int = 0, **changes: Any) -> dict[str, Any]:
    starts_on = (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
    return {"sop": {"fields": list(fields)}, "starts_on": starts_on, "reason": "review"} | changes


async def drafted(house: Callers, *fields: dict[str, Any], by: str = PROVIDER.id, **changes: Any) -> str:
    return str((await house.done(by, "POST", AT, said(*fields, **changes)))["amendment_id"])


async def test_a_draft_becomes_a_rule_by_the_word_of_another_person(house: Callers) -> None:
    id = await drafted(house, field("given_name"), field("telephone", required=False), days=3)
    handed = await house.done(PROVIDER.id, "POST", f"/v1/amendments/{id}/submission", {"revision": 1})
    assert handed["entry"]["body"]["kind"] == "amendment-submitted"
    publication = f"/v1/amendments/{id}/publication"
    early = await house.ask(COMMITTEE.id, "POST", publication, {"revision": 1})
    assert [r["code"] for r in early.json()["reasons"]] == ["difference-missing"]
    found = await house.done(COMMITTEE.id, "POST", f"/v1/amendments/{id}/difference")
    assert {(c["field"], c["before"], c["after"]) for c in found["fields"] if c["stage"] == "first-contact"} == {
        ("given_name", "required", "required"),  # no longer marked for emergencies
        ("health_condition", "required", None),
        ("telephone", "optional", "optional"),
    }
    assert (await house.ask(PROVIDER.id, "POST", publication, {"revision": 1})).status_code == 404
    made = await house.done(COMMITTEE.id, "POST", publication, {"revision": 1})
    assert made["stage"] == "published" and made["entry"]["body"]["kind"] == "sop-change"
    seen = await house.done(COMMITTEE.id, "GET", f"/v1/amendments/{id}")
    assert seen["amendment"]["sop"]["version"] == 2 and seen["amendment"]["decided_by"] == COMMITTEE.id


async def test_what_is_wrong_with_rules_is_told_where_it_stands(house: Callers) -> None:
    for wrong, pointer, code in (
        (field("meeting_notes"), "/sop/fields/0/field", "unknown-code"),
        (field("given_name", why_needed=None), "/sop/fields/0/why_needed", "missing"),
        (field("given_name", emergency=True, stage="follow-up"), "/sop/fields/0/emergency", "contradiction"),
        (field("given_name", stage="soon"), "/sop/fields/0/stage", "unknown-code"),
    ):
        answer = await house.ask(PROVIDER.id, "POST", AT, said(wrong))
        assert answer.status_code == 422
        assert (pointer, f"publishing.fault.{code}") in [(e["pointer"], e["code"]) for e in answer.json()["errors"]]
    twice = await house.ask(PROVIDER.id, "POST", AT, said(field("given_name"), field("given_name")))
    assert [e["pointer"] for e in twice.json()["errors"]] == ["/sop/fields/0/field", "/sop/fields/1/field"]
    given = await house.ask(PROVIDER.id, "POST", AT, said() | {"sop": {"version": 9}})
    assert [e["pointer"] for e in given.json()["errors"]] == ["/sop/version"]
    for why in (said(reason="porque-si"), said() | {"sop": {"clocks": {"decide": "mañana"}}}):
        answer = await house.ask(PROVIDER.id, "POST", AT, why)
        assert answer.status_code == 422 and "porque" not in answer.text and "mañana" not in answer.text


async def test_repeated_under_one_key_it_is_one_draft(house: Callers) -> None:
    key = {"Idempotency-Key": "una-clave-de-prueba-1"}
    body = said(field("family_name"), days=5)
    first, second = [(await house.done(PROVIDER.id, "POST", AT, body, key))["amendment_id"] for _ in range(2)]
    assert first == second


async def test_others_see_nothing_of_it(house: Callers) -> None:
    id = await drafted(house, field("family_name"), days=5)
    for by in (OWNER.id, OTHER_PROVIDER.id):
        assert (await house.ask(by, "GET", f"/v1/amendments/{id}")).status_code == 404
        assert id not in [x["id"] for x in await house.done(by, "GET", "/v1/amendments")]
        assert (await house.ask(by, "POST", AT, said(field("family_name")))).status_code == 404
    assert (await house.ask("a-professional", "GET", "/v1/amendments")).status_code == 403
    assert id in [x["id"] for x in await house.done(PROVIDER.id, "GET", "/v1/amendments")]


async def test_an_order_of_suggestions_is_published_by_two_persons_too(house: Callers) -> None:
    at = f"/v1/mechanisms/{MECHANISM}/amendments"
    body = {"policy": "nearest-first", "starts_on": said()["starts_on"], "reason": "fairer-order"}
    assert (await house.ask(PROVIDER.id, "POST", at, body)).status_code == 404
    unknown = await house.ask(COMMITTEE.id, "POST", at, body | {"policy": "ours-first"})
    assert [e["pointer"] for e in unknown.json()["errors"]] == ["/policy"]
    id = (await house.done(COMMITTEE.id, "POST", at, body))["amendment_id"]
    await house.done(COMMITTEE.id, "POST", f"/v1/amendments/{id}/submission", {"revision": 1})
    await house.done(COMMITTEE.id, "POST", f"/v1/amendments/{id}/difference")
    own = await house.ask(COMMITTEE.id, "POST", f"/v1/amendments/{id}/publication", {"revision": 1})
    assert [r["code"] for r in own.json()["reasons"]] == ["same-hands"]
    need = {"service_type": TYPE, "area": TOWN}
    before = await house.done(OWNER.id, "POST", "/v1/suggestions", need)
    assert before["policy"]["id"] == "places-first"
    made = await house.done(SECOND.id, "POST", f"/v1/amendments/{id}/publication", {"revision": 1})
    body = made["entry"]["body"]
    assert (body["kind"], body["policy_version"], body["reasons"]) == (
        "order-change",
        1,
        ["fairer-order", "nearest-first"],
    )
    after = await house.done(OWNER.id, "POST", "/v1/suggestions", need)
    assert after["policy"] == {
        "id": "nearest-first",
        "version": 1,
        "keys": ["sop", "nearness", "places", "standing", "questions", "turn"],
    }


async def test_a_change_says_which_revision_was_read(house: Callers) -> None:
    id = await drafted(house, field("family_name"), days=5)
    changed = said(field("family_name"), field("languages"), days=5) | {"revision": 1}
    assert (await house.done(PROVIDER.id, "PUT", f"/v1/amendments/{id}", changed))["revision"] == 2
    again = await house.ask(PROVIDER.id, "PUT", f"/v1/amendments/{id}", changed)
    assert [r["code"] for r in again.json()["reasons"]] == ["amendment-changed"]
