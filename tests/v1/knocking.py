"""A client of the served application whose caller is named in a header: how somebody signs in is tested elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.testclient import TestClient

from api.app import create_app
from graph.model.actor import Actor
from graph.secrets import open_secrets
from graph.server import Server
from graph.store.migrate import migrate
from graph.store.network import Network
from tests.cast import CAST, OWNER, person_of
from tests.conftest import wipe
from tests.served import OURS

BY = "x-test-actor"


@contextmanager
def knocking(
    server: Server, folder: Path, stage: Callable[[Network], Awaitable[None]], **headers: str
) -> Iterator[TestClient]:
    """The cast at the door of a graph that was wiped and staged, with keys in `folder`; the owner unless said otherwise."""

    async def staged() -> None:
        async with Network.open(server) as network:
            await wipe(network)
            await migrate(network)
            await stage(network)

    asyncio.run(staged())
    people = {actor.id: actor for actor in CAST}

    async def identify(request: Request) -> Actor | None:
        said = request.headers.get(BY, "")
        return person_of(said.removeprefix("person:")) if said.startswith("person:") else people.get(said)

    app: Any = create_app(server)
    app.state.identify = identify
    app.state.secrets = open_secrets(folder / "keys")
    usual = {"Sec-Fetch-Site": "same-origin", BY: OWNER.id}
    with TestClient(app, base_url=OURS, follow_redirects=False, headers=usual | headers) as client:
        yield client
