"""Bringing a graph up to this program: schema steps in their order, then the vocabularies. Forward only.

A step that was applied is never edited: a changed checksum stops everything. A vocabulary may change and is written
again. One migration at a time, held by a lease in the graph, so that several offices can start at once.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, Literal
from uuid import uuid4

from graph.seed.vocabulary import Scheme, lineage, terms
from graph.store import areas as area_store
from graph.store import directory, services, words
from graph.store.errors import StoreError
from graph.store.network import Network, Tx

LEASE: Final = 120_000
"""Milliseconds for which one migration holds the others off; renewed before every step."""

BATCH: Final = 1000

PATIENT: Final = 60.0
"""Seconds for one step's transaction: nobody waits for it at a screen."""


class MigrationProblem(StoreError):
    """Why the graph was not brought up to date. `code` names the text that a person reads."""

    def __init__(self, code: str, /, **places: object) -> None:
        super().__init__(code)
        self.code = code
        self.places = places


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to bring a graph up to date: a numbered schema file, or a vocabulary (number 0)."""

    kind: Literal["schema", "vocabulary"]
    number: int
    name: str
    checksum: str
    statements: tuple[str, ...] = ()


def schema_steps() -> tuple[Step, ...]:
    """The files of `graph/schema`, in the order of their numbers."""
    found = []
    for file in files("graph").joinpath("schema").iterdir():
        if match := re.fullmatch(r"(\d{4})_([a-z_]+)\.cypher", file.name):
            text = file.read_text(encoding="utf-8").replace("\r\n", "\n")
            found.append(Step("schema", int(match[1]), match[2], _checksum(text), tuple(_statements(text))))
    found.sort(key=lambda step: step.number)
    if [step.number for step in found] != list(range(1, len(found) + 1)):
        raise ValueError("the files of graph/schema are not numbered 1, 2, 3, …")
    return tuple(found)


def vocabulary_steps() -> tuple[Step, ...]:
    """The vocabularies whose terms are nodes."""
    found = []
    for scheme in words.UPSERT:
        text = "\n".join(term.model_dump_json() for term in terms(scheme).values())
        found.append(Step("vocabulary", 0, scheme, _checksum(text)))
    return tuple(found)


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _statements(text: str) -> Iterator[str]:
    """The statements of a file: each ends with a semicolon at the end of a line."""
    bare = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("//"))
    return (part.strip() for part in re.split(r";\s*$", bare, flags=re.MULTILINE) if part.strip())


async def migrate(
    network: Network,
    dry_run: bool = False,
    *,
    patience: float = 60.0,
    steps: Sequence[Step] | None = None,
) -> tuple[Step, ...]:
    """Apply what is missing, and say what that was; with `dry_run`, say what it would be and touch nothing.

    `patience` is how long to wait, in seconds, while somebody else migrates.
    """
    steps = (*schema_steps(), *vocabulary_steps()) if steps is None else steps
    if dry_run:
        return await _missing(network, steps)
    if not await _missing(network, steps):
        return ()
    await network.define(NUMBERED)
    holder = uuid4().hex
    await _hold(network, holder, patience)
    try:
        missing = await _missing(network, steps)
        for step in missing:
            await _hold(network, holder, patience)
            if step.name == "service-types" and step.kind == "vocabulary":
                await _find_again(network, lambda: _hold(network, holder, patience))
            await _apply(network, step)
        return missing
    finally:
        await network.write(release, holder=holder, deadline=PATIENT)


async def _missing(network: Network, steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps this graph lacks. Stops if it was changed by another program than this one."""
    there = await network.read(applied, deadline=PATIENT)
    written = await network.read(words.checksums, deadline=PATIENT)
    known = {step.number: step for step in steps if step.kind == "schema"}
    for number, (name, checksum) in there.items():
        if number not in known:
            raise MigrationProblem("migrate.newer", number=number, name=name)
        if known[number].checksum != checksum:
            raise MigrationProblem("migrate.changed", number=number, name=known[number].name)
    return tuple(
        step
        for step in steps
        if (step.number not in there if step.kind == "schema" else written.get(step.name) != step.checksum)
    )


async def _hold(network: Network, holder: str, patience: float) -> None:
    end = asyncio.get_running_loop().time() + patience
    while not await network.write(hold, holder=holder, deadline=PATIENT):
        if asyncio.get_running_loop().time() >= end:
            raise MigrationProblem("migrate.locked", seconds=round(patience))
        await asyncio.sleep(0.25)


async def _apply(network: Network, step: Step) -> None:
    if step.kind == "schema":
        for statement in step.statements:
            await network.define(statement)
        await network.write(remember, number=step.number, name=step.name, checksum=step.checksum, deadline=PATIENT)
    else:
        scheme: Scheme = step.name  # type: ignore[assignment]  # made by vocabulary_steps from the schemes themselves
        await network.write(_write_vocabulary, scheme, checksum=step.checksum, deadline=PATIENT)


async def _find_again(network: Network, hold_on: Callable[[], Awaitable[None]]) -> None:
    """Services whose type moved in the taxonomy are found from where it hangs now. (R-30)

    Before the vocabulary is written, so that an interruption leaves it to be done again.
    """
    before = await network.read(words.parents, deadline=PATIENT)
    moved = [
        code
        for code in before
        if code in terms("service-types") and _climb(code, before) != lineage("service-types", code)
    ]
    if not moved:
        return
    there = await network.read(area_store.read_all, deadline=PATIENT)
    lineages = {code: area.relations.lineage for code, area in there.items()}
    ids = await network.read(services.of_types, moved, deadline=PATIENT)
    for first in range(0, len(ids), BATCH):
        batch = ids[first : first + BATCH]
        await hold_on()
        await network.write(directory.renew_catchments, batch, lineages=lineages, deadline=PATIENT)


def _climb(code: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    found = [code]
    while (above := parents.get(found[-1])) is not None and above not in found:
        found.append(above)
    return tuple(found)


async def _write_vocabulary(tx: Tx, scheme: Scheme, *, checksum: str) -> None:
    rows = list(terms(scheme).values())
    for first in range(0, len(rows), BATCH):
        await words.upsert(tx, scheme, rows[first : first + BATCH])
    if scheme == "service-types":
        await words.place(tx, rows)
    await words.remember(tx, scheme=scheme, checksum=checksum)


NUMBERED: Final = """
    CREATE CONSTRAINT migration_number IF NOT EXISTS FOR (m:Migration) REQUIRE m.number IS UNIQUE
"""
"""The one constraint that stands before all steps: it carries the lease (number 0)."""


APPLIED: Final = """
    MATCH (m:Migration)
    WHERE m.number > 0
    RETURN m.number AS number, m.name AS name, m.checksum AS checksum
"""


async def applied(tx: Tx) -> dict[int, tuple[str, str]]:
    """The schema steps this graph has seen: number, name, checksum."""
    return {record["number"]: (record["name"], record["checksum"]) async for record in await tx.run(APPLIED)}


HOLD: Final = """
    MERGE (m:Migration {number: 0})
    SET m.asked = timestamp()
    WITH m
    WHERE m.holder IS NULL OR m.holder = $holder OR m.until < timestamp()
    SET m.holder = $holder, m.until = timestamp() + $lease
    RETURN m.holder AS holder
"""


async def hold(tx: Tx, *, holder: str) -> bool:
    """Whether the lease is ours now. The write before the test takes the lock: without it two could pass."""
    return await (await tx.run(HOLD, holder=holder, lease=LEASE)).single() is not None


RELEASE: Final = """
    MATCH (m:Migration {number: 0, holder: $holder})
    REMOVE m.holder, m.until
"""


async def release(tx: Tx, *, holder: str) -> None:
    """Give the lease back, if it is still ours."""
    await (await tx.run(RELEASE, holder=holder)).consume()


REMEMBER: Final = """
    MERGE (m:Migration {number: $number})
    SET m.name = $name, m.checksum = $checksum, m.at = timestamp()
"""


async def remember(tx: Tx, *, number: int, name: str, checksum: str) -> None:
    """Keep that a step was applied, and what it looked like."""
    await (await tx.run(REMEMBER, number=number, name=name, checksum=checksum)).consume()
