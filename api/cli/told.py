"""Problems of an import in the reader's language, with their places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.texts import catalogue, text
from graph.exchange.problem import Place, Problem, Refused
from graph.model.base import Language

_WORDS = {"noun": "import.noun.", "scheme": "import.scheme.", "expected": "import.expected."}
"""Places whose value is a code of ours, and where its words stand."""


def what(code: str, places: Mapping[str, Any], language: Language) -> str:
    """What is wrong, in words."""
    known = catalogue(language)
    filled = _Places()
    for name, value in places.items():
        key = _WORDS.get(name, "") + str(value)
        filled[name] = known[key] if name in _WORDS and key in known else value
    found = known.get(f"import.{code}")
    return found.format_map(filled) if found else code


class _Places(dict[str, Any]):
    """Places of a text; one that was not said stays a dash."""

    def __missing__(self, _: str) -> str:
        return "—"


def where(place: Place, language: Language) -> str:
    """The file and the line, else the row; and the JSON pointer."""
    if place.line is not None:
        found = text("import.place.line", language, file=place.file, line=place.line)
    elif place.row is not None:
        found = text("import.place.row", language, file=place.file, row=place.row)
    else:
        found = place.file
    return f"{found} {place.pointer}".rstrip()


def told(problem: Problem, language: Language) -> dict[str, Any]:
    """A problem as a value of the report: its codes for programs, its words for people."""
    place = problem.place
    return {
        "code": problem.code.value,
        "noun": problem.noun,
        "id": problem.id,
        "file": place.file,
        "row": place.row,
        "line": place.line,
        "pointer": place.pointer,
        "places": dict(problem.places),
        "text": what(problem.code.value, problem.places, language),
    }


def refused(problem: Refused, language: Language) -> str:
    """Why a file is not read, in words."""
    return what(f"refused.{problem.code.value}", problem.places, language)
