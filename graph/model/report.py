"""What a provider says back to whoever referred while it serves, and when it ends: codes and dates. (R-13, R-14)

What cannot be a code is a note to the case's team: it lies in an envelope under the person's key.
"""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from graph.model.base import Code, Id, Model


class Report(Model):
    """One report on a referral."""

    id: Id
    duties: tuple[Code, ...] = Field((), description="what the SOP asks for after the referral, and was done")
    attended: bool | None = Field(None, description="whether the person came; None: not said")
    next_on: date | None = Field(None, description="the next appointment, or the next report")
    note: str | None = Field(None, description="an envelope under the person's key, for the case's team alone")
    reported_at: datetime
    reported_by: Id
