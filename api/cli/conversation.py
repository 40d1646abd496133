"""What every command shares: settings, the reader's language, where to print, how to reach the network.

Answers go to standard output, everything else (progress, complaints) to standard error, so that answers can be piped.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated, Any, Final, NoReturn, TypeVar

import typer
from rich.console import Console

from api.settings import Settings
from api.texts import choose, text
from graph.engine import Server, serve
from graph.server import EngineProblem
from graph.store.errors import StoreError, Unavailable
from graph.store.migrate import MigrationProblem, migrate
from graph.store.network import Network

T = TypeVar("T")

AsJson = Annotated[bool, typer.Option("--json", help="para programas: JSON / for programs: JSON")]
"""How a command that tells something to people tells it to programs."""

WRONG_INPUT: Final = 2
UNAVAILABLE: Final = 69
FAILED: Final = 70


class Conversation:
    """One command talking with one person."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.language = choose(settings.lang)
        self.out = Console()
        self.err = Console(stderr=True)

    def words(self, key: str, **places: Any) -> str:
        """The text of a key in the reader's language."""
        return text(key, self.language, **places)

    def note(self, key: str, **places: Any) -> None:
        """Say what is going on, beside the answer."""
        self.err.print(self.words(key, **places), markup=False, highlight=False, soft_wrap=True)

    def stop(self, key: str, /, *, code: int = WRONG_INPUT, **places: Any) -> NoReturn:
        """Say what is wrong and what to do, and end."""
        self.note(key, **places)
        raise typer.Exit(code)

    def json(self, value: Any) -> None:
        """One JSON value on one line of standard output."""
        sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    @contextmanager
    def server(self) -> Iterator[Server]:
        """The engine of this data folder (or the one that NEO4J_URI names), told about when starting takes a while."""
        s = self.settings
        starting = self.err.status(self.words("cli.engine-starting")) if self.err.is_terminal else None
        if starting:
            starting.start()
        try:
            with serve(
                s.data,
                neo4j_uri=s.neo4j_uri,
                neo4j_user=s.neo4j_username,
                neo4j_password=s.password,
                neo4j_database=s.neo4j_database,
                allow_unencrypted=s.allow_unencrypted_bolt,
                memory=s.engine_memory,
            ) as server:
                if starting:
                    starting.stop()
                yield server
        except EngineProblem as problem:
            if starting:
                starting.stop()
            self.stop(problem.code, code=UNAVAILABLE, **problem.places)
        finally:
            if starting:
                starting.stop()

    @asynccontextmanager
    async def network(self, server: Server, *, migrated: bool = True) -> AsyncIterator[Network]:
        """The network on a server, brought up to this program first."""
        async with Network.open(server) as network:
            if migrated:
                await migrate(network)
            yield network

    def with_network(self, work: Callable[[Network], Awaitable[T]]) -> T:
        """Do one piece of work on the network; what fails is said in words."""
        with self.server() as server:

            async def run() -> T:
                async with self.network(server) as network:
                    return await work(network)

            return self.run(run)

    def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run to the end; store failures become words and an exit code, never a stack of calls."""
        try:
            return asyncio.run(_await(work))
        except MigrationProblem as problem:
            self.stop(problem.code, code=FAILED, **problem.places)
        except Unavailable:
            self.stop("problem.network-unavailable", code=UNAVAILABLE)
        except StoreError:
            self.stop("problem.unexpected", code=FAILED)


async def _await(work: Callable[[], Awaitable[T]]) -> T:
    return await work()


def of(context: typer.Context) -> Conversation:
    """The conversation a command is part of."""
    conversation: Conversation = context.obj
    return conversation
