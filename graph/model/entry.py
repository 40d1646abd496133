"""What of an entry of the directory may be said anew: its fields, as plain values that fit a form and a sheet. (R-02)

An entry is a service or an organisation. Places said free, SOPs, agreements and where a place lies are no part of it:
they have ways of their own. Whether a code is one of a vocabulary is not asked here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, TypeVar

from graph.model.directory import Organization, Phone, Schedule, Service

Subject = Literal["service", "organization"]
Value = str | int | tuple[str, ...] | None
Values = Mapping[str, Value]
"""By field; None: not stated."""

Thing = TypeVar("Thing", Service, Organization)


class Kind(StrEnum):
    """How a field is written down."""

    LINE = "line"
    TEXT = "text"
    CODE = "code"
    CODES = "codes"
    NUMBER = "number"
    TIME = "time"


class Wrong(StrEnum):
    """What can be wrong with a value."""

    MISSING = "missing"
    SHAPE = "shape"
    TOO_LONG = "too-long"
    CODE = "code"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class EntryField:
    """One field: how it is written, how long at most, from which vocabulary, and what of the entry it changes."""

    code: str
    kind: Kind
    most: int
    changes: str
    """The property of the service or organisation, by which its age is told."""
    scheme: str | None = None
    required: bool = False
    pattern: str | None = None
    each: int = 120
    """Of several codes, how long one may be."""


DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
TIME: Final = r"([01]\d|2[0-3]):[0-5]\d"
EMAIL: Final = r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+"
WEB: Final = r"https?://[^\s<>\"]+"
TELEPHONE: Final = r"\+?[0-9][0-9 ().\-/]{4,28}[0-9]( ?(ext|x)\.? ?[0-9]{1,6})?"

SERVICE: Final[tuple[EntryField, ...]] = (
    EntryField("name", Kind.LINE, 300, "name", required=True),
    EntryField("name_en", Kind.LINE, 300, "translations"),
    EntryField("description", Kind.TEXT, 4000, "description"),
    EntryField("description_en", Kind.TEXT, 4000, "translations"),
    EntryField("status", Kind.CODE, 40, "status", scheme="service-statuses", required=True),
    EntryField("service_types", Kind.CODES, 20, "service_types", scheme="service-types", required=True),
    EntryField("areas", Kind.CODES, 1000, "areas", scheme="areas"),
    EntryField("languages", Kind.CODES, 20, "languages", scheme="languages"),
    EntryField("days", Kind.CODES, 7, "schedules", scheme="days"),
    EntryField("opens_at", Kind.TIME, 5, "schedules", pattern=TIME),
    EntryField("closes_at", Kind.TIME, 5, "schedules", pattern=TIME),
    EntryField("minimum_age", Kind.NUMBER, 130, "minimum_age"),
    EntryField("maximum_age", Kind.NUMBER, 130, "maximum_age"),
    EntryField("phone", Kind.LINE, 40, "phones", pattern=TELEPHONE),
    EntryField("email", Kind.LINE, 200, "email", pattern=EMAIL),
    EntryField("url", Kind.LINE, 300, "url", pattern=WEB),
    EntryField("fees_description", Kind.TEXT, 1000, "fees_description"),
)
ORGANIZATION: Final[tuple[EntryField, ...]] = (
    EntryField("name", Kind.LINE, 300, "name", required=True),
    EntryField("name_en", Kind.LINE, 300, "translations"),
    EntryField("alternate_name", Kind.LINE, 300, "alternate_name"),
    EntryField("description", Kind.TEXT, 4000, "description"),
    EntryField("description_en", Kind.TEXT, 4000, "translations"),
    EntryField("email", Kind.LINE, 200, "email", pattern=EMAIL),
    EntryField("website", Kind.LINE, 300, "website", pattern=WEB),
)
FIELDS: Final[Mapping[Subject, Mapping[str, EntryField]]] = {
    "service": {f.code: f for f in SERVICE},
    "organization": {f.code: f for f in ORGANIZATION},
}
HOURS: Final = ("days", "opens_at", "closes_at")
TRANSLATED: Final = {"name_en": "name", "description_en": "description"}


def told(thing: Service | Organization) -> dict[str, Value]:
    """What the entry says now, by field. The hours are missing where there are several opening times: those are
    changed by an import, because one line cannot say them.
    """
    if isinstance(thing, Organization):
        return {code: _plain(thing, code) for code in FIELDS["organization"]}
    values: dict[str, Value] = {code: _plain(thing, code) for code in FIELDS["service"] if code not in HOURS}
    values["phone"] = next((p.number for p in thing.phones if _is_free(p)), None)
    if len(thing.schedules) <= 1:
        schedule = thing.schedules[0] if thing.schedules else None
        values["days"] = _days(schedule)
        values["opens_at"] = _clock(schedule.opens_at if schedule else None)
        values["closes_at"] = _clock(schedule.closes_at if schedule else None)
    return values


def _plain(thing: Service | Organization, code: str) -> Value:
    if code in TRANSLATED:
        return thing.translations.get("en", {}).get(TRANSLATED[code])
    value: Value = getattr(thing, code, None)
    return tuple(sorted(value)) if isinstance(value, tuple) else value


def _is_free(phone: Phone) -> bool:
    """A telephone of the service and not of one of its places."""
    return "location_id" not in phone.carried


def _days(schedule: Schedule | None) -> tuple[str, ...] | None:
    if schedule is None or schedule.byday is None:
        return None
    stated = {day.strip() for day in schedule.byday.split(",")}
    return tuple(day for day in DAYS if day in stated)


def _clock(stated: str | None) -> str | None:
    """`08:00` of whatever precision it was stated in."""
    return stated[:5] if stated else None


def wrong(subject: Subject, values: Values) -> dict[str, Wrong]:
    """What is wrong with these values, by field; an unknown field is a wrong shape."""
    found: dict[str, Wrong] = {}
    for code, value in values.items():
        field = FIELDS[subject].get(code)
        fault = Wrong.SHAPE if field is None else _wrong(field, value)
        if fault is not None:
            found[code] = fault
    for low, high in (("minimum_age", "maximum_age"), ("opens_at", "closes_at")):
        first, last = values.get(low), values.get(high)
        stated = first is not None and last is not None and low not in found and high not in found
        if stated and (not isinstance(first, type(last)) or first > last):  # type: ignore[operator]  # same type here
            found[high] = Wrong.ORDER
    return found


def _wrong(field: EntryField, value: Value) -> Wrong | None:
    if value is None or value in ("", ()):
        return Wrong.MISSING if field.required else None
    match field.kind:
        case Kind.NUMBER:
            good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= field.most
            return None if good else Wrong.SHAPE
        case Kind.CODES:
            if not isinstance(value, tuple) or any(not one or len(one) > field.each for one in value):
                return Wrong.SHAPE
            return Wrong.TOO_LONG if len(value) > field.most else None
    if not isinstance(value, str):
        return Wrong.SHAPE
    if len(value) > field.most:
        return Wrong.TOO_LONG
    if any(ord(sign) < 32 and not (field.kind is Kind.TEXT and sign in "\r\n\t") for sign in value):
        return Wrong.SHAPE
    return None if field.pattern is None or re.fullmatch(field.pattern, value) else Wrong.SHAPE


def differing(thing: Service | Organization, values: Values) -> dict[str, Value]:
    """Those of the values that the entry does not say already; codes are compared as a set."""
    now = told(thing)
    return {code: value for code, value in values.items() if code in now and _bare(now[code]) != _bare(value)}


def _bare(value: Value) -> Value | frozenset[str]:
    if isinstance(value, tuple):
        return frozenset(value) or None
    return value or None if isinstance(value, str) else value


def properties_of(subject: Subject, codes: Iterable[str]) -> tuple[str, ...]:
    """The properties of an entry that these fields change, each once."""
    return tuple(dict.fromkeys(FIELDS[subject][code].changes for code in codes))


def written(thing: Thing, values: Values) -> Thing:
    """The entry with these values instead of its own. They were looked at before."""
    update: dict[str, object] = {}
    translations = {language: dict(words) for language, words in thing.translations.items()}
    for code, said in values.items():
        value = said or None if isinstance(said, (str, tuple)) else said
        if code in TRANSLATED:
            english = translations.setdefault("en", {})
            if value is None:
                english.pop(TRANSLATED[code], None)
            else:
                english[TRANSLATED[code]] = str(value)
        elif code not in HOURS and code != "phone":
            update[code] = value
    if any(code in TRANSLATED for code in values):
        update["translations"] = {language: words for language, words in translations.items() if words}
    if isinstance(thing, Service):
        if "phone" in values:
            update["phones"] = _phones(thing, values["phone"])
        if any(code in values for code in HOURS):
            update["schedules"] = _schedules(thing, values)
    return type(thing).model_validate(thing.model_dump(by_alias=True) | update)


def _phones(service: Service, number: Value) -> tuple[Phone, ...]:
    first = next((p for p in service.phones if _is_free(p)), None)
    if not number:
        return tuple(p for p in service.phones if p is not first)
    if first is None:
        return (*service.phones, Phone(id=f"{service.id}-phone", number=str(number)))
    return tuple(p.model_copy(update={"number": str(number)}) if p is first else p for p in service.phones)


def _schedules(service: Service, values: Values) -> tuple[Schedule, ...]:
    hours = {code: values.get(code, told(service).get(code)) for code in HOURS}
    days = hours["days"]
    stated: dict[str, object] = {
        "freq": "WEEKLY" if days else None,
        "byday": ",".join(day for day in DAYS if day in days) if isinstance(days, tuple) and days else None,
        "opens_at": hours["opens_at"] or None,
        "closes_at": hours["closes_at"] or None,
    }
    first = service.schedules[0] if service.schedules else Schedule(id=f"{service.id}-hours")
    if not days and first.byday is None:
        stated["freq"] = first.freq
    return (first.model_copy(update=stated), *service.schedules[1:])
