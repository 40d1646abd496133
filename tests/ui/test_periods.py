"""Durations and opening times in words. (R-12)"""

from __future__ import annotations

from typing import Any

import pytest
from babel import Locale

from api.ui import periods
from graph.model.base import Language

LOCALES = {"es": Locale.parse("es_GT"), "en": Locale.parse("en")}


@pytest.mark.parametrize(
    ("value", "es", "en"),
    [
        ("P7D", "7 días", "7 days"),
        ("PT72H", "72 horas", "72 hours"),
        ("P1M", "1 mes", "1 month"),
        ("P1Y2M", "1 año y 2 meses", "1 year and 2 months"),
        ("P2DT3H", "2 días y 3 horas", "2 days and 3 hours"),
        ("soon", "soon", "soon"),
        ("P", "P", "P"),
    ],
)
def test_durations(value: str, es: str, en: str) -> None:
    assert periods.duration(value, language="es", locale=LOCALES["es"]) == es
    assert periods.duration(value, language="en", locale=LOCALES["en"]) == en


def said(language: Language, *rule: str | None, **more: Any) -> str | None:
    return periods.opening(*rule, language=language, locale=LOCALES[language], **more)


@pytest.mark.parametrize(
    ("rule", "es", "en"),
    [
        (
            ("MO,TU,WE,TH,FR", "08:00", "16:00"),
            "de lunes a viernes, de 08:00 a 16:00 h",
            "Monday to Friday, 08:00–16:00",
        ),
        (("FREQ=WEEKLY;BYDAY=MO,WE", None, None), "lunes y miércoles", "Monday and Wednesday"),
        (("MO,TU,WE,TH,FR,SA,SU", None, None), "todos los días", "every day"),
        (("FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", "9:00", None), "sábado, cada 2 semanas, desde las 9:00 h", None),
        (("FREQ=MONTHLY;BYDAY=1SA", None, None), "el primer sábado del mes", "the first Saturday of the month"),
        (("FREQ=MONTHLY;BYDAY=-1FR", None, None), "el último viernes del mes", "the last Friday of the month"),
        (("FREQ=YEARLY;BYDAY=banana", None, None), "FREQ=YEARLY;BYDAY=banana", "FREQ=YEARLY;BYDAY=banana"),
        ((None, None, None), None, None),
    ],
)
def test_opening_times(rule: tuple[str | None, ...], es: str | None, en: str | None) -> None:
    assert said("es", *rule) == es
    if en:
        assert said("en", *rule) == en


def test_every_other_month_and_once_a_month() -> None:
    assert said("es", "SA", freq="MONTHLY", interval=1) == "sábado, una vez al mes"
    assert said("en", "SA", freq="MONTHLY", interval=2) == "Saturday, every 2 months"
