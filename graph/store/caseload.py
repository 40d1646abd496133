"""What a list of cases shows of each: its number, where it stands, its needs and reviews; never a value of the person. (R-21)

Who sees a case is `graph.store.cases`; what waits in it is judged in `api.actions.waits`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from graph.model.actor import Actor, Role
from graph.model.case import Goal, Need
from graph.store.content import records
from graph.store.mapping import from_properties, native
from graph.store.network import Tx

GET: Final = """
    MATCH (o:Organization {id: $organization_id})-[:HOLDS]->(c:Case)
    WHERE (c.closed_at IS NOT NULL) = $closed
      AND (NOT c.restricted OR EXISTS { (c)<-[:WORKS_ON]-(:Actor {id: $actor_id}) })
      AND (NOT $mine OR EXISTS { (c)<-[:WORKS_ON]-(:Actor {id: $actor_id}) })
      AND ($like = '' OR c.id CONTAINS $like)
      AND ($ids IS NULL OR c.id IN $ids)
    WITH c ORDER BY c.opened_at DESC, c.id LIMIT $limit
    RETURN c.id AS id, c.area AS area, c.opened_at AS opened_at, c.closed_at AS closed_at, c.restricted AS restricted,
           EXISTS { (c)<-[:WORKS_ON]-(:Actor {id: $actor_id}) } AS mine,
           [(c)-[:HAS]->(n:CaseNeed) | properties(n)] AS needs,
           [(c)-[:PLANS]->(g:Goal) | properties(g)] AS goals
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One case of a list."""

    id: str
    area: str
    opened_at: datetime
    closed_at: datetime | None
    restricted: bool
    mine: bool
    """Whether the reader works on it."""
    needs: tuple[Need, ...]
    goals: tuple[Goal, ...]


async def get(
    tx: Tx,
    *,
    actor: Actor,
    mine: bool,
    closed: bool,
    like: str = "",
    ids: list[str] | None = None,
    limit: int = 500,
) -> list[Row]:
    """Cases a case manager may see, the latest first: exactly those that `cases.get` would give them. (R-21)

    `like` is a part of the number, `ids` are these numbers alone.
    """
    if Role.CASE_MANAGER not in actor.roles:
        return []
    asked: dict[str, Any] = {"actor_id": actor.id, "organization_id": actor.organization_id, "mine": mine}
    found = await records(tx, GET, **asked, closed=closed, like=like, ids=ids, limit=limit)
    return [_row(row) for row in found]


def _row(row: dict[str, Any]) -> Row:
    facts = {name: native(value) for name, value in row.items() if name not in {"needs", "goals"}}
    return Row(
        **facts,
        needs=tuple(sorted((from_properties(Need, n) for n in row["needs"]), key=lambda n: n.id)),
        goals=tuple(sorted((from_properties(Goal, g) for g in row["goals"]), key=lambda g: g.id)),
    )
