"""What of the directory hangs by a thread or grows old: who alone offers what where, agreements about to end, old entries. (R-02, R-03)"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from graph.store.mapping import native, nested
from graph.store.network import Tx

OFFERERS: Final = """
    UNWIND $keys AS key
    MATCH (:Catchment {key: key})<-[:REACHES]-(s:Service {status: 'active'})
    MATCH (o:Organization)-[:OFFERS]->(s)
    OPTIONAL MATCH (o)-[:MERGED_INTO]->(kept:Organization)
    RETURN key, collect(DISTINCT coalesce(kept.id, o.id)) AS organizations
"""


async def offerers(tx: Tx, keys: Sequence[str]) -> dict[str, frozenset[str]]:
    """For each catchment key: the organisations whose active services it finds; two that were found to be one count once."""
    return {r["key"]: frozenset(r["organizations"]) async for r in await tx.run(OFFERERS, keys=list(keys))}


ENDING: Final = """
    MATCH (o:Organization)-[:PARTY_TO]->(g:Agreement)
    WHERE g.valid_to >= $on AND g.valid_to <= $until
    RETURN g.id AS id, g.name AS name, o.id AS organization_id, o.name AS organization, g.valid_to AS valid_to,
           g.translations AS translations
    ORDER BY valid_to, organization, id LIMIT $limit
"""


async def ending(tx: Tx, *, on: date, until: date, limit: int) -> list[dict[str, Any]]:
    """Agreements that end between two days, both included; the next one first."""
    return [_row(r.data()) async for r in await tx.run(ENDING, on=on, until=until, limit=limit)]


OLD: Final = """
    MATCH (o:Organization)-[:OFFERS]->(s:Service {status: 'active'})
    WHERE (s.last_modified IS NULL OR s.last_modified < $before) AND (s.verified_at IS NULL OR s.verified_at < $before)
      AND (s.assured_date IS NULL OR s.assured_date < $day)
    RETURN s.id AS id, s.name AS name, o.id AS organization_id, o.name AS organization, s.translations AS translations,
           s.last_modified AS last_modified, s.verified_at AS verified_at, s.assured_date AS assured_date
    ORDER BY organization, name, id LIMIT $limit
"""


async def old(tx: Tx, *, before: datetime, limit: int) -> list[dict[str, Any]]:
    """Active services whose entry nobody edited, verified or assured since an instant; `last` is the day somebody did."""
    found = []
    async for record in await tx.run(OLD, before=before, day=before.date(), limit=limit):
        row = _row(record.data())
        dates = [row.pop(name) for name in ("last_modified", "verified_at", "assured_date")]
        days = [at.date() if isinstance(at, datetime) else at for at in dates if at is not None]
        found.append(row | {"last": max(days) if days else None})
    return found


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {name: native(value) for name, value in row.items()} | {"translations": nested(row["translations"]) or {}}
