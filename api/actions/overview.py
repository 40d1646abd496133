"""How large the network is, for a first look."""

from __future__ import annotations

from dataclasses import dataclass

from graph.store import counts
from graph.store.network import Tx


@dataclass(frozen=True)
class Overview:
    """How much there is of each."""

    services: int
    organizations: int
    areas: int


async def read(tx: Tx) -> Overview:
    """The size of the network."""
    return Overview(**await counts.of_directory(tx))


async def is_empty(tx: Tx) -> bool:
    """Whether nobody has brought any organisation, service or area yet."""
    found = await read(tx)
    return not (found.services or found.organizations or found.areas)
