"""A complaint in words, for both faces: who deals with it, until when, and what happens next. (R-50)"""

from __future__ import annotations

from api.actions.complaints import ComplaintView
from api.answer import day_in_words
from api.texts import text
from graph.model.base import Language


def says(view: ComplaintView, language: Language) -> str:
    """What happens now, who deals with it, and until when."""
    office = text(f"complaint.office.{view.office.value}", language)
    remedy = text(f"complaint.remedy.{view.remedy.value}", language) if view.remedy else ""
    date = day_in_words(view.answer_by.date().isoformat(), language)
    return text(f"complaint.next.{view.next}", language, office=office, date=date, remedy=remedy)
