"""From an empty graph to ours, on every engine: in order, once, by one at a time, and never back."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, LiteralString

import pytest

from graph.engine import Server
from graph.secrets import open_secrets
from graph.seed.vocabulary import terms
from graph.store import log
from graph.store import migrate as migrations
from graph.store.errors import Conflict, StatementRefused
from graph.store.migrate import MigrationProblem, Step, migrate, schema_steps
from graph.store.network import Network, Tx
from tests.sending import Walk, set_the_clinic
from tests.small_network import folder
from tests.store.imports import imported

BRINGS_UP_TO_DATE: Final = [s for step in schema_steps() for s in step.statements if s.startswith("MATCH ")]
"""What changes data that an earlier Enlace wrote: each has a test of its own here."""


@pytest.fixture
async def empty(server: Server) -> AsyncIterator[Network]:
    """A graph with nothing in it, not even a schema."""
    async with Network.open(server) as network:
        await raze(network)
        yield network
        await raze(network)


async def rows(tx: Tx, statement: LiteralString, **values: Any) -> list[dict[str, Any]]:
    return [record.data() async for record in await tx.run(statement, **values)]


async def raze(network: Network) -> None:
    for row in await network.read(rows, "SHOW CONSTRAINTS YIELD name"):
        await network.define(f"DROP CONSTRAINT {row['name']} IF EXISTS")
    for name in schema_names("INDEX"):
        await network.define(f"DROP INDEX {name} IF EXISTS")
    while (
        await network.write(
            rows, "MATCH (n) WHERE NOT n:TestGraph WITH n LIMIT 2000 DETACH DELETE n RETURN count(*) AS n"
        )
    )[0]["n"]:
        pass


async def test_a_dry_run_tells_everything_and_touches_nothing(empty: Network) -> None:
    told = await migrate(empty, dry_run=True)
    assert [step.number for step in told if step.kind == "schema"] == list(range(1, len(schema_steps()) + 1))
    assert {step.name for step in told if step.kind == "vocabulary"} >= {"service-types", "factors", "papers"}
    assert await empty.read(rows, "MATCH (n) WHERE NOT n:TestGraph RETURN count(n) AS n") == [{"n": 0}]
    assert await empty.read(rows, "SHOW CONSTRAINTS YIELD name") == []


async def test_from_empty_to_ours_and_the_second_time_nothing(empty: Network) -> None:
    told = await migrate(empty, dry_run=True)
    assert await migrate(empty) == told
    assert await migrate(empty) == await migrate(empty, dry_run=True) == ()
    there = {row["name"] for row in await empty.read(rows, "SHOW CONSTRAINTS YIELD name")}
    assert there == {"migration_number", *schema_names("CONSTRAINT")}


def schema_names(kind: str) -> list[str]:
    """What the schema files make, of this kind."""
    return [
        match[1]
        for step in schema_steps()
        for statement in step.statements
        if (match := re.match(rf"CREATE (?:POINT )?{kind} (\w+)", statement))
    ]


def test_every_schema_statement_can_be_run_again_and_has_a_name_of_its_own() -> None:
    names = []
    for step in schema_steps():
        assert step.statements
        for statement in step.statements:
            if statement in BRINGS_UP_TO_DATE:
                continue
            match = re.match(r"CREATE (?:CONSTRAINT|(?:POINT )?INDEX) (\w+) IF NOT EXISTS FOR ", statement)
            assert match, f"{step.number}: {statement}"
            names.append(match[1])
    assert len(set(names)) == len(names)


async def test_entries_from_before_are_found_by_what_their_body_says(empty: Network, tmp_path: Path) -> None:
    """What 0011 writes beside an old entry is what `log.write` writes beside a new one; run again, it writes nothing."""
    await migrate(empty)
    await set_the_clinic(empty)
    walk = await Walk(empty, open_secrets(tmp_path / "keys")).begin()
    await walk.allow()
    searched = "MATCH (e:LogEntry) RETURN e.body AS body, [k IN $names | e[k]] AS beside ORDER BY e.id"
    before = await empty.read(rows, searched, names=log.SEARCHED)
    assert {name for row in before for name, value in zip(log.SEARCHED, row["beside"], strict=True) if value} >= {
        "at", "actor", "role", "organization", "recipient", "purpose"
    }  # fmt: skip
    await empty.define("MATCH (e:LogEntry) " + " ".join(f"REMOVE e.{name}" for name in log.SEARCHED))
    for _ in range(2):
        for statement in BRINGS_UP_TO_DATE:
            await empty.define(statement)
        assert await empty.read(rows, searched, names=log.SEARCHED) == before


async def test_two_organisations_cannot_share_an_id(empty: Network) -> None:
    await migrate(empty)
    await empty.write(rows, "CREATE (:Organization {id: 'one'})")
    with pytest.raises(Conflict):
        await empty.write(rows, "CREATE (:Organization {id: 'one'})")


async def test_the_vocabularies_are_in_the_graph_with_their_hierarchy(empty: Network) -> None:
    await migrate(empty)
    found = await empty.read(
        rows,
        """
        MATCH (t:ServiceType)
        OPTIONAL MATCH (t)-[:KIND_OF]->(p)
        RETURN t.code AS code, t.es AS es, t.en AS en, collect(p.code) AS parents
        """,
    )
    expected = {t.code: (t.es, t.en, [t.parent] if t.parent else []) for t in terms("service-types").values()}
    assert {row["code"]: (row["es"], row["en"], row["parents"]) for row in found} == expected
    for label, scheme in (("Factor", "factors"), ("Paper", "papers"), ("SpokenLanguage", "languages")):
        counted = await empty.read(rows, "MATCH (n) WHERE $label IN labels(n) RETURN n.code AS code", label=label)
        assert {row["code"] for row in counted} == set(terms(scheme))


async def test_a_vocabulary_that_changed_is_written_again(empty: Network) -> None:
    await migrate(empty)
    await empty.write(rows, "MATCH (v:Vocabulary {scheme: 'service-types'}) SET v.checksum = 'of an older file'")
    await empty.write(rows, "MATCH (t:ServiceType)-[k:KIND_OF]->() SET t.es = 'antes' DELETE k")
    assert [step.name for step in await migrate(empty, dry_run=True)] == ["service-types"]
    assert [step.name for step in await migrate(empty)] == ["service-types"]
    old = await empty.read(rows, "MATCH (t:ServiceType) WHERE t.es = 'antes' RETURN count(t) AS n")
    edges = await empty.read(rows, "MATCH (:ServiceType)-[k:KIND_OF]->() RETURN count(k) AS n")
    assert (old, edges) == ([{"n": 0}], [{"n": sum(1 for t in terms("service-types").values() if t.parent)}])


KEYS: LiteralString = "MATCH (s:Service)-[:REACHES]->(k) RETURN s.id + ' ' + k.key AS key ORDER BY key"


async def test_a_service_is_found_where_its_type_hangs_now(empty: Network, tmp_path: Path) -> None:
    """In an older file rent hung below employment: whoever looked for housing would not have found it. (R-30)"""
    await migrate(empty)
    await imported(empty, folder(tmp_path, at=datetime.now(UTC)))
    now = await empty.read(rows, KEYS)
    await empty.write(rows, "MATCH (v:Vocabulary {scheme: 'service-types'}) SET v.checksum = 'of an older file'")
    await empty.write(
        rows,
        """
        MATCH (t:ServiceType {code: 'social.housing.rent'})-[k:KIND_OF]->(), (e:ServiceType {code: 'economic'})
        DELETE k CREATE (t)-[:KIND_OF]->(e)
        """,
    )
    await empty.write(
        rows,
        """
        MATCH (s:Service {id: 's-rent'})-[r:REACHES]->(k:Catchment)
        WHERE k.key ENDS WITH '|social' OR k.key ENDS WITH '|social.housing'
        DELETE r
        MERGE (e:Catchment {key: 'GT09|economic'})
        MERGE (s)-[:REACHES]->(e)
        """,
    )
    assert await empty.read(rows, KEYS) != now
    await migrate(empty, dry_run=True)
    assert await empty.read(rows, KEYS) != now
    await migrate(empty)
    assert await empty.read(rows, KEYS) == now


async def test_a_step_that_was_edited_after_it_was_applied_stops_everything(empty: Network) -> None:
    await migrate(empty)
    await empty.write(rows, "MATCH (m:Migration {number: 1}) SET m.checksum = 'of another text'")
    for dry_run in (True, False):
        with pytest.raises(MigrationProblem) as caught:
            await migrate(empty, dry_run)
        assert (caught.value.code, caught.value.places["number"]) == ("migrate.changed", 1)


async def test_a_graph_of_a_newer_program_is_left_alone(empty: Network) -> None:
    await migrate(empty)
    await empty.write(rows, "CREATE (:Migration {number: 999, name: 'later', checksum: 'x'})")
    with pytest.raises(MigrationProblem) as caught:
        await migrate(empty)
    assert caught.value.code == "migrate.newer"


async def test_two_programs_that_start_at_once_do_it_once(empty: Network, server: Server) -> None:
    expected = await migrate(empty, dry_run=True)
    async with Network.open(server) as other:
        one, two = await asyncio.gather(migrate(empty), migrate(other))
    assert sorted((len(one), len(two))) == [0, len(expected)]
    assert await empty.read(rows, "MATCH (t:Country) RETURN count(t) AS n") == [{"n": len(terms("countries"))}]


async def test_while_somebody_else_migrates_we_wait_and_then_say_so(empty: Network) -> None:
    await empty.define(migrations.NUMBERED)
    assert await empty.write(migrations.hold, holder="somebody else")
    assert not await empty.write(migrations.hold, holder="us")
    with pytest.raises(MigrationProblem) as caught:
        await migrate(empty, patience=0.4)
    assert caught.value.code == "migrate.locked"
    await empty.write(rows, "MATCH (m:Migration {number: 0}) SET m.until = timestamp() - 1")  # they died long ago
    assert await migrate(empty, patience=0.4)


async def test_a_step_that_fails_is_not_remembered_and_frees_the_others(empty: Network) -> None:
    good = Step(
        "schema", 1, "good", "a", ("CREATE CONSTRAINT test_good IF NOT EXISTS FOR (n:TestGood) REQUIRE n.id IS UNIQUE",)
    )
    bad = Step("schema", 2, "bad", "b", ("CREATE CONSTRAINT test_bad IF NOT EXISTS FOR",))
    mended = Step(
        "schema", 2, "bad", "c", ("CREATE CONSTRAINT test_bad IF NOT EXISTS FOR (n:TestBad) REQUIRE n.id IS UNIQUE",)
    )
    with pytest.raises(StatementRefused):
        await migrate(empty, steps=(good, bad))
    assert set(await empty.read(migrations.applied)) == {1}
    assert await migrate(empty, steps=(good, mended), patience=0.5) == (mended,)
