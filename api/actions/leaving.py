"""All that ever left of a case and all who looked at it, with the organisations by name: for the person's side. (R-20, R-21)"""

from __future__ import annotations

from dataclasses import dataclass

from api.actions import gone
from api.actions.gone import Gone, Look
from graph.model.actor import Actor
from graph.model.directory import Organization
from graph.store import organizations
from graph.store.network import Tx


@dataclass(frozen=True, slots=True)
class Left:
    """What a page of a case shows of it."""

    gone: tuple[Gone, ...]
    looks: tuple[Look, ...]
    organizations: dict[str, Organization]


async def read(tx: Tx, case_id: str, *, actor: Actor) -> Left:
    """For the person and the team of the case; NotFound for anybody else."""
    left = await gone.gone(tx, case_id, actor=actor)
    looks = await gone.looked(tx, case_id, actor=actor)
    named = {one.organization_id for one in left} | {look.organization_id for look in looks if look.organization_id}
    return Left(left, looks, await organizations.get(tx, named))
