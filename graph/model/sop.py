"""The standard operating procedure of a service as data: the six elements. (R-10 to R-15)

A change is a new version; versions are never edited.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from graph.model.base import Carried, Code, Id, Model, Translations

DURATION = r"^P(?:(?:\d+[YMWD])+(?:T(?:\d+[HMS])+)?|T(?:\d+[HMS])+)$"
"""ISO 8601, e.g. `P7D`, `P1M`, `PT72H`. Absent means case by case, never zero."""

Priority = Literal["emergency", "urgent", "normal"]


class NationalityRule(Model):
    """Who is admitted by nationality (ISO 3166 alpha-2): exactly one of the two lists."""

    in_: tuple[Code, ...] | None = Field(None, alias="in")
    not_in: tuple[Code, ...] | None = None
    model_config = {**Model.model_config, "populate_by_name": True, "serialize_by_alias": True}


class Eligibility(Model):
    """Who may be referred: open to all, or any of the factors, or else scored by the provider."""

    nationality: NationalityRule | None = None
    documents_any_of: tuple[Code, ...] = ()
    open_to_all: bool | None = Field(None, description="None: not stated")
    scored: bool = False
    any_factor: tuple[Code, ...] = ()
    genders: tuple[Code, ...] | None = Field(None, description="None: not stated; all of them: open to all")


class SopField(Model):
    """One datum that the provider needs, when, and why. (R-10, R-12)"""

    field: Code
    stage: Literal["first-contact", "follow-up", "continuity"]
    required: bool
    emergency: bool = False
    why_needed: str | None = None
    translations: Translations = Field(default_factory=dict)


class SopContact(Model):
    """Who answers a referral: a function, when it can be reached, by which channel. (R-12)"""

    name: str
    role: str | None = None
    channel: Code
    address: str | None = None
    availability: str | None = Field(None, description="RFC 5545 rule")
    opens_at: str | None = None
    closes_at: str | None = None
    response_time: str | None = Field(None, pattern=DURATION)
    translations: Translations = Field(default_factory=dict)


class Clocks(Model):
    """How long the provider may take for each answer. (R-12)"""

    receive: str | None = Field(None, pattern=DURATION)
    decide: str | None = Field(None, pattern=DURATION)
    start: str | None = Field(None, pattern=DURATION)
    report: str | None = Field(None, pattern=DURATION)


class Feedback(Model):
    """How and when the sender hears what became of a referral. (R-14)"""

    methods: tuple[Code, ...] = ()
    within: str | None = Field(None, pattern=DURATION)


class Costs(Model):
    """Who pays what. (R-15)"""

    payer: Code | None = None
    payer_organization_id: Id | None = None
    ceiling: int | None = Field(None, ge=0, description="whole units of the currency, per referral")
    spent: int | None = Field(None, ge=0)
    currency: str | None = Field(None, pattern=r"^[A-Z]{3}$")
    shared_arrangements: tuple[str, ...] = ()


class Sop(Model):
    """One version of the agreed rules of referring to one service."""

    id: Id
    service_id: Id
    version: int | None = Field(None, ge=1, description="None: the source states rules without a version")
    valid_from: date | None = None
    valid_to: date | None = None
    # how referrals are made
    accepts_referrals: bool | None = Field(None, description="None: not stated")
    referral_needed: bool | None = None
    methods: tuple[Code, ...] = ()
    response_time: str | None = Field(None, pattern=DURATION)
    first_response: Code | None = None
    feedback: Feedback = Feedback()
    eligibility: Eligibility = Eligibility()
    # R-10 information transferred, R-12 first contact
    fields: tuple[SopField, ...] = ()
    contacts: tuple[SopContact, ...] = ()
    clocks: Clocks = Clocks()
    priorities: tuple[Priority, ...] = ()
    # R-11 how provided, how consent is obtained
    how_provided: str | None = None
    consent_wording: str | None = None
    # R-13 follow-up, R-14 documents, R-15 costs
    follow_up: tuple[str, ...] = ()
    documents_kept: tuple[str, ...] = ()
    costs: Costs = Costs()
    half_life_days: int | None = Field(None, ge=1, le=365)
    translations: Translations = Field(default_factory=dict)
    carried: Carried = Field(default_factory=dict)

    @property
    def has_dates(self) -> bool:
        """Whether the source says from or until when this version holds."""
        return self.valid_from is not None or self.valid_to is not None

    def is_in_force(self, *, on: date) -> bool:
        """Both days are included; an end that is not stated is open, but one end must be stated."""
        return self.has_dates and (
            (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)
        )
