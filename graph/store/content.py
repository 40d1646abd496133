"""What tells one content of a node from another: a checksum beside its properties.

So nothing is written when nothing changed. What a node holds is said by its noun's own file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from typing import Any, Final

from pydantic import BaseModel

from graph.store.mapping import to_properties
from graph.store.network import Tx

KEPT: Final = "checksum"


def checksum(model: BaseModel, *, without: Collection[str] = ()) -> str:
    """Thirty-two characters that differ when the content differs.

    Two may differ though the content is the same (an instant told in another time zone): then compare with `changed`.
    """
    text = model.model_dump_json(by_alias=True, exclude=set(without) or None)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def changed(before: BaseModel, after: BaseModel) -> tuple[str, ...]:
    """The names of the fields in which two contents differ."""
    return tuple(name for name in type(after).model_fields if getattr(before, name) != getattr(after, name))


def properties(model: BaseModel, *, without: Collection[str] = ()) -> dict[str, Any]:
    """All properties of a node with its checksum; what is not stated is null, so that it is taken out."""
    empty: dict[str, Any] = {name: None for name in type(model).model_fields if name not in without}
    return empty | to_properties(model, without=without) | {KEPT: checksum(model)}


async def run(tx: Tx, statement: str, **parameters: Any) -> None:
    """Run a statement for what it writes."""
    await (await tx.run(statement, **parameters)).consume()


async def records(tx: Tx, statement: str, **parameters: Any) -> list[dict[str, Any]]:
    """The rows of a statement."""
    return [record.data() async for record in await tx.run(statement, **parameters)]


def rows(models: Iterable[BaseModel], *, without: Collection[str] = (), key: str = "id") -> list[dict[str, Any]]:
    """Parameters of an upsert: the key, and the properties to set."""
    return [{"id": getattr(model, key), "properties": properties(model, without=without)} for model in models]
