"""What all tests share: the engines, and a clean graph on each.

`server` is every engine in turn, started once per run. `network` is a migrated graph without data, made anew for each
module; `secrets` are the keys of one module. An async test needs no mark. With pytest-xdist, `-n 2 --dist loadgroup` gives each
engine a worker of its own.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

import pytest

from graph.engine import Server
from graph.secrets import Secrets, open_secrets
from graph.store.migrate import migrate
from graph.store.network import Network, Tx
from tests import engines
from tests.canaries import WATCH

pytest_plugins = ("tests.timing", "tests.sizes", "tests.watching")

ENGINES: Final = [pytest.param(name, marks=pytest.mark.xdist_group(name), id=name) for name in ("embedded", "neo4j")]
EMBEDDED: Final = pytest.mark.parametrize("server", ENGINES[:1], indirect=True)
"""For what is the same on every engine: a page in a browser, a walk over all pages."""
WAYS: Final = {"embedded": engines.embedded, "neo4j": engines.neo4j}
REQUIRED: Final = os.environ.get("ENLACE_REQUIRE", "").split(",")


def pytest_configure(config: pytest.Config) -> None:
    """Async tests run as they stand."""
    config.option.anyio_mode = "auto"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """One event loop library: the one the server runs on."""
    return "asyncio"


@contextmanager
def in_sight(name: str) -> Iterator[None]:
    """A missing engine is seen as a skip; where it is required, it is a failure."""
    try:
        yield
    except engines.Missing as missing:
        if name in REQUIRED:
            pytest.fail(f"{name} is required here: {missing}", pytrace=False)
        pytest.skip(f"no {name}: {missing}")


@pytest.fixture(scope="session", params=ENGINES)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Each engine in turn."""
    name: str = request.param
    folder = tmp_path_factory.mktemp(f"{name} engine")  # with a space, as life has it
    with ExitStack() as stack:
        with in_sight(name):
            server = stack.enter_context(WAYS[name](folder))
        yield server
        WATCH.look_in(folder)  # what Neo4j wrote ends with it


@pytest.fixture(scope="module")
async def network(server: Server) -> AsyncIterator[Network]:
    """A migrated graph without data; what a module writes, the next one does not see."""
    async with Network.open(server) as network:
        await wipe(network)
        await migrate(network)
        yield network


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Secrets:
    """The keys of one module: to sign with, and of the people in it."""
    return open_secrets(tmp_path_factory.mktemp("secrets") / "keys")


WIPE: Final = """
    MATCH (n)
    WHERE NOT (n:Migration OR n:Vocabulary OR n:ServiceType OR n:Factor OR n:Paper OR n:SpokenLanguage OR n:Country
            OR n:TestGraph)
    WITH n LIMIT 2000
    DETACH DELETE n
    RETURN count(*) AS gone
"""


async def wipe(network: Network) -> None:
    """Delete all data; the schema and the vocabularies stay."""

    async def some(tx: Tx) -> int:
        return int((await (await tx.run(WIPE)).single(strict=True))["gone"])

    while await network.write(some, deadline=60.0):
        pass
