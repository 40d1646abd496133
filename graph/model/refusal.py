"""The one list of ways to say no, or not yet known. Each has its Spanish and English text in `api/locale`.

A reason is a code and never a sentence; the values that fill its sentence travel beside it.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why something is not so, or not known to be so."""

    # standing of the service itself
    SERVICE_NOT_ACTIVE = "service-not-active"
    SERVICE_ENDED = "service-ended"
    SERVICE_NOT_YET = "service-not-yet"
    VALIDITY_NOT_STATED = "validity-not-stated"
    SERVICE_SUSPENDED = "service-suspended"
    ORGANIZATION_SUSPENDED = "organization-suspended"
    AREA_SUSPENDED = "area-suspended"
    REFERRALS_NOT_TAKEN = "referrals-not-taken"
    REFERRALS_NOT_STATED = "referrals-not-stated"
    # where
    COVERAGE_NEXT_AREA = "coverage-next-area"
    COVERAGE_A_PART = "coverage-a-part"
    COVERAGE_ELSEWHERE = "coverage-elsewhere"
    COVERAGE_NOT_STATED = "coverage-not-stated"
    # for whom
    AGE_BELOW = "age-below"
    AGE_ABOVE = "age-above"
    AGE_NOT_TOLD = "age-not-told"
    AGE_NOT_STATED = "age-not-stated"
    GENDER_NOT_SERVED = "gender-not-served"
    GENDER_NOT_TOLD = "gender-not-told"
    GENDER_NOT_STATED = "gender-not-stated"
    NATIONALITY_NOT_SERVED = "nationality-not-served"
    NATIONALITY_NOT_TOLD = "nationality-not-told"
    NATIONALITY_NOT_STATED = "nationality-not-stated"
    FACTOR_MISSING = "factor-missing"
    FACTORS_NOT_TOLD = "factors-not-told"
    FACTORS_NOT_STATED = "factors-not-stated"
    SCORED_BY_PROVIDER = "scored-by-provider"
    PAPER_MISSING = "paper-missing"
    PAPERS_NOT_TOLD = "papers-not-told"
    PAPERS_NOT_STATED = "papers-not-stated"
    LANGUAGE_NOT_SPOKEN = "language-not-spoken"
    LANGUAGE_NOT_TOLD = "language-not-told"
    LANGUAGE_NOT_STATED = "language-not-stated"
    # under which rules, with which places
    AGREEMENT_ENDED = "agreement-ended"
    AGREEMENT_NOT_YET = "agreement-not-yet"
    AGREEMENT_NOT_STATED = "agreement-not-stated"
    NO_PLACES = "no-places"
    WAITING_LIST = "waiting-list"
    ASSESS_FIRST = "assess-first"
    CAPACITY_STALE = "capacity-stale"
    CAPACITY_NOT_STATED = "capacity-not-stated"
    SOP_NOT_STATED = "sop-not-stated"
    SOP_DATES_NOT_STATED = "sop-dates-not-stated"
    SOP_NOT_IN_FORCE = "sop-not-in-force"
    PREREQUISITE_MISSING = "prerequisite-missing"
    PREREQUISITE_NOT_TOLD = "prerequisite-not-told"
    PREREQUISITE_USUAL = "prerequisite-usual"
    PREREQUISITES_NOT_STATED = "prerequisites-not-stated"
    # what was asked
    NO_SERVICE_OF_TYPE = "no-service-of-type"
