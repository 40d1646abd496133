"""The vocabularies, read from `vocabulary/*.yaml`: codes with Spanish and English labels and their source.

A code in use is never renamed. `graph.store.migrate` writes them into the graph; screens read labels here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final, Literal, get_args

import yaml
from pydantic import Field

from graph.model.base import Code, Language, Model

Scheme = Literal[
    "service-types",
    "factors",
    "papers",
    "languages",
    "countries",
    "genders",
    "actor-categories",
    "channels",
    "suspension-reasons",
    "first-responses",
    "payers",
    "also-serves",
    "record-fields",
    "updaters",
    "capacity-states",
    "capacity-units",
    "service-statuses",
    "support-levels",
    "scopes",
    "degrees",
    "agreement-kinds",
    "priorities",
    "field-stages",
    "area-levels",
    "follow-up-duties",
    "kept-documents",
    "shared-arrangements",
    "occupations",
    "skills",
    "work-schedules",
    "choice-reasons",
    "cost-kinds",
    "amendment-reasons",
]

SCHEMES: Final[tuple[Scheme, ...]] = get_args(Scheme)
"""Every vocabulary there is: one file each."""


class Term(Model):
    """One word of a vocabulary."""

    code: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._ -]*$")
    """As a `Code`, but a space may stand inside: HSDS itself says `temporarily closed`."""
    es: str
    en: str
    source: str
    parent: Code | None = None
    """The broader term of the same scheme; of a record field, its data category."""
    requires: tuple[Code, ...] = ()
    """Service types that usually come first (service-types only): a hint for pathways, never a verdict."""
    yielded_by: Code | None = None
    """The service type by which this paper can be had (papers only)."""
    given_by: tuple[Code, ...] = ()
    """Service types in which this skill can be learnt or proven (skills only)."""
    asked_by: tuple[Code, ...] = ()
    """Occupations that ask for this skill (skills only)."""

    def label(self, language: Language) -> str:
        """The word on the screen."""
        return self.es if language == "es" else self.en


@cache
def terms(scheme: Scheme) -> Mapping[str, Term]:
    """All terms of a vocabulary by code, in the order of the file."""
    text = files("graph.seed").joinpath("vocabulary", f"{scheme}.yaml").read_text(encoding="utf-8")
    rows = [Term.model_validate(row) for row in yaml.safe_load(text)]
    found = {term.code: term for term in rows}
    if len(found) != len(rows):
        raise ValueError(f"a code stands twice in {scheme}.yaml")
    return MappingProxyType(found)


@cache
def lineage(scheme: Scheme, code: str) -> tuple[str, ...]:
    """The code itself and all codes above it, up to the root. KeyError for an unknown code."""
    term = terms(scheme)[code]
    return (code, *lineage(scheme, term.parent)) if term.parent else (code,)


def label(scheme: Scheme, code: str, language: Language) -> str:
    """The word on the screen; an unknown code stands for itself."""
    term = terms(scheme).get(code)
    return term.label(language) if term else code
