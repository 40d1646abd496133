"""The person's own way in: given by who works with them, to whoever decides for themselves, ended at once. (R-21, R-41)

Administrators run accounts and never learn whose case one opens; so the team hands it over, and nobody else. What the
person may do with it is the table of `consent.access`.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.actions.accounts import index_of
from api.actions.case_change import new_id, refuse, take
from api.actions.case_entry import entry
from consent.access import Deed
from consent.capacity import can_decide
from graph.model.account import Account
from graph.model.actor import Actor
from graph.model.base import Id, Model
from graph.model.case import Case
from graph.model.log import Entry, Kind
from graph.model.refusal import Denied, Reason, Refusal
from graph.secrets import Secrets
from graph.store import accounts, actors, sessions, tokens
from graph.store.errors import NotFound
from graph.store.network import Tx

GIVEN, ENDED = "given", "ended"


class NewPersonAccount(Model):
    """The login that the person chose, and the hash of what they are told once. Ids are drawn here."""

    id: Id = Field(default_factory=new_id)
    actor_id: Id = Field(default_factory=new_id)
    login: str = Field(repr=False)
    password_hash: str = Field(repr=False)


async def give(
    tx: Tx, case_id: str, new: NewPersonAccount, *, actor: Actor, at: datetime, secrets: Secrets
) -> Entry | Refusal:
    """An account for the person of a case; the one they had before ends with it, as after a lost device. (R-41)

    Refused where somebody else decides: whoever stands for a child could otherwise read along, also once barred. (R-24)
    """
    case = await take(tx, case_id, Deed.PERSON_ACCOUNT, actor=actor, at=at, secrets=secrets, closed_too=True)
    if isinstance(case, Refusal):
        return case
    if not can_decide(case, at=at):
        why = Denied(reason=Reason.PERSON_DOES_NOT_DECIDE)
        return await refuse(tx, case, why, actor=actor, at=at, secrets=secrets)
    login = index_of(new.login, secrets)
    if await accounts.find(tx, login) is not None:
        return await refuse(tx, case, Denied(reason=Reason.LOGIN_TAKEN), actor=actor, at=at, secrets=secrets)
    await _end(tx, case, at=at)
    await actors.create_person(tx, new.actor_id, case_id=case.id)
    account = Account(id=new.id, actor_id=new.actor_id, login=login, password_hash=new.password_hash, created_at=at)
    await accounts.create(tx, account)
    return await entry(
        tx,
        case,
        Kind.PERSON_ACCOUNT,
        actor=actor,
        at=at,
        secrets=secrets,
        basis_ids=(new.actor_id,),
        reasons=(GIVEN,),
    )


async def end(tx: Tx, case_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Entry | Refusal:
    """The person's account opens nothing any more; their sessions and tokens end with it. NotFound where there is none."""
    case = await take(tx, case_id, Deed.PERSON_ACCOUNT, actor=actor, at=at, secrets=secrets, closed_too=True)
    if isinstance(case, Refusal):
        return case
    if not await _end(tx, case, at=at):
        raise NotFound
    return await entry(tx, case, Kind.PERSON_ACCOUNT, actor=actor, at=at, secrets=secrets, reasons=(ENDED,))


async def _end(tx: Tx, case: Case, *, at: datetime) -> list[str]:
    open_ = await accounts.of_person(tx, case.id)
    for id in open_:
        await accounts.get_for_update(tx, id)
        await accounts.disable(tx, id, at=at)
        await sessions.end_all(tx, id)
        await tokens.revoke_all(tx, id)
    return open_
