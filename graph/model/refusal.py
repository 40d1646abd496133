"""The one list of ways to say no, or not yet known. Each has its Spanish and English text in `api/locale`.

A reason is a code and never a sentence; the values that fill its sentence travel beside it. A refusal is a value that
is returned, so that its entry in the log is kept; it is never raised.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Self

from pydantic import Field

from graph.model.base import Model


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
    CAPACITY_DOUBTED = "capacity-doubted"
    PLACES_PAUSED = "places-paused"
    CAPACITY_NOT_STATED = "capacity-not-stated"
    CAPACITY_NOT_PUBLIC = "capacity-not-public"
    SOP_NOT_STATED = "sop-not-stated"
    SOP_DATES_NOT_STATED = "sop-dates-not-stated"
    SOP_NOT_IN_FORCE = "sop-not-in-force"
    PREREQUISITE_MISSING = "prerequisite-missing"
    PREREQUISITE_NOT_TOLD = "prerequisite-not-told"
    PREREQUISITE_USUAL = "prerequisite-usual"
    PREREQUISITES_NOT_STATED = "prerequisites-not-stated"
    # what a job asks, and what a person brings
    OCCUPATION_OTHER = "occupation-other"
    OCCUPATION_NOT_TOLD = "occupation-not-told"
    SKILLS_MISSING = "skills-missing"
    SKILLS_NOT_TOLD = "skills-not-told"
    EXPERIENCE_SHORT = "experience-short"
    EXPERIENCE_NOT_TOLD = "experience-not-told"
    EXPERIENCE_NOT_STATED = "experience-not-stated"
    SCHEDULE_OTHER = "schedule-other"
    SCHEDULE_NOT_TOLD = "schedule-not-told"
    SCHEDULE_NOT_STATED = "schedule-not-stated"
    JOB_PROFILE_MISSING = "job-profile-missing"
    # what was asked
    NO_SERVICE_OF_TYPE = "no-service-of-type"
    # rights: the table of consent.access says no
    ACCESS_ROLE = "access-role"
    ACCESS_RELATION = "access-relation"
    ACCESS_STATE = "access-state"
    ACCESS_SCOPE = "access-scope"
    # of accounts, of tokens: who signs in, and for how long
    LOGIN_TAKEN = "login-taken"
    OWN_ACCOUNT = "own-account"
    DEPARTMENT_ALONE = "department-alone"
    TOKEN_TOO_LONG = "token-too-long"  # noqa: S105 - a reason
    # what the case itself says
    CASE_CLOSED = "case-closed"
    NEED_NOT_AGREED = "need-not-agreed"
    REVIEW_IN_THE_PAST = "review-in-the-past"
    REVIEW_TOO_LATE = "review-too-late"
    NOT_A_CHILD = "not-a-child"
    ADULT_DECIDES_ALONE = "adult-decides-alone"
    RESTRICTION_HOLDS = "restriction-holds"
    TEAM_WOULD_BE_EMPTY = "team-would-be-empty"
    IN_THE_FUTURE = "in-the-future"
    ENDS_BEFORE_IT_BEGINS = "ends-before-it-begins"
    # consent: none in force for this recipient and purpose
    CONSENT_MISSING = "consent-missing"
    CONSENT_OTHER_PURPOSE = "consent-other-purpose"
    CONSENT_REQUESTED = "consent-requested"
    CONSENT_REFUSED = "consent-refused"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    CONSENT_REVOKED = "consent-revoked"
    CONSENT_EXPIRED = "consent-expired"
    CONSENT_INVALIDATED = "consent-invalidated"
    CONSENT_NOT_YET = "consent-not-yet"
    CONSENT_WITHOUT_WITNESS = "consent-without-witness"
    CONSENT_NOT_BY_DECIDER = "consent-not-by-decider"
    CONSENT_NOT_ACROSS_BORDER = "consent-not-across-border"
    # consent is there, but not for enough
    REQUIRED_NOT_PERMITTED = "required-not-permitted"
    REQUIRED_AT_OTHER_STAGE = "required-at-other-stage"
    # the wording it rests on
    NOTICE_UNKNOWN = "notice-unknown"
    NOTICE_NOT_TRANSLATED = "notice-not-translated"
    NOTICE_SUPERSEDED = "notice-superseded"
    # who decides for a child, or for somebody who cannot decide
    GUARDIAN_BARRED = "guardian-barred"
    GUARDIAN_WITHOUT_DOCUMENT = "guardian-without-document"
    AUTHORITY_NEEDED = "authority-needed"
    REPRESENTATIVE_NEEDED = "representative-needed"
    BEST_INTERESTS_MISSING = "best-interests-missing"
    BEST_INTERESTS_BEFORE_VIEW = "best-interests-before-view"
    CHILD_NOT_HEARD = "child-not-heard"
    DECISION_MISSING = "decision-missing"
    NOT_ONE_HOUSEHOLD = "not-one-household"
    PERSON_DOES_NOT_DECIDE = "person-does-not-decide"
    # the one door without consent
    ATTESTATION_MISSING = "attestation-missing"
    ATTESTATION_OTHER_CASE = "attestation-other-case"
    ATTESTATION_OTHER_RECIPIENT = "attestation-other-recipient"
    ATTESTATION_NOT_YET = "attestation-not-yet"
    ATTESTATION_EXPIRED = "attestation-expired"
    ATTESTED_BY_SENDER = "attested-by-sender"
    RELATIVE_NOT_STATED = "relative-not-stated"
    REPRESENTATIVE_REACHABLE = "representative-reachable"
    CREDENTIAL_MISSING = "credential-missing"
    CREDENTIAL_OF_ANOTHER = "credential-of-another"
    CREDENTIAL_NOT_IN_FORCE = "credential-not-in-force"
    CREDENTIAL_WRONG_KIND = "credential-wrong-kind"
    CREDENTIAL_BADLY_ISSUED = "credential-badly-issued"
    EMERGENCY_FIRST_CONTACT_ONLY = "emergency-first-contact-only"
    EMERGENCY_NO_FIELDS = "emergency-no-fields"
    # what a send is computed from
    PERMIT_OF_ANOTHER = "permit-of-another"
    PERMIT_OUT_OF_TIME = "permit-out-of-time"
    SOP_OF_ANOTHER = "sop-of-another"
    SOP_WITHOUT_VERSION = "sop-without-version"
    SOP_ASKS_UNSENDABLE = "sop-asks-unsendable"
    REQUIRED_NOT_RECORDED = "required-not-recorded"
    NOTHING_TO_SEND = "nothing-to-send"
    # a place for whom is sent, and who pays it
    PLACES_FULL = "places-full"
    PLACES_FULL_LIST = "places-full-list"
    PLACES_TOO_FEW = "places-too-few"
    WAITING_LIST_ONLY = "waiting-list-only"
    NO_WAITING_LIST = "no-waiting-list"
    NO_PLACE_TO_GIVE = "no-place-to-give"
    BUDGET_EXHAUSTED = "budget-exhausted"
    # what became of a referral and of its copy
    STEP_NOT_OPEN = "step-not-open"
    NOTHING_TO_JUDGE = "nothing-to-judge"
    REASON_MISSING = "reason-missing"
    REASON_UNKNOWN = "reason-unknown"
    REDIRECT_WITHOUT_SERVICE = "redirect-without-service"
    REDIRECT_TO_ITSELF = "redirect-to-itself"
    CHOICE_UNREASONED = "choice-unreasoned"
    CHOICE_UNKNOWN = "choice-unknown"
    TASK_NOT_OPEN = "task-not-open"
    NOTHING_TREATED = "nothing-treated"
    COPY_CLOSED = "copy-closed"
    NOTHING_TO_WITHDRAW = "nothing-to-withdraw"
    NOT_ASKED = "not-asked"
    # asking a provider without identity, and answering by link
    TOO_FEW_PEOPLE = "too-few-people"
    NEVER_FOR_TRAFFICKING = "never-for-trafficking"
    SERVICE_SEALED = "service-sealed"
    TYPE_NOT_OFFERED = "type-not-offered"
    LANGUAGE_NOT_THEIRS = "language-not-theirs"
    ALREADY_ASKED = "already-asked"
    ENQUIRY_ENDED = "enquiry-ended"
    NOTHING_TO_CHOOSE = "nothing-to-choose"
    NOTHING_TO_ANSWER = "nothing-to-answer"
    LINK_USED = "link-used"
    OPENING_CODE_WRONG = "opening-code-wrong"
    OPENING_CODE_DEAD = "opening-code-dead"
    # what it cost
    COST_OVER_CEILING = "cost-over-ceiling"
    COST_OTHER_CURRENCY = "cost-other-currency"
    PAPERS_NOT_READ = "papers-not-read"
    # complaints: out of reach of those complained about
    COMPLAINT_ABOUT_OWN = "complaint-about-own"
    COMPLAINT_NOT_OPEN = "complaint-not-open"
    # the directory: what is proposed of an entry, and two entries that are one
    NOTHING_TO_CHANGE = "nothing-to-change"
    PROPOSAL_ENDED = "proposal-ended"
    PROPOSALS_TOO_MANY = "proposals-too-many"
    OWN_PROPOSAL = "own-proposal"
    ENTRY_CHANGED_SINCE = "entry-changed-since"
    GAP_CHANGED = "gap-changed"
    GAP_LISTED = "gap-listed"
    MERGED_ALREADY = "merged-already"
    MERGE_UNDONE = "merge-undone"
    # rules that two persons publish
    SAME_HANDS = "same-hands"
    AMENDMENT_NOT_OPEN = "amendment-not-open"
    AMENDMENT_CHANGED = "amendment-changed"
    AMENDMENT_OVERTAKEN = "amendment-overtaken"
    DIFFERENCE_MISSING = "difference-missing"
    RULES_THE_SAME = "rules-the-same"
    STARTS_BEFORE_TODAY = "starts-before-today"
    STARTS_BEFORE_ANOTHER = "starts-before-another"
    # leaving one country for another
    DEPARTURE_NOT_OPEN = "departure-not-open"
    DEPARTURE_PLANNED = "departure-planned"
    SAME_COUNTRY = "same-country"


class Denied(Model):
    """One reason, with what fills its sentence: codes, dates and numbers as text, never a value of a record."""

    reason: Reason
    places: Mapping[str, str | tuple[str, ...]] = Field(default_factory=dict)


class Refusal(Model):
    """A no that says why: every reason there is, so that all can be mended at once."""

    reasons: tuple[Denied, ...] = Field(min_length=1)

    @classmethod
    def of(cls, reasons: Iterable[Denied]) -> Self:
        """The reasons in their order, each once."""
        told: list[Denied] = []
        told += (denied for denied in reasons if denied not in told)
        return cls(reasons=tuple(told))

    @property
    def codes(self) -> tuple[Reason, ...]:
        """The reasons alone, for the log and for tests."""
        return tuple(denied.reason for denied in self.reasons)
