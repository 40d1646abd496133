"""What somebody typed of an entry, on a page or in a sheet, as values; and what is wrong with it, as codes. (R-02)

Words of the vocabularies are taken in both languages and as codes; areas by code or by the one area of that name. What a
value may look like at all is `graph.model.entry`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, cast

from api.meant import folded
from graph.model.entry import DAYS, FIELDS, EntryField, Kind, Subject, Value, Values, Wrong, wrong
from graph.seed.vocabulary import Scheme, terms

IN_BRACKETS: Final = re.compile(r"\(([A-Za-z0-9][A-Za-z0-9._-]*)\)\s*$")
"""A code after its word, as our own lists and sheets write it: `Español · Spanish (spa)`."""
BETWEEN: Final = re.compile(r"[;\n]+")

DAY_WORDS: Final[Mapping[str, str]] = {
    "lunes": "MO", "martes": "TU", "miercoles": "WE", "jueves": "TH", "viernes": "FR", "sabado": "SA", "domingo": "SU",
    "monday": "MO", "tuesday": "TU", "wednesday": "WE", "thursday": "TH", "friday": "FR", "saturday": "SA", "sunday": "SU",
}  # fmt: skip
RANGE: Final = re.compile(r"(\w+) (?:a|to) (\w+)")

Areas = Callable[[str], str | None]
"""From what somebody typed to the code of the one area that is meant; None: none, or several."""


def no_areas(_typed: str) -> None:
    """Where nobody can say which area is meant."""


def read(
    subject: Subject, typed: Mapping[str, str], *, area: Areas = no_areas
) -> tuple[dict[str, Value], dict[str, Wrong]]:
    """The values of what was typed, and what is wrong, by field. An empty text: no longer stated."""
    values: dict[str, Value] = {}
    faults: dict[str, Wrong] = {}
    for code, text in typed.items():
        field = FIELDS[subject].get(code)
        if field is None:
            continue
        value = _value(field, text.strip(), area)
        if isinstance(value, Wrong):
            faults[code] = value
        else:
            values[code] = value
    return values, faults | {code: w for code, w in wrong(subject, values).items() if code not in faults}


def _value(field: EntryField, text: str, area: Areas) -> Value | Wrong:
    if not text:
        return None
    match field.kind:
        case Kind.NUMBER:
            whole = re.fullmatch(r"(\d{1,3})(?:\.0)?", text, flags=re.ASCII)
            return int(whole[1]) if whole else Wrong.SHAPE
        case Kind.TIME:
            return _time(text)
        case Kind.CODE:
            return code_of(field.scheme or "", text, area) or Wrong.CODE
        case Kind.CODES:
            if field.scheme == "days":
                return _days(text)
            found = [code_of(field.scheme or "", part, area) for part in BETWEEN.split(text) if part.strip()]
            return Wrong.CODE if None in found else tuple(dict.fromkeys(code for code in found if code))
        case Kind.LINE:
            return " ".join(text.split())
    return text


def _time(text: str) -> str | Wrong:
    """`8:00` and `8.00` and what a sheet makes of a time; seconds are cut off."""
    told = re.fullmatch(r"(\d{1,2})[:.h](\d{2})(?::\d{2}(?:\.0+)?)?", text, flags=re.ASCII)
    return f"{int(told[1]):02}:{told[2]}" if told else Wrong.SHAPE


def _days(text: str) -> tuple[str, ...] | Wrong:
    """Days by name or code, one by one or from one to another: `lunes a viernes; domingo`."""
    found: set[str] = set()
    for part in re.split(r"[;,\n]+|\s+y\s+|\s+and\s+|\s+·\s+", text):
        words = folded(part)
        if not words:
            continue
        between = RANGE.fullmatch(words)
        ends = [_day(word) for word in (between.groups() if between else (words,))]
        if None in ends:
            return Wrong.CODE
        first, last = DAYS.index(str(ends[0])), DAYS.index(str(ends[-1]))
        found.update(DAYS[first : last + 1] if first <= last else (*DAYS[first:], *DAYS[: last + 1]))
    return tuple(day for day in DAYS if day in found)


def _day(word: str) -> str | None:
    return word.upper() if word.upper() in DAYS else DAY_WORDS.get(word)


def code_of(scheme: str, text: str, area: Areas) -> str | None:
    """The code that is meant by a word of a vocabulary; None where it is none of it, or could be several."""
    text = text.strip()
    if scheme == "areas":
        bracketed = IN_BRACKETS.search(text)
        return (area(bracketed[1]) if bracketed else None) or area(text)
    known = terms(cast(Scheme, scheme))
    bracketed = IN_BRACKETS.search(text)
    for code in (text, bracketed[1] if bracketed else ""):
        if code in known:
            return code
    asked = {folded(part) for part in text.split("·")}
    meant = {code for code, term in known.items() if {folded(term.es), folded(term.en), folded(code)} & asked}
    return meant.pop() if len(meant) == 1 else None


def typed(subject: Subject, values: Values, *, word: Callable[[str, str], str]) -> dict[str, str]:
    """The values as a form shows them and `read` takes them; `word` writes a code of a vocabulary with its code."""
    found: dict[str, str] = {}
    for code, value in values.items():
        field = FIELDS[subject][code]
        if isinstance(value, tuple):
            found[code] = "\n".join(word(field.scheme or "", one) for one in value)
        else:
            found[code] = "" if value is None else str(value)
    return found


def unknown_codes(subject: Subject, values: Values, *, areas: Iterable[str] = ()) -> dict[str, Wrong]:
    """Fields that hold a code which is not one of its vocabulary; `areas` are those that there are."""
    there = frozenset(areas)
    found: dict[str, Wrong] = {}
    for code, value in values.items():
        field = FIELDS[subject].get(code)
        if field is None or field.scheme is None or value is None:
            continue
        known = _known(field.scheme, there)
        told: tuple[object, ...] = value if isinstance(value, tuple) else (value,)
        if any(one not in known for one in told):
            found[code] = Wrong.CODE
    return found


def _known(scheme: str, areas: frozenset[str]) -> frozenset[object]:
    if scheme == "areas":
        return frozenset(areas)
    return frozenset(DAYS) if scheme == "days" else frozenset(terms(cast(Scheme, scheme)))
