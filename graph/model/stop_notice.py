"""A stop notice: what an organisation is told when a person withdraws their consent, and by when it answers. (R-20)"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from pydantic import Field

from graph.model.base import Code, Id, Model

ANSWER_WITHIN: Final = timedelta(hours=72)
"""How long an organisation may take to say that it has seen the notice."""


class StopNotice(Model):
    """That one organisation is to stop using what it received for a purpose. It names no person: referrals only."""

    id: Id
    case_id: Id
    organization_id: Id
    purpose: Code
    reason: Code
    referral_ids: tuple[Id, ...]
    created_at: datetime
    acknowledge_by: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: Id | None = Field(None, description="actor of the organisation")

    def is_late(self, *, at: datetime) -> bool:
        """Nobody acknowledged it in time."""
        return self.acknowledged_at is None and at >= self.acknowledge_by
