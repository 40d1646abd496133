"""Needs of a case, each of one type, with the goal it serves. (R-40, R-41)"""

from __future__ import annotations

from typing import Final

from graph.model.case import Need
from graph.store.errors import NotFound
from graph.store.mapping import to_properties
from graph.store.network import Tx

SAVE: Final = """
    MATCH (c:Case {id: $case_id})
    MATCH (t:ServiceType {code: $service_type})
    MERGE (c)-[:HAS]->(n:CaseNeed {id: $id})
    SET n += $properties
    MERGE (n)-[:OF_TYPE]->(t)
    RETURN n.id AS id
"""


async def save(tx: Tx, case_id: str, need: Need) -> None:
    """Write a need of a locked case as it is now; its type never changes. NotFound for an unknown type."""
    properties = dict.fromkeys(Need.model_fields) | to_properties(need)
    result = await tx.run(SAVE, case_id=case_id, id=need.id, service_type=need.service_type, properties=properties)
    if await result.single() is None:
        raise NotFound
