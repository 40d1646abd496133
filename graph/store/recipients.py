"""What a send must know of its recipient, in one statement: who it is, where it works, under which SOPs. (R-03, R-10)

The directory's own reading and writing is elsewhere; here is only what is read under a case's lock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from graph.model.directory import Agreement
from graph.model.sop import Sop
from graph.store.errors import NotFound
from graph.store.mapping import from_properties
from graph.store.network import Tx

GET: Final = """
    MATCH (s:Service {id: $service_id})
    MATCH (o:Organization)-[:OFFERS]->(s)
    RETURN o.id AS organization_id, s.status AS status,
           [(s)-[:DELIVERED_AT]->(:Location)-[:IN]->(a:Area) | a.lineage] AS delivered,
           [(s)-[:COVERS]->(a:Area) | a.lineage] AS covered,
           [(s)-[:GOVERNED_BY]->(p:Sop) | properties(p)] AS sops,
           [(o)-[:PARTY_TO]->(g:Agreement) | properties(g)] AS agreements
"""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A service as a recipient of data."""

    service_id: str
    organization_id: str
    is_active: bool
    areas: frozenset[str]
    """Where it is delivered, with all areas above."""
    countries: frozenset[str]
    """Where it is delivered; where that is not known, which it covers. Empty: not stated."""
    sops: tuple[Sop, ...]
    agreements: tuple[Agreement, ...]


async def get(tx: Tx, service_id: str) -> Recipient:
    """The recipient behind a service. NotFound for an unknown service."""
    record = await (await tx.run(GET, service_id=service_id)).single()
    if record is None:
        raise NotFound
    return whole(service_id, record.data())


def whole(service_id: str, row: Mapping[str, Any]) -> Recipient:
    """The recipient of such a row."""
    delivered: list[list[str]] = row["delivered"]
    return Recipient(
        service_id=service_id,
        organization_id=row["organization_id"],
        is_active=row["status"] == "active",
        areas=frozenset(code for lineage in delivered for code in lineage),
        countries=frozenset(lineage[-1] for lineage in delivered or row["covered"]),
        sops=tuple(from_properties(Sop, p) for p in row["sops"]),
        agreements=tuple(from_properties(Agreement, g, parties=(row["organization_id"],)) for g in row["agreements"]),
    )
