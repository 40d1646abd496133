"""A change of rules on its way: a new version of a SOP, or another order of suggestions. (R-10, R-35)

Somebody drafts it and hands it in; another person publishes it. What it would change is `graph.model.difference`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

from pydantic import Field

from graph.model.base import Code, Id, Model
from graph.model.refusal import Denied, Reason
from graph.model.sop import Sop


class Stage(StrEnum):
    """How far an amendment has come. Only `submitted` can be published."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Amendment(Model):
    """What is to hold, from when, why, and whose hands it went through."""

    id: Id
    subject: Literal["sop", "order"]
    subject_id: Id = Field(description="the service whose SOP it is; the mechanism whose order it is")
    sop: Sop | None = Field(None, description="the version as it would be published")
    policy: Code | None = None
    policy_version: int | None = Field(None, ge=1)
    based_on: Id | None = Field(None, description="the newest version or order when this was drafted; None: none")
    starts_on: date
    reason: Code = Field(description="a code of `amendment-reasons`")
    note: str | None = Field(None, max_length=1000)
    stage: Stage = Stage.DRAFT
    revision: int = Field(1, ge=1, description="grows with every change of what it says")
    hands: tuple[Id, ...] = Field(
        description="all who drafted it, changed it or handed it in: none of them publishes it"
    )
    drafted_by: Id
    drafted_at: datetime
    organization_id: Id | None = Field(None, description="whose people drafted it")
    submitted_by: Id | None = None
    submitted_at: datetime | None = None
    decided_by: Id | None = None
    decided_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it can still become a rule."""
        return self.stage in (Stage.DRAFT, Stage.SUBMITTED)


def newest(versions: Iterable[Sop]) -> Sop | None:
    """The version with the highest number, in force or not. Rules without a number are none. (R-10)"""
    return max((s for s in versions if s.version is not None), key=lambda s: s.version or 0, default=None)


def holding(versions: Sequence[Sop], *, on: date) -> Sop | None:
    """The version in force on a day, of several the newest: what a send of that day goes by. (R-10)"""
    return max((s for s in versions if s.is_in_force(on=on)), key=lambda s: (s.version or 0, s.id), default=None)


def ended_by(new: Sop, versions: Iterable[Sop]) -> tuple[Sop, ...]:
    """The numbered versions that end the day before a new one begins, as they are then. (R-10)

    What was sent under one of them keeps it: only its last day changes.
    """
    if new.valid_from is None:
        return ()
    last = new.valid_from - timedelta(days=1)
    return tuple(
        s.model_copy(update={"valid_to": last})
        for s in versions
        if s.version is not None and s.id != new.id and s.has_dates and (s.valid_to is None or s.valid_to > last)
    )


def ended_early(version: Sop, versions: Iterable[Sop]) -> bool:
    """Whether a version ends because a newer one was published, not because its source says so."""
    return (
        version.version is not None
        and version.valid_to is not None
        and any(
            s.version is not None
            and version.version < s.version
            and s.valid_from == version.valid_to + timedelta(days=1)
            for s in versions
        )
    )


def too_early(starts_on: date, begins: Iterable[tuple[date | None, date | None]], *, today: date) -> list[Denied]:
    """Rules begin today or later, and after all that have begun or will: nothing is made to have held. (R-10)

    `begins`: first and last day of what is there already.
    """
    why = []
    if starts_on < today:
        why.append(Denied(reason=Reason.STARTS_BEFORE_TODAY))
    later = [first for first, last in begins if first and first >= starts_on and (last is None or last >= first)]
    if later:
        why.append(Denied(reason=Reason.STARTS_BEFORE_ANOTHER, places={"date": max(later).isoformat()}))
    return why
