"""How a model becomes node properties and comes back: one field, one property, the same name.

Scalars, dates and lists of strings are native properties; nested value objects are one JSON text each, because a
property graph holds no maps. What is walked is an edge, what changes on its own is a node: neither is mapped here.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from neo4j.time import Date, DateTime
from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)

NESTED = "{["


def to_properties(model: BaseModel, *, without: Collection[str] = ()) -> dict[str, Any]:
    """The properties of a node. None is left out: both engines treat a missing property and null alike."""
    properties: dict[str, Any] = {}
    for name, value in model.model_dump(mode="python", by_alias=True, exclude=set(without)).items():
        if value is None:
            continue
        properties[name] = _property(value)
    return properties


def _property(value: Any) -> Any:
    match value:
        case bool() | int() | float():
            return value
        case str():
            return str(value)
        case datetime():
            return value.astimezone(UTC)
        case date():
            return value
        case [] | [*_] if all(isinstance(item, str) for item in value):
            return [str(item) for item in value]
        case set() | frozenset() if all(isinstance(item, str) for item in value):
            return sorted(str(item) for item in value)
        case _:
            return json.dumps(value, ensure_ascii=False, sort_keys=True, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(type(value).__name__)


def from_properties(cls: type[M], properties: Mapping[str, Any], /, **more: Any) -> M:
    """The model back from its node's properties (and from what is stored as edges, given as keywords)."""
    known = cls.model_fields
    values = {name: native(value) for name, value in properties.items() if name in known}
    for name, value in values.items():
        if isinstance(value, str) and value[:1] in NESTED and _is_nested(known[name].annotation):
            values[name] = json.loads(value)
    return cls.model_validate({**values, **more})


def _is_nested(annotation: Any) -> bool:
    """Whether a field holds more than a text: an id may well begin with a brace."""
    if get_origin(annotation) in (Union, UnionType):
        return any(_is_nested(part) for part in get_args(annotation) if part is not NoneType)
    if get_origin(annotation) is Annotated:
        return _is_nested(get_args(annotation)[0])
    return annotation is not str


def nested(value: Any) -> Any:
    """A nested value object back from its JSON text; what is not one is given back as it is."""
    return json.loads(value) if isinstance(value, str) and value[:1] in NESTED else value


def native(value: Any) -> Any:
    """Driver temporals as Python's own. The embedded engine gives a stored instant back in UTC, without saying so."""
    if isinstance(value, DateTime):
        instant = value.to_native()
        return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    if isinstance(value, Date):
        return value.to_native()
    return value
