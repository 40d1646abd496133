"""Who returns together. Each adult of a household is a case of their own and consents for themselves. (R-24)"""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.actions.case_change import Changed, keep, new_id, take
from consent.access import Deed
from graph.model.actor import Actor
from graph.model.base import Id, Model
from graph.model.household import Household
from graph.model.log import Kind
from graph.model.refusal import Refusal
from graph.secrets import Secrets
from graph.store import households
from graph.store.network import Tx


class Joining(Model):
    """Two cases that belong together; a new household is made if neither has one."""

    id: Id = Field(default_factory=new_id)
    case_ids: tuple[Id, Id]
    stays_together: bool = True


async def live_together(
    tx: Tx, joining: Joining, *, actor: Actor, at: datetime, secrets: Secrets
) -> tuple[Changed, ...] | Refusal:
    """Put two cases into one household: an entry in each. Locks are taken in the order of the numbers."""
    locked = []
    for id in sorted(set(joining.case_ids)):
        case = await take(tx, id, Deed.CASE_RECORD, actor=actor, at=at, secrets=secrets)
        if isinstance(case, Refusal):
            return case
        locked.append(case)
    known = next((case.household_id for case in locked if case.household_id is not None), None)
    for case in locked:
        if case.household_id not in (None, known):
            await households.leave(tx, case.id)
    household = Household(id=known or joining.id, stays_together=joining.stays_together)
    await households.save(tx, household, [case.id for case in locked])
    return tuple(
        [
            await keep(
                tx, case, Kind.CASE_CHANGED, ("household",), id=household.id, actor=actor, at=at, secrets=secrets
            )
            for case in locked
        ]
    )


async def leave_household(tx: Tx, case_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Changed | Refusal:
    """A case leaves its household; the others stay. Always possible."""
    case = await take(tx, case_id, Deed.CASE_RECORD, actor=actor, at=at, secrets=secrets, closed_too=True)
    if isinstance(case, Refusal):
        return case
    await households.leave(tx, case.id)
    return await keep(tx, case, Kind.CASE_CHANGED, ("household",), actor=actor, at=at, secrets=secrets)
