"""How many places are held is no public number: it would tell when somebody is sent to a shelter. (R-25, R-26)"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from graph.secrets import Secrets, open_secrets
from graph.server import Server
from graph.store.network import Network
from tests.cast import ADMIN, OTHER, OWNER, PROVIDER, STRANGER
from tests.everybody import NOBODY, OTHER_PROVIDER, Callers, callers, set_the_house
from tests.places import open_places

ID = "s-watched"
COUNTS = ("leased", "in_use", "declines")


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Secrets:
    return open_secrets(tmp_path_factory.mktemp("secrets") / "keys")


@pytest.fixture(scope="module")
async def house(server: Server, network: Network, secrets: Secrets) -> AsyncIterator[Callers]:
    await set_the_house(network, secrets)
    await open_places(network, ID, 3)
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
