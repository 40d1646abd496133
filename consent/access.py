"""Who may do what: one table of roles, deeds, relations and states, and the fields that each lets be seen. (R-25)

Deny by default, and every pair of role and deed has its row: a missing one is a defect, never a yes. Rights of a role
are read from here alone; who stands in which relation to a thing is found by the graph and handed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from graph.model.actor import Actor, Role
from graph.model.refusal import Reason


class Deed(StrEnum):
    """What somebody may want to do."""

    DIRECTORY_READ = "directory-read"
    SUGGESTIONS_READ = "suggestions-read"
    PLACES_SAY = "places-say"
    GAPS_READ = "gaps-read"
    GAP_LIST_READ = "gap-list-read"
    """what the committee has taken up, with owner, decision and day of the next look"""
    GAP_DECIDE = "gap-decide"
    INDICATORS_READ = "indicators-read"
    MESSAGES_READ = "messages-read"
    SUSPEND = "suspend"
    CASE_OPEN = "case-open"
    CASE_READ = "case-read"
    CASE_RECORD = "case-record"
    CASE_CLOSE = "case-close"
    PERSON_FIND = "person-find"
    PERSON_ACCOUNT = "person-account"
    NEED_AGREE = "need-agree"
    CONSENT_RECORD = "consent-record"
    CONSENT_WITHDRAW = "consent-withdraw"
    REFERRAL_DRAFT = "referral-draft"
    REFERRAL_PREVIEW = "referral-preview"
    REFERRAL_SEND = "referral-send"
    REFERRAL_READ = "referral-read"
    REFERRAL_STEP = "referral-step"
    OUTCOME_SAY = "outcome-say"
    REPORT_GIVE = "report-give"
    REPORT_READ = "report-read"
    COST_SAY = "cost-say"
    COSTS_READ = "costs-read"
    ENTRY_VERIFY = "entry-verify"
    ENTRY_PROPOSE = "entry-propose"
    ENTRY_DECIDE = "entry-decide"
    """on what somebody else proposed"""
    ENTRIES_MERGE = "entries-merge"
    SOP_DRAFT = "sop-draft"
    """draft, change, hand in and take back a new version of a SOP"""
    ORDER_DRAFT = "order-draft"
    """the same of which order of suggestions holds"""
    AMENDMENT_READ = "amendment-read"
    """a change of rules on its way; how many consents it would touch only as numbers"""
    AMENDMENT_PUBLISH = "amendment-publish"
    """what somebody else handed in"""
    FEEDBACK_SAY = "feedback-say"
    COMPLAINT_MAKE = "complaint-make"
    COMPLAINT_LEAVE = "complaint-leave"
    """without saying who"""
    COMPLAINT_FOLLOW = "complaint-follow"
    COMPLAINT_HANDLE = "complaint-handle"
    DEPARTURE_PLAN = "departure-plan"
    DEPARTURE_READ = "departure-read"
    ARRIVAL_CONFIRM = "arrival-confirm"
    ENQUIRY_ASK = "enquiry-ask"
    ENQUIRY_ANSWER = "enquiry-answer"
    ANSWER_LINK = "answer-link"
    DISCLOSURE_OPEN = "disclosure-open"
    STOP_ACKNOWLEDGE = "stop-acknowledge"
    GONE_READ = "gone-read"
    CANDIDATES_READ = "candidates-read"
    EXCEPTION_REQUEST = "exception-request"
    EXCEPTION_ATTEST = "exception-attest"
    EXCEPTION_REVIEW = "exception-review"
    REGISTER_READ = "register-read"
    LOG_READ = "log-read"
    ALERT_READ = "alert-read"
    """that somebody read unusually much"""
    ALERT_ACKNOWLEDGE = "alert-acknowledge"
    STOP_WATCH = "stop-watch"
    """which organisations have not said that they saw a stop notice"""
    ACCOUNT_MANAGE = "account-manage"
    CREDENTIAL_ISSUE = "credential-issue"


class Nameless(StrEnum):
    """Whoever asks without having signed in. No account has one of these."""

    VISITOR = "visitor"
    """anybody, on a server where people have accounts"""
    MACHINE = "machine"
    """whoever sits at this machine, while its server has no keys: nobody can sign in, nobody else is served"""


class Relation(StrEnum):
    """How an actor stands to the thing that a deed is about."""

    TEAM = "team"
    """on the team of the case"""
    COLLEAGUE = "colleague"
    """in the organisation that holds the case, not on its team"""
    REQUESTER = "requester"
    """on the team of a case whose referral this is"""
    RECEIVER = "receiver"
    """in the organisation that a referral was sent to"""
    NAMED = "named"
    """named as the assessor of this request, or who wrote a complaint down"""
    SELF = "self"
    """the person whom it is about"""
    OWN = "own"
    """it is the actor's own organisation's"""
    DEPARTMENT = "department"
    """it lies in the department that the actor's committee answers for"""
    NONE = "none"


class State(StrEnum):
    """What of a thing's state matters to a right."""

    OPEN = "open"
    RESTRICTED = "restricted"
    """open, and unsearchable outside its team: trafficking or threats"""
    CLOSED = "closed"
    """a closed case; a referral that has ended or whose consent is gone"""


class Shown(StrEnum):
    """How much of a person a right shows."""

    NOTHING = "nothing"
    """nothing about a person is in it"""
    NUMBERS = "numbers"
    """counts of at least k"""
    WORDS = "words"
    """what somebody wrote for this reader, and not who wrote it"""
    PSEUDONYM = "pseudonym"
    """that something happened, when, on which basis; field codes, no values"""
    DISCLOSED = "disclosed"
    """the frozen copy that was sent, and nothing beside it"""
    RECORD = "record"
    """the fields of the catalogue that this role may ever see"""


@dataclass(frozen=True, slots=True)
class Allowed:
    """It may be done, and this much is shown."""

    shown: Shown


@dataclass(frozen=True, slots=True)
class Forbidden:
    """It may not be done."""

    reason: Reason


Rights = Mapping[tuple[Relation, State], Shown]
"""The relations and states in which a role may do a deed. Empty: never."""

NEVER: Final[Rights] = {}
ALIVE: Final = (State.OPEN, State.RESTRICTED)
EVER: Final = tuple(State)


def _when(
    shown: Shown, relations: Iterable[Relation], states: Iterable[State] = EVER
) -> dict[tuple[Relation, State], Shown]:
    return {(relation, state): shown for relation in relations for state in states}


ANYBODY: Final = tuple(Relation)
FREELY: Final = _when(Shown.NOTHING, ANYBODY)
COUNTED: Final = _when(Shown.NUMBERS, ANYBODY)
TEAM, COLLEAGUE, REQUESTER = Relation.TEAM, Relation.COLLEAGUE, Relation.REQUESTER
SELF, RECEIVER, NAMED, OWN = Relation.SELF, Relation.RECEIVER, Relation.NAMED, Relation.OWN
HANDLED: Final = _when(Shown.WORDS, [Relation.NONE, NAMED])
"""A complaint about anybody but the reader's own organisation. (R-50)"""

OWN_RULES: Final = _when(Shown.NOTHING, [OWN])
"""The SOP of a service that one's own organisation offers, or a member of a mechanism that it leads. (R-10)"""

OPEN_TO_ALL: Final[dict[Deed, Rights]] = {Deed.DIRECTORY_READ: FREELY, Deed.SUGGESTIONS_READ: FREELY}
"""The directory, and stating a need without saying whose: for everybody who can reach the server. (R-02, R-42)"""

BARE: Final[dict[Deed, Rights]] = dict.fromkeys(Deed, NEVER) | OPEN_TO_ALL
"""What every role starts from."""

VISITOR: Final[Mapping[Deed, Rights]] = BARE

MACHINE: Final[Mapping[Deed, Rights]] = BARE | {Deed.PLACES_SAY: FREELY, Deed.GAPS_READ: COUNTED}

CASE_MANAGER: Final[Mapping[Deed, Rights]] = BARE | {
    Deed.PLACES_SAY: _when(Shown.NOTHING, [OWN]),
    Deed.GAPS_READ: COUNTED,
    Deed.INDICATORS_READ: _when(Shown.NUMBERS, [OWN]),
    Deed.ENTRY_PROPOSE: FREELY,
    Deed.SOP_DRAFT: OWN_RULES,
    Deed.AMENDMENT_READ: OWN_RULES,
    Deed.SUSPEND: NEVER,
    Deed.CASE_OPEN: _when(Shown.RECORD, [OWN]),
    Deed.CASE_READ: _when(Shown.RECORD, [TEAM]) | _when(Shown.RECORD, [COLLEAGUE], [State.OPEN, State.CLOSED]),
    Deed.CASE_RECORD: _when(Shown.RECORD, [TEAM], ALIVE),
    Deed.CASE_CLOSE: _when(Shown.RECORD, [TEAM], ALIVE),
    Deed.PERSON_FIND: NEVER,
    Deed.PERSON_ACCOUNT: _when(Shown.PSEUDONYM, [TEAM]),
    Deed.NEED_AGREE: _when(Shown.RECORD, [TEAM], ALIVE),
    Deed.CONSENT_RECORD: _when(Shown.RECORD, [TEAM], ALIVE),
    Deed.CONSENT_WITHDRAW: _when(Shown.RECORD, [TEAM, COLLEAGUE]),
    Deed.REFERRAL_DRAFT: _when(Shown.RECORD, [TEAM], ALIVE),
    Deed.REFERRAL_PREVIEW: _when(Shown.RECORD, [TEAM, REQUESTER], ALIVE),
    Deed.REFERRAL_SEND: _when(Shown.RECORD, [TEAM, REQUESTER], ALIVE),
    Deed.REFERRAL_STEP: _when(Shown.PSEUDONYM, [TEAM, REQUESTER]),
    Deed.OUTCOME_SAY: _when(Shown.PSEUDONYM, [TEAM, REQUESTER]),
    Deed.REPORT_READ: _when(Shown.RECORD, [TEAM, REQUESTER]),
    Deed.FEEDBACK_SAY: _when(Shown.PSEUDONYM, [TEAM, REQUESTER]),
    Deed.COMPLAINT_MAKE: _when(Shown.PSEUDONYM, [TEAM]),
    Deed.COMPLAINT_LEAVE: FREELY,
    Deed.COMPLAINT_FOLLOW: _when(Shown.PSEUDONYM, [NAMED]),
    Deed.DEPARTURE_PLAN: _when(Shown.PSEUDONYM, [TEAM], ALIVE),
    Deed.DEPARTURE_READ: _when(Shown.PSEUDONYM, [TEAM, RECEIVER]),
    Deed.ARRIVAL_CONFIRM: _when(Shown.PSEUDONYM, [RECEIVER]),
    Deed.REFERRAL_READ: _when(Shown.PSEUDONYM, [TEAM, REQUESTER])
    | _when(Shown.PSEUDONYM, [COLLEAGUE], [State.OPEN, State.CLOSED]),
    Deed.ENQUIRY_ASK: _when(Shown.PSEUDONYM, [TEAM], ALIVE),
    Deed.ENQUIRY_ANSWER: NEVER,
    Deed.ANSWER_LINK: _when(Shown.PSEUDONYM, [TEAM, REQUESTER], ALIVE),
    Deed.DISCLOSURE_OPEN: NEVER,
    Deed.STOP_ACKNOWLEDGE: NEVER,
    Deed.GONE_READ: _when(Shown.PSEUDONYM, [TEAM]),
    Deed.CANDIDATES_READ: _when(Shown.PSEUDONYM, [TEAM], ALIVE),
    Deed.EXCEPTION_REQUEST: _when(Shown.RECORD, [TEAM], ALIVE),
    Deed.EXCEPTION_ATTEST: NEVER,
    Deed.EXCEPTION_REVIEW: NEVER,
    Deed.REGISTER_READ: NEVER,
    Deed.LOG_READ: NEVER,
    Deed.ACCOUNT_MANAGE: NEVER,
    Deed.CREDENTIAL_ISSUE: NEVER,
}

PROVIDER: Final[Mapping[Deed, Rights]] = BARE | {
    Deed.PLACES_SAY: _when(Shown.NOTHING, [OWN]),
    Deed.INDICATORS_READ: _when(Shown.NUMBERS, [OWN]),
    Deed.REFERRAL_READ: _when(Shown.PSEUDONYM, [RECEIVER]),
    Deed.REFERRAL_STEP: _when(Shown.PSEUDONYM, [RECEIVER]),
    Deed.REPORT_GIVE: _when(Shown.PSEUDONYM, [RECEIVER]),
    Deed.COST_SAY: _when(Shown.PSEUDONYM, [RECEIVER]),
    Deed.ENTRY_VERIFY: _when(Shown.NOTHING, [OWN]),
    Deed.ENTRY_PROPOSE: FREELY,
    Deed.ENTRY_DECIDE: _when(Shown.NOTHING, [OWN]),
    Deed.SOP_DRAFT: OWN_RULES,
    Deed.AMENDMENT_READ: OWN_RULES,
    Deed.ENQUIRY_ANSWER: _when(Shown.NOTHING, [RECEIVER]),
    Deed.DISCLOSURE_OPEN: _when(Shown.DISCLOSED, [RECEIVER], ALIVE),
    Deed.STOP_ACKNOWLEDGE: _when(Shown.PSEUDONYM, [RECEIVER]),
    Deed.COMPLAINT_LEAVE: FREELY,
    Deed.DEPARTURE_READ: _when(Shown.PSEUDONYM, [RECEIVER]),
    Deed.ARRIVAL_CONFIRM: _when(Shown.PSEUDONYM, [RECEIVER]),
}

COMMITTEE: Final[Mapping[Deed, Rights]] = BARE | {
    Deed.PLACES_SAY: FREELY,
    Deed.GAPS_READ: COUNTED,
    Deed.GAP_LIST_READ: FREELY,
    Deed.GAP_DECIDE: FREELY,
    Deed.INDICATORS_READ: COUNTED,
    Deed.MESSAGES_READ: FREELY,
    Deed.SUSPEND: FREELY,
    Deed.REGISTER_READ: COUNTED,
    Deed.COSTS_READ: COUNTED,
    Deed.ENTRY_VERIFY: FREELY,
    Deed.ENTRY_PROPOSE: FREELY,
    Deed.ENTRY_DECIDE: FREELY,
    Deed.ENTRIES_MERGE: FREELY,
    Deed.SOP_DRAFT: FREELY,
    Deed.ORDER_DRAFT: FREELY,
    Deed.AMENDMENT_READ: COUNTED,
    Deed.AMENDMENT_PUBLISH: FREELY,
    Deed.COMPLAINT_LEAVE: FREELY,
    Deed.COMPLAINT_HANDLE: HANDLED,
}

DEPARTMENT_COMMITTEE: Final[Mapping[Deed, Rights]] = BARE | {
    Deed.GAPS_READ: _when(Shown.NUMBERS, [Relation.DEPARTMENT]),
    Deed.GAP_LIST_READ: _when(Shown.NOTHING, [Relation.DEPARTMENT]),
    Deed.INDICATORS_READ: _when(Shown.NUMBERS, [Relation.DEPARTMENT]),
    Deed.COMPLAINT_LEAVE: FREELY,
}

DATA_PROTECTION_OFFICER: Final[Mapping[Deed, Rights]] = BARE | {
    Deed.GAPS_READ: COUNTED,
    Deed.PERSON_FIND: _when(Shown.PSEUDONYM, ANYBODY, [State.OPEN, State.CLOSED]),
    Deed.EXCEPTION_REVIEW: _when(Shown.PSEUDONYM, ANYBODY),
    Deed.REGISTER_READ: _when(Shown.PSEUDONYM, ANYBODY),
    Deed.LOG_READ: _when(Shown.PSEUDONYM, ANYBODY),
    Deed.ALERT_READ: FREELY,
    Deed.ALERT_ACKNOWLEDGE: _when(Shown.NOTHING, [relation for relation in Relation if relation is not SELF]),
    Deed.STOP_WATCH: FREELY,
    Deed.COMPLAINT_LEAVE: FREELY,
    Deed.COMPLAINT_HANDLE: HANDLED,
}

PROFESSIONAL: Final[Mapping[Deed, Rights]] = BARE | {
    Deed.EXCEPTION_ATTEST: _when(Shown.PSEUDONYM, [NAMED], ALIVE),
    Deed.COMPLAINT_LEAVE: FREELY,
}

ADMIN: Final[Mapping[Deed, Rights]] = BARE | {
    Deed.PLACES_SAY: FREELY,
    Deed.MESSAGES_READ: FREELY,
    Deed.ENTRY_VERIFY: FREELY,
    Deed.ENTRY_PROPOSE: FREELY,
    Deed.ENTRY_DECIDE: FREELY,
    Deed.ACCOUNT_MANAGE: FREELY,
    Deed.CREDENTIAL_ISSUE: FREELY,
}

PERSON: Final[Mapping[Deed, Rights]] = BARE | {
    Deed.CASE_READ: _when(Shown.RECORD, [SELF]),
    Deed.CONSENT_WITHDRAW: _when(Shown.RECORD, [SELF]),
    Deed.REFERRAL_READ: _when(Shown.PSEUDONYM, [SELF]),
    Deed.OUTCOME_SAY: _when(Shown.PSEUDONYM, [SELF]),
    Deed.FEEDBACK_SAY: _when(Shown.PSEUDONYM, [SELF]),
    Deed.COMPLAINT_MAKE: _when(Shown.PSEUDONYM, [SELF]),
    Deed.COMPLAINT_LEAVE: FREELY,
    Deed.COMPLAINT_FOLLOW: _when(Shown.PSEUDONYM, [SELF]),
    Deed.DEPARTURE_READ: _when(Shown.PSEUDONYM, [SELF]),
    Deed.GONE_READ: _when(Shown.PSEUDONYM, [SELF]),
}

TABLE: Final[Mapping[Role | Nameless, Mapping[Deed, Rights]]] = {
    Nameless.VISITOR: VISITOR,
    Nameless.MACHINE: MACHINE,
    Role.CASE_MANAGER: CASE_MANAGER,
    Role.PROVIDER: PROVIDER,
    Role.COMMITTEE: COMMITTEE,
    Role.DEPARTMENT_COMMITTEE: DEPARTMENT_COMMITTEE,
    Role.DATA_PROTECTION_OFFICER: DATA_PROTECTION_OFFICER,
    Role.PROFESSIONAL: PROFESSIONAL,
    Role.ADMIN: ADMIN,
    Role.PERSON: PERSON,
}


def decide_for(role: Role | Nameless, deed: Deed, relation: Relation, state: State) -> Allowed | Forbidden:
    """What the table says for one role; a reason tells whether role, relation or state stands in the way."""
    rights = TABLE[role][deed]
    shown = rights.get((relation, state))
    if shown is not None:
        return Allowed(shown)
    if not rights:
        return Forbidden(Reason.ACCESS_ROLE)
    if any(known is relation for known, _ in rights):
        return Forbidden(Reason.ACCESS_STATE)
    return Forbidden(Reason.ACCESS_RELATION)


WIDENING: Final = tuple(Shown)
"""From showing nothing to showing the record."""

NEAREST: Final = (Reason.ACCESS_STATE, Reason.ACCESS_RELATION, Reason.ACCESS_ROLE)
"""Of several reasons, the one that is nearest to a yes is told."""


def decide(actor: Actor | Nameless, deed: Deed, relation: Relation, state: State = State.OPEN) -> Allowed | Forbidden:
    """What an actor may do by any of its roles, within what its token is limited to. (R-25)"""
    if isinstance(actor, Nameless):
        return decide_for(actor, deed, relation, state)
    if actor.scopes is not None and deed.value not in actor.scopes:
        return Forbidden(Reason.ACCESS_SCOPE)
    answers = [decide_for(role, deed, relation, state) for role in actor.roles]
    allowed = [answer.shown for answer in answers if isinstance(answer, Allowed)]
    if allowed:
        return Allowed(max(allowed, key=WIDENING.index))
    reasons = {answer.reason for answer in answers if isinstance(answer, Forbidden)}
    return Forbidden(next((reason for reason in NEAREST if reason in reasons), Reason.ACCESS_ROLE))
