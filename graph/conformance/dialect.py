"""The one dialect: constraint kinds, values that come back as they went, constructs that our statements use."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any, Final, LiteralString

from neo4j.spatial import WGS84Point

from graph.conformance.finding import Bench, Finding, Verdict
from graph.store.errors import Conflict, StatementRefused
from graph.store.mapping import native
from graph.store.network import Tx

SCHEMA: Final[tuple[LiteralString, ...]] = (
    "CREATE CONSTRAINT engine_check_id IF NOT EXISTS FOR (n:EngineCheckThing) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT engine_check_id IF NOT EXISTS FOR (n:EngineCheckThing) REQUIRE n.id IS UNIQUE",
    "CREATE INDEX engine_check_at IF NOT EXISTS FOR (n:EngineCheckThing) ON (n.at)",
    "CREATE POINT INDEX engine_check_point IF NOT EXISTS FOR (n:EngineCheckThing) ON (n.point)",
)
"""Unique constraint (twice: the second time changes nothing), range index, point index."""

UNSCHEMA: Final[tuple[LiteralString, ...]] = (
    "DROP INDEX engine_check_point IF EXISTS",
    "DROP INDEX engine_check_at IF EXISTS",
    "DROP CONSTRAINT engine_check_id IF EXISTS",
)

CREATE: Final = """
    CREATE (:EngineCheckThing {id: $id})
"""

MERGE: Final = """
    MERGE (n:EngineCheckThing {id: $id})
    RETURN n.id AS id
"""

THINGS: Final = """
    MATCH (n:EngineCheckThing)
    WHERE n.id STARTS WITH $run
    RETURN count(n) AS n
"""


async def create(tx: Tx, *, id: str) -> None:
    """A thing with this id."""
    await (await tx.run(CREATE, id=id)).consume()


async def merge(tx: Tx, *, id: str) -> None:
    """A thing with this id, unless there is one."""
    await (await tx.run(MERGE, id=id)).consume()


async def things(tx: Tx, *, run: str) -> int:
    """How many things there are."""
    return int((await (await tx.run(THINGS, run=run)).single(strict=True))["n"])


async def constraints(bench: Bench) -> Finding:
    """A second node with the same id is refused, committed or not; a MERGE finds the first; indexes can be made."""
    wrong = []
    try:
        for statement in SCHEMA:
            await bench.one.define(statement)
    except StatementRefused as refused:
        return Finding("constraints", Verdict.BROKEN, {"wrong": refused.code}, "refused")
    id = f"{bench.run}-thing"
    await bench.one.write(create, id=id, deadline=30.0)
    if not await _is_refused(bench, id):
        wrong.append("second-create")
    await bench.two.write(merge, id=id, deadline=30.0)

    async def twice(tx: Tx) -> None:
        await create(tx, id=f"{id}-twice")
        await create(tx, id=f"{id}-twice")

    try:
        await bench.one.write(twice, deadline=30.0)
        wrong.append("twice-in-one")
    except Conflict:
        pass
    if await bench.one.read(things, run=bench.run, deadline=30.0) != 1:
        wrong.append("count")
    if wrong:
        return Finding("constraints", Verdict.BROKEN, {"wrong": ", ".join(wrong)}, "wrong")
    return Finding("constraints", Verdict.HELD, {"kinds": 3})


async def _is_refused(bench: Bench, id: str) -> bool:
    try:
        await bench.two.write(create, id=id, deadline=30.0)
    except Conflict:
        return True
    return False


VALUES: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "day": date(2024, 2, 29),
        "first_day": date(1900, 1, 1),
        "instant": datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC),
        "instant_elsewhere": datetime(2026, 1, 2, 23, 59, 59, tzinfo=timezone(timedelta(hours=-6))),
        "point": WGS84Point((-90.5069, 14.6349)),
        "text": "Quetzaltenango · K'iche' · Ñ e\u0301 中 😀 \"'\\\n",
        "empty_text": "",
        "words": ["uno", "dos", ""],
        "no_words": [],
        "largest": 2**63 - 1,
        "smallest": -(2**63),
        "fraction": 0.1,
        "tiny": 5e-324,
        "yes": True,
        "no": False,
    }
)

KEEP: Final = """
    CREATE (n:EngineCheckValue {run: $run})
    SET n += $values
"""

GIVE: Final = """
    MATCH (n:EngineCheckValue {run: $run})
    RETURN properties(n) AS found
"""

COMPARE: Final = """
    MATCH (n:EngineCheckValue {run: $run})
    RETURN n.day = $day AS same_day, n.day < date('2024-03-01') AS earlier_day,
           n.instant = $instant AS same_instant, n.instant < $later AS earlier_instant,
           n.instant_elsewhere = $instant_elsewhere AS same_elsewhere,
           $today >= n.day AS day_of_parameter,
           point.distance(n.point, $point) < 1 AS near,
           n.missing IS NULL AS missing
"""


async def keep(tx: Tx, *, run: str, values: Mapping[str, Any]) -> None:
    """Write a node with one property of each kind."""
    await (await tx.run(KEEP, run=run, values=dict(values))).consume()


async def give(tx: Tx, *, run: str) -> dict[str, Any]:
    """What is written, as our mapping reads it."""
    found = (await (await tx.run(GIVE, run=run)).single(strict=True))["found"]
    return {name: native(value) for name, value in found.items()}


async def compare(tx: Tx, *, run: str) -> dict[str, bool]:
    """How the engine itself compares what is written."""
    values = {name: VALUES[name] for name in ("day", "instant", "instant_elsewhere", "point")}
    later, today = VALUES["instant"] + timedelta(microseconds=1), date(2026, 11, 21)
    return (await (await tx.run(COMPARE, run=run, later=later, today=today, **values)).single(strict=True)).data()


async def values(bench: Bench) -> Finding:
    """Days, instants, points, texts and numbers come back as they went and compare as they should."""
    try:
        await bench.one.write(keep, run=bench.run, values=VALUES, deadline=30.0)
        found = await bench.two.read(give, run=bench.run, deadline=30.0)
        compared = await bench.two.read(compare, run=bench.run, deadline=30.0)
    except StatementRefused as refused:
        return Finding("values", Verdict.BROKEN, {"wrong": refused.code}, "refused")
    wrong = [name for name, value in VALUES.items() if not _same(value, found.get(name))]
    wrong += [name for name, holds in compared.items() if holds is not True]
    if wrong:
        return Finding("values", Verdict.BROKEN, {"wrong": ", ".join(wrong)}, "wrong")
    return Finding("values", Verdict.HELD, {"values": len(VALUES), "comparisons": len(compared)})


def _same(sent: Any, back: Any) -> bool:
    if isinstance(sent, float):
        return isinstance(back, float) and math.isclose(sent, back, rel_tol=0, abs_tol=0)
    return type(back) is type(sent) and bool(back == sent)


CHAIN: Final = """
    UNWIND range(1, 4) AS n
    CREATE (:EngineCheckLink {run: $run, n: n})
"""

JOIN: Final = """
    UNWIND range(1, 3) AS n
    MATCH (a:EngineCheckLink {run: $run, n: n}), (b:EngineCheckLink {run: $run, n: n + 1})
    CREATE (a)-[:ENGINE_CHECK_NEXT]->(b)
"""

CONSTRUCTS: Final[Mapping[str, tuple[LiteralString, list[dict[str, Any]]]]] = MappingProxyType(
    {
        "exists": (
            """
            MATCH (a:EngineCheckLink {run: $run})
            WHERE NOT EXISTS { (a)-[:ENGINE_CHECK_NEXT]->() }
            RETURN a.n AS n
            """,
            [{"n": 4}],
        ),
        "count": (
            """
            MATCH (a:EngineCheckLink {run: $run, n: 2})
            RETURN COUNT { (a)-[:ENGINE_CHECK_NEXT]-() } AS n
            """,
            [{"n": 2}],
        ),
        "subquery": (
            """
            UNWIND [1, 3] AS n
            MATCH (a:EngineCheckLink {run: $run, n: n})
            CALL (a) { MATCH (a)-[:ENGINE_CHECK_NEXT]->(b) RETURN b.n AS next }
            RETURN n, next ORDER BY n
            """,
            [{"n": 1, "next": 2}, {"n": 3, "next": 4}],
        ),
        "quantified-path": (
            """
            MATCH (a:EngineCheckLink {run: $run, n: 1}) (()-[:ENGINE_CHECK_NEXT]->()){1,2} (b)
            RETURN b.n AS n ORDER BY n
            """,
            [{"n": 2}, {"n": 3}],
        ),
        "variable-length": (
            """
            MATCH (a:EngineCheckLink {run: $run, n: 1})-[:ENGINE_CHECK_NEXT*0..]->(b)
            RETURN collect(b.n) AS n
            """,
            [{"n": [1, 2, 3, 4]}],
        ),
        "map-projection": (
            """
            MATCH (a:EngineCheckLink {run: $run, n: 1})
            RETURN a {.n, more: [(a)-[:ENGINE_CHECK_NEXT]->(b) | b {.n}]} AS a
            """,
            [{"a": {"n": 1, "more": [{"n": 2}]}}],
        ),
        "unwind-maps": (
            """
            UNWIND $rows AS row
            MATCH (a:EngineCheckLink {run: row.run, n: row.n})
            SET a += row.values
            RETURN a.word AS word
            """,
            [{"word": "uno"}],
        ),
    }
)


async def constructs(bench: Bench) -> Finding:
    """What our statements are made of means the same here."""

    async def prepare(tx: Tx) -> None:
        await (await tx.run(CHAIN, run=bench.run)).consume()
        await (await tx.run(JOIN, run=bench.run)).consume()

    await bench.one.write(prepare, deadline=30.0)
    wrong = []
    for name, (statement, expected) in CONSTRUCTS.items():
        rows = [{"run": bench.run, "n": 4, "values": {"word": "uno"}}]

        async def ask(tx: Tx, statement: LiteralString = statement, rows: Any = rows) -> list[dict[str, Any]]:
            return [record.data() async for record in await tx.run(statement, run=bench.run, rows=rows)]

        try:
            if await bench.one.write(ask, deadline=30.0) != expected:
                wrong.append(name)
        except StatementRefused:
            wrong.append(name)
    if wrong:
        return Finding("constructs", Verdict.BROKEN, {"wrong": ", ".join(wrong)}, "wrong")
    return Finding("constructs", Verdict.HELD, {"constructs": len(CONSTRUCTS)})
