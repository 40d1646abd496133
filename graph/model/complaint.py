"""What a person says of a service, and what becomes of a complaint. (R-50)

Words are encrypted in the record; who is complained about never reads a complaint.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from graph.model.base import Code, Id, Model


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


class Feedback(Model):
    """How a referral was for the person: asked, never required; no answer changes any help."""

    id: Id
    referral_id: Id
    at: datetime
    recorded_by: Id
    helped: Literal["yes", "partly", "no"] | None = None
    respected: Literal["yes", "partly", "no"] | None = None
    barrier: Code | None = None


class Complaint(Model):
    """Something that went wrong, about one organisation, answered by somebody who is not of it."""

    id: Id
    case_id: Id | None = Field(None, description="None: said without saying who")
    referral_id: Id | None = None
    about_id: Id = Field(description="the organisation complained about: out of its reach")
    kind: Literal["quality", "discrimination", "abuse-or-exploitation", "data-protection", "delay", "other"]
    made_at: datetime
    recorded_by: Id
    answer_by: datetime
    taken_by: Id | None = Field(None, description="who deals with it: committee or data protection officer")
    answered_at: datetime | None = None
    remedy: Remedy | None = None
    person_told_at: datetime | None = None
