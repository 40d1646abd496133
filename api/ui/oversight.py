"""What pages of officers and committees say alike: organisations, fields, purposes and functions in the reader's words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from api.actions import watching
from api.dependencies import NetworkDep
from api.receipts import name_of
from api.texts import catalogue, text
from graph.model.base import Id, Language
from graph.model.directory import Organization
from graph.seed.catalogue import fields
from graph.seed.purposes import purposes

LONGEST: Final = 4000


async def called(network: NetworkDep, ids: Iterable[Id | None], language: Language) -> Callable[[Id | None], str]:
    """How these organisations are called in the reader's language; one that is not there, by its id."""
    org: Callable[[Id | None], str] = shown(await network.read(watching.named, set(ids)), language)["org"]
    return org


def shown(names: Mapping[str, Organization], language: Language) -> dict[str, Any]:
    """What templates say things with."""
    known = fields()
    return {
        "org": lambda one: name_of(names[one], language) if one in names else one,
        "field_names": lambda codes: ", ".join(
            known[c].label(language) if c in known else first_of(language, f"role.{c}") or c for c in codes
        ),
        "purpose": lambda code: purposes()[code].label(language) if code in purposes() else code,
        "role": lambda code: first_of(language, f"role.{code}", f"log.role.{code}") or code,
        "kind": lambda code: first_of(language, f"log.kind.{code}") or code,
        "basis": lambda code: first_of(language, f"log.basis.{code}") or code,
    }


def first_of(language: Language, *keys: str) -> str | None:
    """The first of these texts that is written."""
    return next((text(key, language) for key in keys if key in catalogue(language)), None)
