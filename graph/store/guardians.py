"""Who stands for the person of a case, and how far. Names stand in the record. (R-23, R-24)"""

from __future__ import annotations

from typing import Final

from graph.model.case import Guardianship
from graph.store.mapping import to_properties
from graph.store.network import Tx

SAVE: Final = """
    MATCH (c:Case {id: $case_id})
    MERGE (c)<-[:STANDS_FOR]-(g:Guardianship {id: $id})
    SET g += $properties
"""


async def save(tx: Tx, case_id: str, guardian: Guardianship) -> None:
    """Write a guardianship of a locked case as it is now."""
    properties = dict.fromkeys(Guardianship.model_fields) | to_properties(guardian)
    await (await tx.run(SAVE, case_id=case_id, id=guardian.id, properties=properties)).consume()
