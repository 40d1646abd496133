"""Say how many places a service has, and read what was said last. (R-06)"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from consent.access import Allowed, Deed, Forbidden, Nameless, Relation, State, decide, decide_for
from graph.model.actor import Actor, Role
from graph.model.directory import ServiceCapacity
from graph.model.places import Change, change_places
from graph.model.refusal import Denied, Reason, Refusal
from graph.store import capacity
from graph.store.network import Tx

SIDES: Final[Mapping[Role, str]] = {
    Role.PROVIDER: "provider",
    Role.CASE_MANAGER: "case-manager",
    Role.COMMITTEE: "committee",
    Role.ADMIN: "admin",
}
"""The side that a role speaks for, the nearest to the service first."""


async def read(tx: Tx, service_id: str) -> ServiceCapacity | None:
    """The places as last stated; None when nobody ever did. NotFound for an unknown service."""
    return await capacity.get(tx, service_id)


def may_say(actor: Actor | Nameless, organization_id: str | None) -> bool:
    """Whether somebody may say how many places an organisation has. (R-06, R-25)"""
    return isinstance(_answer(actor, organization_id), Allowed)


def must_sign_in(actor: Actor | Nameless) -> bool:
    """Whether whoever asks has to sign in before anything can be said of places."""
    return isinstance(actor, Nameless) and not may_say(actor, None)


def _answer(actor: Actor | Nameless, organization_id: str | None) -> Allowed | Forbidden:
    return decide(actor, Deed.PLACES_SAY, _relation(actor, organization_id))


def _relation(actor: Actor | Nameless, organization_id: str | None) -> Relation:
    is_own = isinstance(actor, Actor) and organization_id is not None and actor.organization_id == organization_id
    return Relation.OWN if is_own else Relation.NONE


def sides_of(actor: Actor | Nameless, organization_id: str | None) -> list[str]:
    """The sides that somebody may speak for: by each role that lets them. Where nobody has a role, as is said."""
    if isinstance(actor, Nameless):
        return list(SIDES.values())
    relation = _relation(actor, organization_id)
    return [side for role, side in SIDES.items() if role in actor.roles and _lets(role, relation)]


def _lets(role: Role, relation: Relation) -> bool:
    return isinstance(decide_for(role, Deed.PLACES_SAY, relation, State.OPEN), Allowed)


async def change(
    tx: Tx,
    service_id: str,
    what: Change,
    *,
    actor: Actor | Nameless,
    at: datetime,
    expected: int | None,
    by: str | None = None,
    number: int | None = None,
    maximum: int | None = None,
    unit: str | None = None,
) -> ServiceCapacity | Refusal:
    """Lock, read, change, write. `expected` is the version the speaker saw (0: none stated); None: whatever it is.

    `by` is the side that speaks, one of the actor's own; None: the nearest. Refused to whom the table does not let, alike for a service of another and for one that is not there. Conflict when
    somebody else spoke in between; OutOfRange when there cannot be that many. (R-06, R-25)
    """
    organization_id = await capacity.offered_by(tx, service_id)
    answer = _answer(actor, organization_id)
    if isinstance(answer, Forbidden):
        return Refusal.of([Denied(reason=answer.reason)])
    sides = sides_of(actor, organization_id)
    if by is not None and by not in sides:
        return Refusal.of([Denied(reason=Reason.ACCESS_ROLE)])
    before = await capacity.get_for_update(tx, service_id)
    capacity.check_version(before, expected)
    said: dict[str, Any] = {"by": by or sides[0], "at": at, "number": number, "maximum": maximum, "unit": unit}
    after = change_places(before, what, service_id=service_id, **said)
    await capacity.save(tx, after)
    return after
