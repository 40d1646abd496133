"""What a person says of a service, and what becomes of a complaint. (R-50)

What somebody wrote is sealed beside the complaint and no field of it. Who may see one is `consent.complaints`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from graph.model.base import Id, Model
from graph.model.status_reason import Barrier

Said = Literal["yes", "partly", "no"]


class ComplaintKind(StrEnum):
    """What went wrong."""

    QUALITY = "quality"
    DISCRIMINATION = "discrimination"
    ABUSE_OR_EXPLOITATION = "abuse-or-exploitation"
    DATA_PROTECTION = "data-protection"
    DELAY = "delay"
    OTHER = "other"


class Office(StrEnum):
    """Who deals with a complaint."""

    COMMITTEE = "committee"
    COMMITTEE_LEAD = "committee-lead"
    DATA_PROTECTION_OFFICER = "data-protection-officer"


class Remedy(StrEnum):
    """What was done about a complaint."""

    APOLOGY = "apology"
    EXPLANATION = "explanation"
    SERVICE_GIVEN = "service-given"
    REFERRED_AGAIN = "referred-again"
    DATA_CORRECTED = "data-corrected"
    RULE_CHANGED = "rule-changed"
    SUSPENSION = "suspension"
    UNFOUNDED = "unfounded"
    HANDED_TO_AUTHORITY = "handed-to-authority"


class ComplaintState(StrEnum):
    """Where a complaint stands; derived, never set."""

    MADE = "made"
    TAKEN = "taken"
    ANSWERED = "answered"
    TOLD = "told"


class Feedback(Model):
    """How a referral was for the person: asked, never required; no answer changes any help."""

    id: Id
    referral_id: Id
    at: datetime
    recorded_by: Id
    helped: Said | None = None
    respected: Said | None = None
    barrier: Barrier | None = None


class Complaint(Model):
    """Something that went wrong, about one organisation, answered by somebody who is not of it."""

    id: Id
    case_id: Id | None = Field(None, description="None: said without saying who")
    referral_id: Id | None = None
    about_id: Id = Field(description="the organisation complained about: out of its reach")
    kind: ComplaintKind
    office: Office
    lead_ids: tuple[Id, ...] = Field((), description="organisations whose committee members are the lead")
    made_at: datetime
    recorded_by: Id | None = Field(None, description="who wrote it down; None where it was left without a name")
    answer_by: datetime
    taken_by: Id | None = Field(None, description="who deals with it")
    taken_at: datetime | None = None
    answered_at: datetime | None = None
    remedy: Remedy | None = None
    person_told_at: datetime | None = None

    @property
    def state(self) -> ComplaintState:
        """As far as it has come."""
        if self.person_told_at is not None:
            return ComplaintState.TOLD
        if self.answered_at is not None:
            return ComplaintState.ANSWERED
        return ComplaintState.TAKEN if self.taken_by is not None else ComplaintState.MADE

    def is_late(self, *, at: datetime) -> bool:
        """The day of the answer has passed without one."""
        return self.answered_at is None and at >= self.answer_by
