"""A change that somebody proposes of an entry of the directory, and what became of it. (R-02)

Somebody else decides. What was proposed is kept with what the entry said then, so that a change in between is seen
and what was done can be undone.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from graph.model.base import Id, Model
from graph.model.entry import Subject, Value


class ProposalState(StrEnum):
    """Where a proposal stands."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    UNDONE = "undone"
    """approved, and what it changed was taken back"""


class Rejection(StrEnum):
    """Why a proposal was not approved."""

    NOT_CONFIRMED = "not-confirmed"
    NOT_SO = "not-so"
    INCOMPLETE = "incomplete"
    OTHER_ENTRY = "other-entry"
    NOT_FOR_THE_DIRECTORY = "not-for-the-directory"


class Proposal(Model):
    """Fields and values, by whom, from which organisation, when; and how it ended."""

    id: Id
    subject: Subject
    subject_id: Id
    organization_id: Id = Field(description="whose entry it is")
    stated: dict[str, Value] = Field(description="what the entry is to say, by field")
    before: dict[str, Value] = Field(description="what it said of these fields when this was proposed")
    source: Literal["form", "workbook", "program"] = "form"
    proposed_by: Id
    proposed_from: Id | None = Field(None, description="the organisation of whoever proposed it")
    proposed_at: datetime
    state: ProposalState = ProposalState.OPEN
    decided_at: datetime | None = None
    decided_by: Id | None = None
    reason: Rejection | None = None
    note: str | None = Field(None, max_length=300, description="for whoever proposed it; names nobody")
