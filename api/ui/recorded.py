"""A recorded value in the reader's words: labels of codes, names of places, yes and no."""

from __future__ import annotations

from typing import Any

from api.gazetteer import Gazetteer
from api.texts import text
from graph.model.base import Language
from graph.seed.catalogue import CatalogueField
from graph.seed.vocabulary import label


def in_words(field: CatalogueField, value: Any, language: Language, gazetteer: Gazetteer) -> str:
    """A value of a field of the catalogue, as it is shown."""
    if isinstance(value, bool):
        return text("pages.yes" if value else "pages.no", language)
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(in_words(field, one, language, gazetteer) for one in sorted(value, key=str))
    if field.kind == "area" and value in gazetteer.by_code:
        return gazetteer.by_code[value].name
    if field.kind == "age-band":
        return text(f"by-link.age.{value}", language)
    return label(field.scheme, value, language) if field.scheme is not None else str(value)
