"""The two people of the story, who are nobody: what is recorded of them, what is asked for, what is allowed."""

from __future__ import annotations

from typing import Any, Final

from api.cli.story.checks import Tale
from api.cli.story.line import Answer

NEED: Final = "psychosocial.counselling"
PURPOSE: Final = "psychosocial-support"

ALLOWED: Final = ("given_name", "languages", "safe_contact_way")
WITHHELD: Final = "mental_health_summary"
"""The SOP of the clinic's counselling asks for these four at first contact; this one the first person keeps."""

EMERGENCY: Final = ("given_name", "mental_health_summary", "safe_contact_way")
"""What that SOP marks for emergencies."""

BECAUSE: Final = "person-prefers"
"""Why this clinic, where another service is suggested before it."""

NOT_ASKED: Final = ("address", "telephone")
"""Recorded, and asked for by nobody: it must never leave."""

FIRST: Final[dict[str, Any]] = {
    "municipality": "GT0901",
    "age_band": "26-59",
    "gender": "female",
    "languages": ["quc", "spa"],
    "given_name": "Persona Uno (ficticia)",
    "safe_contact_way": "por la tienda de su hermana",
    "mental_health_summary": "duerme mal desde el retorno",
    "telephone": "5550-0001",
    "address": "casa que no existe, zona 3",
}
SECOND: Final[dict[str, Any]] = FIRST | {
    "given_name": "Persona Dos (ficticia)",
    "safe_contact_way": "solo de mañana",
    "mental_health_summary": "ha dicho que no quiere vivir",
    "telephone": "5550-0002",
    "address": "otra casa que no existe, zona 1",
}

THIRD: Final[dict[str, Any]] = FIRST | {
    "given_name": "Persona Tres (ficticia)",
    "safe_contact_way": "llamar después de las seis",
    "mental_health_summary": "quiere hablar con alguien",
    "person_wishes": "seguir con la misma persona",
    "telephone": "5550-0003",
    "address": "una casa más que no existe, zona 2",
}

FOURTH: Final[dict[str, Any]] = FIRST | {
    "given_name": "Persona Cuatro (ficticia)",
    "safe_contact_way": "por mensaje corto",
    "mental_health_summary": "no quiere esperar más",
    "telephone": "5550-0004",
    "address": "otra casa que tampoco existe, zona 5",
}


def opened(tale: Tale, record: dict[str, Any]) -> tuple[str, str, str]:
    """A case with a record and a stated need: their numbers, and the stream of the case's entries."""
    manager = tale.cast.manager
    opening = manager.post("/cases", {"data": record}, status=201).body
    case = opening["case_id"]
    need = manager.post(f"/cases/{case}/needs", {"service_type": NEED}).body["id"]
    return case, opening["entry"]["body"]["stream"], need


def drafted(tale: Tale, case: str, need: str) -> dict[str, Any]:
    """A referral of the need to the clinic's service: nothing has left."""
    wish = {"need_id": need, "service_id": tale.kept["service"], "chosen_because": BECAUSE}
    body: dict[str, Any] = tale.cast.manager.post(f"/cases/{case}/referrals", wish, status=201).body
    return body


def tells_of(answer: Answer, record: dict[str, Any]) -> bool:
    """Whether an answer repeats anything that is recorded of a person in words."""
    words = [value for value in record.values() if isinstance(value, str) and " " in value]
    return any(word in answer.said for word in words)
