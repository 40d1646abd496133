"""How numbers, days, instants and money are written: in the reader's language, as in the reader's country.

Words are no matter of a country: they stand in `api.texts`. What is read by programs is written by nobody's conventions.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton
from babel.localedata import exists
from babel.numbers import format_currency, format_decimal, get_currency_precision

from graph.model.base import Code, Language

USUAL: Final[dict[Language, Code]] = {"es": "GT", "en": "GB"}
"""Whose conventions a language has where no country is known, or where nobody wrote down what is usual there.

The four countries write 12,345.6 and the day before the month; so does this English.
"""

ZONE: Final = ZoneInfo("America/Guatemala")
"""The clock of the four countries' capitals."""


@cache
def locale_of(language: Language, country: Code | None = None) -> Locale:
    """The language as it is written in a country: an amount in a country's own money has its sign, others their code."""
    here = f"{language}_{country}"
    return Locale.parse(here if country and exists(here) else f"{language}_{USUAL[language]}")


def number(value: float | Decimal, locale: Locale) -> str:
    """`12,345.6`."""
    return format_decimal(value, locale=locale)


def money(minor: int, currency: str, locale: Locale) -> str:
    """An amount in the smallest unit of its currency: `Q1,234.50` in Guatemala, `GTQ1,234.50` elsewhere."""
    return format_currency(Decimal(minor).scaleb(-get_currency_precision(currency)), currency, locale=locale)


def day(value: date, locale: Locale) -> str:
    """`21 de noviembre de 2026`."""
    return format_date(value, "long", locale=locale)


def month(value: str, locale: Locale) -> str:
    """`2026-11` in words."""
    return format_skeleton("yMMMM", date.fromisoformat(f"{value}-01"), locale=locale)


def moment(value: datetime, locale: Locale) -> str:
    """`21 nov 2026, 9:05`, by the clock of the four countries."""
    return format_datetime(value, "d MMM y, H:mm", tzinfo=ZONE, locale=locale)
