"""Screen words: every text a person reads, in Spanish and English, from `locale/<language>/<conversation>.po`.

Keys, not sentences, are the message ids, so that neither language is the other's translation. A text may hold
`{named}` places. Which words are missing, or the same in both languages, is held by tests/house.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from babel.messages.pofile import read_po

from graph.model.base import Language

LANGUAGES: tuple[Language, ...] = ("es", "en")


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """All texts of a language by key."""
    found: dict[str, str] = {}
    folder = files("api").joinpath("locale", language)
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".po"):
            with file.open("rb") as stream:
                for message in read_po(stream, locale=language):
                    if message.id:
                        if message.id in found:
                            raise ValueError(f"{message.id} stands twice in locale/{language}")
                        found[str(message.id)] = str(message.string)
    return MappingProxyType(found)


def text(key: str, language: Language, /, **places: Any) -> str:
    """The text of a key. A key nobody wrote is shown as it is, so that it is seen and mended."""
    found = catalogue(language).get(key)
    return found.format_map(places) if found else key


def choose(*wishes: str | None) -> Language:
    """The first wish that is a language we speak (`en-US` counts as `en`); else Spanish."""
    for wish in wishes:
        if wish and wish[:2].lower() in LANGUAGES:
            return "en" if wish[:2].lower() == "en" else "es"
    return "es"
