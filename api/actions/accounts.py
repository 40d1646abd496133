"""Accounts: added by an administrator, taken over by their owner, changed and disabled under the log. (R-25)

Nobody changes their own roles nor disables themselves, so that every change has two people. Signing in is `sign_in`.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.actions import passwords, second_factor
from api.actions.allowed import must_ever
from api.actions.case_change import new_id
from consent.access import Deed
from graph.blind_index import blind
from graph.model.account import Account
from graph.model.actor import Actor, Role
from graph.model.area import Area
from graph.model.base import Code, Id, Model
from graph.model.log import Entry, Kind
from graph.model.refusal import Denied, Reason, Refusal
from graph.secrets import Secrets
from graph.store import accounts, actors, division, log, sessions, tokens
from graph.store.accounts import Listed
from graph.store.network import Network, Tx
from graph.store.organizations import names as organization_names

OPERATOR = Actor(id="operator", roles=frozenset({Role.ADMIN}))
"""Whoever may run commands on the server itself: adds the first administrator. (R-25)"""


class NewAccount(Model):
    """Who is to sign in: from which organisation, as what, under which login. Ids are drawn here."""

    id: Id = Field(default_factory=new_id)
    actor_id: Id = Field(default_factory=new_id)
    organization_id: Id
    roles: frozenset[Role] = Field(min_length=1)
    department: Code | None = Field(None, description="of a departmental committee, and of nobody else")
    login: str = Field(repr=False)
    password_hash: str = Field(repr=False)
    totp_secret: str | None = Field(None, repr=False, description="set where the owner is handed it with the password")


class Activated(Model):
    """What the owner's device is told, once."""

    secret: str = Field(repr=False)
    address: str = Field(repr=False)


def index_of(login: str, secrets: Secrets) -> str:
    """What the graph knows of a login."""
    return blind(secrets.index_key, "login", login)


async def add(tx: Tx, new: NewAccount, *, actor: Actor, at: datetime, secrets: Secrets) -> Entry | Refusal:
    """An actor with a way in. Persons of cases get theirs from their case, not here. (R-25)"""
    must_ever(actor, Deed.ACCOUNT_MANAGE)
    if Role.PERSON in new.roles:
        return Refusal.of([Denied(reason=Reason.ACCESS_ROLE)])
    if not _fits(new.roles, new.department) or (new.department and Role.DEPARTMENT_COMMITTEE not in new.roles):
        return Refusal.of([Denied(reason=Reason.DEPARTMENT_ALONE)])
    login = index_of(new.login, secrets)
    if await accounts.find(tx, login) is not None:
        return Refusal.of([Denied(reason=Reason.LOGIN_TAKEN)])
    await actors.create(tx, Actor(id=new.actor_id, organization_id=new.organization_id, roles=new.roles))
    if new.department is not None:
        await actors.answer_for(tx, new.actor_id, new.department)
    secret = new.totp_secret
    account = Account(
        id=new.id,
        actor_id=new.actor_id,
        login=login,
        password_hash=new.password_hash,
        totp=second_factor.sealed(secret, account_id=new.id, secrets=secrets) if secret else None,
        confirmed=secret is not None,
        created_at=at,
    )
    await accounts.create(tx, account)
    return await _note(tx, new.actor_id, new.roles, actor=actor, at=at, secrets=secrets)


def _fits(roles: frozenset[Role], department: str | None) -> bool:
    """A departmental committee has its department and is nothing else, so that nobody subtracts what they read as another. (R-52)"""
    return Role.DEPARTMENT_COMMITTEE not in roles or (len(roles) == 1 and department is not None)


async def _note(tx: Tx, of: str, roles: frozenset[Role], *, actor: Actor, at: datetime, secrets: Secrets) -> Entry:
    return await log.append(
        tx,
        stream=log.MECHANISM,
        kind=Kind.ROLE_CHANGE,
        actor=actor.id,
        role=Role.ADMIN,
        at=at,
        signer=secrets.signer,
        organization=actor.organization_id,
        basis_ids=(of,),
        fields=tuple(sorted(role.value for role in roles)),
    )


async def activate(
    network: Network, login: str, one_time: str, password: str, *, at: datetime, secrets: Secrets
) -> Activated | None:
    """The owner exchanges the one-time password for an own one, and learns the secret for their device.

    None for everything that does not fit, as slowly for an unknown login. It may be repeated with the own password
    until the device is confirmed: a page may be closed too early.
    """
    found = await network.read(accounts.find, index_of(login, secrets))
    fits = await passwords.fits(found.password_hash if found else None, one_time)
    password_hash, secret = await passwords.hashed(password), second_factor.new_secret()
    if found is None or not fits:
        return None
    taken = await network.write(_take_over, found, password_hash, secret, at=at, secrets=secrets)
    return Activated(secret=secret, address=second_factor.address(secret)) if taken else None


async def _take_over(tx: Tx, seen: Account, password_hash: str, secret: str, *, at: datetime, secrets: Secrets) -> bool:
    account = await accounts.get_for_update(tx, seen.id)
    if account.password_hash != seen.password_hash or not account.awaits_owner(at=at):
        return False
    totp = second_factor.sealed(secret, account_id=account.id, secrets=secrets)
    await accounts.save(tx, account.model_copy(update={"password_hash": password_hash, "totp": totp}))
    return True


async def confirm(network: Network, login: str, password: str, code: str, *, at: datetime, secrets: Secrets) -> bool:
    """The owner's device tells the right number: from now on the account signs in."""
    found = await network.read(accounts.find, index_of(login, secrets))
    fits = await passwords.fits(found.password_hash if found else None, password)
    if found is None or not fits:
        return False
    return await network.write(_confirm, found, code, at=at, secrets=secrets)


async def _confirm(tx: Tx, seen: Account, code: str, *, at: datetime, secrets: Secrets) -> bool:
    account = await accounts.get_for_update(tx, seen.id)
    if account.password_hash != seen.password_hash or account.totp is None or not account.awaits_owner(at=at):
        return False
    after = account.last_totp_step
    step = second_factor.step_of(account.totp, code, account_id=account.id, after=after, at=at, secrets=secrets)
    if step is None:
        return False
    await accounts.save(tx, account.model_copy(update={"confirmed": True, "last_totp_step": step}))
    return True


async def set_roles(
    tx: Tx, account_id: str, roles: frozenset[Role], *, actor: Actor, at: datetime, secrets: Secrets
) -> Entry | Refusal:
    """What somebody is from their next request on. Nobody changes their own; the person of a case stays that. (R-25)"""
    must_ever(actor, Deed.ACCOUNT_MANAGE)
    account = await accounts.get_for_update(tx, account_id)
    if account.actor_id == actor.id:
        return Refusal.of([Denied(reason=Reason.OWN_ACCOUNT)])
    of = await actors.get(tx, account.actor_id)
    if Role.PERSON in roles | of.roles:
        return Refusal.of([Denied(reason=Reason.ACCESS_ROLE)])
    if not _fits(roles, of.department):
        return Refusal.of([Denied(reason=Reason.DEPARTMENT_ALONE)])
    await actors.set_roles(tx, account.actor_id, roles)
    return await _note(tx, account.actor_id, roles, actor=actor, at=at, secrets=secrets)


async def disable(tx: Tx, account_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Entry | Refusal:
    """The account opens nothing any more; its sessions and tokens end in the same transaction. (R-25)"""
    must_ever(actor, Deed.ACCOUNT_MANAGE)
    account = await accounts.get_for_update(tx, account_id)
    if account.actor_id == actor.id:
        return Refusal.of([Denied(reason=Reason.OWN_ACCOUNT)])
    await accounts.disable(tx, account_id, at=at)
    await sessions.end_all(tx, account_id)
    await tokens.revoke_all(tx, account_id)
    return await _note(tx, account.actor_id, frozenset(), actor=actor, at=at, secrets=secrets)


async def listed(tx: Tx, *, actor: Actor) -> list[Listed]:
    """All accounts: ids, organisations and roles; neither logins nor names. (R-25)"""
    must_ever(actor, Deed.ACCOUNT_MANAGE)
    return await accounts.listed(tx)


async def count(tx: Tx) -> int:
    """How many accounts there are."""
    return await accounts.count(tx)


async def departments(tx: Tx, *, actor: Actor) -> list[Area]:
    """What a departmental committee can answer for, by country and name. (R-52)"""
    must_ever(actor, Deed.ACCOUNT_MANAGE)
    return sorted(await division.of_level(tx, 1), key=lambda area: (area.code[:2], area.name))


async def organizations(tx: Tx, *, actor: Actor) -> dict[str, str]:
    """The organisations an account can belong to, by id and name. (R-25)"""
    must_ever(actor, Deed.ACCOUNT_MANAGE)
    return await organization_names(tx)
