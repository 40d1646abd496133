"""What is due: for an operator by codes, and for whoever asks what is overdue or waits for them. (R-12, R-14)"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from api.actions import stopping
from api.actions.consequences import open_tasks
from api.actions.timers import owed_of
from consent.access import Allowed, Deed, Relation, decide
from graph.model.actor import Actor, Role
from graph.model.base import Code, Id, Model
from graph.model.owed import held_until
from graph.model.referral import OPEN, Side, Status
from graph.model.timer import Timer
from graph.seed.status_reasons import stands_still
from graph.store import clocks, timers
from graph.store.clocks import Clocked
from graph.store.network import Tx

LOOKED_AT: Final = OPEN | {Status.REJECTED, Status.FAILED, Status.CANCELLED, Status.COMPLETED}
"""States in which something may be left to do for who referred."""

BRING: Final = "bring"
"""The sender has to bring something: until then it is on hold."""


class DueItem(Model):
    """One thing that is awaited. It names a referral or a notice, never a person or a case."""

    what: Code
    """an answer of the provider (receive, decide, start, report), `bring`, `stop-notice`, or a task of the case's team"""
    side: Side
    waits_for_me: bool
    referral_id: Id | None = None
    stop_notice_id: Id | None = None
    service_id: Id | None = None
    status: Status | None = None
    due_at: datetime | None = None
    is_late: bool = False


class DueList(Model):
    """What is late first, then by when it is due; what has no date last."""

    items: tuple[DueItem, ...]


async def timers_until(tx: Tx, until: datetime) -> list[Timer]:
    """What may be taken by a scheduler up to an instant: for whoever runs the server."""
    return await timers.waiting(tx, until=until)


async def read(tx: Tx, *, actor: Actor, at: datetime) -> DueList:
    """What is overdue or awaited on the actor's own side: their organisation's queue, and the cases they work on. (R-25)"""
    found: list[DueItem] = []
    if _may(actor, Deed.REFERRAL_READ, Relation.RECEIVER) and Role.PROVIDER in actor.roles:
        for clocked in await clocks.received(tx, organization_id=actor.organization_id, statuses=OPEN):
            found += _owed(clocked, Side.RESPONDER, at=at)
    if _may(actor, Deed.STOP_ACKNOWLEDGE, Relation.RECEIVER):
        found += [
            DueItem(
                what="stop-notice",
                side=Side.RESPONDER,
                waits_for_me=True,
                stop_notice_id=notice.id,
                due_at=notice.acknowledge_by,
                is_late=notice.is_late(at=at),
            )
            for notice in await stopping.notices_to(tx, actor=actor)
        ]
    if _may(actor, Deed.REFERRAL_READ, Relation.REQUESTER) and Role.CASE_MANAGER in actor.roles:
        of_mine = await clocks.of_team(tx, actor_id=actor.id, organization_id=actor.organization_id, statuses=LOOKED_AT)
        for clocked in of_mine:
            found += _owed(clocked, Side.REQUESTER, at=at)
            found += _left_to_do(clocked, at=at)
    last = datetime.max.replace(tzinfo=UTC)
    found.sort(key=lambda item: (not item.is_late, item.due_at or last, item.referral_id or ""))
    return DueList(items=tuple(found))


def _may(actor: Actor, deed: Deed, relation: Relation) -> bool:
    return isinstance(decide(actor, deed, relation), Allowed)


def _item(clocked: Clocked, what: str, side: Side, due_at: datetime | None, *, at: datetime, mine: bool) -> DueItem:
    referral = clocked.referral
    return DueItem(
        what=what,
        side=side,
        waits_for_me=mine,
        referral_id=referral.id,
        service_id=referral.service_id,
        status=referral.status,
        due_at=due_at,
        is_late=due_at is not None and at > due_at,
    )


def _owed(clocked: Clocked, side: Side, *, at: datetime) -> list[DueItem]:
    """What the provider owes: of its own queue it waits for me, of my cases I wait for it."""
    mine = side is Side.RESPONDER
    return [
        _item(clocked, one.due.value, side, one.by, at=at, mine=mine)
        for one in owed_of(clocked.referral, clocked.terms)
    ]


def _left_to_do(clocked: Clocked, *, at: datetime) -> list[DueItem]:
    """What a reason left to the case's team: to bring something, to choose the next, to call."""
    referral = clocked.referral
    found = []
    if stands_still(referral):
        found.append(_item(clocked, BRING, Side.REQUESTER, held_until(referral, clocked.terms), at=at, mine=True))
    tasks = [task.value for task in open_tasks(referral) if task.value != "back-to-sender"]
    return found + [_item(clocked, task, Side.REQUESTER, None, at=at, mine=True) for task in tasks]
