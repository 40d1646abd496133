"""Who administers the system, as everybody may know: organisations, never people. (R-25)"""

from __future__ import annotations

from graph.model.actor import Role
from graph.store import actors
from graph.store.network import Tx


async def organizations(tx: Tx) -> dict[str, str]:
    """By id and name, the organisations whose administrators can sign in."""
    return await actors.organizations_holding(tx, Role.ADMIN)
