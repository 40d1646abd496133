"""Asking a provider for a place without saying who it is for. (R-10, R-35; design §8)

Need class, area, age band and language travel, and nothing else; what is rare is widened first.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from graph.model.base import Code, Id, Model

Answer = Literal["can", "waiting-list", "assess-first", "cannot"]


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
