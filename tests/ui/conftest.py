"""The HTML face on a real engine that holds the small network."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from graph.server import Server
from tests.served import client_of, filled


@pytest.fixture(scope="module")
def client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A browser's view of the application, on the small network as each module finds it."""
    filled(server, tmp_path_factory.mktemp("small network"))
    with client_of(server) as client:
        yield client
