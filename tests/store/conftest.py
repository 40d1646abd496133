"""What tests of sending share: the clinic, one case that is ready to be sent there, and an engine that can be killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from graph.secrets import Secrets
from graph.store.network import Network
from tests.conftest import ENGINES, in_sight
from tests.mortal import Mortal, mortal
from tests.sending import Patient, Walk, set_the_clinic


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mortal]:
    """Each engine in turn, of this test alone."""
    with ExitStack() as stack:
        with in_sight(request.param):
            found = stack.enter_context(mortal(request.param, tmp_path / "data"))
        yield found


@pytest.fixture(scope="module")
async def clinic(network: Network) -> Network:
    """Areas, organisations, people, and services with their rules."""
    await set_the_clinic(network)
    return Patient.of(network)


@pytest.fixture
async def walk(clinic: Network, secrets: Secrets) -> Walk:
    """A case with a record, an agreed need, and a consent for what the clinic needs."""
    found = await Walk(clinic, secrets).begin()
    await found.allow()
    return found
