"""Costs of referrals: written under the case's lock, summed for the committee without a person. (R-15)"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from graph.model.cost import Cost
from graph.store.mapping import from_properties, to_properties
from graph.store.network import Tx

CREATE: Final = """
    MATCH (r:Referral {id: $referral_id})
    CREATE (r)-[:COST]->(k:Cost {id: $id})
    SET k += $properties
"""


async def create(tx: Tx, referral_id: str, cost: Cost) -> None:
    """Write a cost of a referral of a locked case."""
    properties = to_properties(cost)
    await (await tx.run(CREATE, referral_id=referral_id, id=cost.id, properties=properties)).consume()


OF_REFERRAL: Final = """
    MATCH (:Referral {id: $referral_id})-[:COST]->(k:Cost)
    RETURN properties(k) AS cost ORDER BY k.said_at, k.id
"""


async def of_referral(tx: Tx, referral_id: str) -> list[Cost]:
    """All costs of a referral, the oldest first."""
    result = await tx.run(OF_REFERRAL, referral_id=referral_id)
    return [from_properties(Cost, row["cost"]) async for row in result]


@dataclass(frozen=True, slots=True)
class Total:
    """What one payer owes one organisation for referrals, and about how many referrals that is."""

    organization_id: str
    payer: str | None
    currency: str
    amount: int
    referrals: int


TOTALS: Final = """
    MATCH (k:Cost)<-[:COST]-(r:Referral)-[:ADDRESSED_TO]->(o:Organization)
    RETURN o.id AS organization_id, k.payer AS payer, k.currency AS currency, sum(k.amount) AS amount,
           count(DISTINCT r) AS referrals
    ORDER BY organization_id, payer, currency
"""


async def totals(tx: Tx) -> list[Total]:
    """By organisation, payer and currency: all costs there are."""
    return [Total(**row.data()) async for row in await tx.run(TOTALS)]
