"""Bringing a folder into a graph in tests: the same action as `enlace import`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from api.actions import directory
from graph.store.network import Network


async def imported(network: Network, folder: Path) -> directory.Report:
    """What `enlace import FOLDER` reports."""
    return await directory.import_(network, folder, at=datetime.now(UTC))
