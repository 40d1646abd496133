"""Why a referral was refused, held, ended or struck out: a coded reason has an owner and consequences. (R-14, R-50)

The list itself, with its sentences, is `graph.seed.status_reasons`. A reason is never free text, and no reason is
without an owner: whoever could change it next time.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from graph.model.base import Code, Language, Model
from graph.model.referral import Step


class Owner(StrEnum):
    """Whose matter a reason is."""

    PERSON = "person"
    PROVIDER_RULE = "provider-rule"
    PROVIDER_SUPPLY = "provider-supply"
    SENDER = "sender"
    COMMITTEE = "committee"
    CLOCK = "clock"


class Consequence(StrEnum):
    """What follows from a reason without anybody having to remember it."""

    NEXT_SUGGESTION = "next-suggestion"
    """the case manager is shown who else fits"""
    PLACES_NONE = "places-none"
    """the service has no places until its provider says otherwise"""
    LESS_CONFIDENCE = "less-confidence"
    """what the service said of its places is believed less"""
    RE_VERIFY = "re-verify"
    """the directory's entry is to be looked at again"""
    CALL_PERSON = "call-person"
    """the case manager speaks with the person"""
    ASK_PERSON = "ask-person"
    """the person decides what comes next"""
    BACK_TO_SENDER = "back-to-sender"
    """something is to be brought; the provider's clock stands still"""
    ASSESS_FIRST = "assess-first"
    """a referral for an assessment comes first"""
    OFFER_ACCOMPANIMENT = "offer-accompaniment"
    """way, cost or fear stood between: go along, or help with the fare"""
    COUNT_GAP = "count-gap"
    """the committee's gaps count it"""
    TELL_COMMITTEE = "tell-committee"
    """the committee looks at it"""
    TELL_OF_COMPLAINT = "tell-of-complaint"
    """the person is told how to complain"""
    NOTHING = "nothing"
    """it is done"""


class Barrier(StrEnum):
    """What stood between a person and a service, in the six groups of the research on access to care."""

    AVAILABILITY = "availability"
    APPROACHABILITY = "approachability"
    ACCEPTABILITY = "acceptability"
    APPROPRIATENESS = "appropriateness"
    ACCOMMODATION = "accommodation"
    AFFORDABILITY = "affordability"


class StatusReason(Model):
    """One coded reason: whose it is, which steps it may stand for, what follows, and how it is said to the person."""

    code: Code
    es: str
    en: str
    source: str
    owner: Owner
    steps: frozenset[Step] = Field(min_length=1)
    consequences: tuple[Consequence, ...] = Field(min_length=1)
    barrier: Barrier | None = None
    to_person_es: str = Field(description="the reason in plain words, and what can be done")
    to_person_en: str

    def label(self, language: Language) -> str:
        """The word on the screen."""
        return self.es if language == "es" else self.en

    def to_person(self, language: Language) -> str:
        """What the person is told."""
        return self.to_person_es if language == "es" else self.to_person_en
