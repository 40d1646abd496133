"""What several of a provider's pages say alike: names, states and clocks in the reader's words."""

from __future__ import annotations

from typing import Any, Final

from api import refusals
from api.actions.queue import InQueue
from api.receipts import name_of
from api.texts import text
from graph.model.base import Language
from graph.model.directory import Organization, Service
from graph.model.refusal import Refusal
from graph.seed.catalogue import fields
from graph.seed.purposes import purposes


def why(refusal: Refusal, language: Language) -> list[dict[str, Any]]:
    """A refusal in words, beside what was pressed: each reason and what to do. Steps are named by the buttons."""
    reasons = refusals.why(refusal, language)
    for said in reasons:
        if said["code"] in PLAIN:
            said |= {"detail": text(f"received.no.{said['code']}", language), "ask": None}
    return reasons


PLAIN: Final = frozenset({"step-not-open", "reason-missing", "reason-unknown", "redirect-without-service"})
"""Refusals whose own sentence names codes: here they have another."""


def short(id: str) -> str:
    """By what a referral is told from others aloud: it names nobody."""
    return id[:6].upper()


def shown(language: Language) -> dict[str, Any]:
    """What the templates of a provider's pages say things with."""
    known = fields()
    return {
        "short": short,
        "purpose": lambda code: purposes()[code].label(language) if code in purposes() else code,
        "field_names": lambda codes: ", ".join(known[c].label(language) if c in known else c for c in codes),
        "tone": tone,
    }


def tone(row: InQueue) -> str:
    """The colour of a row; its word stands beside it."""
    if row.is_late:
        return "bad"
    return "warn" if row.clocks else "calm"


def service_name(service: Service | None, id: str, language: Language) -> str:
    """A service by its name in the reader's language; by its id once it was taken out of the directory."""
    if service is None:
        return id
    return str(service.translations.get(language, {}).get("name") or service.name)


def organization_name(organization: Organization | None, id: str, language: Language) -> str:
    """An organisation by its name in the reader's language."""
    return id if organization is None else name_of(organization, language)
