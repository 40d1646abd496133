"""What tells one content of a node from another: a checksum beside its properties, so that nothing is written when
nothing changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from pydantic import BaseModel

from graph.store.mapping import to_properties
from graph.store.network import Tx

KEPT: Final = "checksum"


def content(model: BaseModel, *, without: Collection[str] = ()) -> dict[str, Any]:
    """A model as plain values; the same instant is the same text, wherever its clock stood."""
    return {name: _plain(value) for name, value in model.model_dump(by_alias=True).items() if name not in without}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def checksum(model: BaseModel, *, without: Collection[str] = ()) -> str:
    """Thirty-two characters that differ when the content differs."""
    text = json.dumps(content(model, without=without), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def changed(before: BaseModel, after: BaseModel) -> tuple[str, ...]:
    """The names of the fields in which two contents differ."""
    old, new = content(before), content(after)
    return tuple(name for name in new if old.get(name) != new[name])


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
