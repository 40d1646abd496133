"""A stage with the cast on it, and keys, for the tests of actions on a case."""

from __future__ import annotations

import pytest

from graph.secrets import Secrets, open_secrets
from graph.store.network import Network
from tests.cast import set_the_stage


@pytest.fixture(scope="module")
async def stage(network: Network) -> Network:
    await set_the_stage(network)
    return network


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Secrets:
    return open_secrets(tmp_path_factory.mktemp("secrets") / "keys")
