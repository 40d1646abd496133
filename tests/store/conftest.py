"""What tests of sending share: the clinic, and one case that is ready to be sent there."""

from __future__ import annotations

import pytest

from graph.secrets import Secrets
from graph.store.network import Network
from tests.sending import Patient, Walk, set_the_clinic


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
