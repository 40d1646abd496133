"""What comes next for a need whose referral ended: who else fits, without those who said no or nothing. (R-05, R-14)"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from api.actions import case_suggestions
from api.actions.suggestions import Answer
from graph.model.actor import Actor
from graph.model.referral import ENDED, Referral
from graph.model.refusal import Refusal
from graph.model.status_reason import Consequence
from graph.secrets import Secrets
from graph.seed.status_reasons import follows
from graph.store import cases, referrals
from graph.store.errors import NotFound
from graph.store.network import Tx
from matching.suggest import Suggestions


async def suggest(
    tx: Tx, referral_id: str, *, need_id: str | None = None, actor: Actor, at: datetime, secrets: Secrets
) -> Answer | Refusal:
    """A fresh suggestion of the same need, for the case manager: nothing is remembered from the time of the referral.

    `need_id`: under which need it is looked for; NotFound for a referral of another.
    """
    case = await cases.get(tx, await referrals.case_of(tx, referral_id), actor=actor)
    tried = await referrals.of_case(tx, case.id)
    this = next(referral for referral in tried if referral.id == referral_id)
    if need_id not in (None, this.need_id):
        raise NotFound
    found = await case_suggestions.suggest(tx, case.id, this.need_id, actor=actor, at=at, secrets=secrets)
    if isinstance(found, Refusal):
        return found
    return replace(found, suggestions=_without(found.suggestions, _tried(this, tried)))


def _tried(this: Referral, tried: Collection[Referral]) -> frozenset[str]:
    """The service of this referral, and those from which the same need was sent on already."""
    onward = [r for r in tried if r.status in ENDED and follows(r, Consequence.NEXT_SUGGESTION)]
    return frozenset(r.service_id for r in [this, *onward] if r.need_id == this.need_id)


def _without(found: Suggestions, services: frozenset[str]) -> Suggestions:
    return replace(
        found,
        suggested=tuple(j for j in found.suggested if j.offer.terms.service_id not in services),
        ruled_out=tuple(j for j in found.ruled_out if j.offer.terms.service_id not in services),
    )
