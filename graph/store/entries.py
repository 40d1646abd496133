"""The entries of one organisation in the directory, as it keeps them. (R-02)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from graph.model.directory import Organization
from graph.store.content import records
from graph.store.entry_dates import edited_of
from graph.store.errors import NotFound
from graph.store.mapping import from_properties, native, nested
from graph.store.network import Tx

ORGANIZATION: Final = "MATCH (o:Organization {id: $id}) RETURN properties(o) AS organization"


async def organization(tx: Tx, id: str) -> tuple[Organization, dict[str, datetime]]:
    """An organisation, and when each of its properties was last edited. NotFound for an unknown one."""
    for row in await records(tx, ORGANIZATION, id=id):
        return from_properties(Organization, row["organization"]), edited_of(row["organization"])
    raise NotFound


@dataclass(frozen=True, slots=True)
class Kept:
    """A service in the list of who offers it."""

    id: str
    name: str
    translations: dict[str, dict[str, str]]
    status: str
    edited: datetime | None
    verified_at: datetime | None
    verified_as: str | None
    to_verify: bool
    waiting: int
    """Proposals that nobody has decided."""
    merged_into: str | None


SERVICES: Final = """
    MATCH (o:Organization {id: $id})-[:OFFERS]->(s:Service)
    WHERE s.status <> 'defunct'
    OPTIONAL MATCH (p:Proposal {subject_id: s.id, state: 'open'})
    WITH s, count(p) AS waiting
    RETURN properties(s) AS service, waiting, [(s)-[:MERGED_INTO]->(k:Service) | k.id] AS kept
    ORDER BY s.name, s.id
"""


async def services(tx: Tx, organization_id: str) -> list[Kept]:
    """What an organisation offers, by name, with the age of each entry."""
    return [_kept(row) for row in await records(tx, SERVICES, id=organization_id)]


def _kept(row: dict[str, Any]) -> Kept:
    node = row["service"]
    when = [*edited_of(node).values(), *([native(node["last_modified"])] if node.get("last_modified") else [])]
    return Kept(
        id=node["id"],
        name=node["name"],
        translations=nested(node.get("translations")) or {},
        status=node["status"],
        edited=max(when, default=None),
        verified_at=native(node.get("verified_at")),
        verified_as=node.get("verified_as"),
        to_verify=node.get("to_verify_since") is not None,
        waiting=row["waiting"],
        merged_into=row["kept"][0] if row["kept"] else None,
    )
