"""What every step of a send and its undoing leaves: a signed entry in the case's stream, refused attempts too. (R-14)"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

from api.actions import expiry
from graph.model.actor import Actor, Role
from graph.model.case import Case
from graph.model.log import Entry, Kind
from graph.model.refusal import Reason, Refusal
from graph.secrets import Secrets
from graph.store import log
from graph.store.network import Tx

ACTING: Final = (Role.CASE_MANAGER, Role.PERSON, Role.PROVIDER, Role.PROFESSIONAL, Role.DATA_PROTECTION_OFFICER)
"""As what somebody with several roles is written down who does not say: the first of these."""


async def entry(
    tx: Tx,
    case: Case,
    kind: Kind,
    *,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
    role: Role | Literal["clock"] | None = None,
    **body: Any,
) -> Entry:
    """One entry about a locked case; the keywords are fields of its body: codes and ids, never a value."""
    acting = role or acting_as(actor)
    return await log.append_of_case(tx, case, kind, actor=actor, role=acting, at=at, secrets=secrets, **body)


def acting_as(actor: Actor) -> Role:
    """The role that is written down."""
    return next(r for r in ACTING if r in actor.roles)


async def refused(
    tx: Tx,
    case: Case,
    refusal: Refusal,
    *,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
    role: Role | None = None,
    **body: Any,
) -> Refusal:
    """The refusal, once its attempt stands in the log; and where a consent had run out, that it did."""
    if Reason.CONSENT_EXPIRED in refusal.codes and "recipient" in body and "purpose" in body:
        await expiry.note(
            tx,
            case,
            recipient=body["recipient"],
            purpose=body["purpose"],
            actor=actor,
            role=role or acting_as(actor),
            at=at,
            secrets=secrets,
        )
    await entry(
        tx,
        case,
        Kind.REFUSED_ATTEMPT,
        actor=actor,
        at=at,
        secrets=secrets,
        role=role,
        reasons=tuple(code.value for code in refusal.codes),
        **body,
    )
    return refusal
