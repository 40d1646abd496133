"""What happens in a case over its months: assessments, follow-up meetings, communication. (R-14, R-40)

Only when, by whom and which kind stand here; what was said is encrypted in the record.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from graph.model.base import Code, Id, Model

AssessmentKind = Literal["needs", "vulnerability", "health", "psychosocial", "skills", "family"]


class Assessment(Model):
    """That somebody assessed something on a day. (R-14, R-34, R-40)"""

    id: Id
    kind: AssessmentKind
    at: datetime
    assessed_by: Id


class Meeting(Model):
    """A follow-up meeting with the person, planned or held. (R-40)"""

    id: Id
    on: date
    held: bool | None = Field(None, description="None: still to come; False: it did not take place")
    goal_ids: tuple[Id, ...] = ()
    recorded_by: Id


class Communication(Model):
    """That there was word with the person or with a provider, and whether it came through. (R-14)"""

    id: Id
    at: datetime
    party: Literal["person", "guardian", "provider"]
    organization_id: Id | None = Field(None, description="the provider")
    channel: Code
    outcome: Literal["reached", "not-reached", "message-left"]
    recorded_by: Id
