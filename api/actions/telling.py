"""How a referral went, in the person's own word: what became of it and how it was, said at once. (R-14, R-50)"""

from __future__ import annotations

from datetime import datetime

from api.actions import feedback, outcomes
from api.actions.feedback import Answers
from graph.model.actor import Actor
from graph.model.base import Id, Model
from graph.model.referral import Outcome
from graph.model.refusal import Refusal
from graph.secrets import Secrets
from graph.store.network import Tx


class Told(Model):
    """That it was kept: never what was said."""

    referral_id: Id
    outcome: bool


async def tell(
    tx: Tx,
    referral_id: str,
    answers: Answers,
    outcome: Outcome | None,
    *,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
) -> Told | Refusal:
    """Both or neither; every question may be left open. An outcome that was said before stays where none is said now."""
    heard = await feedback.say(tx, referral_id, answers, actor=actor, at=at, secrets=secrets)
    if isinstance(heard, Refusal):
        return heard
    if outcome is not None:
        said = await outcomes.say(tx, referral_id, outcome, answers.barrier, actor=actor, at=at, secrets=secrets)
        if isinstance(said, Refusal):
            return said
    return Told(referral_id=referral_id, outcome=outcome is not None)
