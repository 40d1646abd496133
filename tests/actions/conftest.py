"""A stage with the cast on it, and keys, for the tests of actions on a case."""

from __future__ import annotations

import pytest

from graph.store.network import Network
from tests.cast import set_the_stage


@pytest.fixture(scope="module")
async def stage(network: Network) -> Network:
    await set_the_stage(network)
    return network
