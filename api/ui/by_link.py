"""The pages behind a link: a provider without an account looks, answers, says places, opens with a code. (R-12)

The secret stands in the address of the mail only. It is exchanged at once for a cookie of this browser that lives half
an hour, no script reads and no other page gets, so that no address of a page holds it. Looking changes nothing: whoever
scans mails can follow every link as often as they like.
"""

from __future__ import annotations

import hashlib
import re
import secrets as random
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from api.actions import by_link
from api.actions.by_link import LONGEST_NAME, Seen, SeenPlaces
from api.dependencies import GazetteerDep, LanguageDep, NetworkDep, NowDep, SecretsDep
from api.gazetteer import Gazetteer
from api.identity import is_https, refuse_unencrypted
from api.problems import Conflict, NotFound, Problem
from api.texts import text
from api.ui.forms import form_of
from api.ui.recorded import in_words
from api.ui.render import FRESH, onward, page
from graph.model.base import Language
from graph.model.places import Change, OutOfRange
from graph.model.referral import Step
from graph.model.refusal import Denied, Refusal
from graph.seed.catalogue import fields
from graph.seed.status_reasons import status_reasons

router = APIRouter()

PATH: Final = "/answer"
LASTS: Final = 30 * 60
"""Seconds for which a browser keeps what it was let in with."""
SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}", flags=re.ASCII)
KEY: Final = re.compile(r"[A-Za-z0-9_-]{16,64}", flags=re.ASCII)
HIDDEN: Final = FRESH | {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
ANSWERS: Final = ("can", "waiting-list", "assess-first", "cannot")
SAID: Final = (Change.PLUS, Change.MINUS, Change.FULL, Change.WAITING_LIST, Change.STILL_TRUE)
"""What can be said of places by link."""
CODE: Final = re.compile(r"[0-9]{6,8}", flags=re.ASCII)


def cookie_name(request: Request) -> str:
    """Over https it is sent over nothing else."""
    return "__Secure-enlace-answer" if is_https(request) else "enlace-answer"


@router.get(PATH + "/opening")
async def back(request: Request) -> Response:
    """Who reloads the page of what was opened by its address is led back to the link's own page: it is no link itself."""
    refuse_unencrypted(request)
    return onward(PATH)


@router.get(PATH + "/{secret}", name="answer-by-link")
async def enter(secret: Annotated[str, Path(min_length=1, max_length=120)], request: Request) -> Response:
    """Let in, whatever the link: the next page says whether it leads anywhere."""
    refuse_unencrypted(request)
    response = RedirectResponse(PATH, status_code=303, headers=HIDDEN)
    kept = secret if SECRET.fullmatch(secret) else ""
    secure = is_https(request)
    response.set_cookie(
        cookie_name(request), kept, max_age=LASTS, path=PATH, secure=secure, httponly=True, samesite="lax"
    )
    return response


@router.get(PATH)
async def show(
    request: Request,
    network: NetworkDep,
    now: NowDep,
    secrets: SecretsDep,
    language: LanguageDep,
    gazetteer: GazetteerDep,
) -> Response:
    """What the link is about, and the buttons. It shows need class, area and dates, or a service's places."""
    refuse_unencrypted(request)
    secret = _secret(request)
    try:
        found = await network.read(by_link.look, secret, at=now)
    except NotFound:
        return page(request, "by_link_gone.html", now=now, status=404, headers=FRESH)
    thanks = request.query_params.get("said") == "1"
    return _page(request, found, secret, secrets, language, gazetteer, now=now, thanks=thanks)


def _page(
    request: Request,
    found: Seen | SeenPlaces,
    secret: str,
    secrets: SecretsDep,
    language: Language,
    gazetteer: Gazetteer,
    *,
    now: NowDep,
    status: int = 200,
    faults: tuple[str, ...] = (),
    thanks: bool = False,
) -> Response:
    shown: dict[str, Any] = {
        "link": found.link,
        "confirm": by_link.confirmation(secret, secrets),
        "key": random.token_urlsafe(18),
        "faults": faults,
        "thanks": thanks,
    }
    if isinstance(found, SeenPlaces):
        name = found.translations.get(language, {}).get("name") or found.name
        stock = found.stock.capacity if found.stock else None
        return page(
            request, "by_link_places.html", now=now, status=status, headers=FRESH, name=name, capacity=stock, **shown
        )
    area = gazetteer.by_code.get(found.asked.area)
    return page(
        request,
        "by_link.html",
        now=now,
        status=status,
        headers=FRESH,
        seen=found,
        area=area.name if area else found.asked.area,
        reasons=[(code, status_reasons()[code].label(language)) for code in found.reasons],
        answers=ANSWERS,
        longest=LONGEST_NAME,
        **shown,
    )


@router.post(PATH)
async def say(
    request: Request,
    network: NetworkDep,
    now: NowDep,
    secrets: SecretsDep,
    language: LanguageDep,
    gazetteer: GazetteerDep,
) -> Response:
    """Answer, or say places. Counts only from the link's own page."""
    secret, form = await _confirmed(request, secrets)
    said, reason = _text(form, "say"), _text(form, "reason") or None
    found: Seen | SeenPlaces | None = None
    outcome: Any
    try:
        found = await network.read(by_link.look, secret, at=now)
        if isinstance(found, SeenPlaces):
            outcome = await _say_places(form, secret, said, network, now)
        elif found.link.purpose.value == "answer-enquiry":
            if said not in ANSWERS:
                raise Problem("invalid-request")
            chosen = reason if said == "cannot" else None
            outcome = await network.write(by_link.answer_enquiry, secret, said, chosen, at=now, secrets=secrets)
        elif said == "waiting-list":
            outcome = await network.write(by_link.waits_on_list, secret, at=now, secrets=secrets)
        elif said in ("accept", "reject"):
            step = Step(said)
            chosen = reason if step is Step.REJECT else None
            outcome = await network.write(by_link.answer_referral, secret, step, chosen, at=now, secrets=secrets)
        else:
            raise Problem("invalid-request")
    except NotFound:
        return page(request, "by_link_gone.html", now=now, status=404, headers=FRESH)
    except (OutOfRange, Conflict):
        assert found is not None
        faults: tuple[str, ...] = (text("pages.places.out-of-range", language),)
        return _page(request, found, secret, secrets, language, gazetteer, now=now, status=422, faults=faults)
    if isinstance(outcome, Refusal):
        found = await network.read(by_link.look, secret, at=now)
        faults = tuple(_sentence(denied, language) for denied in outcome.reasons)
        return _page(request, found, secret, secrets, language, gazetteer, now=now, status=409, faults=faults)
    return onward(f"{PATH}?said=1")


async def _say_places(form: FormData, secret: str, said: str, network: NetworkDep, now: NowDep) -> Refusal | None:
    """A button that is pressed twice on a bad line counts once."""
    if said not in {change.value for change in SAID}:
        raise Problem("invalid-request")
    more: dict[str, Any] = {}
    key = _text(form, "key")
    if KEY.fullmatch(key):
        what = hashlib.sha256(f"{secret}|{said}".encode()).hexdigest()
        more["idempotency_key"] = hashlib.sha256(f"by-link|{key}|{what}".encode()).hexdigest()
        more["request_hash"] = what
    outcome: Refusal | None = await network.write(by_link.say_places, secret, Change(said), at=now, **more)
    return outcome


@router.post(PATH + "/opening")
async def open_(
    request: Request,
    network: NetworkDep,
    now: NowDep,
    secrets: SecretsDep,
    language: LanguageDep,
    gazetteer: GazetteerDep,
) -> Response:
    """Open what was disclosed, once, with a name and the code that was read out by telephone."""
    secret, form = await _confirmed(request, secrets)
    name, code = " ".join(_text(form, "name").split()), re.sub(r"[\s-]", "", _text(form, "code"))
    try:
        found = await network.read(by_link.look, secret, at=now)
        if not name or len(name) > LONGEST_NAME or not CODE.fullmatch(code):
            faults: tuple[str, ...] = (text("by-link.opening.both", language),)
            return _page(request, found, secret, secrets, language, gazetteer, now=now, status=422, faults=faults)
        outcome = await network.write(by_link.open_copy, secret, name, code, at=now, secrets=secrets)
    except NotFound:
        return page(request, "by_link_gone.html", now=now, status=404, headers=FRESH)
    if isinstance(outcome, Refusal):
        faults = tuple(_sentence(denied, language) for denied in outcome.reasons)
        return _page(request, found, secret, secrets, language, gazetteer, now=now, status=409, faults=faults)
    known = fields()
    rows = [
        (known[c].label(language), in_words(known[c], value, language, gazetteer))
        for c, value in outcome.payload.items()
    ]
    return page(request, "by_link_copy.html", now=now, headers=FRESH, rows=rows, packet=outcome)


async def _confirmed(request: Request, secrets: SecretsDep) -> tuple[str, FormData]:
    """The secret of this browser, and a form that came from the page of that same link."""
    refuse_unencrypted(request)
    form = await form_of(request)
    secret = _secret(request)
    if not by_link.is_confirmed(secret, _text(form, "confirm"), secrets):
        raise Problem("foreign-origin")
    return secret, form


def _secret(request: Request) -> str:
    return request.cookies.get(cookie_name(request), "")


def _sentence(denied: Denied, language: Language) -> str:
    """Why not, and what to do. Steps are named by the buttons, so no codes."""
    places = {n: ", ".join(v) if isinstance(v, tuple) else v for n, v in denied.places.items()}
    code = denied.reason.value
    key = f"by-link.no.{code}" if code in PLAIN else f"reason.{code}"
    return text(key, language, **places)


PLAIN: Final = frozenset({"step-not-open", "reason-missing", "reason-unknown", "no-place-to-give"})
"""Refusals whose own sentence names codes, or leaves out what to do on this page: here they have another."""


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip()[:200] if isinstance(value, str) else ""
