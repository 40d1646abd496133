"""The calendar of a country: its time zone and its public holidays, as the `holidays` library knows them. (R-12)

A country that the library does not know has weekends only, which makes its clocks run faster, never slower.
"""

from __future__ import annotations

from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import holidays

from graph.model.clock import WorkingDays

ZONES: Final = {
    "GT": "America/Guatemala",
    "HN": "America/Tegucigalpa",
    "SV": "America/El_Salvador",
    "MX": "America/Mexico_City",
    "NI": "America/Managua",
    "BZ": "America/Belize",
    "CR": "America/Costa_Rica",
    "PA": "America/Panama",
    "US": "America/New_York",
    "JO": "Asia/Amman",
}
"""Where a country has several zones, that of its capital."""

YEARS_AHEAD: Final = 2


@cache
def working_days(country: str, year: int) -> WorkingDays:
    """The calendar of a country (ISO 3166 alpha-2) for what begins in a year; UTC for a country that is not known."""
    zone = ZoneInfo(ZONES.get(country, "UTC"))
    if country not in holidays.list_supported_countries():
        return WorkingDays(zone)
    years = range(year - 1, year + YEARS_AHEAD + 1)
    return WorkingDays(zone, frozenset(holidays.country_holidays(country, years=years)))
