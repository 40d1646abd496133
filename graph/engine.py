"""Where the graph comes from: the server that was named, else the embedded engine of the data folder. (design §2)

Reads no environment: `api.settings` does, and hands over what it found.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graph.embedded import engine_of
from graph.server import EngineProblem, Server, examine_uri, wait_until_ready

__all__ = ["EngineProblem", "Server", "serve"]


@contextmanager
def serve(
    data: Path,
    *,
    neo4j_uri: str | None = None,
    neo4j_user: str = "neo4j",
    neo4j_password: str = "",
    neo4j_database: str = "neo4j",
    allow_unencrypted: bool = False,
    memory: str = "512m",
    within: float = 30.0,
) -> Iterator[Server]:
    """A server that answers, for as long as the block lasts; what we started is stopped afterwards.

    An empty password means a server that asks for none. `within` is how long a named server may take to answer.
    """
    if neo4j_uri is None:
        with engine_of(data, memory=memory) as server:
            yield server
        return
    examine_uri(neo4j_uri, allow_unencrypted=allow_unencrypted)
    user = neo4j_user if neo4j_password else ""
    server = Server(neo4j_uri, user, neo4j_password, neo4j_database, "neo4j")
    _is_new_enough(wait_until_ready(server, within=within))
    yield server


def _is_new_enough(agent: str) -> None:
    """Neo4j 5 or later. Other products are taken at their word: `enlace engine check` puts them to the proof."""
    product, _, version = agent.partition("/")
    major = version.split(".")[0]
    if product == "Neo4j" and major.isdigit() and int(major) < 5:
        raise EngineProblem("engine.too-old", version=version)
