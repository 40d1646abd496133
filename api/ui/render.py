"""A page in the reader's language: templates, and the numbers, dates and words they may write.

Everything is escaped; a text of the catalogue is plain text too. What a page shows is decided by its route.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, partial
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlencode

from babel import Locale
from babel.dates import format_timedelta
from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from api import conventions, rights
from api.answer import sentence
from api.dependencies import LANGUAGE_COOKIE, language_of
from api.texts import LANGUAGES, catalogue, text
from api.ui import navigation, once, periods
from graph.model.actor import Actor, Role
from graph.model.base import Code, Language
from graph.seed.vocabulary import Scheme, label

ELSEWHERE: Final = "https://es.wikipedia.org/"
"""Where the quick exit leads: a page that anybody may be reading. It learns nothing of where one comes from."""

FRESH: Final = {"Cache-Control": "no-store"}
"""Of a page about a person, or for one: nobody on the way keeps it."""

YEAR: Final = 365 * 24 * 3600


@cache
def environment() -> Environment:
    """The templates, escaped without exception; a name that nobody gave is an error."""
    return Environment(
        loader=PackageLoader("api.ui"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def version_of(asset: str) -> str:
    """Changes with the content of a static file, so that browsers may keep it for ever."""
    return hashlib.sha256(files("api.ui").joinpath("static", asset).read_bytes()).hexdigest()[:12]


def page(
    request: Request,
    template: str,
    *,
    now: datetime,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    block: str | None = None,
    tongue: Language | None = None,
    served_in: Code | None = None,
    **shown: Any,
) -> HTMLResponse:
    """The page, in the language of `?lang=`, the cookie or the browser; `?lang=` is remembered.

    `block` names the part of the page's own template that is enough where our script asked for it: it is answered
    alone then, so the route, never the client, chooses what a fragment is. `tongue` is for a page that is turned round to
    somebody else: in their language, and nothing of it is remembered. `served_in` is where the page's person is served, for
    a reader who works nowhere: numbers and money are written as they are there.
    """
    language = tongue or language_of(request)
    written = environment().get_template(template)
    words = {**_words(request, language, served_in or country_of(request), now), **shown}
    if block is not None and is_fragment(request):
        body = "".join(written.blocks[block](written.new_context(words)))
    else:
        body = written.render(words)
    response = HTMLResponse(
        body,
        status_code=status,
        headers={"Content-Language": language, "Vary": "Accept-Language, Cookie, HX-Request", **(headers or {})},
    )
    wish = request.query_params.get("lang")
    if wish in LANGUAGES and request.cookies.get(LANGUAGE_COOKIE) != wish:
        response.set_cookie(LANGUAGE_COOKIE, wish, max_age=YEAR, httponly=True, samesite="lax")
    return response


def onward(address: str) -> RedirectResponse:
    """To the page that shows what was done."""
    return RedirectResponse(address, status_code=303, headers=FRESH)


def is_fragment(request: Request) -> bool:
    """Whether our own script asks for a part of a page."""
    return request.headers.get("hx-request") == "true"


def reader_of(request: Request) -> Actor | None:
    """Who reads, as far as the request already knows (`api.ui.reader`)."""
    return getattr(request.state, "reader", None)


def country_of(request: Request) -> Code | None:
    """Where the reader works, as far as the request already knows (`api.ui.reader`)."""
    return getattr(request.state, "country", None)


def _words(request: Request, language: Language, country: Code | None, now: datetime) -> dict[str, Any]:
    locale = conventions.locale_of(language, country)
    reader = reader_of(request)
    return {
        "reader": reader,
        "roles": reader.roles if reader else frozenset[Role](),
        "may": partial(rights.offers, reader),
        "ways": navigation.ways(reader.roles if reader else None),
        "here": partial(navigation.here, request.url.path),
        "once": once.field,
        "lang": language,
        "t": partial(_say, language),
        "has_text": partial(_is_written, language),
        "label": partial(_label, language),
        "reason": partial(_sentence, language),
        "own": partial(own, language),
        "number": partial(conventions.number, locale=locale),
        "money": partial(conventions.money, locale=locale),
        "day": partial(conventions.day, locale=locale),
        "instant": datetime.fromisoformat,
        "moment": partial(conventions.moment, locale=locale),
        "month": partial(conventions.month, locale=locale),
        "ago": partial(_ago, locale, now),
        "duration": partial(periods.duration, language=language, locale=locale),
        "opening": partial(periods.opening, language=language, locale=locale),
        "asset": lambda name: f"/static/{name}?v={version_of(name)}",
        "path": request.url.path,
        "elsewhere": ELSEWHERE,
        "languages": LANGUAGES,
        "in_language": partial(_in_language, request),
    }


def _say(language: Language, key: str, /, **places: Any) -> str:
    return text(key, language, **places)


def _is_written(language: Language, key: str) -> bool:
    return key in catalogue(language)


def _label(language: Language, scheme: Scheme, code: str) -> str:
    return label(scheme, code, language)


def _sentence(language: Language, key: str, places: Mapping[str, str], areas: Mapping[str, str]) -> str:
    return sentence(key, places, language, areas)


def own(language: Language, thing: Any, field: str) -> Any:
    """A field of a thing in the reader's language where it was translated, else as it was first written."""
    return thing.translations.get(language, {}).get(field) or getattr(thing, field)


def _ago(locale: Locale, now: datetime, value: datetime) -> str:
    """`hace 3 días`; what was said a moment ago, or by a clock that runs fast, was said now."""
    since = now.astimezone(UTC) - value.astimezone(UTC)
    if since.total_seconds() < 60:
        return text("pages.just-now", "es" if locale.language == "es" else "en")
    return format_timedelta(-since, granularity="minute", threshold=1.5, add_direction=True, locale=locale)


def _in_language(request: Request, language: Language) -> str:
    """The address of this page in another language."""
    query = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return f"{request.url.path}?{urlencode([*query, ('lang', language)])}"
