"""What indicators are counted from: referrals without their ids or anybody's, notices in time, how old words on places are. (R-51)

Rows hold what is counted and nothing by which one could be found again; what may be told of the counts is `consent`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from graph.store.mapping import native
from graph.store.network import Tx

LIVES: Final = """
    MATCH (r:Referral)
    WHERE r.sent_at >= $since AND r.status <> 'entered-in-error'
    MATCH (q:Organization)-[:REQUESTED]->(r)
    MATCH (r)-[:ADDRESSED_TO]->(o:Organization)
    WHERE $organization_id IS NULL OR q.id = $organization_id OR o.id = $organization_id
    MATCH (r)-[:FOR]->(n:CaseNeed)<-[:HAS]-(c:Case)
    MATCH (c)-[:LIVES_IN]->(a:Area)
    RETURN a.lineage AS lineage, c.gender AS gender, c.age_band AS age_band, r.status AS status,
           r.person_outcome AS person_outcome, coalesce(r.against_data, false) AS against_data,
           r.attestation_id IS NOT NULL AS without_consent, n.agreed_at AS agreed_at, r.sent_at AS sent_at,
           r.received_at AS received_at, r.decided_at AS decided_at, r.started_at AS started_at
"""


async def lives(tx: Tx, *, since: datetime, organization_id: str | None = None) -> list[dict[str, Any]]:
    """Every referral sent since an instant; of one organisation, what it sent or received. Nobody's id is in it."""
    result = await tx.run(LIVES, since=since, organization_id=organization_id)
    return [{name: native(value) for name, value in row.data().items()} async for row in result]


NOTICES: Final = """
    MATCH (x:StopNotice)-[:NOTIFIES]->(o:Organization)
    WHERE x.created_at >= $since AND (x.acknowledged_at IS NOT NULL OR x.acknowledge_by <= $at)
      AND ($organization_id IS NULL OR o.id = $organization_id)
    RETURN count(x) AS due,
           count(CASE WHEN x.acknowledged_at <= x.acknowledge_by THEN x.id ELSE null END) AS in_time
"""


async def notices(tx: Tx, *, since: datetime, at: datetime, organization_id: str | None = None) -> tuple[int, int]:
    """How many notices to stop were to be acknowledged by now, and how many of them were in time."""
    asked: dict[str, Any] = {"since": since, "at": at, "organization_id": organization_id}
    record = await (await tx.run(NOTICES, **asked)).single(strict=True)
    return int(record["due"]), int(record["in_time"])


WORDS: Final = """
    MATCH (o:Organization)-[:OFFERS]->(s:Service {status: 'active'})-[:HAS]->(c:ServiceCapacity)
    WHERE $organization_id IS NULL OR o.id = $organization_id
    RETURN c.updated AS updated
"""


async def places_said(tx: Tx, *, organization_id: str | None = None) -> list[datetime]:
    """When somebody last said how many places each active service has."""
    result = await tx.run(WORDS, organization_id=organization_id)
    return [native(row["updated"]) async for row in result if row["updated"] is not None]
