"""Every route of the application, and what somebody might plausibly send to it: for tests that must leave none out.

Routes come from the application, bodies from its description; the names of things are filled in from a world that a
test has built. What may be done with an answer is the business of the test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api.app import create_app
from graph.server import Server

Known = Mapping[str, Any]
"""By the name of a parameter or of a key in a body: something that is there."""


@dataclass(frozen=True)
class Route:
    """One method on one path, and what its body looks like; None where it takes none, or says nothing of it."""

    method: str
    path: str
    body: Mapping[str, Any] | None = field(default=None, compare=False)

    @property
    def params(self) -> tuple[str, ...]:
        """The names in its path."""
        return tuple(re.findall(r"{([^}:]+)", self.path))

    @property
    def is_api(self) -> bool:
        """Whether it takes and gives JSON."""
        return self.path.startswith("/v1/")

    def to(self, known: Known) -> str:
        """The path with its names filled in."""
        return re.sub(r"{([^}:]+)[^}]*}", lambda name: str(known[name[1]]), self.path)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@cache
def described() -> dict[str, Any]:
    """The description of the application, the same on every graph: it takes seconds, and many tests want it."""
    return create_app(Server("bolt://127.0.0.1:1", "", "", "neo4j", "neo4j")).openapi()


def routes(app: FastAPI) -> list[Route]:
    """All of them, pages too, as the application itself finds them; the mounted files are no route."""
    document = described()
    schemas = document["components"]["schemas"]
    found = []
    for context in iter_route_contexts(app.routes):
        of_path = document["paths"].get(context.path_format or context.path, {})
        for method in sorted(context.methods or ()):
            content = of_path.get(method.lower(), {}).get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema")
            found.append(Route(method, str(context.path), resolved(schema, schemas) if schema else None))
    return sorted(found, key=str)


def resolved(schema: Any, schemas: Mapping[str, Any]) -> Any:
    """A schema without references."""
    match schema:
        case {"$ref": str(name)}:
            return resolved(schemas[name.rpartition("/")[2]], schemas)
        case dict():
            return {key: resolved(value, schemas) for key, value in schema.items()}
        case list():
            return [resolved(value, schemas) for value in schema]
    return schema


def bodies(route: Route, known: Known) -> Iterator[Any]:
    """What fits the description: with every key, with the required ones alone, and both with every yes as a no."""
    if route.body is None:
        if route.method in ("POST", "PUT", "PATCH"):
            yield None
            if not route.is_api:
                yield {name: str(value) for name, value in known.items() if isinstance(value, str)}
            return
        yield None
        return
    tried: list[Any] = []
    for yes in (True, False):
        for whole in (True, False):
            body = value_of(route.body, known, whole=whole, yes=yes)
            if body not in tried:
                tried.append(body)
                yield body


PLAUSIBLE: Final = {"date": "2027-03-01", "date-time": "2027-03-01T12:00:00Z", "uuid": "0" * 32}


def value_of(schema: Mapping[str, Any], known: Known, *, name: str = "", whole: bool = True, yes: bool = True) -> Any:
    """A value that fits a schema: what is known by this name, else the first that is allowed."""
    if name in known:
        return known[name]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return value_of(schema[choice][0], known, name=name, whole=whole, yes=yes)
    match schema.get("type"):
        case "object":
            required = schema.get("required", ())
            return {
                key: value_of(inner, known, name=key, whole=whole, yes=yes)
                for key, inner in schema.get("properties", {}).items()
                if whole or key in required
            }
        case "array":
            return [value_of(schema.get("items", {}), known, name=name.removesuffix("s"), whole=whole, yes=yes)]
        case "boolean":
            return yes
        case "integer" | "number":
            return max(1, int(schema.get("minimum", 1)))
        case "null":
            return None
    return PLAUSIBLE.get(schema.get("format", ""), "x" * max(3, int(schema.get("minLength", 1))))
