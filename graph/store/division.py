"""The administrative division as it is read: names, departments, what lies below. Writing it is `graph.store.areas`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from graph.model.area import Area
from graph.store.errors import NotFound
from graph.store.mapping import from_properties, native
from graph.store.network import Tx

NAMES: Final = """
    UNWIND $codes AS code
    MATCH (a:Area {code: code})
    RETURN a.code AS code, a.name AS name
"""


async def names(tx: Tx, codes: Collection[str]) -> dict[str, str]:
    """The names of these areas by code; a code that is no area is left out."""
    return {r["code"]: r["name"] async for r in await tx.run(NAMES, codes=sorted(codes))}


DEPARTMENT: Final = """
    MATCH (a:Area {code: $code})
    UNWIND a.lineage AS above
    WITH above
    MATCH (d:Area {code: above})
    WHERE d.level <= 1
    RETURN d.code AS code ORDER BY d.level DESC LIMIT 1
"""


async def department_of(tx: Tx, code: str) -> str:
    """The department an area lies in; for a country the country itself. NotFound for an unknown area.

    `WITH above` leaves the first area behind: beside it the embedded engine finds no second one by a code from a list.
    """
    record = await (await tx.run(DEPARTMENT, code=code)).single()
    if record is None:
        raise NotFound(code)
    return str(record["code"])


OF_LEVEL: Final = "MATCH (a:Area {level: $level}) RETURN properties(a) AS area ORDER BY a.name"


async def of_level(tx: Tx, level: int) -> list[Area]:
    """All areas of one level by name: 0 countries, 1 departments."""
    return [from_properties(Area, r["area"]) async for r in await tx.run(OF_LEVEL, level=level)]


BELOW: Final = """
    MATCH (p:Area {code: $code})
    OPTIONAL MATCH (a:Area)-[:PART_OF]->(p)
    RETURN properties(a) AS area ORDER BY a.name
"""


async def below(tx: Tx, code: str) -> list[Area]:
    """The areas that lie directly in one, by name. NotFound for an unknown area."""
    found = [r["area"] async for r in await tx.run(BELOW, code=code)]
    if not found:
        raise NotFound(code)
    return [from_properties(Area, area) for area in found if area is not None]


OF_CODES: Final = """
    UNWIND $codes AS code
    MATCH (a:Area {code: code})
    RETURN properties(a) AS area
"""


async def of_codes(tx: Tx, codes: Collection[str]) -> list[Area]:
    """These areas with their points; a code that is no area is left out."""
    return [from_properties(Area, r["area"]) async for r in await tx.run(OF_CODES, codes=sorted(codes))]


EVERYTHING: Final = """
    MATCH (a:Area)
    RETURN a.code AS code, a.name AS name, a.level AS level, a.lineage AS lineage,
           a.valid_from AS valid_from, a.valid_to AS valid_to
    ORDER BY a.code
"""


async def everything(tx: Tx) -> list[dict[str, Any]]:
    """Every area with its way up to the root: some thousands, for finding one by its name."""
    return [
        record.data() | {"valid_from": native(record["valid_from"]), "valid_to": native(record["valid_to"])}
        async for record in await tx.run(EVERYTHING)
    ]
