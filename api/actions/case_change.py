"""What every change of a case shares: the lock first, a refusal that is kept, and the signed entry. (style: actions)

A refusal is returned, so that its entry is committed; a failure is raised, so that nothing is.
"""

from __future__ import annotations

import secrets as random
from datetime import datetime
from typing import Final

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


async def take(tx: Tx, case_id: str, *, actor: Actor, at: datetime, expected: int | None = None) -> Case:
    """The case, locked and then read, for a case manager who may change it. NotFound for everybody else."""
    case = await cases.get_for_update(tx, case_id, actor=actor, expected=expected)
    if Role.CASE_MANAGER not in actor.roles:
        raise NotFound
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
        role=Role.CASE_MANAGER,
        at=at,
        secrets=secrets,
        fields=tuple(sorted(fields)),
        reasons=reasons,
    )
    return Changed(case_id=case.id, id=id or case.id, revised=case.version, entry=entry)


def closed(case: Case) -> Denied | None:
    """A closed case is read, and no longer changed. (R-40)"""
    return Denied(reason=Reason.CASE_CLOSED, places={"date": _day(case)}) if case.closed_at is not None else None


def _day(case: Case) -> str:
    return case.closed_at.date().isoformat() if case.closed_at else ""


async def refuse(tx: Tx, case: Case, *denied: Denied, actor: Actor, at: datetime, secrets: Secrets) -> Refusal:
    """The refusal, once its attempt stands in the log."""
    refusal = Refusal(reasons=denied)
    await log.append_of_case(
        tx,
        case,
        Kind.REFUSED_ATTEMPT,
        actor=actor,
        role=Role.CASE_MANAGER,
        at=at,
        secrets=secrets,
        reasons=tuple(refusal.codes),
    )
    return refusal
