"""One piece of a document becomes one model, strictly: no number is read as a date, no text as a number.

What pydantic says is told as problems with JSON pointers. Which piece goes where does not belong here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from graph.exchange.problem import Fault, Place, Problem, shown
from graph.model.base import Model
from graph.seed.vocabulary import Scheme, terms

M = TypeVar("M", bound=Model)

MAX_CARRIED: Final = 256_000
"""Characters of all that is carried of one thing."""

_FAULTS: Final[Mapping[str, Fault]] = {
    "missing": Fault.MISSING,
    "extra_forbidden": Fault.UNKNOWN_PROPERTY,
    "literal_error": Fault.UNKNOWN_CODE,
    "enum": Fault.UNKNOWN_CODE,
    "string_pattern_mismatch": Fault.NOT_A_CODE,
    "string_too_long": Fault.TOO_LONG,
    "string_too_short": Fault.MISSING,
    "too_short": Fault.MISSING,
    "too_long": Fault.TOO_MANY,
    "greater_than_equal": Fault.OUT_OF_RANGE,
    "less_than_equal": Fault.OUT_OF_RANGE,
    "date_from_datetime_parsing": Fault.IMPOSSIBLE_DATE,
    "date_from_datetime_inexact": Fault.IMPOSSIBLE_DATE,
    "date_parsing": Fault.IMPOSSIBLE_DATE,
    "datetime_parsing": Fault.IMPOSSIBLE_DATE,
    "datetime_from_date_parsing": Fault.IMPOSSIBLE_DATE,
    "timezone_aware": Fault.NO_TIME_ZONE,
}

SCHEMES: Final[Mapping[str, str]] = {
    "status": "service-statuses",
    "level": "support-levels",
    "actor_category": "actor-categories",
    "influence": "degrees",
    "interest": "degrees",
    "kind": "agreement-kinds",
    "scope": "scopes",
    "state": "capacity-states",
    "stage": "field-stages",
}
"""Vocabularies of the fields whose codes stand in the model itself."""

EARLIEST: Final = date(1900, 1, 1)
"""An earlier day in a directory of services is a slip, not a date."""


class Collector:
    """The problems of one row, as they are found."""

    __slots__ = ("found", "id", "noun")

    def __init__(self, noun: str, id: str | None) -> None:
        self.noun = noun
        self.id = id
        self.found: list[Problem] = []

    def add(self, code: Fault, place: Place, /, **places: object) -> None:
        """One more thing that is wrong."""
        self.found.append(Problem(code, place, self.noun, self.id, {k: shown(v) for k, v in places.items()}))


def piece(
    cls: type[M],
    values: Mapping[str, Any],
    place: Place,
    problems: Collector,
    where: Mapping[tuple[str | int, ...], tuple[str | int, ...]] | None = None,
) -> M | None:
    """The model of these values, or None and what is wrong with them. Null and empty text mean *not stated*."""
    stated = {name: value for name, value in values.items() if value is not None and value != ""}
    try:
        model = cls.model_validate_json(json.dumps(stated), strict=True)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=True):
            _tell(fault, place, problems, where or {})
        return None
    return model


def _tell(
    fault: Any, place: Place, problems: Collector, where: Mapping[tuple[str | int, ...], tuple[str | int, ...]]
) -> None:
    steps: tuple[str | int, ...] = tuple(fault["loc"])
    for length in range(len(steps), 0, -1):
        if steps[:length] in where:
            steps = (*where[steps[:length]], *steps[length:])
            break
    kind = fault["type"]
    code = _FAULTS.get(kind, Fault.WRONG_TYPE if kind.endswith("_type") else Fault.BAD_VALUE)
    name = str(steps[-1]) if steps else ""
    if code is Fault.MISSING:
        problems.add(code, place.at(*steps), name=name)
        return
    value = _brief(fault.get("input"))
    if code is Fault.UNKNOWN_CODE:
        problems.add(code, place.at(*steps), value=value, scheme=SCHEMES.get(name, name))
        return
    problems.add(code, place.at(*steps), name=name, value=value, expected=_expected(kind))


def _expected(kind: str) -> str:
    return kind.removesuffix("_type").removesuffix("_parsing").removesuffix("_from")


def _brief(value: Any) -> str:
    return shown(value if isinstance(value, (str, dict, list)) else json.dumps(value))


def known(codes: Iterable[str], scheme: Scheme, places: Iterable[Place], problems: Collector) -> None:
    """Each code stands in its vocabulary."""
    words = terms(scheme)
    for code, place in zip(codes, places, strict=True):
        if code not in words:
            problems.add(Fault.UNKNOWN_CODE, place, value=code, scheme=scheme)


def in_order(valid_from: date | None, valid_to: date | None, place: Place, problems: Collector) -> None:
    """A period ends no earlier than it begins, and begins in a year that can be meant."""
    for name, day in (("valid_from", valid_from), ("valid_to", valid_to)):
        possible(day, place.at(name), problems)
    if valid_from is not None and valid_to is not None and valid_to < valid_from:
        problems.add(Fault.ENDS_BEFORE_BEGIN, place.at("valid_to"), begin=valid_from, end=valid_to)


def possible(day: date | None, place: Place, problems: Collector) -> None:
    """A day that can be meant."""
    if day is not None and day < EARLIEST:
        problems.add(Fault.IMPOSSIBLE_DATE, place, name=place.pointer.rsplit("/", 1)[-1], value=day)


def instant(moment: datetime | None, place: Place, problems: Collector) -> None:
    """An instant says its time zone: a guess would move it by hours."""
    if moment is not None:
        if moment.tzinfo is None:
            problems.add(Fault.NO_TIME_ZONE, place, value=moment.isoformat())
        else:
            possible(moment.date(), place, problems)


def listed(
    document: Mapping[str, Any], name: str, place: Place, problems: Collector
) -> list[tuple[dict[str, Any], Place]]:
    """The objects of a list property with their places; missing and null are an empty list."""
    value = document.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        problems.add(Fault.WRONG_TYPE, place.at(name), name=name, value=_brief(value), expected="list")
        return []
    found = []
    for index, item in enumerate(value):
        if isinstance(item, dict):
            found.append((item, place.at(name, index)))
        else:
            problems.add(Fault.WRONG_TYPE, place.at(name, index), name=name, value=_brief(item), expected="object")
    return found


def texts(document: Mapping[str, Any], name: str, place: Place, problems: Collector) -> tuple[str, ...] | None:
    """A list of texts; None when it is not stated."""
    value = document.get(name)
    if value is None:
        return None
    if not isinstance(value, list):
        problems.add(Fault.WRONG_TYPE, place.at(name), name=name, value=_brief(value), expected="list")
        return None
    for index, item in enumerate(value):
        if not isinstance(item, str):
            problems.add(Fault.WRONG_TYPE, place.at(name, index), name=name, value=_brief(item), expected="string")
            return None
    return tuple(dict.fromkeys(value))


def text(document: Mapping[str, Any], name: str, place: Place, problems: Collector) -> str | None:
    """One text; None when it is not stated."""
    value = document.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        problems.add(Fault.WRONG_TYPE, place.at(name), name=name, value=_brief(value), expected="string")
        return None
    return value


def whole(document: Mapping[str, Any], place: Place, problems: Collector) -> None:
    """What is carried unread stays within bounds, and no single text is endless."""
    if len(json.dumps(document, ensure_ascii=False)) > MAX_CARRIED:
        problems.add(Fault.TOO_LONG, place, name=problems.noun, limit=MAX_CARRIED)
