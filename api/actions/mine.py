"""Everything the person reads with their own account: what is known, what left, who looked, what they allowed. (R-21)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.actions import cases, enquiries, gone, receipts
from api.actions.cases import CaseFile
from api.actions.enquiries import Question
from api.actions.gone import Gone, Look
from api.actions.receipts import Held
from graph.model.actor import Actor
from graph.model.directory import Organization
from graph.secrets import Secrets
from graph.store import organizations
from graph.store.errors import NotFound
from graph.store.network import Tx


@dataclass(frozen=True, slots=True)
class Mine:
    """A person's own file, with the organisations that stand in it by id."""

    file: CaseFile
    consents: list[Held]
    gone: tuple[Gone, ...]
    looks: tuple[Look, ...]
    asked: list[Question]
    """What was asked of providers without saying who it is."""
    organizations: dict[str, Organization]


async def read(tx: Tx, *, actor: Actor, at: datetime, secrets: Secrets) -> Mine:
    """One's own case, of which one needs to know no number. NotFound for whoever has none. (R-21, R-41)"""
    if actor.case_id is None:
        raise NotFound
    file = await cases.read(tx, actor.case_id, actor=actor, at=at, secrets=secrets)
    left = await gone.gone(tx, actor.case_id, actor=actor)
    looks = await gone.looked(tx, actor.case_id, actor=actor)
    asked = await enquiries.of_case(tx, actor.case_id, actor=actor, at=at)
    named = (
        {g.organization_id for g in left}
        | {q.organization_id for q in asked}
        | {x.organization_id for x in looks if x.organization_id}
    )
    return Mine(
        file,
        await receipts.of_case(tx, actor.case_id, actor=actor),
        left,
        looks,
        asked,
        await organizations.get(tx, named | {file.case.organization_id}),
    )
