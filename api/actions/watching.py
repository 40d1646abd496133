"""What waits for a data protection officer: numbers for their desk, stops that nobody confirmed, organisations by name. (R-20, R-25)"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from api.actions import complaints, entries, reviewing
from api.actions.allowed import must_ever
from api.actions.entries import Search
from consent.access import Deed
from graph.model.actor import Actor
from graph.model.base import Code, Id, Model
from graph.model.complaint import ComplaintState
from graph.model.directory import Organization
from graph.model.log import Entry, Kind
from graph.store import alerts, organizations, stop_notices
from graph.store.network import Tx

LATELY = timedelta(days=30)
SHOWN = 20


class LateStop(Model):
    """A stop notice that an organisation has not confirmed in time: which organisation and purpose, and nobody's case."""

    id: Id
    organization_id: Id
    purpose: Code
    created_at: datetime
    acknowledge_by: datetime


async def late_stops(tx: Tx, *, actor: Actor, at: datetime) -> tuple[LateStop, ...]:
    """The notices whose time has passed, the longest late first. (R-20)"""
    must_ever(actor, Deed.STOP_WATCH)
    return tuple(
        LateStop(
            id=notice.id,
            organization_id=notice.organization_id,
            purpose=notice.purpose,
            created_at=notice.created_at,
            acknowledge_by=notice.acknowledge_by,
        )
        for notice in await stop_notices.late(tx, at=at)
    )


class Desk(Model):
    """What waits for an officer, counted; the stops that are late; and who was given which function lately."""

    to_review: int
    not_told: int
    complaints: int
    complaints_late: int
    alerts: int
    late_stops: tuple[LateStop, ...]
    role_changes: tuple[Entry, ...]


async def desk(tx: Tx, *, actor: Actor, at: datetime) -> Desk:
    """All of it, as it stands now. (R-25)"""
    must_ever(actor, Deed.ALERT_READ)
    uses = await reviewing.uses(tx, actor=actor)
    theirs = await complaints.to_handle(tx, actor=actor, at=at)
    unanswered = [c for c in theirs if c.state in (ComplaintState.MADE, ComplaintState.TAKEN)]
    changes = Search(first=(at - LATELY).date(), kind=Kind.ROLE_CHANGE)
    return Desk(
        to_review=sum(use.waits for use in uses),
        not_told=sum(use.person_told_at is None for use in uses),
        complaints=len(unanswered),
        complaints_late=sum(c.late for c in unanswered),
        alerts=await alerts.open_ones(tx),
        late_stops=await late_stops(tx, actor=actor, at=at),
        role_changes=(await entries.search(tx, changes, actor=actor, at=at, limit=SHOWN)).entries,
    )


async def named(tx: Tx, ids: Iterable[Id | None]) -> dict[Id, Organization]:
    """Organisations as the directory, which everybody may read, states them."""
    return await organizations.get(tx, sorted({id for id in ids if id is not None}))
