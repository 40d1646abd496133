"""Who works on a case: a colleague joins by the name they sign in with, which only whoever knows them can say. (R-21, R-25)"""

from __future__ import annotations

from datetime import datetime

from api.actions import cases
from api.actions.accounts import index_of
from api.actions.case_change import Changed
from graph.model.actor import Actor
from graph.model.refusal import Refusal
from graph.secrets import Secrets
from graph.store import accounts
from graph.store.errors import NotFound
from graph.store.network import Tx


async def join_by_login(
    tx: Tx, case_id: str, login: str, *, actor: Actor, at: datetime, secrets: Secrets
) -> Changed | Refusal:
    """As `cases.join_team`. NotFound for an unknown login, one of another organisation and one that is ended alike."""
    account = await accounts.find(tx, index_of(login, secrets))
    if account is None or account.disabled_at is not None:
        raise NotFound
    return await cases.join_team(tx, case_id, account.actor_id, actor=actor, at=at, secrets=secrets)
