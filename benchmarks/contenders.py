"""Who is measured: the graph on an engine, and PostgreSQL, each with the same ways to be asked.

A contender is opened for one network. That all give the same answers is asserted here, before anything is timed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol, Self

from neo4j import AsyncDriver, AsyncGraphDatabase
from psycopg_pool import AsyncConnectionPool

from api.actions import suggestions
from api.actions.suggestions import Answer
from api.answer import render
from api.query import Query
from benchmarks import postgres
from benchmarks.generate import ON
from graph.model.need import Need
from graph.model.offer import Offer
from graph.server import Server
from graph.store import candidates
from graph.store.network import Network, Tx
from matching.suggest import suggest

Way = Callable[[Query], Awaitable[object]]

ROUND_TRIP: Final = "RETURN 1"


@dataclass(frozen=True, slots=True)
class Graph:
    """The network on an engine, asked as Enlace asks it."""

    name: str
    network: Network
    driver: AsyncDriver
    database: str

    @classmethod
    @asynccontextmanager
    async def open(cls, name: str, server: Server) -> AsyncIterator[Self]:
        """Connected for as long as the block lasts."""
        async with Network.open(server) as network, AsyncGraphDatabase.driver(server.uri, auth=server.auth) as driver:
            yield cls(name, network, driver, server.database)

    async def find(self, need: Need) -> candidates.Recalled:
        found = await self.network.read(candidates.find, need, deadline=60.0)
        assert found is not None
        return found

    async def answer(self, need: Need) -> Answer:
        return await self.network.read(suggestions.answer, need, deadline=60.0)

    def ways(self) -> dict[str, Way]:
        """From the cheapest to the whole."""
        return {
            "driver": self._driver,
            "round-trip": lambda query: self.network.read(_round_trip),
            "recall": lambda query: self.network.read(_recall, need_of(query)),
            "find": lambda query: self.find(need_of(query)),
            "answer": lambda query: self.answer(need_of(query)),
        }

    async def _driver(self, query: Query) -> object:
        async with self.driver.session(database=self.database) as session:
            return await (await session.run(ROUND_TRIP)).single()


async def _round_trip(tx: Tx) -> Any:
    return await (await tx.run(ROUND_TRIP)).single()


async def _recall(tx: Tx, need: Need) -> Any:
    asked = {"area": need.area, "service_type": need.service_type, "on": need.on}
    return await (await tx.run(candidates.FIND, asked)).single()


@dataclass(frozen=True, slots=True)
class Postgres:
    """The network in PostgreSQL."""

    name: str
    pool: AsyncConnectionPool
    store: postgres.Store

    @classmethod
    @asynccontextmanager
    async def open(cls, name: str, address: str, store: postgres.Store) -> AsyncIterator[Self]:
        """Connected for as long as the block lasts."""
        async with postgres.connected(address) as pool:
            yield cls(name, pool, store)

    async def find(self, need: Need) -> postgres.Recalled:
        async with self.pool.connection() as connection:
            return await self.store.find(connection, need)

    async def answer(self, need: Need) -> Answer:
        async with self.pool.connection() as connection:
            return await self.store.answer(connection, need)

    def ways(self) -> dict[str, Way]:
        """From the cheapest to the whole."""
        return {
            "round-trip": self._round_trip,
            "recall": self._recall,
            "find": lambda query: self.find(need_of(query)),
            "answer": lambda query: self.answer(need_of(query)),
        }

    async def _round_trip(self, query: Query) -> object:
        async with self.pool.connection() as connection:
            return await (await connection.execute(postgres.ROUND_TRIP, prepare=True)).fetchall()

    async def _recall(self, query: Query) -> object:
        need = need_of(query)
        async with self.pool.connection() as connection:
            return await self.store.raw(connection, need, [need.service_type])


class Contender(Protocol):
    """Whoever can be asked."""

    @property
    def name(self) -> str: ...

    async def find(self, need: Need) -> candidates.Recalled | postgres.Recalled: ...

    async def answer(self, need: Need) -> Answer: ...

    def ways(self) -> dict[str, Way]: ...


def pure_ways(found: dict[int, candidates.Recalled | postgres.Recalled], answers: dict[int, Answer]) -> dict[str, Way]:
    """What happens without any store: judging what was recalled, and putting the answer into words."""

    async def judge(query: Query) -> object:
        recalled = found[id(query)]
        return suggest(need_of(query), recalled.offers, suggestions.papers(), elsewhere=recalled.elsewhere)

    async def words(query: Query) -> object:
        return render(answers[id(query)], query, "es")

    return {"judge": judge, "render": words}


def need_of(query: Query) -> Need:
    """The need of a query, on the day for which the network was made."""
    return query.need(today=ON)


class NotTheSame(AssertionError):
    """Two stores answered the same need differently."""


async def assert_same(contenders: Sequence[Contender], queries: Sequence[Query]) -> int:
    """All find the same candidates with the same data, and answer the same; gives how many candidates were compared."""
    compared = 0
    first, *others = contenders
    for query in queries:
        need = need_of(query)
        recalled, body = await first.find(need), render(await first.answer(need), query, "es")
        offers = _in_order(recalled.offers)
        compared += len(offers)
        for other in others:
            theirs = await other.find(need)
            if _in_order(theirs.offers) != offers:
                raise NotTheSame(f"{other.name} finds other candidates than {first.name}: {need!r}")
            if (theirs.elsewhere, dict(theirs.areas)) != (recalled.elsewhere, dict(recalled.areas)):
                raise NotTheSame(f"{other.name} counts otherwise than {first.name}: {need!r}")
            if render(await other.answer(need), query, "es") != body:
                raise NotTheSame(f"{other.name} answers otherwise than {first.name}: {need!r}")
    return compared


def _in_order(offers: Sequence[Offer]) -> list[Offer]:
    """Offers by id, and what stands in no order in any store in one."""
    return sorted(map(_without_luck, offers), key=lambda offer: offer.terms.service_id)


def _without_luck(offer: Offer) -> Offer:
    terms = offer.terms
    terms = replace(
        terms, sops=tuple(sorted(terms.sops, key=repr)), agreements=tuple(sorted(terms.agreements, key=repr))
    )
    return replace(offer, terms=terms, stops=tuple(sorted(offer.stops, key=repr)))
