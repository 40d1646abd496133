"""The application on a graph that holds the small network: for tests of both faces."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from fastapi.testclient import TestClient

from api.actions import directory
from api.app import create_app
from graph.server import Server
from graph.store.migrate import migrate
from graph.store.network import Network
from tests import small_network
from tests.conftest import wipe

OURS = "http://127.0.0.1:8000"
HERE = ("127.0.0.1", 50000)
"""Where a request of this machine comes from."""


def filled(server: Server, folder: Path) -> None:
    """Leave nothing but the small network in the graph; it comes in by the same door as any other."""

    async def work() -> None:
        now = datetime.now(UTC)
        async with Network.open(server) as network:
            await wipe(network)
            await migrate(network)
            report = await directory.import_(network, small_network.folder(folder, at=now), at=now)
        assert report.is_clean, [str(problem) for problem in report.problems]

    asyncio.run(work())


def client_of(server: Server) -> TestClient:
    """A client that looks like a browser of this machine on our own page, in a house without keys; it follows nobody."""
    return TestClient(
        create_app(server),
        base_url=OURS,
        client=HERE,
        follow_redirects=False,
        headers={"Sec-Fetch-Site": "same-origin"},
    )
