"""Who may do what: the table is complete, and says the same as rules written down a second time, in another way. (R-25)"""

from __future__ import annotations

import itertools

import pytest

from api.texts import LANGUAGES, catalogue
from consent.access import TABLE, Allowed, Deed, Forbidden, Nameless, Relation, Shown, State, decide, decide_for
from graph.model.actor import Actor, Role
from graph.model.refusal import Reason

EVERYBODY: tuple[Role | Nameless, ...] = (*Role, *Nameless)
WORLD = list(itertools.product(EVERYBODY, Deed, Relation, State))

RULES = ("sop-draft", "order-draft", "amendment-read", "amendment-publish")


def oracle(role: Role | Nameless, deed: Deed, relation: Relation, state: State) -> str | None:
    """The rules as somebody would say them: what is shown, or None for a no. Slow, and shares nothing with the table."""
    about_a_person = deed.value.split("-")[0] in {
        "case", "need", "consent", "referral", "disclosure", "stop", "gone", "exception", "person", "register", "log",
        "candidates", "outcome", "enquiry", "answer", "report", "cost", "costs", "feedback", "complaint", "departure", "arrival",
    }  # fmt: skip
    if deed in ("directory-read", "suggestions-read"):
        return "nothing"
    if deed in (
        "alert-read",
        "alert-acknowledge",
        "stop-watch",
    ):  # nobody says of an alert about themselves that all is well
        own = deed == "alert-acknowledge" and relation == "self"
        return "nothing" if role == "data-protection-officer" and not own else None
    if role in ("visitor", "machine"):  # at this machine, while nobody can have an account: as it was before accounts
        return {"places-say": "nothing", "gaps-read": "numbers"}.get(deed) if role == "machine" else None
    if role == "admin":
        return (
            None
            if about_a_person
            or deed
            in ("gaps-read", "gap-decide", "gap-list-read", "indicators-read", "suspend", "entries-merge", *RULES)
            else "nothing"
        )
    if not about_a_person:
        return _of_the_network(role, deed, relation)
    if deed == "complaint-leave":  # whoever is signed in may say what is wrong, without saying who they are
        return "nothing"
    if deed == "complaint-handle":  # never about one's own organisation, nor about one's own case
        return "words" if role in ("committee", "data-protection-officer") and relation in ("none", "named") else None
    if role == "person":
        reads = {
            "case-read": "record",
            "consent-withdraw": "record",
            "referral-read": "pseudonym",
            "gone-read": "pseudonym",
            "outcome-say": "pseudonym",
            "feedback-say": "pseudonym",
            "complaint-make": "pseudonym",
            "complaint-follow": "pseudonym",
            "departure-read": "pseudonym",
        }
        return reads.get(deed) if relation == "self" else None
    if role == "provider":
        if deed == "enquiry-answer":  # what it is asked names nobody
            return "nothing" if relation == "receiver" else None
        if relation != "receiver":
            return None
        if deed == "disclosure-open":
            return None if state == "closed" else "disclosed"
        theirs = ("referral-read", "referral-step", "stop-acknowledge", "departure-read", "arrival-confirm")
        return "pseudonym" if deed in theirs or deed in ("report-give", "cost-say") else None
    if role == "department-committee":  # of people only numbers, and those are not here
        return None
    if role == "professional":
        return "pseudonym" if deed == "exception-attest" and relation == "named" and state != "closed" else None
    if role == "committee":
        return "numbers" if deed in ("register-read", "costs-read") else None
    if role == "data-protection-officer":
        if deed == "person-find" and state == "restricted":
            return None
        looks = ("person-find", "exception-review", "register-read", "log-read")
        return "pseudonym" if deed in looks else None
    return _of_a_case_manager(deed, relation, state)


def _of_the_network(role: Role | Nameless, deed: Deed, relation: Relation) -> str | None:
    if deed in ("gaps-read", "indicators-read") and role == "department-committee":
        return "numbers" if relation == "department" else None
    if deed == "gaps-read":
        return "numbers" if role in ("committee", "case-manager", "data-protection-officer") else None
    if deed == "gap-list-read":  # a departmental committee of its department
        theirs = role == "department-committee" and relation == "department"
        return "nothing" if role == "committee" or theirs else None
    if deed == "gap-decide":
        return "nothing" if role == "committee" else None
    if deed == "indicators-read":  # the committee all of them, an organisation its own
        own = role in ("case-manager", "provider") and relation == "own"
        return "numbers" if own or role == "committee" else None
    if deed == "entry-verify":  # whose entry it is, and whoever keeps the directory
        return "nothing" if role == "committee" or (role == "provider" and relation == "own") else None
    if deed == "entry-propose":  # whoever works with the directory may say that something in it is otherwise
        return "nothing" if role in ("case-manager", "provider", "committee") else None
    if deed == "entry-decide":  # whose entry it is, of what others propose; and whoever keeps the directory
        return "nothing" if role == "committee" or (role == "provider" and relation == "own") else None
    if deed == "entries-merge":
        return "nothing" if role == "committee" else None
    if deed in RULES:  # two persons make a rule: whose it is may draft and read, the committee alone publishes
        if role == "committee":
            return "numbers" if deed == "amendment-read" else "nothing"
        theirs = role in ("case-manager", "provider") and relation == "own"
        return "nothing" if theirs and deed in ("sop-draft", "amendment-read") else None
    if deed == "places-say":
        own = role in ("case-manager", "provider") and relation == "own"
        return "nothing" if own or role == "committee" else None
    return "nothing" if deed in ("suspend", "messages-read") and role == "committee" else None


def _of_a_case_manager(deed: Deed, relation: Relation, state: State) -> str | None:
    verb = deed.value
    if verb in ("departure-plan", "departure-read", "arrival-confirm"):  # the host side plans, the other side confirms
        host = relation == "team" and (verb == "departure-read" or (verb == "departure-plan" and state != "closed"))
        return "pseudonym" if host or (relation == "receiver" and verb != "departure-plan") else None
    if verb in ("complaint-make", "complaint-follow"):  # whoever wrote it down follows it, not the rest of the team
        return "pseudonym" if relation == {"complaint-make": "team", "complaint-follow": "named"}[verb] else None
    if verb in (
        "referral-step",
        "outcome-say",
        "feedback-say",
    ):  # also once the case is closed: what runs must be able to end
        return "pseudonym" if relation in ("team", "requester") else None
    if verb == "report-read":  # what a provider writes to the case's team, under the person's key
        return "record" if relation in ("team", "requester") else None
    if verb in ("report-give", "cost-say", "costs-read"):
        return None
    if verb == "enquiry-answer":
        return None
    if verb == "enquiry-ask":  # whoever works with the person asks for them, and chooses with them
        return "pseudonym" if relation == "team" and state != "closed" else None
    if verb == "answer-link":  # makes the link, and the code that is read out
        return "pseudonym" if relation in ("team", "requester") and state != "closed" else None
    if verb == "candidates-read":  # who of one's own cases fits an opening; no colleague's, and no employer ever
        return "pseudonym" if relation == "team" and state != "closed" else None
    if verb == "person-account":  # who works with the person hands it over, also when the case is closed
        return "pseudonym" if relation == "team" else None
    if verb == "case-open":
        return "record" if relation == "own" else None
    if verb in ("person-find", "disclosure-open", "stop-acknowledge", "exception-attest", "exception-review",
                "register-read", "log-read"):  # fmt: skip
        return None
    looks = verb in ("case-read", "referral-read", "gone-read")
    team = relation == "team" or (relation == "requester" and verb.startswith("referral-") and verb != "referral-draft")
    if team:
        if looks:
            return "record" if verb == "case-read" else "pseudonym"
        return "record" if state != "closed" or verb == "consent-withdraw" else None
    if relation == "colleague":
        if verb == "consent-withdraw":  # whoever is at the desk when the person changes their mind
            return "record"
        if looks and verb != "gone-read" and state != "restricted":
            return "record" if verb == "case-read" else "pseudonym"
    return None


def test_the_table_and_the_rules_say_the_same_everywhere() -> None:
    assert len(WORLD) == (len(Role) + len(Nameless)) * len(Deed) * len(Relation) * len(State)
    for role, deed, relation, state in WORLD:
        found = decide_for(role, deed, relation, state)
        told = found.shown.value if isinstance(found, Allowed) else None
        assert told == oracle(role, deed, relation, state), (role, deed, relation, state)


def test_every_role_and_deed_has_its_row() -> None:
    assert set(TABLE) == set(EVERYBODY)
    for role in EVERYBODY:
        assert set(TABLE[role]) == set(Deed), role


def test_every_deed_can_be_done_by_somebody() -> None:
    for deed in Deed:
        assert any(TABLE[role][deed] for role in Role), deed


@pytest.mark.parametrize("role", [Role.ADMIN, Role.COMMITTEE, *Nameless])
def test_who_runs_the_system_or_steers_it_never_sees_a_person(role: Role | Nameless) -> None:
    """But for what somebody wrote for the committee to read: a complaint. (R-50)"""
    shown = {s for deed, rights in TABLE[role].items() if deed != "complaint-handle" for s in rights.values()}
    assert shown <= {Shown.NOTHING, Shown.NUMBERS}
    assert set(TABLE[role][Deed.COMPLAINT_HANDLE].values()) <= {Shown.WORDS}


def test_a_provider_reads_the_copy_it_was_sent_and_never_a_case() -> None:
    shown = {s for rights in TABLE[Role.PROVIDER].values() for s in rights.values()}
    assert Shown.RECORD not in shown
    assert not TABLE[Role.PROVIDER][Deed.CASE_READ]


def actor(*roles: Role, scopes: frozenset[str] | None = None) -> Actor:
    return Actor(id="a", organization_id="o", roles=frozenset(roles), scopes=scopes)


def test_two_roles_may_what_either_may_and_show_the_wider() -> None:
    both = actor(Role.CASE_MANAGER, Role.PROVIDER)
    assert decide(both, Deed.DISCLOSURE_OPEN, Relation.RECEIVER) == Allowed(Shown.DISCLOSED)
    assert decide(both, Deed.CASE_READ, Relation.TEAM) == Allowed(Shown.RECORD)


def test_a_token_never_reaches_beyond_its_scopes() -> None:
    narrow = actor(Role.CASE_MANAGER, scopes=frozenset({"referral-read"}))
    assert decide(narrow, Deed.CASE_READ, Relation.TEAM) == Forbidden(Reason.ACCESS_SCOPE)
    assert decide(narrow, Deed.REFERRAL_READ, Relation.TEAM) == Allowed(Shown.PSEUDONYM)


def test_nobody_without_a_role_may_anything() -> None:
    for deed, relation, state in itertools.product(Deed, Relation, State):
        assert isinstance(decide(actor(), deed, relation, state), Forbidden)


def test_a_no_says_what_stands_in_the_way() -> None:
    manager = actor(Role.CASE_MANAGER)
    assert decide(manager, Deed.LOG_READ, Relation.NONE) == Forbidden(Reason.ACCESS_ROLE)
    assert decide(manager, Deed.CASE_READ, Relation.NONE) == Forbidden(Reason.ACCESS_RELATION)
    assert decide(manager, Deed.REFERRAL_SEND, Relation.TEAM, State.CLOSED) == Forbidden(Reason.ACCESS_STATE)
    assert decide(manager, Deed.CASE_READ, Relation.COLLEAGUE, State.RESTRICTED) == Forbidden(Reason.ACCESS_STATE)


def test_roles_deeds_and_what_is_shown_have_words() -> None:
    for language in LANGUAGES:
        words = catalogue(language)
        for kind, codes in (("role", EVERYBODY), ("deed", Deed), ("relation", Relation), ("shown", Shown)):
            assert all(f"{kind}.{code.value}" in words for code in codes)
