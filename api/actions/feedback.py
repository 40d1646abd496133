"""How a referral was for the person: asked, never required; whatever they answer, no help changes. (R-50)

Confidential: the person and the team that works with them read it, and the provider does not.
"""

from __future__ import annotations

from datetime import datetime

from api.actions.case_entry import entry, refused
from consent.access import Allowed, Deed, decide
from consent.relation import relation_of, state_of
from graph.model.actor import Actor, Role
from graph.model.base import Model
from graph.model.case import Case
from graph.model.complaint import Feedback, Said
from graph.model.log import Entry, Kind
from graph.model.referral import Referral, Status
from graph.model.refusal import Denied, Reason, Refusal
from graph.model.status_reason import Barrier
from graph.secrets import Secrets
from graph.store import cases, feedback, log, matters, referrals
from graph.store.errors import NotFound
from graph.store.network import Tx


class Answers(Model):
    """What the person says; None: they would rather not."""

    helped: Said | None = None
    respected: Said | None = None
    barrier: Barrier | None = None


class Heard(Model):
    """What was kept, and its entry: which questions were answered, never how."""

    feedback: Feedback
    entry: Entry


def _theirs(actor: Actor, case: Case) -> None:
    deed = Deed.FEEDBACK_SAY
    if not isinstance(decide(actor, deed, relation_of(actor, case), state_of(case, deed)), Allowed):
        raise NotFound


def can_be_told_of(referral: Referral) -> bool:
    """Of what was sent, and not in error."""
    return referral.sent_at is not None and referral.status is not Status.ENTERED_IN_ERROR


async def say(
    tx: Tx, referral_id: str, answers: Answers, *, actor: Actor, at: datetime, secrets: Secrets
) -> Heard | Refusal:
    """The person says how it was, or their case manager for them; they may change it or take it back. (R-50)"""
    case_id = await referrals.case_of(tx, referral_id)
    await cases.lock(tx, case_id)
    matter = await matters.get(tx, case_id, referral_id, actor=None)
    case, referral = matter.case, matter.referral
    _theirs(actor, case)
    at = await log.now(tx, case, at)
    role = Role.PERSON if Role.PERSON in actor.roles else Role.CASE_MANAGER
    if not can_be_told_of(referral):
        why = Refusal.of([Denied(reason=Reason.NOTHING_TO_JUDGE, places={"status": referral.status.value})])
        return await refused(tx, case, why, actor=actor, at=at, secrets=secrets, role=role, referral=referral.id)
    told = Feedback(
        id=f"{referral.id}-feedback",
        referral_id=referral.id,
        at=at,
        recorded_by=actor.id,
        **answers.model_dump(),
    )
    await feedback.save(tx, told)
    said = tuple(sorted(answers.model_dump(exclude_none=True)))
    written = await entry(
        tx, case, Kind.FEEDBACK_SAID, actor=actor, at=at, secrets=secrets, role=role, referral=referral.id, fields=said
    )
    return Heard(feedback=told, entry=written)


async def may_say(tx: Tx, referral_id: str, *, actor: Actor) -> None:
    """NotFound for whoever may not say anything of it: asked before a form is read, which could be wrong too."""
    _theirs(actor, await cases.get(tx, await referrals.case_of(tx, referral_id), actor=actor))


async def read(tx: Tx, referral_id: str, *, actor: Actor) -> Feedback:
    """What was said of it, for the person and the team. NotFound where nothing was, and for everybody else."""
    case_id = await referrals.case_of(tx, referral_id)
    _theirs(actor, await cases.get(tx, case_id, actor=actor))
    return await feedback.of(tx, referral_id)
