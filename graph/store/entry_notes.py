"""Notes on entries of the directory: written by what providers answer, read by who keeps them, cleared by a word. (R-02)"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from graph.model.entry_note import EntryNote
from graph.model.status_reason import Consequence
from graph.store.mapping import from_properties
from graph.store.network import Tx

NOTE: Final = """
    MATCH (s:Service {id: $service_id})
    MERGE (n:EntryNote {id: $id})
    SET n.count = coalesce(n.count, 0) + 1, n.against_data = coalesce(n.against_data, 0) + $against_data,
        n.since = coalesce(n.since, $at), n.reason = $reason, n.consequence = $consequence, n.open = true
    MERGE (s)-[:NOTED]->(n)
    SET s.to_verify_since =
        CASE WHEN $shown AND size([(s)-[:DELIVERED_AT]->(l:Location) WHERE l.sealed | 1]) = 0
             THEN coalesce(s.to_verify_since, $at) ELSE s.to_verify_since END
"""
"""Everybody who looks is told that an entry is in doubt, so of a place that is kept secret the note alone tells it, to
whoever keeps the entry: else it would say that somebody was sent there. (R-26)"""


async def note(tx: Tx, note: EntryNote) -> None:
    """Count one more answer; the first one since the entry was verified opens the note. A lost service has none."""
    await (
        await tx.run(
            NOTE,
            service_id=note.service_id,
            id=note.id,
            reason=note.reason,
            consequence=note.consequence.value,
            against_data=note.against_data,
            at=note.since,
            shown=note.consequence is Consequence.RE_VERIFY,
        )
    ).consume()


OPEN: Final = """
    MATCH (n:EntryNote {open: true})<-[:NOTED]-(s:Service)<-[:OFFERS]-(o:Organization)
    WHERE ($organization_id IS NULL OR o.id = $organization_id) AND n.consequence IN $consequences AND n.id > $after
    RETURN properties(n) AS note, s.id AS service_id ORDER BY n.id LIMIT $limit
"""


async def open_notes(
    tx: Tx, *, organization_id: str | None, consequences: Collection[Consequence], after: str = "", limit: int = 50
) -> list[EntryNote]:
    """The notes that nobody has cleared, by id; of one organisation's services, or of all."""
    codes = sorted(c.value for c in consequences)
    result = await tx.run(OPEN, organization_id=organization_id, consequences=codes, after=after, limit=limit)
    return [from_properties(EntryNote, row["note"], service_id=row["service_id"]) async for row in result]


CLEAR: Final = """
    MATCH (s:Service {id: $service_id})
    REMOVE s.to_verify_since
    SET s.verified_at = $at, s.verified_as = $side, s.verified_how = $how
    WITH s
    MATCH (s)-[:NOTED]->(n:EntryNote {open: true})
    WHERE n.consequence IN $consequences
    SET n.open = false, n.count = 0, n.against_data = 0, n.since = null, n.verified_at = $at, n.verified_by = $by
    RETURN n.reason AS reason ORDER BY reason
"""


async def clear(
    tx: Tx,
    service_id: str,
    *,
    consequences: Collection[Consequence],
    by: str,
    side: str,
    at: datetime,
    how: str | None = None,
) -> tuple[str, ...]:
    """The entry was looked at, by which side and how: the reasons that no longer stand against it."""
    codes = sorted(c.value for c in consequences)
    result = await tx.run(CLEAR, service_id=service_id, consequences=codes, by=by, side=side, at=at, how=how)
    return tuple(dict.fromkeys([str(row["reason"]) async for row in result]))


AGAINST_DATA: Final = """
    MATCH (r:Referral {against_data: true})-[:TO]->(s:Service)-[:OF_TYPE]->(t:ServiceType)
    WHERE r.decided_at >= $since
    RETURN t.code AS service_type, count(DISTINCT r) AS declined ORDER BY service_type
"""


async def declined_though_eligible(tx: Tx, *, since: datetime) -> dict[str, int]:
    """By type of service, how many referrals were declined for a reason that our data said was met."""
    return {r["service_type"]: r["declined"] async for r in await tx.run(AGAINST_DATA, since=since)}
