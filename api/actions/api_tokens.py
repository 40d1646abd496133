"""API tokens: issued by somebody for themselves, within scopes and for a time, revoked at once. (R-25)"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pydantic import Field

from api.actions import passwords
from api.actions.case_change import new_id
from consent.access import Deed
from graph.model.account import LONGEST_TOKEN, ApiToken
from graph.model.actor import Actor
from graph.model.base import Model
from graph.model.refusal import Denied, Reason, Refusal
from graph.store import tokens
from graph.store.network import Network, Tx

__all__ = ["ApiToken", "Deed", "Issued", "issue", "own", "revoke"]


class Issued(Model):
    """A token with its secret, which is told once and kept nowhere."""

    token: ApiToken
    secret: str = Field(repr=False)


async def issue(
    network: Network, scopes: Iterable[Deed], valid_to: datetime, *, actor: Actor, at: datetime
) -> Issued | Refusal:
    """A token for oneself. It never reaches further than its owner's roles, nor does one token issue another."""
    if actor.scopes is not None:
        return Refusal.of([Denied(reason=Reason.ACCESS_SCOPE)])
    if not at < valid_to <= at + LONGEST_TOKEN:
        return Refusal.of([Denied(reason=Reason.TOKEN_TOO_LONG)])
    issued = Issued(
        token=ApiToken(id=new_id(), scopes=frozenset(deed.value for deed in scopes), created_at=at, valid_to=valid_to),
        secret=passwords.new_token(),
    )
    await network.write(_keep, issued, actor=actor)
    return issued


async def _keep(tx: Tx, issued: Issued, *, actor: Actor) -> None:
    await tokens.create(tx, issued.token, actor_id=actor.id, token_hash=passwords.hash_of(issued.secret))


async def own(tx: Tx, *, actor: Actor, at: datetime) -> list[ApiToken]:
    """One's own tokens that still hold."""
    return [token for token in await tokens.of_actor(tx, actor.id) if token.is_alive(at=at)]


async def revoke(tx: Tx, token_id: str, *, actor: Actor) -> None:
    """One of one's own tokens opens nothing any more."""
    await tokens.revoke(tx, token_id, actor_id=actor.id)
