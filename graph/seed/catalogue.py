"""The field catalogue, read from `catalogue.yaml`: what can be recorded, consented, asked for or sent. (R-10, R-21)

Every field of a case is in it (tests/house). Who asks for a field is the SOP's affair, who allows it the person's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

import yaml
from pydantic import Field

from graph.model.actor import Role
from graph.model.age import AgeBand
from graph.model.base import Code, Language, Model
from graph.seed.vocabulary import Scheme, terms

Kind = Literal["text", "date", "yes-no", "code", "codes", "area", "age-band", "derived"]
"""What a value looks like. `area` is the code of an area; `derived` follows from other actions and is never entered."""

Of = Literal[
    "need", "goal", "guardian", "child-view", "best-interests", "meeting", "communication", "assessment", "incapacity",
    "attestation",
]  # fmt: skip
"""What a field can belong to beside the case itself: then there is one for each."""

LONGEST_TEXT: Final = 4000


class Category(Model):
    """A group of fields, as a person reads a consent."""

    code: Code
    es: str
    en: str


class CatalogueField(Model):
    """One field: its words, how it is kept, who may ever see it, and whether it may leave."""

    code: str = Field(pattern=r"^[a-z][a-z_]*$")
    es: str
    en: str
    category: Code
    sensitivity: Literal[0, 1, 2, 3]
    encrypted: bool
    seen_by: frozenset[Role]
    may_be_sent: bool
    kind: Kind
    scheme: Scheme | None = None
    of: Of | None = None
    stands_in: tuple[str, ...] = ()
    blind: bool = False

    def label(self, language: Language) -> str:
        """The word on the screen."""
        return self.es if language == "es" else self.en

    @property
    def property_of_case(self) -> str | None:
        """The property of a case that is this field, for those kept in the clear and entered as they are."""
        if self.encrypted or self.kind == "derived" or len(self.stands_in) != 1:
            return None
        noun, _, name = self.stands_in[0].partition(".")
        return name if noun == "Case" else None

    @property
    def is_recordable(self) -> bool:
        """Whether it is entered by itself; other fields come with the need, goal, meeting… they belong to."""
        return self.of is None and (self.encrypted or self.property_of_case is not None)


class UnknownField(ValueError):
    """Not a field of the catalogue, or not one that can be entered here. Carries the code, never a value."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class WrongValue(ValueError):
    """A value that this field cannot have. Carries the code, never the value."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@cache
def _document() -> Mapping[str, Any]:
    text = files("graph.seed").joinpath("catalogue.yaml").read_text(encoding="utf-8")
    document: Mapping[str, Any] = yaml.safe_load(text)
    return document


@cache
def categories() -> Mapping[str, Category]:
    """All categories by code, in the order of the file."""
    return _by_code([Category.model_validate(row) for row in _document()["categories"]])


@cache
def fields() -> Mapping[str, CatalogueField]:
    """All fields by code, in the order of the file."""
    return _by_code([CatalogueField.model_validate(row) for row in _document()["fields"]])


@cache
def sendable() -> frozenset[str]:
    """The fields that may be in a disclosure at all."""
    return frozenset(code for code, field in fields().items() if field.may_be_sent)


def of_category(category: str) -> tuple[str, ...]:
    """The fields of a category: a consent to a category is kept as this list, so later fields are not covered."""
    return tuple(code for code, field in fields().items() if field.category == category)


def check(code: str, value: Any) -> Any:
    """The value as it is kept; UnknownField or WrongValue otherwise. None takes a field out."""
    field = fields().get(code)
    if field is None or field.kind == "derived":
        raise UnknownField(code)
    if value is None:
        return None
    match field.kind:
        case "text" if isinstance(value, str) and 0 < len(value.strip()) <= LONGEST_TEXT:
            return value.strip()
        case "yes-no" if isinstance(value, bool):
            return value
        case "date":
            return _day(code, value)
        case "code" if field.scheme and isinstance(value, str) and value in terms(field.scheme):
            return value
        case "codes" if field.scheme and not isinstance(value, str) and _all_known(field.scheme, value):
            return sorted(set(value))
        case "area" if isinstance(value, str) and value:
            return value
        case "age-band" if value in get_args(AgeBand):
            return value
    raise WrongValue(code)


def _all_known(scheme: Scheme, value: Any) -> bool:
    return isinstance(value, (list, tuple, set, frozenset)) and all(
        isinstance(item, str) and item in terms(scheme) for item in value
    )


def _day(code: str, value: Any) -> str:
    try:
        return (value if isinstance(value, date) else date.fromisoformat(value)).isoformat()[:10]
    except (TypeError, ValueError):
        raise WrongValue(code) from None


def _by_code(rows: list[Any]) -> Mapping[str, Any]:
    found = {row.code: row for row in rows}
    if len(found) != len(rows):
        raise ValueError("a code stands twice in catalogue.yaml")
    return MappingProxyType(found)
