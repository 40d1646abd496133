"""No way to send without consent but the attested door: every route, as everybody, with whatever fits it. (R-11, R-22)

Nothing here names a route that sends: for each route of the application the test tries it, then tries to send, and
looks what lies in the graph. Exactly two routes make a send possible: writing down what the person allows, and the word
of the professional who was asked. A route that is added later is tried by itself, and fails here if it is a third one.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from httpx2 import Response

from api.actions import consents
from api.actions.consents import Allowing
from api.v1.cases import ChangeDep
from graph.model.actor import Role
from graph.secrets import Secrets
from graph.server import Server
from graph.store.network import Network, Tx
from tests.cast import CLINIC, COLLEAGUE, HOME, NOW, OTHER, OWNER, PROFESSIONAL, PROVIDER, TOWN
from tests.everybody import EVERYBODY, INSIDE, NOBODY, RECEIVER, Callers, callers, give_credential, set_the_house
from tests.routes import Route, bodies, described, routes
from tests.sending import CANARY, CLINIC_SERVICE, OTHER_SERVICE, PURPOSE, TYPE

CONSENTING: Final = ("a-owner", "POST /v1/cases/{case_id}/consents")
ATTESTING: Final = (PROFESSIONAL.id, "POST /v1/exceptions/asked/{request_id}/word")
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
NONE: Final = "0" * 32
PERSON: Final = "the person"


@pytest.fixture(scope="module")
async def house(server: Server, network: Network, secrets: Secrets) -> AsyncIterator[Callers]:
    await set_the_house(network, secrets)
    async with callers(server, secrets) as asked:
        yield asked


async def sent(network: Network) -> int:
    """How many copies lie in the graph, and how many referrals anybody has received."""

    async def count(tx: Tx) -> int:
        copies = await (await tx.run("MATCH (d:Disclosure) RETURN count(d) AS n")).single(strict=True)
        received = await (await tx.run("MATCH ()-[r:RECEIVES]->() RETURN count(r) AS n")).single(strict=True)
        return int(copies["n"]) + int(received["n"])

    return await network.read(count)


async def world(house: Callers, spare: str) -> dict[str, Any]:
    """A case that lacks nothing but the consent: a record, an agreed need, a draft, a professional who was asked.

    It has consents too: to another organisation, and to this one for another purpose. They open nothing.
    """
    case = await house.opened()
    need = await house.needed(case)
    referral = await house.drafted(case, need)
    plea = {"assessor_id": PROFESSIONAL.id, "requested_by": "organisation"}
    request = (await house.done(OWNER.id, "POST", f"/v1/referrals/{referral}/exception", plea))["id"]
    elsewhere = {"modality": "written", "fields": ["given_name", "health_condition"]}
    consents_at = f"/v1/cases/{case}/consents"
    await house.done(OWNER.id, "POST", consents_at, elsewhere | {"organization_id": OTHER, "purpose": PURPOSE})
    other = elsewhere | {"organization_id": CLINIC, "purpose": "housing"}
    consent = (await house.done(OWNER.id, "POST", consents_at, other))["consent_id"]
    at = datetime.now(UTC)
    return {
        "case_id": case,
        "need_id": need,
        "referral_id": referral,
        "request_id": request,
        "consent_id": consent,
        "service_id": CLINIC_SERVICE,
        "organization_id": CLINIC,
        "recipient": CLINIC,
        "actor_id": COLLEAGUE.id,
        "assessor_id": PROFESSIONAL.id,
        "assessed_by": PROFESSIONAL.id,
        "credential_id": spare,
        "account_id": f"account-{PROVIDER.id}",
        "subject_id": OTHER_SERVICE,  # what is suspended; the clinic's service has to go on
        "purpose": PURPOSE,
        "service_type": TYPE,
        "fields": ["given_name", "health_condition"],
        "stages": ["first-contact"],
        "categories": [],
        "countries": [],
        "purposes": [PURPOSE],
        "data": {"allergies": "polvo", "municipality": TOWN, "age_band": "26-59"},
        "field": "document_number",
        "language": "es",
        "languages": ["spa"],
        "modality": "written",
        "given_by": "self",
        "guardian_id": None,
        "explained_by": None,
        "notice_version": None,
        "witness": None,
        "goal_id": None,
        "goal_ids": [],
        "ground": "suicide-risk",
        "relation": None,
        "kind": "mental-health",
        "channel": "sms",
        "area": TOWN,
        "factors": {},
        "priority": "normal",
        "login": "nobody.at.all",
        "valid_from": (at - timedelta(days=1)).isoformat(),
        "on": NOW.date().isoformat(),
        "limit": 3,
    }  # fmt: skip


UNKNOWN: Final = NONE
"""For a name in a path that the world has no thing for: such a one is not there."""


def filled(route: Route, known: dict[str, Any]) -> str:
    """The path of a route; `representative_reachable` and the like are the body's."""
    return route.to({name: known.get(name) or UNKNOWN for name in route.params})


async def test_every_route_is_found_with_its_body(house: Callers) -> None:
    found = {str(route): route for route in routes(house.app)}
    assert len(found) > 80
    assert "POST /v1/referrals/{referral_id}/send" in found and "POST /sign-in" in found
    assert found[CONSENTING[1]].body
    paths = described()["paths"]
    assert all(f"{m.upper()} {path}" in found for path in paths for m in paths[path])


async def ways(
    house: Callers, network: Network, secrets: Secrets, every: Sequence[Route], by: Iterable[str]
) -> tuple[set[tuple[str, str]], Counter[str]]:
    """Who made a send possible by which route; and why the other attempts to send came to nothing.

    Each caller tries every route; after whatever was granted, and once more at the end, the owner tries to send.
    """
    spare = await give_credential(network, secrets, "a-stranger")
    found: set[tuple[str, str]] = set()
    why: Counter[str] = Counter()
    before = await sent(network)
    for name in by:
        known = await world(house, spare)
        for route in every:
            granted = False
            for body in bodies(route, known | {"representative_reachable": False}):
                caller = f"person:{known['case_id']}" if name == PERSON else name
                answer = await house.ask(caller, route.method, filled(route, known), body, ANY_VERSION)
                keeps_silent(answer, caller)
                granted = granted or ((answer.is_success or answer.is_redirect) and route.method not in ("GET", "HEAD"))
            if granted or route is every[-1]:
                attempt = await house.ask(OWNER.id, "POST", f"/v1/referrals/{known['referral_id']}/send")
                opened = await house.ask(RECEIVER, "POST", f"/v1/received/{known['referral_id']}/opening")
                if (after := await sent(network)) > before:
                    before = after
                    found.add((name, str(route)))
                    assert CANARY in opened.text, "the receiver reads it now: this test sees what leaves"
                else:
                    why[attempt.json()["reasons"][0]["code"]] += 1
                    assert opened.status_code == 404, (name, str(route))
            if granted and THEIRS & set(route.params):
                known = await world(house, spare)
    return found, why


async def test_two_routes_alone_make_a_send_possible(house: Callers, network: Network, secrets: Secrets) -> None:
    others = sorted(EVERYBODY.keys() - {OWNER.id, PROFESSIONAL.id})
    by = (OWNER.id, PROFESSIONAL.id, *others, PERSON, NOBODY)
    found, why = await ways(house, network, secrets, routes(house.app), by)
    assert found == {CONSENTING, ATTESTING}
    missing = why["consent-missing"] + why["consent-other-purpose"]
    assert missing > 0.9 * why.total(), f"nothing but the consent may stand in the way: {why}"


async def test_a_third_way_would_be_found(server: Server, network: Network, secrets: Secrets) -> None:
    async with callers(server, secrets) as other:

        @other.app.post("/v1/loophole/{case_id}")
        async def loophole(case_id: str, change: ChangeDep) -> Any:
            """Consents in the person's place."""
            fields = frozenset({"given_name", "health_condition"})
            said = Allowing(organization_id=CLINIC, purpose=PURPOSE, modality="digital", fields=fields)
            return await change.answer(consents.give, case_id, said)

        every = [route for route in routes(other.app) if "loophole" in route.path]
        found, _ = await ways(other, network, secrets, every, [COLLEAGUE.id, OWNER.id])
    assert found == {(OWNER.id, "POST /v1/loophole/{case_id}")}


ANY_VERSION: Final = {"If-Match": "*"}
THEIRS: Final = frozenset({"case_id", "referral_id", "request_id", "consent_id"})
"""Whoever is granted something on a path with one of these has changed the world: the next attempt has a new one."""


def keeps_silent(answer: Response, caller: str) -> None:
    """Nobody who does not work with the case is told any value of it."""
    if caller not in INSIDE and not caller.startswith("person:"):
        assert CANARY not in answer.text + str(answer.headers), (caller, answer.request.method, answer.request.url.path)


async def test_whatever_is_tried_in_whatever_order_nothing_leaves(
    house: Callers, network: Network, secrets: Secrets
) -> None:
    """All routes but the two, one after the other in the same world, by everybody, in an order that is drawn."""
    spare = await give_credential(network, secrets, "a-stranger")
    known = await world(house, spare)
    before = await sent(network)
    tried = [
        (by, route)
        for by in (*EVERYBODY, f"person:{known['case_id']}")
        for route in routes(house.app)
        if (by, str(route)) != ATTESTING and str(route) != CONSENTING[1]
    ]
    random.Random(20261121).shuffle(tried)
    for by, route in tried:
        for body in [next(bodies(route, known))]:
            keeps_silent(await house.ask(by, route.method, filled(route, known), body, ANY_VERSION), by)
    assert await sent(network) == before


async def test_who_does_not_work_with_a_case_cannot_even_consent_for_it(house: Callers, network: Network) -> None:
    """Writing a consent down is the team's: the same words by anybody else are not there."""
    case = await house.opened()
    said = {"organization_id": CLINIC, "purpose": PURPOSE, "modality": "written", "fields": ["given_name"]}
    for by in (*sorted(EVERYBODY.keys() - {OWNER.id}), f"person:{case}", NOBODY):
        answer = await house.ask(by, "POST", f"/v1/cases/{case}/consents", said)
        assert answer.status_code in (401, 404), (by, answer.text)
    assert (await house.ask(OWNER.id, "POST", f"/v1/cases/{case}/consents", said)).status_code == 201


async def test_no_body_says_that_something_is_allowed(house: Callers) -> None:
    """A right is computed from what stands in the graph: a body that brings one along is refused. (mission §3c, P7)"""
    flags = (
        "override",
        "consent_overridden",
        "force",
        "consent",
        "permit",
        "emergency",
        "payload",
        "as_role",
        "status",
    )
    case = await house.opened()
    need = await house.needed(case)
    known = {"case_id": case, "need_id": need, "service_type": TYPE}
    for route in routes(house.app):
        if route.body is None or route.body.get("type") != "object":
            continue
        body = next(bodies(route, known))
        for flag in flags:
            if flag in route.body.get("properties", {}):
                continue
            answer = await house.ask(OWNER.id, route.method, filled(route, known), body | {flag: True})
            assert answer.status_code in (403, 404, 422, 429), (str(route), flag, answer.text)
            assert not answer.is_success


async def test_no_other_method_does_anything(house: Callers) -> None:
    """What a path does not offer is not there for anybody."""
    every = routes(house.app)
    offered: dict[str, set[str]] = {}
    for route in every:
        offered.setdefault(route.path, set()).add(route.method)
    for path, methods in offered.items():
        for method in METHODS:
            if method not in methods:
                answer = await house.ask(
                    OWNER.id, method, Route(method, path).to(dict.fromkeys(Route("", path).params, NONE))
                )
                assert answer.status_code in (404, 405), (method, path)


def test_the_cast_has_every_role() -> None:
    roles = {role for actor in EVERYBODY.values() for role in actor.roles} | {Role.PERSON}
    assert roles == set(Role)
    assert all(a.organization_id in (HOME, OTHER, CLINIC) for a in EVERYBODY.values())
