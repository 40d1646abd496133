"""What every change of a case shares: the lock first, a refusal that is kept, and the signed entry. (style: actions)

A refusal is returned, so that its entry is committed; a failure is raised, so that nothing is.
"""

from __future__ import annotations

import secrets as random
from datetime import datetime
from typing import Final

from consent.access import Deed, Forbidden, Relation, decide
from consent.relation import relation_of, state_of
from graph.model.actor import Actor, Role
from graph.model.base import Id, Model
from graph.model.case import Case
from graph.model.log import Entry, Kind
from graph.model.refusal import Denied, Reason, Refusal
from graph.secrets import Secrets
from graph.store import cases, log
from graph.store.errors import NotFound
from graph.store.network import Tx

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no letter that is taken for a digit when a number is read aloud."""


def new_id() -> str:
    """An identifier that says nothing and cannot be guessed."""
    return random.token_hex(16)


def new_pseudonym() -> str:
    """The number a case is spoken of by: sixteen random signs (80 bits) in groups of four."""
    signs = "".join(random.choice(ALPHABET) for _ in range(16))
    return "-".join(signs[at : at + 4] for at in range(0, 16, 4))


class Changed(Model):
    """What a change answers: ids and the signed entry, never a value of the person."""

    case_id: Id
    id: Id
    revised: int
    entry: Entry


async def take(
    tx: Tx,
    case_id: str,
    deed: Deed,
    *,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
    expected: int | None = None,
    closed_too: bool = False,
) -> Case | Refusal:
    """The case, locked and then read, for somebody whom the access table lets do this; else a refusal. (R-25)

    NotFound for whoever may not even read it. A closed case is changed no more, but for what is `closed_too`.
    """
    case = await cases.get_for_update(tx, case_id, actor=actor, expected=expected)
    relation = relation_of(actor, case)
    if isinstance(decide(actor, Deed.CASE_READ, relation, state_of(case, Deed.CASE_READ)), Forbidden):
        raise NotFound
    alive = case.model_copy(update={"closed_at": None})
    answer = decide(actor, deed, relation, state_of(alive, deed))
    if isinstance(answer, Forbidden):
        return await refuse(tx, case, Denied(reason=answer.reason), actor=actor, at=at, secrets=secrets)
    if case.closed_at is not None and not closed_too:
        why = Denied(reason=Reason.CASE_CLOSED, places={"date": case.closed_at.date().isoformat()})
        return await refuse(tx, case, why, actor=actor, at=at, secrets=secrets)
    if case.adult_on is not None and case.adult_on <= at.date():
        case = case.model_copy(update={"adult_on": None, "age_band": "18-25"})
        await cases.save(tx, case, {"adult_on", "age_band"})
    return case


async def keep(
    tx: Tx,
    case: Case,
    kind: Kind,
    fields: tuple[str, ...],
    *,
    id: str | None = None,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
    reasons: tuple[str, ...] = (),
) -> Changed:
    """Note that the case was revised, and write the entry that says which fields, never which values."""
    await cases.save(tx, case.model_copy(update={"revised": case.version}), {"revised"})
    entry = await log.append_of_case(
        tx,
        case,
        kind,
        actor=actor,
        role=role_in(actor, case),
        at=at,
        secrets=secrets,
        fields=tuple(sorted(fields)),
        reasons=reasons,
    )
    return Changed(case_id=case.id, id=id or case.id, revised=case.version, entry=entry)


def role_in(actor: Actor, case: Case) -> Role:
    """In which of its roles somebody acts on a case: what the log says."""
    return Role.PERSON if relation_of(actor, case) is Relation.SELF else Role.CASE_MANAGER


async def refuse(tx: Tx, case: Case, *denied: Denied, actor: Actor, at: datetime, secrets: Secrets) -> Refusal:
    """The refusal, once its attempt stands in the log."""
    refusal = Refusal(reasons=denied)
    await log.append_of_case(
        tx,
        case,
        Kind.REFUSED_ATTEMPT,
        actor=actor,
        role=role_in(actor, case),
        at=at,
        secrets=secrets,
        reasons=tuple(refusal.codes),
    )
    return refusal
