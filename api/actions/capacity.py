"""Say how many places a service has, and read what was said last. (R-06)

What is said is what is free now: places that are held for somebody stand beside it, and none is given twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from consent.access import Allowed, Deed, Forbidden, Nameless, Relation, State, decide, decide_for
from graph.model.actor import Actor, Role
from graph.model.places import Change, change_places
from graph.model.refusal import Denied, Reason, Refusal
from graph.model.stock import Stock, stated
from graph.store import capacity, leases, locations, sops
from graph.store.network import Tx

SIDES: Final[Mapping[Role, str]] = {
    Role.PROVIDER: "provider",
    Role.CASE_MANAGER: "case-manager",
    Role.COMMITTEE: "committee",
    Role.ADMIN: "admin",
}
"""The side that a role speaks for, the nearest to the service first."""


async def read(tx: Tx, service_id: str) -> Stock | None:
    """The places as last stated, with what is held and in use; None when nobody ever did. NotFound: no such service."""
    return await leases.stock(tx, service_id)


async def read_as(tx: Tx, service_id: str, *, actor: Actor | Nameless) -> tuple[Stock | None, bool]:
    """The places, and whether what is held and in use is this reader's to see: it tells when somebody is sent there, so it
    is for whoever may say the places; of a sealed place others see nothing. NotFound: no such service. (R-25, R-26)
    """
    found = await leases.stock(tx, service_id)
    is_theirs = may_say(actor, await capacity.offered_by(tx, service_id))
    is_seen = is_theirs or not await locations.is_sealed(tx, service_id)
    return found if is_seen else None, is_theirs


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
    until: date | None = None,
) -> Stock | Refusal:
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
    before, _ = await leases.for_update(tx, service_id)
    capacity.check_version(before.capacity if before else None, expected)
    said: dict[str, Any] = {"by": by or sides[0], "at": at, "number": number, "maximum": maximum, "unit": unit}
    said |= {"until": until, "held": before.held if before else 0}
    if before is None:
        said["half_life_days"] = await _half_life(tx, service_id, on=at.date())
    after = stated(before, change_places(before.capacity if before else None, what, service_id=service_id, **said))
    await capacity.save(tx, after.capacity)
    await leases.write(tx, after)
    return after


async def _half_life(tx: Tx, service_id: str, *, on: date) -> int | None:
    """How long what is said of places is believed by half, where the service's rules say so. (design §6)"""
    versions = (await sops.of_services(tx, [service_id])).get(service_id, [])
    found = [sop.half_life_days for sop in sorted(versions, key=lambda sop: sop.is_in_force(on=on))]
    return found[-1] if found else None
