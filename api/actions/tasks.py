"""That somebody of the case's team did what followed from a referral's reason. (R-14)"""

from __future__ import annotations

from datetime import datetime

from api.actions.case_entry import refused
from api.actions.consequences import open_tasks
from api.actions.moves import move, moved
from api.actions.steps import hold
from graph.model.actor import Actor, Role
from graph.model.base import Id, Model
from graph.model.log import Entry, Kind
from graph.model.referral import Side
from graph.model.refusal import Denied, Reason, Refusal
from graph.model.status_reason import Consequence
from graph.secrets import Secrets
from graph.store.errors import NotFound
from graph.store.network import Tx


class TaskDone(Model):
    """What is left to do, and the signed entry."""

    referral_id: Id
    tasks: tuple[Consequence, ...]
    entry: Entry


async def done(
    tx: Tx, referral_id: str, task: Consequence, *, actor: Actor, at: datetime, secrets: Secrets
) -> TaskDone | Refusal:
    """One task less. Refused for one that does not stand open: nothing is done twice. NotFound for the other side."""
    matter, sides = await hold(tx, referral_id, actor=actor)
    if Side.REQUESTER not in sides:
        raise NotFound
    case, referral, at = matter.case, matter.referral, matter.now(at)
    tasks = open_tasks(referral)
    if task not in tasks:
        places = {"tasks": tuple(t.value for t in tasks)}
        why = Refusal.of([Denied(reason=Reason.TASK_NOT_OPEN, places=places)])
        return await refused(
            tx, case, why, actor=actor, at=at, secrets=secrets, role=Role.CASE_MANAGER, referral=referral.id
        )
    after = moved(referral, at=at, tasks_done=(*referral.tasks_done, task.value))
    written = await move(
        tx, case, referral, after, Kind.TASK_DONE, actor=actor, at=at, secrets=secrets, role=Role.CASE_MANAGER,
        reasons=(task.value,),
    )  # fmt: skip
    return TaskDone(referral_id=referral.id, tasks=open_tasks(after), entry=written)
