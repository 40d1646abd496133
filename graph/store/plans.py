"""The reintegration plan of a case: goals with their feasibility and the day they are looked at again. (R-40)"""

from __future__ import annotations

from typing import Final

from graph.model.case import Goal
from graph.store.mapping import to_properties
from graph.store.network import Tx

SAVE: Final = """
    MATCH (c:Case {id: $case_id})
    MERGE (c)-[:PLANS]->(g:Goal {id: $id})
    SET g += $properties
"""


async def save(tx: Tx, case_id: str, goal: Goal) -> None:
    """Write a goal of a locked case as it is now."""
    properties = dict.fromkeys(Goal.model_fields) | to_properties(goal)
    await (await tx.run(SAVE, case_id=case_id, id=goal.id, properties=properties)).consume()
