"""One transaction per call: the read and the write wrapper, and what happens when the engine says no. (design §2)

An action is `async def action(tx, *args, **kwargs)`. It may run several times, so it touches nothing but `tx`; whatever
it raises rolls back. Statements do not belong here.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Concatenate, Final, Generic, Self, TypeAlias, TypeVar, get_type_hints

from neo4j import (
    READ_ACCESS,
    WRITE_ACCESS,
    AsyncDriver,
    AsyncGraphDatabase,
    AsyncTransaction,
)
from neo4j.api import AsyncBookmarkManager
from neo4j.exceptions import ConstraintError, DriverError, IncompleteCommit, Neo4jError
from pydantic import TypeAdapter
from pydantic.errors import PydanticUndefinedAnnotation

from graph.server import Server, hush
from graph.store import idempotency
from graph.store.errors import Conflict, KeyReused, NotFound, StatementRefused, Unavailable, Uncertain

Tx: TypeAlias = AsyncTransaction
T = TypeVar("T")
Action: TypeAlias = Callable[Concatenate[Tx, ...], Awaitable[T]]

PAUSE: Final = (0.005, 0.25)
"""Seconds between two attempts, drawn anew each time. The driver's own first pause of a second is far too long."""

CONFLICTS: Final = 5
"""How often a broken constraint is taken for a conflict that will pass, before it is believed."""

COMMIT: Final = 10.0
"""Seconds a commit may take before its outcome counts as unknown."""


MOVED: Final = "Neo.ClientError.Statement.EntityNotFound"
"""What a statement found was written anew or deleted by somebody else before it was read: the engines say so to whoever
reads much at once while others write, and take it for an error of the statement. Our statements name nothing by its
place in the store, so for us it is a conflict that passes."""


class Trouble(StrEnum):
    """Why an attempt came to nothing."""

    AGAIN = "again"
    """The engine gave way to somebody else, or could not be reached: nothing was written."""
    CONFLICT = "conflict"
    """A constraint was broken. The embedded engine says so too when two writers merely met."""
    UNCERTAIN = "uncertain"
    """The answer to the commit was lost."""
    LATE = "late"
    """The deadline passed: nothing was written."""
    MISSED = "missed"
    """Something was not found. It is believed the second time."""


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """What an attempt answered."""

    value: T


@dataclass(frozen=True, slots=True)
class Key(Generic[T]):
    """An idempotency key with the request it stands for and the type of the answer kept under it."""

    key: str
    request_hash: str
    answer: TypeAdapter[T]

    def recall(self, kept: idempotency.Kept) -> Done[T] | None:
        """The answer that was given under this key, if this is the same request."""
        if kept.answer is None:
            return None
        if kept.request_hash != self.request_hash:
            raise KeyReused
        return Done(self.answer.validate_json(kept.answer))


class Network:
    """The graph, one transaction at a time."""

    def __init__(self, driver: AsyncDriver, server: Server) -> None:
        self._driver = driver
        self._database = server.database
        self._bookmarks: AsyncBookmarkManager | None = (
            AsyncGraphDatabase.bookmark_manager() if server.routes else None  # a follower must not answer from the past
        )
        self.troubles: Counter[Trouble] = Counter()
        """How many attempts came to nothing, by reason: for health pages and tests."""

    @classmethod
    @asynccontextmanager
    async def open(cls, server: Server) -> AsyncIterator[Self]:
        """The network on this server, for as long as the block lasts."""
        hush()
        async with AsyncGraphDatabase.driver(
            server.uri,
            auth=server.auth,
            user_agent="enlace",
            connection_timeout=5.0,
            connection_acquisition_timeout=5.0,
            telemetry_disabled=True,
        ) as driver:
            yield cls(driver, server)

    async def read(self, action: Action[T], *args: Any, deadline: float = 10.0, **kwargs: Any) -> T:
        """The action's answer, read in one transaction; tried again while there is time."""

        async def work(tx: Tx) -> Done[T]:
            return Done(await action(tx, *args, **kwargs))

        return await self._until(deadline, lambda end: self._attempt(work, end, READ_ACCESS))

    async def write(
        self,
        action: Action[T],
        *args: Any,
        idempotency_key: str | None = None,
        request_hash: str | None = None,
        deadline: float = 5.0,
        **kwargs: Any,
    ) -> T:
        """The action's answer, once what it wrote is committed; with a key, written once however often it is called.

        With a key the action must say in its annotation what it returns: that is kept as JSON beside what it wrote
        and given back to a repeat, so it holds ids and codes only, never a value of a person.
        """
        if idempotency_key is None:

            async def plain(tx: Tx) -> Done[T]:
                return Done(await action(tx, *args, **kwargs))

            return await self._until(deadline, lambda end: self._attempt(plain, end, WRITE_ACCESS))

        key: Key[T] = Key(idempotency_key, request_hash or "", _answer_type(action))

        async def once(tx: Tx) -> Done[T]:
            kept = await idempotency.claim(tx, key=key.key, request_hash=key.request_hash)
            if (known := key.recall(kept)) is not None:
                return known
            value = await action(tx, *args, **kwargs)
            await idempotency.answer(tx, key=key.key, answer=key.answer.dump_json(value).decode())
            return Done(value)

        async def look_up(tx: Tx) -> Done[T] | None:
            kept = await idempotency.find(tx, key=key.key)
            return key.recall(kept) if kept else None

        return await self._until(
            deadline,
            lambda end: self._attempt(once, end, WRITE_ACCESS),
            # Read from the leader: a follower may not have it yet.
            look_up=lambda end: self._attempt(look_up, end, WRITE_ACCESS),
        )

    async def define(self, statement: str) -> None:
        """Run one statement of the schema, in a transaction of its own. For migrations only."""

        async def work(tx: Tx) -> Done[None]:
            await (await tx.run(statement)).consume()
            return Done(None)

        await self._until(60.0, lambda end: self._attempt(work, end, WRITE_ACCESS))

    async def _until(
        self,
        deadline: float,
        attempt: Callable[[float], Awaitable[Done[T] | Trouble]],
        *,
        look_up: Callable[[float], Awaitable[Done[T] | Trouble | None]] | None = None,
    ) -> T:
        """Try until it is done or the deadline has passed; before trying again after a doubt, look the key up.

        What was not found is looked for once more: Neo4j's readers may miss a relationship while somebody else's commit
        rewrites those of a node that has just got many (decision 0063).
        """
        end = asyncio.get_running_loop().time() + deadline
        conflicts = tries = 0
        was_missed = False
        while True:
            outcome: Done[T] | Trouble
            try:
                outcome = await attempt(end)
            except NotFound:
                if was_missed:
                    raise
                was_missed, outcome = True, Trouble.MISSED
            if isinstance(outcome, Done):
                return outcome.value
            self.troubles[outcome] += 1
            if outcome in (Trouble.CONFLICT, Trouble.UNCERTAIN):
                if look_up is not None:
                    found = await look_up(end)
                    if isinstance(found, Done):
                        return found.value
                elif outcome is Trouble.UNCERTAIN:
                    raise Uncertain
            if outcome is Trouble.CONFLICT and (conflicts := conflicts + 1) > CONFLICTS:
                raise Conflict
            tries += 1
            shortest, longest = PAUSE
            pause = random.uniform(shortest, min(longest, shortest * 2**tries))
            if outcome is Trouble.LATE or asyncio.get_running_loop().time() + pause >= end:
                raise Unavailable
            await asyncio.sleep(pause)

    async def _attempt(self, work: Callable[[Tx], Awaitable[T]], end: float, access: str) -> T | Trouble:
        """One transaction. The driver's exceptions end here: their messages quote values."""
        committing = False
        try:
            async with self._driver.session(
                database=self._database,
                default_access_mode=access,
                bookmark_manager=self._bookmarks,
            ) as session:
                async with asyncio.timeout_at(end):
                    left = max(0.1, end - asyncio.get_running_loop().time())
                    tx = await session.begin_transaction(timeout=left)
                    value = await work(tx)
                committing = True
                await _to_the_end(tx)
                return value
        except IncompleteCommit:
            return Trouble.UNCERTAIN if access == WRITE_ACCESS else Trouble.AGAIN
        except TimeoutError:
            return Trouble.UNCERTAIN if committing else Trouble.LATE
        except ConstraintError:
            return Trouble.CONFLICT
        except Neo4jError as error:
            if error.is_retryable():
                return Trouble.AGAIN
            refused = error.code or "unknown"
            if refused == MOVED:
                return Trouble.AGAIN
            if "TransactionTimedOut" in refused:
                return Trouble.LATE
        except DriverError as error:
            if error.is_retryable():
                return Trouble.AGAIN
            refused = type(error).__name__
        # Raised out here so that the driver's exception does not travel along as its context.
        raise StatementRefused(refused)


async def _to_the_end(tx: Tx) -> None:
    """Commit, and wait for its outcome even when the caller is cancelled meanwhile."""

    async def commit() -> None:
        async with asyncio.timeout(COMMIT):
            await tx.commit()

    task = asyncio.create_task(commit())
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # looked at, so that nobody reports it as forgotten
        raise


def _answer_type(action: Action[T]) -> TypeAdapter[T]:
    try:
        return TypeAdapter(get_type_hints(action)["return"])
    except (KeyError, NameError, TypeError, PydanticUndefinedAnnotation):
        raise TypeError("an action written under an idempotency key says what it returns") from None
