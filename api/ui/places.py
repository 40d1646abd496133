"""A provider says how many places there are, in ten seconds on a telephone. (R-06)"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from api.actions import capacity, directory_search, directory_view, listing
from api.actions.directory_search import Entry
from api.actions.listing import Listed
from api.dependencies import LanguageDep, NetworkDep, NowDep
from api.identity import Whoever, WhoeverDep, not_allowed
from api.problems import Conflict, Problem
from api.ui import directory
from api.ui.forms import form_of
from api.ui.render import FRESH, onward, page
from api.ui.way_back import sign_in_first
from graph.model.actor import Actor, Role
from graph.model.base import Language
from graph.model.directory import ServiceCapacity
from graph.model.places import RELATIVE, Change, OutOfRange, is_paused
from graph.model.refusal import Refusal

router = APIRouter()

ServiceId = Annotated[str, Path(min_length=1, max_length=120)]
Searched = Annotated[str, Query(max_length=120)]

MOST_FOUND: Final = 40
EVERYBODY: Final = "all"
"""Of nobody in particular: what a list of organisations is asked for by."""

JUST: Final = timedelta(minutes=5)
"""For so long after it was said, the page thanks for it."""

LONGEST_NUMBER: Final = 6

FAULTS: Final = {Change.SET: "pages.places.number", Change.PAUSE: "pages.places.until"}
"""What is said where that cannot be; of all else, that there is nothing to add to or take from."""

KEY: Final = re.compile(r"^[A-Za-z0-9_-]{16,64}$")


@router.get("/places")
async def find(
    request: Request,
    network: NetworkDep,
    now: NowDep,
    language: LanguageDep,
    actor: WhoeverDep,
    q: Searched = "",
    of: Searched = "",
) -> HTMLResponse:
    """Services by organisation, searched as the directory is, so that a provider finds its own in either language.

    A provider who has not searched yet sees its own at once, and of "all" the list of everybody.
    """
    providers = await network.read(listing.providers)
    if not q.strip() and not of and isinstance(actor, Actor) and Role.PROVIDER in actor.roles:
        of = actor.organization_id or ""
    of = "" if of == EVERYBODY else of
    shown: Sequence[Listed | Entry] = ()
    if q.strip():
        entries = [entry for entry in await directory.known(request) if not of or entry.organization_id == of]
        shown = directory_search.meant(q, entries)[:MOST_FOUND]
    elif of:
        shown = [service for service in await network.read(listing.services) if service.organization_id == of]
    said = await network.read(listing.places, [s.id for s in shown]) if shown else {}
    return page(
        request,
        "places.html",
        now=now,
        q=q.strip(),
        of=of,
        providers=providers,
        groups=_by_organization(shown, language),
        said=said,
        at=now,
    )


def _name(service: Listed | Entry, language: Language) -> str:
    return service.translations.get(language, {}).get("name") or service.name


def _organization(service: Listed | Entry, language: Language) -> str:
    return service.organization_translations.get(language, {}).get("name") or service.organization


def _by_organization(services: Sequence[Listed | Entry], language: Language) -> list[tuple[str, list[tuple[str, str]]]]:
    """Organisations in the order in which they were found, each with its services (id, name)."""
    grouped: dict[str, list[Listed | Entry]] = {}
    for service in services:
        grouped.setdefault(service.organization_id, []).append(service)
    return [
        (_organization(found[0], language), [(s.id, _name(s, language)) for s in found]) for found in grouped.values()
    ]


@router.get("/services/{service_id}/places")
async def places(
    request: Request, service_id: ServiceId, network: NetworkDep, actor: WhoeverDep, now: NowDep
) -> HTMLResponse:
    """What was said last, and the buttons to say it anew; what one wanted to say before signing in stands there still."""
    found = await network.read(directory_view.service, service_id, on=now.date())
    shown = _shown(found, actor, now)
    shown["thanks"] = "said" in request.query_params and bool(shown["capacity"]) and shown["since"] < JUST
    wish = request.query_params.get("wish")
    if wish in frozenset(Change) and shown["may_say"]:
        day = _day_in(request.query_params.get("until", ""))
        number = request.query_params.get("number", "")[:LONGEST_NUMBER]
        shown |= {"wish": wish, "typed": number, "until": day.isoformat() if day else ""}
    return page(request, "service_places.html", now=now, headers=FRESH, **shown)


@router.post("/services/{service_id}/places")
async def say(
    request: Request, service_id: ServiceId, network: NetworkDep, actor: WhoeverDep, now: NowDep, language: LanguageDep
) -> Response:
    """Say it: plus and minus hold whatever somebody else said in between; all else names the version that was seen.

    The page carries a random key, so that a button pressed twice on a bad line counts once. Whoever is not signed in,
    or no longer, signs in first and finds what they wanted to say.
    """
    form = await form_of(request)
    change, number, until = _said(form)
    if capacity.must_sign_in(actor):
        typed = {"number": _text(form, "number")[:LONGEST_NUMBER]} if change is Change.SET else {}
        typed |= {"until": until.isoformat()} if until else {}
        return sign_in_first(f"/services/{service_id}/places", {"wish": change.value} | typed)
    expected = None if change in RELATIVE else _version(form)
    key = _text(form, "key")
    circumstances: dict[str, Any] = {"actor": actor, "at": now, "expected": expected, "number": number, "until": until}
    if KEY.match(key):
        who = actor.id if isinstance(actor, Actor) else ""
        what = f"{who}|{service_id}|{change}|{number}|{until}|{expected}"
        circumstances["idempotency_key"] = hashlib.sha256(f"places|{key}|{what}".encode()).hexdigest()
        circumstances["request_hash"] = hashlib.sha256(what.encode()).hexdigest()
    try:
        written = await network.write(capacity.change, service_id, change, **circumstances)
    except OutOfRange:
        found = await network.read(directory_view.service, service_id, on=now.date())
        shown = _shown(found, actor, now) | {"fault": FAULTS.get(change, "pages.places.out-of-range")}
        return page(request, "service_places.html", now=now, status=422, headers=FRESH, **shown)
    except Conflict:
        found = await network.read(directory_view.service, service_id, on=now.date())
        shown = _shown(found, actor, now)
        shown |= {"change": change, "wished": number, "until": until}
        return page(request, "places_conflict.html", now=now, status=412, headers=FRESH, **shown)
    if isinstance(written, Refusal):
        await network.read(capacity.read, service_id)  # on a page, what is not there is said to be not there
        raise not_allowed(written.reasons[0].reason.value, language)
    return onward(f"{request.url.path}?said=1")


def _shown(found: directory_view.ServiceView, actor: Whoever, now: datetime) -> dict[str, Any]:
    """What the page shows, and whether this reader may say it: a visitor may after signing in, so has the form too."""
    may_say = capacity.may_say(actor, found.organization.id)
    found = found if may_say else found.for_others()
    stated: ServiceCapacity | None = found.capacity
    since = now - stated.updated if stated else timedelta(0)
    return {
        "found": found,
        "service": found.service,
        "capacity": stated,
        "stock": found.stock,
        "is_paused": stated is not None and is_paused(stated.paused_until, on=now.date()),
        "today": now.date().isoformat(),
        "version": stated.version if stated else 0,
        "key": secrets.token_urlsafe(18),
        "since": since,
        "is_stale": found.places_are_unknown(at=now),
        "may_say": may_say,
        "is_signed_in": isinstance(actor, Actor),
        "thanks": False,
        "fault": None,
        "wish": None,
        "typed": "",
        "until": "",
    }


def _said(form: FormData) -> tuple[Change, int | None, date | None]:
    change = _text(form, "change")
    if change not in frozenset(Change):
        raise Problem("invalid-request")
    if change == Change.PAUSE:
        return Change.PAUSE, None, _day_in(_text(form, "until"))
    typed = _text(form, "number")
    if Change(change) is not Change.SET:
        return Change(change), None, None
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= LONGEST_NUMBER else None
    return Change.SET, number, None


def _day_in(typed: str) -> date | None:
    """A day as a form writes it; None for anything else."""
    try:
        return date.fromisoformat(typed) if len(typed) == len("2026-01-01") else None
    except ValueError:
        return None


def _version(form: FormData) -> int:
    typed = _text(form, "version")
    if not typed.isascii() or not typed.isdigit() or len(typed) > 9:
        raise Problem("version-required")
    return int(typed)


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""
