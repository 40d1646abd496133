"""A pathway is walked a step at a time: each step becomes a need of the case, and the person says whether it is sought. (R-36, R-41)"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.actions import plans
from api.actions.allowed import must
from api.actions.plans import StatedNeed
from consent.access import Deed
from graph.model.actor import Actor
from graph.model.base import Code, Id, Model
from graph.model.case import Case
from graph.model.refusal import Refusal
from graph.secrets import Secrets
from graph.store import cases
from graph.store.network import Tx


class Wanted(Model):
    """A need that is a step of a pathway, and whether help may be sought for it already."""

    need_id: Id
    is_agreed: bool


async def wanted(tx: Tx, case_id: str, *, actor: Actor, at: datetime) -> Mapping[Code, Wanted]:
    """What a case needs already, by type of service: for who may write a need down. NotFound for others."""
    case = await cases.get(tx, case_id, actor=actor)
    must(actor, Deed.CASE_RECORD, case)
    return _by_type(case, at=at)


def _by_type(case: Case, *, at: datetime) -> dict[Code, Wanted]:
    """Of several of one type the one that was agreed to."""
    found: dict[Code, Wanted] = {}
    for need in case.needs:
        if need.service_type not in found or not found[need.service_type].is_agreed:
            found[need.service_type] = Wanted(need_id=need.id, is_agreed=need.is_agreed(at=at))
    return found


async def state_step(
    tx: Tx, case_id: str, stated: StatedNeed, *, agreed: bool, actor: Actor, at: datetime, secrets: Secrets
) -> Wanted | Refusal:
    """Write the need of a step down, and the person's yes where they gave it; a need that is there already goes on. (R-41)"""
    case = await cases.get_for_update(tx, case_id, actor=actor)
    must(actor, Deed.CASE_RECORD, case)
    there = _by_type(case, at=at).get(stated.service_type)
    circumstances: dict[str, Any] = {"actor": actor, "at": at, "secrets": secrets}
    if there is None:
        said = await plans.state_need(tx, case_id, stated, **circumstances)
        if isinstance(said, Refusal):
            return said
        there = Wanted(need_id=stated.id, is_agreed=False)
    if agreed and not there.is_agreed:
        said = await plans.agree_need(tx, case_id, there.need_id, **circumstances)
        if isinstance(said, Refusal):
            return said
        there = Wanted(need_id=there.need_id, is_agreed=True)
    return there
