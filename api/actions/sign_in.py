"""Signing in and out, one's own sessions, and who a request comes from. (R-25)

Wrong password, wrong number, unknown and disabled are one and the same no. Slow work is done outside transactions.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from pydantic import Field

from api.actions import passwords, second_factor
from api.actions.accounts import index_of
from api.actions.case_change import new_id
from graph.model.account import Account, Session
from graph.model.actor import Actor
from graph.model.base import Id, Model
from graph.secrets import Secrets
from graph.store import accounts, sessions, tokens
from graph.store.network import Network, Tx

NOTED: Final = timedelta(minutes=1)
"""A session's use is written down once in so long: not every request has to write."""


class SignedIn(Model):
    """A session that has begun. The token is told once and kept nowhere."""

    id: Id
    token: str = Field(repr=False)


async def sign_in(
    network: Network,
    login: str,
    password: str,
    code: str,
    *,
    at: datetime,
    secrets: Secrets,
    instead_of: str | None = None,
) -> SignedIn | None:
    """A session for who knows the password and holds the device; None for everybody else.

    It is always a new one: the one that the browser held before ends in the same transaction.
    """
    found = await network.read(accounts.find, index_of(login, secrets))
    fits = await passwords.fits(found.password_hash if found else None, password)
    if found is None or not fits:
        return None
    new = SignedIn(id=new_id(), token=passwords.new_token())
    begun = await network.write(_begin, found, code, new, at=at, secrets=secrets, instead_of=instead_of)
    return new if begun else None


async def _begin(
    tx: Tx, seen: Account, code: str, new: SignedIn, *, at: datetime, secrets: Secrets, instead_of: str | None
) -> bool:
    """Under the account's lock: the number counts once, and a disabling in between wins."""
    account = await accounts.get_for_update(tx, seen.id)
    is_open = account.disabled_at is None and account.confirmed and account.password_hash == seen.password_hash
    if not is_open or account.totp is None:
        return False
    after = account.last_totp_step
    step = second_factor.step_of(account.totp, code, account_id=account.id, after=after, at=at, secrets=secrets)
    if step is None:
        return False
    await accounts.save(tx, account.model_copy(update={"last_totp_step": step}))
    if instead_of is not None:
        await sessions.end_held(tx, passwords.hash_of(instead_of))
    await sessions.create(tx, id=new.id, account_id=account.id, token_hash=passwords.hash_of(new.token), at=at)
    return True


async def change_password(network: Network, old: str, new: str, *, token: str, at: datetime, secrets: Secrets) -> bool:
    """Set another password; every session of the account ends, this one too."""
    held = await network.read(sessions.find, passwords.hash_of(token))
    if held is None or not held.session.is_alive(at=at):
        return False
    seen = await network.write(accounts.get_for_update, held.account_id)
    if not await passwords.fits(seen.password_hash, old):
        return False
    return await network.write(_change, seen, await passwords.hashed(new))


async def _change(tx: Tx, seen: Account, password_hash: str) -> bool:
    account = await accounts.get_for_update(tx, seen.id)
    if account.password_hash != seen.password_hash or account.disabled_at is not None:
        return False
    await accounts.save(tx, account.model_copy(update={"password_hash": password_hash}))
    await sessions.end_all(tx, account.id)
    return True


async def by_session(network: Network, token: str, *, at: datetime) -> Actor | None:
    """Who holds this session now, with the roles they have now; None once it has ended."""
    held = await network.read(sessions.find, passwords.hash_of(token))
    if held is None or not held.session.is_alive(at=at):
        return None
    if at - held.session.seen_at >= NOTED:
        await network.write(sessions.seen, held.session.id, at=at)
    return held.actor


async def by_token(network: Network, token: str, *, at: datetime) -> Actor | None:
    """For whom this API token acts now, within its scopes; None once it has ended."""
    held = await network.read(tokens.find, passwords.hash_of(token))
    return held.actor if held is not None and held.token.is_alive(at=at) else None


async def sign_out(tx: Tx, token: str) -> None:
    """The session of this token ends; said twice, nothing happens."""
    await sessions.end_held(tx, passwords.hash_of(token))


async def own(tx: Tx, *, actor: Actor, at: datetime) -> list[Session]:
    """Where one is signed in."""
    return [session for session in await sessions.of_actor(tx, actor.id) if session.is_alive(at=at)]


async def which(tx: Tx, token: str) -> str | None:
    """The session that this token is, so that a list can say which one is here."""
    held = await sessions.find(tx, passwords.hash_of(token))
    return held.session.id if held else None


async def end(tx: Tx, session_id: str, *, actor: Actor) -> None:
    """One of one's own sessions ends."""
    await sessions.end(tx, session_id, actor_id=actor.id)


async def end_all(tx: Tx, *, actor: Actor) -> None:
    """All of one's own sessions end, this one too."""
    await sessions.end_all_of(tx, actor.id)
