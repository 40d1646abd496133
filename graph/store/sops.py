"""SOP versions of services. A version is written once; only rules without a version follow their source. (R-10)"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from graph.model.sop import Sop
from graph.store.content import checksum, records, rows, run
from graph.store.mapping import from_properties
from graph.store.network import Tx

OF_SERVICES: Final = """
    UNWIND $ids AS id
    MATCH (:Service {id: id})-[:GOVERNED_BY]->(p:Sop)
    RETURN properties(p) AS sop
"""


async def of_services(tx: Tx, ids: Iterable[str]) -> dict[str, list[Sop]]:
    """All versions by service, the oldest first."""
    found: dict[str, list[Sop]] = {}
    for row in await records(tx, OF_SERVICES, ids=list(ids)):
        sop = from_properties(Sop, row["sop"])
        found.setdefault(sop.service_id, []).append(sop)
    for versions in found.values():
        versions.sort(key=lambda sop: (sop.version or 0, sop.id))
    return found


OWNERS: Final = """
    UNWIND $ids AS id
    MATCH (p:Sop {id: id})
    RETURN p.id AS id, p.service_id AS service_id
"""


async def owners(tx: Tx, ids: Iterable[str]) -> dict[str, str]:
    """Which service each of these SOPs belongs to already."""
    return {row["id"]: row["service_id"] for row in await records(tx, OWNERS, ids=list(ids))}


CREATE: Final = """
    UNWIND $rows AS row
    MATCH (s:Service {id: row.service_id})
    CREATE (s)-[:GOVERNED_BY]->(p:Sop {id: row.id})
    SET p += row.properties
"""

UPDATE: Final = """
    UNWIND $rows AS row
    MATCH (p:Sop {id: row.id})
    SET p += row.properties
"""

DELETE: Final = """
    UNWIND $ids AS id
    MATCH (p:Sop {id: id})
    DETACH DELETE p
"""


async def create(tx: Tx, sops: Iterable[Sop]) -> None:
    """Write versions that were not there; each governs its service."""
    await run(tx, CREATE, rows=[{**row, "service_id": sop.service_id} for sop, row in _rows(sops)])


async def update(tx: Tx, sops: Iterable[Sop]) -> None:
    """Write rules without a version anew."""
    await run(tx, UPDATE, rows=[row for _, row in _rows(sops)])


def _rows(sops: Iterable[Sop]) -> list[tuple[Sop, dict[str, Any]]]:
    found = list(sops)
    return list(zip(found, rows(found), strict=True))


END: Final = """
    UNWIND $rows AS row
    MATCH (p:Sop {id: row.id})
    SET p.valid_to = row.valid_to, p.checksum = row.checksum
"""


async def end(tx: Tx, sops: Iterable[Sop]) -> None:
    """Write the last day of versions that a newer one follows; nothing else of a version ever changes. (R-10)"""
    await run(tx, END, rows=[{"id": sop.id, "valid_to": sop.valid_to, "checksum": checksum(sop)} for sop in sops])


async def delete(tx: Tx, ids: Iterable[str]) -> None:
    """Take out rules without a version that their source no longer states."""
    await run(tx, DELETE, ids=list(ids))
