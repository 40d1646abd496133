"""A case manager's caseload: the cases they may see, where each stands, and what waits; searched by number alone. (R-21)

Names are nobody's to search: they lie in envelopes. An exact number of a document finds a case of one's own caseload.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.actions.allowed import must_ever
from api.actions.timers import owed_of
from api.actions.waits import OnItsWay, Wait, Waiting, waits_of
from consent.access import Deed, Relation
from graph.model.actor import Actor
from graph.model.referral import OPEN
from graph.secrets import Secrets
from graph.store import caseload, clocks, records, referrals
from graph.store.caseload import Row
from graph.store.network import Tx

MOST: Final = 500
"""Cases that a list holds; whoever has more searches."""

LEAST: Final = 3
"""Signs of a number that find something: fewer would be anybody."""

DOCUMENT: Final = "document_number"


@dataclass(frozen=True, slots=True)
class Listed:
    """A case of the list, with what waits in it."""

    row: Row
    on_way: int
    """Referrals that were sent and have not ended."""
    waits: tuple[Wait, ...]


@dataclass(frozen=True, slots=True)
class Caseload:
    """What was found, what waits most first; cut where there is more than a list holds."""

    cases: tuple[Listed, ...]
    is_cut: bool


async def read(
    tx: Tx,
    *,
    mine: bool = True,
    closed: bool = False,
    sought: str = "",
    actor: Actor,
    at: datetime,
    secrets: Secrets,
) -> Caseload:
    """The actor's own cases, or all that they may see. NotFound for whoever opens none.

    `sought`: a part of a case's number, or the whole number of a document; nothing else is looked up.
    """
    must_ever(actor, Deed.CASE_OPEN, Relation.OWN)
    wanted = sought.strip()
    found: list[Row] = []
    if not wanted:
        found = await caseload.get(tx, actor=actor, mine=mine, closed=closed, limit=MOST + 1)
    else:
        number = wanted.upper()
        if len(number) >= LEAST:
            found = await caseload.get(tx, actor=actor, mine=mine, closed=closed, like=number, limit=MOST + 1)
        if not found:
            ids = await records.find(tx, DOCUMENT, wanted, actor=actor, index_key=secrets.index_key)
            found = await caseload.get(tx, actor=actor, mine=mine, closed=closed, ids=ids) if ids else []
    return Caseload(await _listed(tx, found[:MOST], actor=actor, at=at), len(found) > MOST)


async def _listed(tx: Tx, rows: Iterable[Row], *, actor: Actor, at: datetime) -> tuple[Listed, ...]:
    rows = list(rows)
    clocked = await clocks.of_team(tx, actor_id=actor.id, organization_id=actor.organization_id, statuses=OPEN)
    owed = {one.referral.id: owed_of(one.referral, one.terms) for one in clocked}
    ways: dict[str, list[OnItsWay]] = {row.id: [] for row in rows}
    for referral in await referrals.of_cases(tx, list(ways)):
        ways[referral.case_id].append(OnItsWay(referral, owed.get(referral.id, ())))
    listed = [
        Listed(
            row,
            sum(one.referral.status in OPEN for one in ways[row.id]),
            waits_of(row.needs, row.goals, ways[row.id], at=at) if row.closed_at is None else (),
        )
        for row in rows
    ]
    order = list(Waiting)
    return tuple(sorted(listed, key=lambda one: order.index(one.waits[0].what) if one.waits else len(order)))
