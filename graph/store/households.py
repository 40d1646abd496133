"""Households: cases that belong together, each of which stays its own. (R-24)"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from graph.model.household import Household
from graph.store.errors import NotFound
from graph.store.mapping import from_properties, to_properties
from graph.store.network import Tx

SAVE: Final = """
    MERGE (h:Household {id: $id})
    SET h += $properties
    WITH h
    UNWIND $case_ids AS case_id
    MATCH (c:Case {id: case_id})
    SET c.household_id = h.id
    MERGE (c)-[:LIVES_WITH]->(h)
"""


async def save(tx: Tx, household: Household, case_ids: Collection[str]) -> None:
    """Write a household and add these locked cases to it."""
    properties = to_properties(household)
    await (await tx.run(SAVE, id=household.id, properties=properties, case_ids=sorted(case_ids))).consume()


LEAVE: Final = """
    MATCH (c:Case {id: $case_id})-[r:LIVES_WITH]->(:Household)
    DELETE r
    REMOVE c.household_id
"""


async def leave(tx: Tx, case_id: str) -> None:
    """A locked case leaves its household."""
    await (await tx.run(LEAVE, case_id=case_id)).consume()


GET: Final = """
    MATCH (h:Household {id: $id})
    RETURN properties(h) AS household, [(h)<-[:LIVES_WITH]-(c:Case) | c.id] AS members
"""


async def get(tx: Tx, id: str) -> tuple[Household, tuple[str, ...]]:
    """A household and the numbers of its cases. Whoever shows one asks for each case whether it may be seen."""
    record = await (await tx.run(GET, id=id)).single()
    if record is None:
        raise NotFound
    return from_properties(Household, record["household"]), tuple(sorted(record["members"]))
