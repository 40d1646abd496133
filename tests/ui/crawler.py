"""What is asked of a page whoever reads it: how it is built, what its answer says, what it must not hold. (R-21)

Nothing here knows a page by name. A fault is a sentence; a page without any is one that may be shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin, urlsplit

from httpx2 import Response

from api.ui.render import ELSEWHERE
from api.ui.security import ALWAYS

VOID: Final = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
        "path",
        "rect",
        "circle",
        "use",
    ]
)
OUTSIDE: Final = (ELSEWHERE, "tel:", "mailto:")
"""Where a page may lead beside the house itself: the quick exit, and telephones and addresses of the directory."""


@dataclass
class Read(HTMLParser):
    """A page as far as its faults need it."""

    text: str = ""
    title: str = ""
    language: str = ""
    headings: list[int] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    forms: list[tuple[str, str]] = field(default_factory=list)
    assets: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    refers: list[tuple[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    @classmethod
    def of(cls, html: str) -> Read:
        read = cls()
        read.feed(html)
        read.close()
        return read

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._open.append(tag)
        if tag == "html":
            self.language = has.get("lang", "")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if "id" in has:
            self.ids.append(has["id"])
        for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls", "headers"):
            self.refers += [(name, id) for id in has.get(name, "").split()]
        if tag == "a" and "href" in has:
            self.links.append(has["href"])
        if tag == "form":
            self.forms.append((has.get("method", "get").upper(), has.get("action", "")))
        if tag == "link" and has.get("rel") in ("stylesheet", "icon"):
            self.assets.append(has.get("href", ""))
        if tag in ("script", "img", "iframe", "source", "video", "audio", "embed", "object"):
            self.assets.append(has.get("src") or has.get("data", ""))
        if tag == "script" and "src" not in has:
            self.faults.append("a script of its own")
        if tag == "style":
            self.faults.append("a style of its own")
        self.faults += [f"{name} on <{tag}>" for name in has if name == "style" or re.fullmatch("on[a-z]+", name)]
        self.faults += [
            f"{name} of <{tag}> runs or fetches: {value[:40]}"
            for name, value in has.items()
            if name in ("href", "src", "action", "formaction", "poster", "srcset")
            and re.match(r"\s*(javascript|data|vbscript):", value, re.IGNORECASE)
        ]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if tag not in self._open:
            self.faults.append(f"</{tag}> closes nothing")
            return
        while self._open and self._open[-1] != tag:
            left = self._open.pop()
            if left not in ("li", "p", "td", "th", "tr", "tbody", "thead", "option", "dt", "dd"):
                self.faults.append(f"<{left}> is not closed")
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open[-1:] == ["title"]:
            self.title += data
        else:
            self.text += data


def faults_of(page: Read, answer: Response, *, lang: str, signed_in: bool) -> list[str]:
    """All that is wrong with one page, in sentences."""
    headers = answer.headers
    found = list(page.faults)
    found += [f"header {name}: {headers.get(name)}" for name, value in ALWAYS.items() if headers.get(name) != value]
    if signed_in and "no-store" not in headers.get("cache-control", ""):
        found.append(f"kept by browsers: {headers.get('cache-control')}")
    if page.language != lang or headers.get("content-language") != lang:
        found.append(f"language {page.language}, {headers.get('content-language')} and not {lang}")
    if page.headings.count(1) != 1:
        found.append(f"{page.headings.count(1)} headings of the first order")
    found += [
        f"a heading of order {then} after one of {before}"
        for before, then in zip(page.headings, page.headings[1:], strict=False)
        if then > before + 1
    ]
    if len(page.title.partition("·")[0].strip()) < 2:
        found.append("no title")
    twice = sorted({id for id in page.ids if page.ids.count(id) > 1})
    found += [f"id {id} stands twice" for id in twice]
    found += [f"{name} names no id: {id}" for name, id in page.refers if id not in page.ids]
    found += [f"from outside: {asset}" for asset in page.assets if not asset.startswith("/static/")]
    for link in page.links:
        if urlsplit(link).netloc and not link.startswith(OUTSIDE) and not link.startswith("https://"):
            found.append(f"leads outside unencrypted: {link}")
        if link.startswith("#") and len(link) > 1 and link[1:] not in page.ids:
            found.append(f"leads nowhere on the page: {link}")
        if not link.strip():
            found.append("a link without an address")
    return found


def leads_to(page: Read, at: str) -> list[str]:
    """The addresses of this house that a page links to, without their fragments and without another language."""
    here = []
    for link in page.links:
        parts = urlsplit(urljoin(at, link))
        if parts.scheme in ("", "http") and not urlsplit(link).netloc and not re.search(r"(^|&)lang=", parts.query):
            here.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return list(dict.fromkeys(here))
