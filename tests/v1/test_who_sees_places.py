"""How many places are held is no public number: it would tell when somebody is sent to a shelter. (R-25, R-26)"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from graph.secrets import Secrets
from graph.server import Server
from graph.store import terms
from graph.store.network import Network, Tx
from tests.cast import ADMIN, CLINIC, COUNTRY, OTHER, OWNER, PROVIDER, STRANGER, TOWN
from tests.everybody import NOBODY, OTHER_PROVIDER, Callers, callers, set_the_house
from tests.places import open_places
from tests.sending import SERVICES, TYPE, keys_of_type

ID = "s-watched"
SHELTER = "s-shelter"
SEAL = """
    MATCH (s:Service {id: $id}), (a:Area {code: $area})
    CREATE (s)-[:DELIVERED_AT]->(l:Location {id: 'l-shelter', sealed: true})-[:IN]->(a)
"""
COUNTS = ("leased", "in_use", "declines")


@pytest.fixture(scope="module")
async def house(server: Server, network: Network, secrets: Secrets) -> AsyncIterator[Callers]:
    await set_the_house(network, secrets)
    await open_places(network, ID, 3)
    await open_places(network, SHELTER, 3)

    async def seal(tx: Tx) -> None:
        rows = [{"id": id, "organization": CLINIC, "type": TYPE, "keys": keys_of_type(TYPE)} for id in (ID, SHELTER)]
        await (await tx.run(SERVICES, rows=rows, country=COUNTRY)).consume()
        await (await tx.run(SEAL, id=SHELTER, area=TOWN)).consume()
        await terms.refresh(tx, [ID, SHELTER])

    await network.write(seal)
    async with callers(server, secrets) as asked:
        yield asked


async def test_what_is_held_is_seen_by_who_may_say_the_places_and_by_nobody_else(house: Callers) -> None:
    assert OTHER_PROVIDER.organization_id == OTHER
    for by, sees in (
        (PROVIDER.id, True), (ADMIN.id, True),
        (OWNER.id, False), (OTHER_PROVIDER.id, False), (STRANGER.id, False), (NOBODY, False),
    ):  # fmt: skip
        answer = await house.ask(by, "GET", f"/v1/services/{ID}/capacity")
        found = answer.json()
        assert (answer.status_code, found["available"]) == (200, 3), by
        assert [found[name] for name in COUNTS] == ([0, 0, 0] if sees else [None] * 3), by
        assert ("no-store" in answer.headers["cache-control"]) is sees, by


async def test_of_a_sealed_place_nobody_else_sees_what_is_free(house: Callers) -> None:
    """Neither by the number, nor by its version, nor by what is suggested; the pages: tests/ui. (R-26)"""
    for by, sees in ((PROVIDER.id, True), (ADMIN.id, True), (OWNER.id, False), (STRANGER.id, False), (NOBODY, False)):
        answer = await house.ask(by, "GET", f"/v1/services/{SHELTER}/capacity")
        assert (answer.json() is not None) is sees, by
        assert (answer.headers["etag"] != '"0"') is sees, by
        need = {"service_type": TYPE, "area": TOWN}
        found = (await house.ask(by, "POST", "/v1/suggestions", need)).json()
        every = {one["service"]["id"]: one for one in (*found["suggested"], *found["ruled_out"])}
        assert "capacity-not-public" in str(every[SHELTER]) and "capacity-not-public" not in str(every[ID])
