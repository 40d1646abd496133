"""Numbers, days and money as they are written where the reader works. (R-04)"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from api import conventions
from graph.model.base import Language


@pytest.mark.parametrize(
    ("country", "own", "sign"), [("GT", "GTQ", "Q"), ("HN", "HNL", "L"), ("SV", "USD", "$"), ("MX", "MXN", "$")]
)
def test_money_of_a_country_has_its_sign_there_and_its_code_elsewhere(country: str, own: str, sign: str) -> None:
    here = conventions.locale_of("es", country)
    for currency in ("GTQ", "HNL", "USD", "MXN"):
        expected = sign if currency == own else currency
        assert conventions.money(123_450, currency, here) == f"{expected}1,234.50"


@pytest.mark.parametrize("country", ["GT", "HN", "SV", "MX"])
@pytest.mark.parametrize(
    ("language", "day", "moment", "month"),
    [
        ("es", "21 de noviembre de 2026", "21 nov 2026, 9:05", "noviembre de 2026"),
        ("en", "21 November 2026", "21 Nov 2026, 9:05", "November 2026"),
    ],
)
def test_the_four_countries_write_numbers_and_days_alike_in_both_languages(
    country: str, language: Language, day: str, moment: str, month: str
) -> None:
    here = conventions.locale_of(language, country)
    assert conventions.number(12_345.6, here) == "12,345.6"
    assert conventions.day(date(2026, 11, 21), here) == day
    assert conventions.moment(datetime(2026, 11, 21, 15, 5, tzinfo=UTC), here) == moment
    assert conventions.month("2026-11", here) == month


def test_a_country_that_writes_otherwise_is_followed_and_an_unknown_one_falls_back() -> None:
    assert conventions.number(12_345.6, conventions.locale_of("es", "ES")) == "12.345,6"
    assert conventions.day(date(2026, 11, 21), conventions.locale_of("en", "US")) == "November 21, 2026"
    for nowhere in (None, "QA", "../etc"):
        assert conventions.locale_of("es", nowhere) == conventions.locale_of("es", "GT")
