"""The table of rights in words, drawn from the table itself: who administers, who enters and who consults what. (R-25)"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from api.texts import text
from consent.access import TABLE, Deed, Forbidden, Relation, Rights, Shown, State, decide
from graph.model.actor import Actor, Role
from graph.model.base import Language
from graph.model.refusal import Reason
from graph.seed.catalogue import fields

ENTERS: Final = frozenset(
    {
        Deed.PLACES_SAY, Deed.GAP_DECIDE, Deed.SUSPEND, Deed.CASE_OPEN, Deed.CASE_RECORD, Deed.CASE_CLOSE, Deed.NEED_AGREE, Deed.PERSON_ACCOUNT,
        Deed.CONSENT_RECORD, Deed.CONSENT_WITHDRAW, Deed.REFERRAL_DRAFT, Deed.REFERRAL_SEND, Deed.STOP_ACKNOWLEDGE,
        Deed.ENQUIRY_ASK, Deed.ENQUIRY_ANSWER, Deed.ANSWER_LINK,
        Deed.EXCEPTION_REQUEST, Deed.EXCEPTION_ATTEST, Deed.EXCEPTION_REVIEW, Deed.ACCOUNT_MANAGE,
        Deed.CREDENTIAL_ISSUE,
        Deed.ENTRY_PROPOSE, Deed.ENTRY_DECIDE, Deed.ENTRIES_MERGE,
        Deed.SOP_DRAFT, Deed.ORDER_DRAFT, Deed.AMENDMENT_PUBLISH,
    }
)  # fmt: skip
"""Deeds that write; all others consult."""


@dataclass(frozen=True, slots=True)
class Right:
    """One row in words."""

    deed: str
    code: str
    enters: bool
    whose: str
    states: str
    shown: str


@dataclass(frozen=True, slots=True)
class RoleRights:
    """All that a role may do; the fields of a record that it may ever see."""

    role: str
    code: str
    rights: tuple[Right, ...]
    fields: tuple[str, ...]


def in_words(language: Language) -> tuple[RoleRights, ...]:
    """Every role with every right it has; what is not here is allowed to nobody."""
    found = []
    for role, deeds in TABLE.items():
        rights = [right for deed, given in deeds.items() for right in _rights(deed, given, language)]
        seen = [getattr(f, language) for f in fields().values() if role in f.seen_by]
        sees_record = any(shown is Shown.RECORD for given in deeds.values() for shown in given.values())
        words = text(f"role.{role.value}", language)
        found.append(RoleRights(words, role.value, tuple(rights), tuple(seen) if sees_record else ()))
    return tuple(found)


def _rights(deed: Deed, given: Rights, language: Language) -> list[Right]:
    """Relations with the same states and the same sight stand in one row."""
    by_relation: dict[Relation, list[tuple[State, Shown]]] = {}
    for (relation, state), shown in given.items():
        by_relation.setdefault(relation, []).append((state, shown))
    alike: dict[tuple[tuple[State, Shown], ...], list[Relation]] = {}
    for relation, rows in by_relation.items():
        alike.setdefault(tuple(rows), []).append(relation)
    return [
        Right(
            deed=text(f"deed.{deed.value}", language),
            code=deed.value,
            enters=deed in ENTERS,
            whose=_whose(relations, language),
            states=_states([state for state, _ in rows], language),
            shown=text(f"shown.{rows[0][1].value}", language),
        )
        for rows, relations in alike.items()
    ]


def _states(states: list[State], language: Language) -> str:
    if len(states) == len(State):
        return text("identity.access.always", language)
    return ", ".join(text(f"state.{state.value}", language) for state in states)


def _whose(relations: list[Relation], language: Language) -> str:
    if len(relations) == len(Relation):
        return text("identity.access.any", language)
    return "; ".join(text(f"relation.{relation.value}", language) for relation in relations)


def deeds_of(roles: frozenset[Role], language: Language) -> list[tuple[str, str]]:
    """What these roles may do in whatever relation, by code and in words: what a token can be given."""
    held = {deed for role in roles for deed, given in TABLE[role].items() if given}
    return [(deed.value, text(f"deed.{deed.value}", language)) for deed in Deed if deed in held]


def names(roles: frozenset[Role], language: Language) -> str:
    """Roles in words."""
    return ", ".join(text(f"role.{role.value}", language) for role in sorted(roles))


def offers(reader: Actor | None, deed: str) -> bool:
    """Whether the table has a row of this reader for the deed, in whatever relation: what to offer, never a guard."""
    if reader is None:
        return False
    answer = decide(reader, Deed(deed), Relation.NONE)
    return not isinstance(answer, Forbidden) or answer.reason is not Reason.ACCESS_ROLE
