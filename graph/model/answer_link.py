"""A link by which a provider without an account answers: one purpose, an end, and nothing of a person behind it. (R-12)

The secret stands in the mail alone; here its hash. What was disclosed opens only with a code given by another channel.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import Field

from graph.model.base import Id, Model
from graph.model.consent import Stage

LIVES: Final = timedelta(days=8)
TRIES: Final = 3
CODE_LIVES: Final = timedelta(hours=24)
CODE_DIGITS: Final = 8


class LinkPurpose(StrEnum):
    """The one thing that a link is for."""

    REFERRAL = "answer-referral"
    ENQUIRY = "answer-enquiry"
    PLACES = "say-places"


class AnswerLink(Model):
    """What one mail leads to."""

    id: Id
    organization_id: Id
    purpose: LinkPurpose
    subject_id: Id = Field(description="the referral, the enquiry or the service")
    secret_hash: str = Field(pattern=r"^[0-9a-f]{64}$")
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = Field(None, description="when it decided: it never decides again")

    def leads(self, *, at: datetime) -> bool:
        """Whether it leads anywhere still: up to, not including, its end."""
        return at < self.expires_at


class OpeningCode(Model):
    """A code that is read out over the telephone; with it a named person opens one disclosure by link, once."""

    id: Id
    code_hash: str = Field(description="argon2id of the code")
    made_at: datetime
    expires_at: datetime
    stage: Stage | None = Field(None, description="of the newest copy when it was made: it opens none of a later one")
    tries: int = Field(0, ge=0, le=TRIES, description="wrong ones")
    opened_at: datetime | None = None
    opener: str | None = Field(None, description="envelope of the name of who opened it")

    def opens(self, *, at: datetime) -> bool:
        """In time, not used, and not tried wrongly too often."""
        return self.opened_at is None and at < self.expires_at and self.tries < TRIES
