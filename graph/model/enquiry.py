"""Asking a provider for a place without saying who it is for. (R-10, R-35; design §8)

Need class, area, age band and language travel, and nothing else; what is rare is widened first (`consent.widening`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal

from pydantic import Field

from graph.model.age import AgeBand
from graph.model.base import Code, Id, Model

Answer = Literal["can", "waiting-list", "assess-first", "cannot"]

LIVES: Final = timedelta(days=7)
"""How long a provider may answer; then the question ends by itself."""


class EnquiryState(StrEnum):
    """Where a question stands."""

    OPEN = "open"
    ANSWERED = "answered"
    CHOSEN = "chosen"
    NOT_NEEDED = "no-longer-needed"
    """another was chosen, or the person no longer seeks help for it"""
    EXPIRED = "expired"


LISTENING: Final = frozenset({EnquiryState.OPEN, EnquiryState.ANSWERED})
"""States in which an answer counts, a better one too."""


class Asked(Model):
    """What a provider reads: it could be said of at least k people, or it was widened until it could."""

    service_type: Code
    area: Code = Field(description="municipality, or a wider area")
    age_band: Code | None = None
    language: Code | None = None


class Enquiry(Model):
    """One question to one service about one agreed need."""

    id: Id
    case_id: Id
    need_id: Id
    service_id: Id
    organization_id: Id
    asked: Asked
    asked_at: datetime
    asked_by: Id
    expires_at: datetime
    answer: Answer | None = None
    reason: Code | None = Field(None, description="coded reason of a cannot")
    answered_at: datetime | None = None
    chosen_at: datetime | None = Field(None, description="the person chose this one")
    closed_at: datetime | None = Field(None, description="nobody needs an answer any more")

    def state(self, *, at: datetime) -> EnquiryState:
        """Where it stands at an instant. That its time has run out needs no clock to have said so."""
        if self.chosen_at is not None:
            return EnquiryState.CHOSEN
        if self.closed_at is not None:
            return EnquiryState.NOT_NEEDED
        if at >= self.expires_at:
            return EnquiryState.EXPIRED
        return EnquiryState.OPEN if self.answer is None else EnquiryState.ANSWERED


@dataclass(frozen=True, slots=True)
class Somebody:
    """One person of one open case, as far as a question could tell them from others."""

    who: str
    needs: frozenset[Code]
    areas: tuple[Code, ...]
    """Where they live, and all above, up to the country."""
    age_band: AgeBand | None = None
    languages: frozenset[Code] = frozenset()
    gender: Code | None = None
    nationality: Code | None = None
    factors: frozenset[Code] = frozenset()
