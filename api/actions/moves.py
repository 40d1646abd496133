"""The one way in which a referral changes: saved, its copy closed where reading ends, followed, written down. (R-01, R-14)

Whatever hangs on a referral's state follows here and nowhere else, so that no face, clock or withdrawal forgets it.
What may follow what is `graph.model.referral`; who may do it is asked before.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final, Literal

from api.actions import consequences, leases, timers
from api.actions.case_entry import entry
from graph.model.actor import Actor, Role
from graph.model.case import Case
from graph.model.log import Entry, Kind
from graph.model.referral import ENDED, Referral, Status
from graph.secrets import Secrets
from graph.store import disclosures, referrals
from graph.store.network import Tx

Follower = Callable[..., Awaitable[None]]
"""`(tx, case, before, after, *, at)`: lets something follow a referral from one state to the next."""

FOLLOWERS: Final[tuple[Follower, ...]] = (leases.follow, timers.follow)
"""In the order of locks: places, then clocks."""

UNREAD_AT_ONCE: Final = frozenset({Status.REJECTED, Status.CANCELLED, Status.ENTERED_IN_ERROR})
"""States in which the receiver has nothing to read any more, whatever the SOP keeps."""


def moved(referral: Referral, *, at: datetime, **changes: Any) -> Referral:
    """The referral with changes, one version on; an end has its instant."""
    status = changes.get("status", referral.status)
    if status in ENDED and referral.status not in ENDED:
        changes = {"ended_at": at, **changes}
    if changes.get("reason", referral.reason) != referral.reason:
        changes = {"tasks_done": (), **changes}
    return referral.model_copy(update={**changes, "version": referral.version + 1})


async def move(
    tx: Tx,
    case: Case,
    before: Referral,
    after: Referral,
    kind: Kind,
    *,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
    role: Role | Literal["clock"] | None = None,
    **body: Any,
) -> Entry:
    """Bring a referral of a locked case from one state to the next, with all that follows; the signed entry. (R-14)

    The keywords are fields of the entry's body; recipient, purpose and referral stand in it already.
    """
    await referrals.save(tx, after)
    if after.status in UNREAD_AT_ONCE and before.sent_at is not None:
        copies = await disclosures.of_case(tx, case.id, referrals=[after.id])
        why = after.reason or after.status.value
        await disclosures.close(tx, [c.id for c in copies if c.closed_at is None], reason=why, at=at)
    for follower in FOLLOWERS:
        await follower(tx, case, before, after, at=at)
    if after.reason is not None and after.reason != before.reason:
        await consequences.follow(tx, case, after, at=at, secrets=secrets)
        body.setdefault("reasons", (after.reason,))
    about = {"recipient": after.responder_id, "purpose": after.purpose, "referral": after.id}
    return await entry(tx, case, kind, actor=actor, at=at, secrets=secrets, role=role, **{**about, **body})
