"""Durations and opening times in words: `P7D` is seven days, `WEEKLY;BYDAY=MO,TU` is Mondays and Tuesdays. (R-12)"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from babel import Locale
from babel.dates import get_day_names
from babel.lists import format_list
from babel.units import format_unit

from api.texts import text
from graph.model.base import Language
from graph.model.duration import parse

UNITS: Final = ("year", "month", "week", "day", "hour", "minute", "second")
DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ORDINAL: Final = re.compile(r"^([+-]?\d+)?(MO|TU|WE|TH|FR|SA|SU)$")


def duration(value: str, *, language: Language, locale: Locale) -> str:
    """An ISO 8601 duration in words; what cannot be read is shown as it stands."""
    try:
        stated = parse(value)
    except ValueError:
        return value
    parts = [
        format_unit(number, f"duration-{unit}", length="long", locale=locale)
        for unit in UNITS
        if (number := getattr(stated, f"{unit}s"))
    ]
    return format_list(parts, locale=locale) if parts else value


def opening(
    rule: str | None,
    opens_at: str | None = None,
    closes_at: str | None = None,
    *,
    language: Language,
    locale: Locale,
    freq: str | None = None,
    interval: int | None = None,
) -> str | None:
    """When a door is open or a telephone answered: an RFC 5545 rule (or its BYDAY alone) and hours, in words."""
    stated = dict(part.split("=", 1) for part in (rule or "").removeprefix("RRULE:").split(";") if "=" in part)
    byday = stated.get("BYDAY") or (rule if rule and "=" not in rule else "")
    freq = stated.get("FREQ") or freq
    every = int(stated["INTERVAL"]) if stated.get("INTERVAL", "").isdigit() else interval
    parts = []
    if byday:
        days = _days(byday.split(","), language, locale)
        if days is None:
            return rule
        parts.append(days)
    if every and every > 1 and freq in ("WEEKLY", "MONTHLY"):
        parts.append(text(f"pages.every-{freq.lower()}", language, n=every))
    elif freq == "MONTHLY" and not re.search(r"\d", byday):
        parts.append(text("pages.monthly", language))
    hours = _hours(opens_at, closes_at, language)
    if hours:
        parts.append(hours)
    return ", ".join(parts) or None


def _days(codes: Iterable[str], language: Language, locale: Locale) -> str | None:
    names = get_day_names("wide", locale=locale)
    found = [ORDINAL.match(code.strip()) for code in codes]
    if not found or not all(found):
        return None
    plain = [DAYS.index(m[2]) for m in found if m and m[1] is None]
    if len(plain) == len(found):
        plain = sorted(set(plain))
        if len(plain) == 7:
            return text("pages.every-day", language)
        if len(plain) > 2 and plain == list(range(plain[0], plain[-1] + 1)):
            return text("pages.from-day-to-day", language, first=names[plain[0]], last=names[plain[-1]])
        return format_list([names[d] for d in plain], locale=locale)
    said = []
    for match in found:
        if match is None or match[1] is None or int(match[1]) not in (1, 2, 3, 4, -1):
            return None
        said.append(text(f"pages.nth.{int(match[1])}", language, day=names[DAYS.index(match[2])]))
    return format_list(said, locale=locale)


def _hours(opens_at: str | None, closes_at: str | None, language: Language) -> str | None:
    if opens_at and closes_at:
        return text("pages.hours", language, first=opens_at[:5], last=closes_at[:5])
    if opens_at:
        return text("pages.hours-from", language, first=opens_at[:5])
    return None
