"""A verdict is a value with a reason: met, unmet, or not known. (R-20, R-35)

Expected answers, also "no", are values: nothing here raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from graph.model.refusal import Reason

Places = Mapping[str, str]
"""What fills the sentence of a reason: codes, numbers and dates as text, never anything that names a person."""


class Rule(StrEnum):
    """The criteria, in the order in which they are read out."""

    STATUS = "status"
    VALIDITY = "validity"
    SUSPENSION = "suspension"
    REFERRALS = "referrals"
    COVERAGE = "coverage"
    AGE = "age"
    GENDER = "gender"
    NATIONALITY = "nationality"
    FACTORS = "factors"
    PAPERS = "papers"
    LANGUAGE = "language"
    STANDING = "standing"
    CAPACITY = "capacity"
    SOP = "sop"
    PREREQUISITES = "prerequisites"
    # of openings alone
    OCCUPATION = "occupation"
    SKILLS = "skills"
    EXPERIENCE = "experience"
    SCHEDULE = "schedule"


class Mender(StrEnum):
    """Who could change an answer."""

    PERSON = "person"
    CASE_MANAGER = "case-manager"
    PROVIDER = "provider"
    COMMITTEE = "committee"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Met:
    """The rule holds."""


@dataclass(frozen=True, slots=True)
class Unmet:
    """The rule does not hold."""

    reason: Reason
    places: Places = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unknown:
    """One side has not said: a question to ask, never a no."""

    reason: Reason
    places: Places = field(default_factory=dict)


Verdict = Met | Unmet | Unknown
MET = Met()


@dataclass(frozen=True, slots=True)
class Judgement:
    """One rule and what came of it."""

    rule: Rule
    verdict: Verdict
