"""The stage of the story on each engine, and its cast behind a line that may lie."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.cli.conversation import Conversation
from api.cli.story.cast import Cast, assemble
from api.cli.story.stage import Stage, stage
from api.settings import read_settings
from graph.server import Server
from graph.store.network import Network
from tests.conftest import wipe
from tests.story.liar import Liar


def talk_with(server: Server, data: Path, **more: Any) -> Conversation:
    """A conversation that was told NEO4J_URI: this server."""
    named = {"neo4j_uri": server.uri, "neo4j_username": server.user, "neo4j_database": server.database}
    return Conversation(read_settings(data=data, neo4j_password=server.password, lang="en", **named, **more))


@pytest.fixture(scope="package")
def talk(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Conversation:
    return talk_with(server, tmp_path_factory.mktemp("untouched") / "data")


@pytest.fixture(scope="package")
def ready(server: Server, talk: Conversation) -> Iterator[Stage]:
    """A stage on a graph that was empty before: one for all of this folder, since the demo network takes its time."""

    async def empty() -> None:
        async with Network.open(server) as network:
            await wipe(network)

    asyncio.run(empty())
    with stage(talk) as ready:
        yield ready
    asyncio.run(empty())


@pytest.fixture(scope="package")
def line(ready: Stage) -> Liar:
    return Liar(ready.line)


@pytest.fixture(scope="package")
def cast(ready: Stage, line: Liar) -> Cast:
    """Everybody signed in, once for all plays."""
    return assemble(line, ready.accounts)
