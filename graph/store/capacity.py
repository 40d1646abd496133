"""Places of a service as somebody states them, under the version that was read. (R-06)

They are read and locked by `leases`, which knows what is held beside what is stated.
"""

from __future__ import annotations

from typing import Final

from graph.model.directory import ServiceCapacity
from graph.store.errors import Conflict
from graph.store.mapping import to_properties
from graph.store.network import Tx

OFFERED_BY: Final = """
    MATCH (o:Organization)-[:OFFERS]->(:Service {id: $service_id})
    RETURN o.id AS id
    ORDER BY id LIMIT 1
"""


async def offered_by(tx: Tx, service_id: str) -> str | None:
    """The organisation whose places these are; None for an unknown service."""
    record = await (await tx.run(OFFERED_BY, service_id=service_id)).single()
    return record["id"] if record else None


SAVE: Final = """
    MATCH (s:Service {id: $service_id})
    MERGE (c:ServiceCapacity {id: $id})
    SET c += $properties
    MERGE (s)-[:HAS]->(c)
"""


async def save(tx: Tx, capacity: ServiceCapacity) -> None:
    """Write the places as they are now; what is no longer stated is taken out."""
    properties = dict.fromkeys(ServiceCapacity.model_fields) | to_properties(capacity)
    await (await tx.run(SAVE, service_id=capacity.service_id, id=capacity.id, properties=properties)).consume()


def check_version(capacity: ServiceCapacity | None, expected: int | None) -> None:
    """Conflict unless the version is the one that was read; None expects nothing (0: not stated before)."""
    current = capacity.version if capacity else 0
    if expected is not None and expected != current:
        raise Conflict(current)
