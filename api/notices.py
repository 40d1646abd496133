"""A notice as it is shown or read: its wording with the places filled, in the language it is read in. (R-20, R-24)"""

from __future__ import annotations

from typing import Any

from api.actions.asking import Asking, ToShow
from api.receipts import day, name_of
from api.texts import choose
from graph.model.base import Language
from graph.seed.notices import notices, wording
from graph.seed.purposes import purposes


def filled(asking: Asking, found: ToShow) -> list[dict[str, Any]]:
    """Each wording with whom it is for; its hash is that of the wording with its places open."""
    language: Language = choose(asking.language)
    places = {
        "holder": name_of(found.holder, language),
        "organization": name_of(found.recipient, language),
        "purpose": purposes()[asking.purpose].label(language),
        "until": day(found.until.date(), language),
    }
    shown = []
    for notice in found.notices:
        words = wording(notice.id, notice.version, notice.language)
        assert words is not None, "what was just chosen is there"
        text = words.text.strip().format_map(places)
        shown.append({"for": notices()[notice.id].for_, **notice.model_dump(), "title": words.title, "text": text})
    return shown
