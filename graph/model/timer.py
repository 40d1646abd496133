"""What is to happen at an instant: kept in the graph, done once, whoever of several schedulers gets to it. (R-12)"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from graph.model.base import Code, Id, Language, Model


class Job(StrEnum):
    """What a timer does when it is due."""

    REMIND = "remind"
    """the next rung of the ladder: provider, focal point, lead organisation, committee"""
    LAPSE = "lapse"
    """nobody answered after all reminders"""
    LEASE_END = "lease-end"
    """a place that was held is given back"""
    HOLD_END = "hold-end"
    STOP_LATE = "stop-late"
    """a stop notice that nobody acknowledged"""
    COMPLAINT_DUE = "complaint-due"
    READING_WATCH = "reading-watch"
    """whether somebody reads unusually much: for no case, and again after every time"""
    SEND_MAIL = "send-mail"


class Rung(StrEnum):
    """Who is told, in this order, when a provider does not answer."""

    PROVIDER = "provider"
    FOCAL_POINT = "focal-point"
    LEAD = "lead"
    COMMITTEE = "committee"


class Timer(Model):
    """One thing to do at one instant about one subject; names no person."""

    id: Id
    job: Job
    subject_id: Id = Field(description="a referral, lease, enquiry, stop notice, complaint or message")
    case_id: Id | None = Field(None, description="whose lock is taken before anything is done")
    due_at: datetime
    rung: Rung | None = None
    clock: Code | None = Field(None, description="which answer is late: receive, decide, start, report")
    tries: int = Field(0, ge=0)
    leased_until: datetime | None = None
    leased_by: Id | None = None
    done_at: datetime | None = None
    undone_because: Code | None = Field(None, description="why it was not needed any more")


class Message(Model):
    """A mail that waits in the outbox: a template and an opaque link, nothing of a person, no name of a service."""

    id: Id = Field(description="random: the link in the mail leads to this and says nothing")
    to: str | None = Field(None, max_length=320, description="a function of an organisation; None: nobody states one")
    organization_id: Id | None = Field(None, description="whose address it is, or should be; None: the committee's")
    template: Code
    rung: Rung | None = None
    clock: Code | None = None
    language: Language = "es"
    answers: bool = Field(
        False,
        description="leads to an answer link, whose secret is worked out when it goes; else to a page that asks who",
    )
    about: Id | None = Field(None, description="the referral or the stop notice")
    created_at: datetime
    sent_at: datetime | None = None
    tries: int = Field(0, ge=0)
    failed_because: Code | None = Field(None, description="it will not go out: no address, or refused")
    undone_because: Code | None = Field(None, description="nobody needed it any more")
