"""Consent as a list of events, for one organisation and one purpose; its state is derived, never set. (R-11, R-20)

Words are DPV's: requested, given, refused, withdrawn (by the person), revoked (by another), expired, invalidated.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Literal

from pydantic import Field

from graph.model.base import Code, Id, Model

LONGEST: Final = timedelta(days=548)
"""Eighteen months: a consent ends at the next plan review, at most after this."""

Stage = Literal["first-contact", "follow-up", "continuity"]


class ConsentState(StrEnum):
    """Where a consent stands. Only `given` is valid for processing."""

    REQUESTED = "requested"
    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"
    EXPIRED = "expired"
    INVALIDATED = "invalidated"


class ConsentEvent(Model):
    """One thing that happened to a consent."""

    state: ConsentState
    at: datetime
    by: Id = Field(description="actor who recorded it")


class NoticeShown(Model):
    """The wording the person was shown or read. (R-20)"""

    id: Code
    version: int = Field(ge=1)
    language: Code
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class FieldConsent(Model):
    """One field at one stage: the expanded list is stored, so a field added later is not covered."""

    field: Code
    stage: Stage


class Consent(Model):
    """What one person allowed one organisation to receive, for one purpose, until when."""

    id: Id
    case_id: Id
    organization_id: Id
    purpose: Code
    fields: frozenset[FieldConsent]
    given_by: Literal["self", "guardian", "lawful-representative"] = "self"
    guardian_id: Id | None = None
    countries: frozenset[Code] = Field(
        frozenset(), description="countries whose border it covers, beside the case's own"
    )
    leaves: Code | None = Field(None, description="the country that is left for these; None: it crosses no border")
    notice: NoticeShown
    explained_by: Id = Field(description="who explained it, of the organisation that holds the case")
    receipt_id: Id | None = Field(None, description="random: what the sign on the printed receipt leads to")
    modality: Literal["written", "spoken-before-witness", "thumbprint", "digital"]
    witness: Id | None = None
    expires_at: datetime
    events: tuple[ConsentEvent, ...] = Field(min_length=1)

    def crosses(self, from_: str, to: str) -> bool:
        """It was given for exactly this border: what is kept in one country goes to the other. (R-42)"""
        return (from_, to) in self.crossings

    @property
    def crossings(self) -> tuple[tuple[Code, Code], ...]:
        """The borders it covers: from where to where."""
        return tuple((self.leaves, to) for to in sorted(self.countries) if self.leaves and to != self.leaves)

    def state(self, *, at: datetime) -> ConsentState:
        """What the events up to now say; a consent that was given expires by itself."""
        past = [event for event in self.events if event.at <= at]
        latest = past[-1].state if past else ConsentState.REQUESTED
        return ConsentState.EXPIRED if latest is ConsentState.GIVEN and at >= self.expires_at else latest

    def is_in_force(self, *, at: datetime) -> bool:
        """Valid for processing now."""
        return self.state(at=at) is ConsentState.GIVEN


def expiry(given_at: datetime, *, review_on: date | None, adult_on: date | None) -> datetime:
    """The earliest of: the next plan review, eighteen months, and the 18th birthday of a child. (R-20, R-24)"""
    days = [day for day in (review_on, adult_on) if day is not None and day > given_at.date()]
    return min([given_at + LONGEST, *(datetime(d.year, d.month, d.day, tzinfo=given_at.tzinfo) for d in days)])


class Ground(StrEnum):
    """The only grounds on which something may be sent without consent: life in danger. (R-22)"""

    SUICIDE_RISK = "suicide-risk"
    MENTAL_DISABILITY = "mental-disability-unable-to-consent"
    OTHER_DANGER_TO_LIFE = "other-danger-to-life"


class Finding(StrEnum):
    """What a review of something that was sent without consent came to. (R-22)"""

    WELL_FOUNDED = "well-founded"
    NOT_WELL_FOUNDED = "not-well-founded"
    NOT_CLEAR = "not-clear"


class Attestation(Model):
    """A professional's word that life is in danger: what the one door without consent asks for. (R-22)

    Valid for 72 hours. The narrative is a datum of the record, encrypted; here stands who, when and on which ground.
    """

    id: Id
    case_id: Id
    organization_id: Id = Field(description="who is to receive")
    ground: Ground
    requested_by: Literal["organisation", "relative"]
    relation: Code | None = Field(None, description="of the relative who asked")
    representative_reachable: bool = Field(description="a lawful representative can be reached: then theirs is asked")
    assessor_id: Id
    credential_id: Id
    assessed_at: datetime
    person_told_at: datetime | None = None
    reviewed_at: datetime | None = Field(None, description="when the data protection officer read the papers")
    reviewed_by: Id | None = None
    finding: Finding | None = Field(None, description="what the review came to; its words are encrypted")
    found_at: datetime | None = None
    found_by: Id | None = None


class ExceptionRequest(Model):
    """That a named professional was asked whether life is in danger, for one drafted referral. (R-22)

    Who asked is kept: the organisation itself, or a relative with their relation.
    """

    id: Id
    case_id: Id
    referral_id: Id
    organization_id: Id = Field(description="who is to receive")
    assessor_id: Id
    requested_by: Literal["organisation", "relative"]
    relation: Code | None = Field(None, description="of the relative who asked")
    asked_by: Id = Field(description="actor who wrote it down; never the assessor")
    asked_at: datetime
    attested_at: datetime | None = Field(None, description="once the professional gave their word")
    declined_at: datetime | None = Field(None, description="once they said that they do not attest it")
