"""What all pages of a case share: its address, and how a no or a place is said. Who reads them is `api.identity`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from api.gazetteer import Gazetteer
from api.texts import text
from graph.model.base import Language
from graph.seed.catalogue import UnknownField, WrongValue

CaseId = Annotated[str, Path(min_length=1, max_length=120, pattern=r"\S")]
PartId = Annotated[str, Path(min_length=1, max_length=160, pattern=r"\S")]

Done = Annotated[str, Query(max_length=40)]
"""What was done on the page before; each page knows the words it thanks for."""


def fault_of(error: UnknownField | WrongValue, language: Language) -> dict[str, str]:
    """A value that a field cannot have, as a fault beside that field."""
    return {error.field: text("casework.fault.value", language)}


def area_in_words(code: str, gazetteer: Gazetteer) -> str:
    """The area and what it lies in; the code where nobody knows it any more."""
    area = gazetteer.by_code.get(code)
    return code if area is None else ", ".join(filter(None, [area.name, gazetteer.way(area)]))
