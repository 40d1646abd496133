"""One run: make the networks, take them into every store, see that all answer the same, and time them side by side.

Everything lives in a temporary folder and ends with the run.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable, Collection
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import psycopg
from psycopg.sql import SQL, Identifier

from api.query import Query
from benchmarks import cluster, generate, intake, postgres, send, serve, users
from benchmarks.contenders import Contender, Graph, Postgres, Way, assert_same, need_of, pure_ways
from benchmarks.figures import Figure, interleaved
from benchmarks.report import Found, Machine, Report
from graph.engine import serve as serve_engine
from graph.server import Server

Tell = Callable[..., None]
"""Progress: a key, and its places."""

DEFAULT_MEMORY, MORE_MEMORY, ENOUGH = "512m", "2g", 50_000
"""Memory of the embedded engine: the default keeps the pages of so many services, a larger network needs more
(`ENLACE_ENGINE_MEMORY`)."""

EMBEDDED, NEO4J, POSTGRES, READY = "embedded", "neo4j", "postgres", "postgres-ready"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure."""

    services: int = generate.SMALL
    questions: int = 120
    rounds: int = 4
    warm_calls: int = 240
    """Calls of each kind before they count: a JVM compiles what it runs often."""
    grown: bool = True
    """Whether to measure growth: ten times the services, with as many and with ten times the candidates."""
    http: bool = True
    sending: send.Sending = field(default_factory=send.Sending)
    crowd: users.Crowd = field(default_factory=users.Crowd)

    @property
    def warm(self) -> int:
        """Rounds that are not counted."""
        return -(-self.warm_calls // self.questions)

    def networks(self) -> list[tuple[str, generate.Plan]]:
        """The networks by name, the one that everything is held against first."""
        base = ("base", generate.Plan(self.services))
        if not self.grown:
            return [base]
        many = 10 * self.services
        return [
            base,
            ("equal", generate.Plan(many, "equal", small=self.services)),
            ("tenfold", generate.Plan(many, "tenfold", small=self.services)),
        ]


@dataclass(slots=True)
class Stores:
    """Where one network has been put."""

    found: Found
    engines: dict[str, Server]
    address: str | None


SUGGESTIONS, SEND, USERS = "suggestions", "send", "users"


def run(plan: Plan, *, neo4j: bool = False, only: str | None = None, tell: Tell) -> Report:
    """Everything, or one part only, from nothing to a report."""
    report = Report(Machine.here(), plan.questions, plan.rounds)
    if only in (None, SUGGESTIONS):
        report = _suggestions(plan, neo4j=neo4j, tell=tell)
    if only in (None, SEND):
        _sends(plan, report, neo4j=neo4j, tell=tell)
    if only in (None, USERS):
        tell("walking", users=plan.crowd.users)
        with tempfile.TemporaryDirectory(prefix="enlace-bench-", ignore_cleanup_errors=True) as folder:
            report.users = users.measure(Path(folder), plan.crowd)
    return report


def _sends(plan: Plan, report: Report, *, neo4j: bool, tell: Tell) -> None:
    """Each engine in turn, alone on the machine."""
    for engine in (EMBEDDED, NEO4J) if neo4j else (EMBEDDED,):
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="enlace-bench-")))
            data = folder / "data"
            data.mkdir()
            if engine == EMBEDDED:
                server: Server | None = stack.enter_context(serve_engine(data, memory=DEFAULT_MEMORY))
            else:
                server = _neo4j(stack, folder / "neo4j", report.missing)
            if server is not None:
                tell("sending", engine=engine, callers=plan.sending.callers)
                report.sends[engine] = asyncio.run(send.measure(server, folder, plan.sending))


def _suggestions(plan: Plan, *, neo4j: bool, tell: Tell) -> Report:
    """Networks made, taken into every store, compared and timed."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="enlace-bench-")))
        missing: dict[str, str] = {}
        address = _postgres(stack, missing)
        filled = [
            _fill(stack, folder, name, network, address, neo4j=neo4j and name == "base", missing=missing, tell=tell)
            for name, network in plan.networks()
        ]
        versions = {"PostgreSQL": _postgres_version(address)} if address else {}
        report = Report(
            Machine.here(**versions), plan.questions, plan.rounds, [s.found for s in filled], missing=missing
        )
        asyncio.run(_measure(plan, filled, report, tell))
        return report


def _postgres(stack: ExitStack, missing: dict[str, str]) -> str | None:
    try:
        return stack.enter_context(cluster.cluster())
    except cluster.Missing as why:
        missing["PostgreSQL"] = str(why)
        return None


def _postgres_version(address: str) -> str:
    with psycopg.connect(address) as connection:
        return str(connection.info.parameter_status("server_version")).split()[0]


def _fill(
    stack: ExitStack,
    folder: Path,
    name: str,
    network: generate.Plan,
    address: str | None,
    *,
    neo4j: bool,
    missing: dict[str, str],
    tell: Tell,
) -> Stores:
    """Make one network and take it into every store."""
    documents, data = folder / f"{name} documents", folder / f"{name} data"
    tell("making", services=network.services, network=name)
    generate.write(documents, network)
    data.mkdir()
    found = Found(name, network.services)
    found.memory = DEFAULT_MEMORY if network.services <= ENOUGH else MORE_MEMORY
    engines = {EMBEDDED: stack.enter_context(serve_engine(data, memory=found.memory))}
    if neo4j and (server := _neo4j(stack, folder / "neo4j", missing)):
        engines[NEO4J] = server
    for engine, server in engines.items():
        tell("importing", services=network.services, engine=engine)
        found.intakes[engine] = intake.take_in(data, documents, services=network.services, server=server)
    database = None
    if address:
        tell("loading", services=network.services)
        began = time.perf_counter()
        database = _database(address, name)
        postgres.load(database, documents)
        found.postgres_seconds = time.perf_counter() - began
    shutil.rmtree(documents)
    return Stores(found, engines, database)


def _neo4j(stack: ExitStack, folder: Path, missing: dict[str, str]) -> Server | None:
    """Neo4j as the tests find it: NEO4J_TEST_URI, Maven, or a container."""
    try:
        from tests import engines
    except ImportError as why:
        missing["Neo4j"] = str(why)
        return None
    try:
        return stack.enter_context(engines.neo4j(folder))
    except engines.Missing as why:
        missing["Neo4j"] = str(why)
        return None


def _database(address: str, name: str) -> str:
    """A database of its own for a network."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    return address.replace("dbname=postgres", f"dbname={name}")


async def _measure(plan: Plan, filled: list[Stores], report: Report, tell: Tell) -> None:
    queries = [Query.model_validate(need) for need in generate.needs(plan.questions)]
    async with AsyncExitStack() as stack:
        contenders = [await _open(stack, stores) for stores in filled]
        for stores, those in zip(filled, contenders, strict=True):
            tell("comparing", network=stores.found.name, stores=", ".join(c.name for c in those))
            some = queries if stores is filled[0] else queries[: max(5, len(queries) // 6)]
            stores.found.stores = tuple(c.name for c in those)
            stores.found.compared = await assert_same(those, some)
            stores.found.candidates = [len((await those[0].find(need_of(q))).offers) for q in queries]
        tell("timing", calls=plan.questions * plan.rounds)
        base = filled[0]
        base.found.figures = await _side_by_side(plan, queries, [(base, contenders[0])], ())
        base.found.wider = await _wider(plan, contenders[0])
        report.pure = await _pure(plan, queries, contenders[0][0])
        if plan.http:
            tell("http")
            await _over_http(plan, queries, filled[:1])
        if len(filled) > 1:
            tell("growth")
            await _growth(plan, queries, filled, contenders)
        tell("places")
        report.updates = await _places(plan, contenders[0][0])


async def _open(stack: AsyncExitStack, stores: Stores) -> list[Contender]:
    contenders: list[Contender] = [
        await stack.enter_async_context(Graph.open(name, server)) for name, server in stores.engines.items()
    ]
    if stores.address:
        for name, store in ((POSTGRES, postgres.NORMALISED), (READY, postgres.READY_MADE)):
            contenders.append(await stack.enter_async_context(Postgres.open(name, stores.address, store)))
    return contenders


async def _side_by_side(
    plan: Plan, queries: list[Query], asked: list[tuple[Stores, list[Contender]]], only: Collection[str]
) -> dict[str, dict[str, Figure]]:
    """All ways (or only these) of all stores in one loop; with several networks a store's name says which."""
    ways = {
        (contender.name if len(asked) == 1 else f"{stores.found.name} {contender.name}", name): way
        for stores, contenders in asked
        for contender in contenders
        for name, way in contender.ways().items()
        if not only or name in only
    }
    named = {" ".join(key): way for key, way in ways.items()}
    figures = await interleaved(queries, named, rounds=plan.rounds, warm=plan.warm)
    found: dict[str, dict[str, Figure]] = {}
    for (store, name), figure in zip(ways, figures.values(), strict=True):
        found.setdefault(store, {})[name] = figure
    return found


async def _growth(plan: Plan, queries: list[Query], filled: list[Stores], contenders: list[list[Contender]]) -> None:
    """The small network and the large ones in one loop of their own: what is compared is timed together."""
    asked = list(zip(filled, contenders, strict=True))
    found = await _side_by_side(plan, queries, asked, ("round-trip", "recall", "find", "answer"))
    for stores, those in asked:
        figures = {contender.name: found[f"{stores.found.name} {contender.name}"] for contender in those}
        if stores is filled[0]:
            stores.found.again = figures
        else:
            stores.found.figures = figures


async def _wider(plan: Plan, contenders: list[Contender]) -> dict[str, dict[str, Figure]]:
    """Answers about a department and about the whole country, where much covers a part only."""
    found = {}
    for name, level, count in (("department", 1, 20), ("country", 0, 5)):
        queries = [Query.model_validate(need) for need in generate.needs(min(count, plan.questions), level=level)]
        ways = {contender.name: contender.ways()["answer"] for contender in contenders}
        found[name] = await interleaved(queries, ways, rounds=plan.rounds)
    return found


async def _pure(plan: Plan, queries: list[Query], graph: Contender) -> dict[str, Figure]:
    """Judging and wording, without any store."""
    found = {id(query): await graph.find(need_of(query)) for query in queries}
    answers = {id(query): await graph.answer(need_of(query)) for query in queries}
    return await interleaved(queries, pure_ways(found, answers), rounds=plan.rounds)


async def _over_http(plan: Plan, queries: list[Query], filled: list[Stores]) -> None:
    """A server for each store, each in a process of its own; one client, which keeps its connections."""
    with ExitStack() as stack:
        addresses = {}
        for number, stores in enumerate(filled):
            for name, server in stores.engines.items():
                addresses[number, name] = stack.enter_context(serve.serving(server))
            if stores.address:
                addresses[number, POSTGRES] = stack.enter_context(serve.serving(stores.address))
        with httpx2.Client(timeout=60.0, headers={"Accept-Language": "es"}) as client:
            ways = {f"{number} {name}": _post(client, url) for (number, name), url in addresses.items()}
            figures = await interleaved(queries, ways, rounds=plan.rounds, warm=plan.warm)
    for (number, name), figure in zip(addresses, figures.values(), strict=True):
        filled[number].found.figures.setdefault(name, {})["http"] = figure


def _post(client: httpx2.Client, url: str) -> Way:
    async def ask(query: Query) -> object:
        answer = client.post(  # one at a time, so nothing waits for it; quicker than the client that could
            f"{url}/v1/suggestions", json=query.model_dump(mode="json", exclude_unset=True)
        )
        answer.raise_for_status()
        return answer.content

    return ask


async def _places(plan: Plan, graph: Contender) -> list[intake.Updates]:
    """How quickly places change, by one provider alone and by eight at once."""
    assert isinstance(graph, Graph)
    owners = ["nobody"]
    plan_ = generate.Plan(plan.services)
    services = []
    for number in range(min(400, plan.services)):
        document = generate.service(plan_, number, owners)
        if any((c["maximum"] or 0) >= 5 for c in document.get("capacities", ())):
            services.append(document["id"])
    return [
        await intake.change_places(graph.network, services, callers=callers, changes=changes)
        for callers, changes in ((1, 100), (8, 50))
    ]
