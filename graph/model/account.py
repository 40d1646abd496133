"""How an actor signs in: accounts, sessions, API tokens, and until when each holds. (R-25)

Secrets stand here as hashes or sealed, never in plain. What an actor may do is `consent.access`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from pydantic import Field

from graph.model.base import Code, Id, Model

IDLE: Final = timedelta(minutes=20)
"""A session that nobody used for so long has ended."""

ABSOLUTE: Final = timedelta(hours=12)
"""However busy it is, a session ends after so long."""

FIRST_PASSWORD: Final = timedelta(hours=72)
"""For so long a one-time password waits for its owner."""

LONGEST_TOKEN: Final = timedelta(days=366)
"""No token is valid for longer."""


SHORTEST_LOGIN: Final = 3
"""Signs of the name somebody signs in with."""


class Account(Model):
    """One way in for one actor. The login is a blind index: the graph does not know it."""

    id: Id
    actor_id: Id
    login: str
    password_hash: str = Field(repr=False, description="argon2id")
    totp: str | None = Field(None, repr=False, description="sealed; None until the owner came for the first time")
    confirmed: bool = Field(False, description="the owner has shown once that their device tells the right number")
    created_at: datetime
    disabled_at: datetime | None = None
    last_totp_step: int = Field(0, description="numbers of this step and of earlier ones count no more")

    def awaits_owner(self, *, at: datetime) -> bool:
        """Whether the one-time password may still be exchanged for an own one."""
        return self.disabled_at is None and not self.confirmed and at < self.created_at + FIRST_PASSWORD


class Session(Model):
    """Somebody signed in, on one device."""

    id: Id
    created_at: datetime
    seen_at: datetime

    def is_alive(self, *, at: datetime) -> bool:
        """Up to, not including, twenty idle minutes and twelve hours in all."""
        return at < self.seen_at + IDLE and at < self.created_at + ABSOLUTE


class ApiToken(Model):
    """What lets a program act for an actor: within scopes, until an instant."""

    id: Id
    scopes: frozenset[Code] = Field(min_length=1, description="deeds of the table of rights")
    created_at: datetime
    valid_to: datetime

    def is_alive(self, *, at: datetime) -> bool:
        """Up to, not including, its last instant."""
        return at < self.valid_to
