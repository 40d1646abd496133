"""Programmes under which services are paid. (R-43)"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from graph.model.directory import Program
from graph.store.content import records, rows, run
from graph.store.mapping import from_properties
from graph.store.network import Tx

ALL: Final = "MATCH (p:Program) RETURN properties(p) AS program ORDER BY p.id"


async def get_all(tx: Tx) -> dict[str, Program]:
    """All programmes by id: a country has some dozens."""
    return {row["program"]["id"]: from_properties(Program, row["program"]) for row in await records(tx, ALL)}


UPSERT: Final = """
    UNWIND $rows AS row
    MERGE (p:Program {id: row.id})
    SET p += row.properties
"""


async def upsert(tx: Tx, programs: Iterable[Program]) -> None:
    """Write these programmes."""
    await run(tx, UPSERT, rows=rows(programs))
