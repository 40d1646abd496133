"""A pseudo-locale: every text of the catalogue between marks, so that a word that comes from elsewhere stands out. (R-35)

What may stand outside them is told by `Known`: names of the directory and terms of the vocabularies, in the language
of the page alone, and whatever has digits or is a code of one's own things. Dates and numbers are marked too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from api import answer, conventions, texts
from api.ui import periods, render
from graph.model.base import Language

OPEN, SHUT = "⟦", "⟧"
MARKED: Final = re.compile(rf"{OPEN}[^{OPEN}{SHUT}]*{SHUT}")
PLACE: Final = re.compile(r"(\{[^{}]*\})")
WORD: Final = re.compile(r"[^\W\d_]{2,}(?:[-'’.][^\W\d_]+)*")
CODE: Final = re.compile(
    r"\S+@\S+|\bhttps?://\S+|\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b|\b(?=[\w:.-]*\d)[\w:.-]+|\b[A-Z]{2}\b|\b[a-z]+(?:\.[a-z]+)+\b"
)
"""A mailbox, an address; the number of a case; what has a digit in it; a country; a code with dots."""

NAMES: Final = ("Enlace", "API", "HTTP", "XLSX", "CSV", "QR", "UTC")
"""The same in every language."""

READ_ALOUD: Final = ("aria-label", "alt", "placeholder", "title")
UNREAD: Final = ("script", "style", "code")
"""A code is written as it is said to a program."""
WRITTEN: Final = ("number", "money", "day", "month", "moment")


def marked(text: str) -> str:
    """The text with its own words between marks; what is put into its places stands outside them."""
    return "".join(part if PLACE.fullmatch(part) else f"{OPEN}{part}{SHUT}" for part in PLACE.split(text) if part)


@contextmanager
def pseudo() -> Iterator[None]:
    """As long as it lasts, everything the house says itself is marked."""
    said: Mapping[Language, Mapping[str, str]] = {
        language: {key: marked(text) for key, text in texts.catalogue(language).items()} for language in texts.LANGUAGES
    }

    def between(written: Callable[..., Any]) -> Callable[..., Any]:
        def say(*args: Any, **more: Any) -> Any:
            told = written(*args, **more)
            return told and f"{OPEN}{MARKED.sub(lambda found: found[0][1:-1], told)}{SHUT}"

        return say

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "catalogue", said.__getitem__)
        for name in WRITTEN:
            patch.setattr(conventions, name, between(getattr(conventions, name)))
        for name in ("duration", "opening"):
            patch.setattr(periods, name, between(getattr(periods, name)))
        patch.setattr(render, "_ago", between(render._ago))
        answer._filled.cache_clear()
        try:
            yield
        finally:
            answer._filled.cache_clear()


class _Heard(HTMLParser):
    """What of a page is seen or read aloud, piece by piece."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unread += tag in UNREAD
        self.pieces += [value for name, value in attrs if name in READ_ALOUD and value]

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in UNREAD

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.pieces.append(data)


class Known:
    """What may stand on a page without being a text of the catalogue."""

    def __init__(self, told: Iterable[str]) -> None:
        longest_first = sorted({" ".join(one.split()) for one in (*told, *NAMES) if one.strip()}, key=len, reverse=True)
        self._told = re.compile("|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in longest_first))

    def strange(self, html: str) -> list[str]:
        """The words of a page that come neither from the catalogue nor from what is known."""
        heard = _Heard()
        heard.feed(html)
        found = []
        for piece in heard.pieces:
            left = " ".join(piece.split())
            while MARKED.search(left):
                left = MARKED.sub(" ", left)
            if WORD.search(left):  # looking through all that is known takes its time
                found += WORD.findall(CODE.sub(" ", self._told.sub(" ", left)))
        return found


def terms_in(language: Language, folder: Path) -> set[str]:
    """Every label that the files of a folder give in a language."""

    def labels(told: Any) -> Iterator[str]:
        if isinstance(told, dict):
            for key, value in told.items():
                if key == language and isinstance(value, str):
                    yield value
                else:
                    yield from labels(value)
        elif isinstance(told, list):
            for value in told:
                yield from labels(value)

    files = [yaml.safe_load(file.read_text("utf-8")) for file in folder.rglob("*.yaml") if "demo" not in file.parts]
    return set(labels(files))
