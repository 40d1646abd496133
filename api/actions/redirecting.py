"""A provider proposes another service: its referral is rejected, and a draft waits for the case's team. (R-01)

No data is passed on. The draft is hidden from every provider until it is sent, and its send asks for its own consent:
for the other organisation, in its own words. Whoever receives it learns of no earlier referral.
"""

from __future__ import annotations

from datetime import datetime

from api.actions import choosing
from api.actions.case_change import new_id
from api.actions.referrals import Draft, make, need_of, why_no_draft
from graph.model.actor import Actor, Role
from graph.model.case import Case
from graph.model.referral import Referral
from graph.model.refusal import Denied, Reason
from graph.secrets import Secrets
from graph.seed.status_reasons import REDIRECTED
from graph.store import recipients
from graph.store.network import Tx


def why_not(referral: Referral, reason: str | None, proposed: str | None) -> list[Denied]:
    """A redirection names a service, another one than its own; no other reason does."""
    if (reason == REDIRECTED) != (proposed is not None):
        return [Denied(reason=Reason.REDIRECT_WITHOUT_SERVICE)]
    if proposed is not None and proposed == referral.service_id:
        return [Denied(reason=Reason.REDIRECT_TO_ITSELF)]
    return []


async def proposing(tx: Tx, case: Case, referral: Referral, proposed: str, *, at: datetime) -> Referral:
    """The rejected referral, with what was proposed and the draft it leads to. NotFound for an unknown service.

    Where the person no longer seeks this help, the proposal is kept and nothing is drafted.
    """
    await recipients.get(tx, proposed)
    seeks = not why_no_draft(case, need_of(case, referral.need_id), at=at)
    return referral.model_copy(update={"proposed_service_id": proposed, "redirected_as": new_id() if seeks else None})


async def draft(tx: Tx, case: Case, rejected: Referral, *, actor: Actor, at: datetime, secrets: Secrets) -> None:
    """The draft of a locked case that a rejected referral leads to, linked both ways."""
    if rejected.redirected_as is None or rejected.proposed_service_id is None:
        return
    need = need_of(case, rejected.need_id)
    choice = await choosing.judge(tx, case, need, rejected.proposed_service_id, at=at, secrets=secrets)
    wish = Draft(
        id=rejected.redirected_as,
        need_id=need.id,
        service_id=rejected.proposed_service_id,
        chosen_because=REDIRECTED,
    )
    await make(
        tx, case, wish, choice, redirected_from=rejected.id, actor=actor, role=Role.PROVIDER, at=at, secrets=secrets
    )
