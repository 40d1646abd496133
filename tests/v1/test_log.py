"""The log under /v1: for the data protection officer alone, entry by entry; refused attempts stand in it. (R-14, R-21)"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from api.app import create_app
from graph.model.actor import Actor
from graph.secrets import Secrets
from graph.server import Server
from graph.store.migrate import migrate
from graph.store.network import Network
from tests.cast import CAST, OFFICER
from tests.conftest import wipe
from tests.sending import CANARY, Walk, set_the_clinic
from tests.served import OURS


@pytest.fixture(scope="module")
def walk(server: Server, secrets: Secrets) -> Walk:
    """A case with a refused attempt to send and a send."""

    async def stage() -> Walk:
        async with Network.open(server) as network:
            await wipe(network)
            await migrate(network)
            await set_the_clinic(network)
            walk = await Walk(network, secrets).begin()
            drafted = await walk.draft()
            await walk.send(drafted.referral_id)
            await walk.allow()
            await walk.send(drafted.referral_id)
            return walk

    return asyncio.run(stage())


@pytest.fixture(scope="module")
def client(server: Server, secrets: Secrets, walk: Walk) -> Iterator[TestClient]:
    people = {actor.id: actor for actor in CAST}

    async def identify(request: Request) -> Actor | None:
        return people.get(request.headers.get("x-test-actor", ""))

    app = create_app(server, secrets=secrets)
    app.state.identify = identify
    with TestClient(app, base_url=OURS, headers={"x-test-actor": OFFICER.id}) as client:
        yield client


def test_the_officer_reads_page_by_page_what_was_done_and_what_was_refused(client: TestClient, walk: Walk) -> None:
    answer = client.get(f"/v1/log/{walk.stream}")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    bodies = [entry["body"] for entry in answer.json()["entries"]]
    assert [body["n"] for body in bodies] == list(range(1, len(bodies) + 1))
    kinds = [body["kind"] for body in bodies]
    assert kinds.index("refused-attempt") < kinds.index("consent-given") < kinds.index("transfer")
    refused = bodies[kinds.index("refused-attempt")]
    assert refused["reasons"] == ["consent-missing"] and not refused.get("fields")
    assert CANARY not in answer.text and walk.case_id not in answer.text
    assert all(entry["signature"] for entry in answer.json()["entries"])
    pages: list[Any] = []
    after: int | None = 0
    while after is not None:
        page = client.get(f"/v1/log/{walk.stream}", params={"after": after, "limit": 2}).json()
        pages += page["entries"]
        after = page["next"]
    assert pages == answer.json()["entries"]


def test_to_everybody_else_a_stream_is_as_if_it_were_not_there(client: TestClient, walk: Walk) -> None:
    missing = client.get("/v1/log/none")
    assert (missing.status_code, missing.json()["code"]) == (404, "not-found")
    for actor in CAST:
        if actor.id != OFFICER.id:
            there, nowhere = (
                client.get(f"/v1/log/{s}", headers={"x-test-actor": actor.id}) for s in (walk.stream, "none")
            )
            assert there.status_code == nowhere.status_code == 404 and there.json() == nowhere.json() == missing.json()
    assert client.get(f"/v1/log/{walk.stream}", headers={"x-test-actor": "nobody"}).status_code == 401
