"""The log as the data protection officer reads it: entries of a stream, codes and ids, never a value. (R-14, R-21)"""

from __future__ import annotations

from api.actions.allowed import must_ever
from consent.access import Deed
from graph.model.actor import Actor
from graph.model.log import Entry
from graph.store import log
from graph.store.errors import NotFound
from graph.store.network import Tx


async def read(tx: Tx, stream: str, *, actor: Actor, after: int = 0, limit: int = 100) -> list[Entry]:
    """The signed entries of a stream in their order; NotFound for a stream that nobody wrote to. (R-14, R-21)

    A stream does not say whose case it is. Whoever holds a receipt finds its stream and number in it.
    """
    must_ever(actor, Deed.LOG_READ)
    if not await log.length(tx, stream):
        raise NotFound
    return await log.read(tx, stream, after=after, limit=limit)
