"""A consent that ran out is written down when somebody meets it: at a send or a reading that it no longer carries. (R-20)

It ended by itself, at its own instant; nobody has to do anything for that. The entry says since when, to whoever reads
the log, and which consents it was; the refusal beside it says what came to nothing.
"""

from __future__ import annotations

from datetime import datetime

from graph.model.actor import Actor
from graph.model.case import Case
from graph.model.consent import ConsentEvent, ConsentState
from graph.model.log import Kind
from graph.secrets import Secrets
from graph.store import consents, log
from graph.store.network import Tx


async def note(
    tx: Tx, case: Case, *, recipient: str, purpose: str, actor: Actor, role: str, at: datetime, secrets: Secrets
) -> None:
    """One entry for the consents to this recipient and purpose that ran out and were not met before. (R-20)"""
    ended = [
        consent
        for consent in await consents.of_case(tx, case.id)
        if (consent.organization_id, consent.purpose) == (recipient, purpose)
        and consent.state(at=at) is ConsentState.EXPIRED
        and consent.events[-1].state is not ConsentState.EXPIRED
    ]
    for consent in ended:
        event = ConsentEvent(state=ConsentState.EXPIRED, at=consent.expires_at, by=actor.id)
        await consents.add(tx, consent, event)
    if ended:
        await log.append_of_case(
            tx,
            case,
            Kind.CONSENT_EXPIRED,
            actor=actor,
            role=role,
            at=at,
            secrets=secrets,
            recipient=recipient,
            purpose=purpose,
            basis="consent",
            basis_ids=tuple(consent.id for consent in ended),
        )
