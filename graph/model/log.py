"""An entry of the transfer log: what was done, by whom, on which basis; field codes, never values. (R-14, R-21)

Entries of a case stand in its own stream, densely numbered; what concerns no case in the stream of the mechanism.
Signing and canonical form are `graph.log.entry`.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from graph.model.base import Code, Id, Model


class Kind(StrEnum):
    """What an entry records."""

    CASE_OPENED = "case-opened"
    CASE_READ = "case-read"
    CASE_CHANGED = "case-changed"
    CASE_CLOSED = "case-closed"
    NEED_AGREED = "need-agreed"
    NEED_REVOKED = "need-revoked"
    PREVIEWED = "previewed"
    PERSON_ACCOUNT = "person-account"
    PERSON_SOUGHT = "person-sought"
    TRANSFER = "transfer"
    ASK_FIRST = "ask-first"
    ENQUIRY_ANSWERED = "enquiry-answered"
    ENQUIRY_CHOSEN = "enquiry-chosen"
    ANSWER_LINK_MADE = "answer-link-made"
    OPENING_CODE_MADE = "opening-code-made"
    READING = "reading"
    PUSH_INTENT = "push-intent"
    PUSH_RESULT = "push-result"
    EXPORT = "export"
    CONSENT_GIVEN = "consent-given"
    CONSENT_REFUSED = "consent-refused"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    CONSENT_EXPIRED = "consent-expired"
    EXCEPTION_REQUESTED = "exception-requested"
    EXCEPTION_ATTESTED = "exception-attested"
    EXCEPTION_DECLINED = "exception-declined"
    EXCEPTION_TOLD = "exception-told"
    EXCEPTION_USED = "exception-used"
    EXCEPTION_REVIEWED = "exception-reviewed"
    EXCEPTION_FOUND = "exception-found"
    REFUSED_ATTEMPT = "refused-attempt"
    STOP_NOTICE = "stop-notice"
    STOP_ACKNOWLEDGED = "stop-acknowledged"
    REFERRAL_DRAFTED = "referral-drafted"
    REFERRAL_ACCEPTED = "referral-accepted"
    REFERRAL_REJECTED = "referral-rejected"
    REFERRAL_STARTED = "referral-started"
    REFERRAL_HELD = "referral-held"
    REFERRAL_RESUMED = "referral-resumed"
    REFERRAL_COMPLETED = "referral-completed"
    REFERRAL_FAILED = "referral-failed"
    REFERRAL_CANCELLED = "referral-cancelled"
    REFERRAL_VOIDED = "referral-voided"
    REFERRAL_MARKED = "referral-marked"
    OUTCOME_SAID = "outcome-said"
    TASK_DONE = "task-done"
    REPORT_GIVEN = "report-given"
    REPORT_READ = "report-read"
    COST_SAID = "cost-said"
    FEEDBACK_SAID = "feedback-said"
    COMPLAINT_MADE = "complaint-made"
    COMPLAINT_TAKEN = "complaint-taken"
    COMPLAINT_READ = "complaint-read"
    COMPLAINT_ANSWERED = "complaint-answered"
    COMPLAINT_TOLD = "complaint-told"
    DEPARTURE_PLANNED = "departure-planned"
    DEPARTED = "departed"
    ARRIVED = "arrived"
    DID_NOT_DEPART = "did-not-depart"
    SERVICE_GOES_ON = "service-goes-on"
    SERVICE_ENDS = "service-ends"
    GAP_DECIDED = "gap-decided"
    SUSPENSION = "suspension"
    SUSPENSION_LIFTED = "suspension-lifted"
    CREDENTIAL_PROPOSED = "credential-proposed"
    CREDENTIAL_ISSUED = "credential-issued"
    CREDENTIAL_REVOKED = "credential-revoked"
    ALERT_RAISED = "alert-raised"
    ALERT_ACKNOWLEDGED = "alert-acknowledged"
    ERASURE = "erasure"
    ROLE_CHANGE = "role-change"
    SOP_CHANGE = "sop-change"
    ORDER_CHANGE = "order-change"
    AMENDMENT_SUBMITTED = "amendment-submitted"
    AMENDMENT_WITHDRAWN = "amendment-withdrawn"
    RESTORE = "restore"


class EntryBody(Model):
    """What is signed. ASCII keys, integers and strings only, so that the canonical form is the same everywhere."""

    v: int = 1
    stream: Id
    n: int = Field(ge=1)
    kind: Kind
    at: str = Field(description="UTC, ISO 8601 with milliseconds and Z")
    actor: Id
    role: Code
    organization: Id | None = None
    recipient: Id | None = None
    channel: Code = "enlace"
    purpose: Code | None = None
    basis: Code | None = Field(None, description="consent | life-in-danger")
    basis_ids: tuple[Id, ...] = ()
    sop_id: Id | None = None
    sop_version: int | None = None
    policy_version: int | None = None
    stage: Code | None = None
    fields: tuple[Code, ...] = ()
    reasons: tuple[Code, ...] = ()
    subject_commit: str | None = Field(None, description="SHA-256 over a tag, a random salt and the case id")
    payload_commit: str | None = Field(None, description="SHA-256 over a tag, a random salt and the payload")
    referral: Id | None = None
    disclosure: Id | None = None
    request_id: Id | None = None


class Entry(Model):
    """A signed entry, as it is stored and as it is handed out as a receipt."""

    body: EntryBody
    key_id: Code
    signature: str = Field(description="Ed25519 over the canonical body, base64url")
