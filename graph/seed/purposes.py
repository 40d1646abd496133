"""What data may be sent for, read from `purposes.yaml`, and which purpose a type of service has. (R-21)

A person consents to one purpose; a wider one does not hold a narrower one. Whether a purpose was consented to is
`consent.decision`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import yaml

from graph.model.base import Code, Language, Model
from graph.seed.vocabulary import lineage


class Purpose(Model):
    """One purpose, with the types of service that it stands for."""

    code: Code
    es: str
    en: str
    source: str
    service_types: tuple[Code, ...]

    def label(self, language: Language) -> str:
        """The word on the screen, and in the receipt."""
        return self.es if language == "es" else self.en


@cache
def purposes() -> Mapping[str, Purpose]:
    """All purposes by code, in the order of the file."""
    text = files("graph.seed").joinpath("purposes.yaml").read_text(encoding="utf-8")
    rows = [Purpose.model_validate(row) for row in yaml.safe_load(text)]
    found = {row.code: row for row in rows}
    if len(found) != len(rows):
        raise ValueError("a code stands twice in purposes.yaml")
    return MappingProxyType(found)


@cache
def _by_type() -> Mapping[str, str]:
    rows = [(code, purpose.code) for purpose in purposes().values() for code in purpose.service_types]
    if len(dict(rows)) != len(rows):
        raise ValueError("a type of service stands twice in purposes.yaml")
    return MappingProxyType(dict(rows))


def purpose_of(service_type: Code) -> Code:
    """The purpose of the type itself, else of the nearest type above it. KeyError for a type that is none of ours."""
    named = _by_type()
    return next(named[code] for code in lineage("service-types", service_type) if code in named)
