"""What a person says of a referral: one answer each, which may change. Nothing that suggests or orders reads it. (R-50)"""

from __future__ import annotations

from typing import Final

from graph.model.complaint import Feedback
from graph.store.errors import NotFound
from graph.store.mapping import from_properties, to_properties
from graph.store.network import Tx

EDGES: Final = frozenset({"referral_id"})

SAVE: Final = """
    MATCH (r:Referral {id: $referral_id})
    MERGE (f:Feedback {id: $id})
    SET f += $properties
    MERGE (f)-[:TELLS_OF]->(r)
"""


async def save(tx: Tx, feedback: Feedback) -> None:
    """Write the answer about a referral of a locked case as it is now; what is no longer said is taken out."""
    empty = {name: None for name in Feedback.model_fields if name not in EDGES}
    properties = empty | to_properties(feedback, without=EDGES)
    await (await tx.run(SAVE, referral_id=feedback.referral_id, id=feedback.id, properties=properties)).consume()


OF_CASE: Final = """
    MATCH (c:Case {id: $case_id})-[:HAS]->(:CaseNeed)<-[:FOR]-(r:Referral)<-[:TELLS_OF]-(f:Feedback)
    RETURN properties(f) AS feedback, r.id AS referral_id
    ORDER BY f.id
"""


async def of_case(tx: Tx, case_id: str) -> dict[str, Feedback]:
    """What was said of the referrals of a case, by referral."""
    rows = [row.data() async for row in await tx.run(OF_CASE, case_id=case_id)]
    return {
        row["referral_id"]: from_properties(Feedback, row["feedback"], referral_id=row["referral_id"]) for row in rows
    }


OF: Final = """
    MATCH (r:Referral {id: $referral_id})<-[:TELLS_OF]-(f:Feedback)
    RETURN properties(f) AS feedback, r.id AS referral_id
"""


async def of(tx: Tx, referral_id: str) -> Feedback:
    """What was said of one referral. NotFound where nothing was."""
    record = await (await tx.run(OF, referral_id=referral_id)).single()
    if record is None:
        raise NotFound
    return from_properties(Feedback, record["feedback"], referral_id=record["referral_id"])
