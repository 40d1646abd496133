"""The outbox: mails that wait, went out, or could not. Written in the transaction of what they tell. (R-12)"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from graph.model.timer import Message
from graph.store.content import records, run
from graph.store.errors import NotFound
from graph.store.mapping import from_properties, to_properties
from graph.store.network import Tx

CREATE: Final = "CREATE (m:Message {id: $id}) SET m += $properties"


async def create(tx: Tx, message: Message) -> None:
    """Put a mail into the outbox."""
    await run(tx, CREATE, id=message.id, properties=to_properties(message))


GET: Final = "MATCH (m:Message {id: $id}) RETURN properties(m) AS message"


async def get(tx: Tx, id: str) -> Message:
    """One message. NotFound for an unknown one."""
    found = await records(tx, GET, id=id)
    if not found:
        raise NotFound
    return from_properties(Message, found[0]["message"])


SAVE: Final = "MATCH (m:Message {id: $id}) SET m += $properties"


async def save(tx: Tx, message: Message) -> None:
    """Write a message as it is now."""
    await run(tx, SAVE, id=message.id, properties=dict.fromkeys(Message.model_fields) | to_properties(message))


PAGE: Final = """
    MATCH (m:Message)
    OPTIONAL MATCH (last:Message {id: $after})
    WITH m, last
    WHERE NOT m.template IN $without
      AND ($after IS NULL OR m.created_at < last.created_at OR (m.created_at = last.created_at AND m.id > last.id))
    RETURN properties(m) AS message
    ORDER BY m.created_at DESC, m.id LIMIT $limit
"""


async def page(tx: Tx, *, without: Collection[str] = (), after: str | None = None, limit: int = 50) -> list[Message]:
    """Messages, the newest first; those that come after one of them, without those of some templates."""
    found = await records(tx, PAGE, without=list(without), after=after, limit=limit)
    return [from_properties(Message, row["message"]) for row in found]
