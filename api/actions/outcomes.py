"""What became of a referral as the person says, and the follow-up where both sides do not say the same. (R-14, R-50)"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from api.actions.case_entry import refused
from api.actions.moves import move, moved
from consent.access import Allowed, Deed, decide
from consent.relation import relation_of, state_of
from graph.model.actor import Actor, Role
from graph.model.base import Id, Model
from graph.model.follow_up import Meeting
from graph.model.log import Entry, Kind
from graph.model.referral import ENDED, Outcome, Referral, Status
from graph.model.refusal import Denied, Reason, Refusal
from graph.model.status_reason import Barrier
from graph.secrets import Secrets
from graph.store import cases, follow_up, matters, referrals
from graph.store.errors import NotFound
from graph.store.network import Tx

SOON: Final = timedelta(days=7)
"""Within a week somebody asks the person what happened, where the two sides differ."""


class SaidOutcome(Model):
    """What a person's word on the outcome led to."""

    referral_id: Id
    provider_outcome: Outcome | None
    person_outcome: Outcome
    agreed: bool | None
    """None: the provider has not said anything yet."""
    follow_up_id: Id | None = None
    entry: Entry


async def say(
    tx: Tx,
    referral_id: str,
    outcome: Outcome,
    barrier: Barrier | None = None,
    *,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
) -> SaidOutcome | Refusal:
    """The person, or their case manager for them, says what became of it; they may change their mind. (R-50)

    Where the provider said something else, a follow-up opens: neither word overrules the other.
    """
    case_id = await referrals.case_of(tx, referral_id)
    await cases.lock(tx, case_id)
    matter = await matters.get(tx, case_id, referral_id, actor=None)
    case, referral, at = matter.case, matter.referral, matter.now(at)
    deed = Deed.OUTCOME_SAY
    if not isinstance(decide(actor, deed, relation_of(actor, case), state_of(case, deed)), Allowed):
        raise NotFound
    role = Role.PERSON if Role.PERSON in actor.roles else Role.CASE_MANAGER
    if referral.sent_at is None or referral.status is Status.ENTERED_IN_ERROR:
        places = {"status": referral.status.value}
        why = Refusal.of([Denied(reason=Reason.NOTHING_TO_JUDGE, places=places)])
        return await refused(tx, case, why, actor=actor, at=at, secrets=secrets, role=role, referral=referral.id)
    became = moved(referral, at=at, person_outcome=outcome, person_barrier=barrier.value if barrier else None)
    meeting = _to_follow(became, actor=actor, at=at)
    if meeting is not None:
        await follow_up.save_meeting(tx, case.id, meeting)
    said: dict[str, Any] = {"reasons": (outcome.value, *((barrier.value,) if barrier else ()))}
    written = await move(
        tx, case, referral, became, Kind.OUTCOME_SAID, actor=actor, at=at, secrets=secrets, role=role, **said
    )
    return SaidOutcome(
        referral_id=referral.id,
        provider_outcome=became.provider_outcome,
        person_outcome=outcome,
        agreed=agreed(became),
        follow_up_id=meeting.id if meeting else None,
        entry=written,
    )


def agreed(referral: Referral) -> bool | None:
    """Whether both sides say the same; None while one of them is silent."""
    if referral.person_outcome is None or referral.provider_outcome is None:
        return None
    return referral.person_outcome is referral.provider_outcome


def _to_follow(referral: Referral, *, actor: Actor, at: datetime) -> Meeting | None:
    """The follow-up that a disagreement opens, once the referral has ended; only one, however often it is said."""
    if agreed(referral) is not False or referral.status not in ENDED:
        return None
    return Meeting(id=f"{referral.id}-disagreement", on=(at + SOON).date(), recorded_by=actor.id)
