"""By what the clocks of a referral are told: its SOP's words, its need's priority, the calendar of the place. (R-12)"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from graph.model.clock import WorkingDays
from graph.model.owed import Terms
from graph.model.referral import Referral, Status
from graph.model.sop import Clocks, Priority
from graph.seed.working_days import working_days
from graph.store import referrals
from graph.store.content import records
from graph.store.mapping import nested
from graph.store.network import Tx

OF: Final = """
    MATCH (r:Referral {id: $id})-[:TO]->(s:Service)
    MATCH (r)-[:FOR]->(n:CaseNeed)<-[:HAS]-(c:Case)
    OPTIONAL MATCH (s)-[:GOVERNED_BY]->(p:Sop {id: $sop_id})
    RETURN n.priority AS priority, c.country AS home, p.clocks AS clocks,
           [(s)-[:DELIVERED_AT]->(:Location)-[:IN]->(a:Area) | a.lineage] AS delivered,
           [(s)-[:COVERS]->(b:Area) | b.lineage] AS covered
"""


async def terms_of(tx: Tx, referral: Referral) -> Terms:
    """The terms of one referral, under the version of the SOP that it was sent under."""
    (row,) = await records(tx, OF, id=referral.id, sop_id=referral.sop_id)
    return _terms(row, since=referral.sent_at or referral.created_at)


@dataclass(frozen=True, slots=True)
class Clocked:
    """A referral with the terms of its clocks."""

    referral: Referral
    terms: Terms


RECEIVED: Final = """
    MATCH (to:Organization {id: $organization_id})-[:RECEIVES]->(r:Referral)
    WHERE r.status IN $statuses
    MATCH (r)-[:TO]->(s:Service)
    MATCH (r)-[:FOR]->(n:CaseNeed)<-[:HAS]-(c:Case)
    MATCH (q:Organization)-[:REQUESTED]->(r)
    OPTIONAL MATCH (s)-[:GOVERNED_BY]->(p:Sop)
    WHERE p.id = r.sop_id
    RETURN properties(r) AS referral, c.id AS case_id, n.id AS need_id, s.id AS service_id,
           q.id AS requester_id, to.id AS responder_id,
           n.priority AS priority, c.country AS home, p.clocks AS clocks,
           [(s)-[:DELIVERED_AT]->(:Location)-[:IN]->(a:Area) | a.lineage] AS delivered,
           [(s)-[:COVERS]->(b:Area) | b.lineage] AS covered
    ORDER BY r.sent_at, r.id LIMIT $limit
"""

OF_TEAM: Final = """
    MATCH (w:Actor {id: $actor_id})-[:WORKS_ON]->(c:Case)<-[:HOLDS]-(q:Organization {id: $organization_id})
    MATCH (c)-[:HAS]->(n:CaseNeed)<-[:FOR]-(r:Referral)
    WHERE r.status IN $statuses AND r.sent_at IS NOT NULL
    MATCH (r)-[:TO]->(s:Service)
    MATCH (r)-[:ADDRESSED_TO]->(to:Organization)
    OPTIONAL MATCH (s)-[:GOVERNED_BY]->(p:Sop)
    WHERE p.id = r.sop_id
    RETURN properties(r) AS referral, c.id AS case_id, n.id AS need_id, s.id AS service_id,
           q.id AS requester_id, to.id AS responder_id,
           n.priority AS priority, c.country AS home, p.clocks AS clocks,
           [(s)-[:DELIVERED_AT]->(:Location)-[:IN]->(a:Area) | a.lineage] AS delivered,
           [(s)-[:COVERS]->(b:Area) | b.lineage] AS covered
    ORDER BY r.sent_at, r.id LIMIT $limit
"""


async def received(
    tx: Tx, *, organization_id: str | None, statuses: Collection[Status], limit: int = 500
) -> list[Clocked]:
    """What an organisation received and stands in these states, the oldest first."""
    wanted = sorted(status.value for status in statuses)
    found = await records(tx, RECEIVED, organization_id=organization_id, statuses=wanted, limit=limit)
    return [_clocked(row) for row in found]


async def of_team(
    tx: Tx, *, actor_id: str, organization_id: str | None, statuses: Collection[Status], limit: int = 500
) -> list[Clocked]:
    """Referrals of the cases that somebody works on, in these states, the oldest first."""
    wanted = sorted(status.value for status in statuses)
    asked = {"actor_id": actor_id, "organization_id": organization_id}
    return [_clocked(row) for row in await records(tx, OF_TEAM, **asked, statuses=wanted, limit=limit)]


def _clocked(row: dict[str, Any]) -> Clocked:
    ends = {name: row[name] for name in referrals.EDGES}
    referral = referrals.whole({"referral": row["referral"], **ends})
    return Clocked(referral, _terms(row, since=referral.sent_at or referral.created_at))


def _terms(row: Mapping[str, Any], *, since: datetime) -> Terms:
    clocks = Clocks.model_validate(nested(row["clocks"]) or {})
    lineages: list[list[str]] = row["delivered"] or row["covered"]
    places = sorted({lineage[-1] for lineage in lineages})
    country = row["home"] if row["home"] in places or not places else places[0]
    return terms(clocks, row["priority"], working_days(country or "", since.year))


def terms(clocks: Clocks | None, priority: Priority, calendar: WorkingDays) -> Terms:
    """The terms of clocks that an SOP states, or says nothing of."""
    return Terms(clocks or Clocks(), priority, calendar)
