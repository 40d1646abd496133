"""One's own account: where one is signed in, the password, tokens for programs, and taking an account over. (R-25)

What is typed here is repeated on no page. Whoever the account is of, title and words are the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from markupsafe import Markup
from starlette.datastructures import FormData

from api import identity, rights
from api.actions import accounts, api_tokens, passwords, second_factor, sign_in
from api.dependencies import LanguageDep, NetworkDep, NowDep, SecretsDep
from api.identity import InPersonDep
from api.problems import Problem
from api.receipts import sign
from api.refusals import why
from api.texts import text
from api.ui.forms import form_of
from api.ui.render import FRESH, onward, page
from graph.model.actor import Actor
from graph.model.refusal import Refusal

router = APIRouter()

PartId = Annotated[str, Path(min_length=1, max_length=120)]
LONGEST_LOGIN: Final = 200
SECRET: Final = re.compile(r"[A-Z2-7]{32}")
A_MONTH: Final = timedelta(days=30)

Faults = Mapping[str, str]


@router.get("/sessions")
async def sessions(request: Request, network: NetworkDep, now: NowDep, actor: InPersonDep) -> Response:
    """Where one is signed in; which of them is this one."""
    found = await network.read(sign_in.own, actor=actor, at=now)
    here = await network.read(sign_in.which, identity.session_of(request) or "")
    shown: dict[str, Any] = {"sessions": found, "this": here, "ended": "ended" in request.query_params}
    return page(request, "sessions.html", now=now, headers=FRESH, **shown)


@router.post("/sessions/{session_id}/ending")
async def end(session_id: PartId, network: NetworkDep, actor: InPersonDep) -> Response:
    """One of one's own; another's looks as if it were not there."""
    await network.write(sign_in.end, session_id, actor=actor)
    return onward("/sessions?ended=1")


@router.post("/sessions")
async def end_all(request: Request, network: NetworkDep, actor: InPersonDep) -> Response:
    """Everywhere, here too."""
    await network.write(sign_in.end_all, actor=actor)
    response = onward("/sign-in?left=1")
    identity.forget(response, request)
    return response


@router.get("/account")
async def account(
    request: Request, network: NetworkDep, now: NowDep, language: LanguageDep, actor: InPersonDep
) -> Response:
    """What one is here, and what one may change of one's own way in."""
    return await _account(request, network, now, language, actor)


async def _account(
    request: Request,
    network: NetworkDep,
    now: datetime,
    language: LanguageDep,
    actor: Actor,
    *,
    status: int = 200,
    faults: Faults | None = None,
    secret: str = "",
) -> Response:
    deeds = rights.deeds_of(actor.roles, language)
    return page(
        request,
        "account.html",
        now=now,
        status=status,
        headers=FRESH,
        names=rights.names(actor.roles, language),
        tokens=await network.read(api_tokens.own, actor=actor, at=now),
        deeds=deeds,
        words=dict(deeds),
        faults=faults or {},
        secret=secret,
        until=(now + A_MONTH).date().isoformat(),
        revoked="revoked" in request.query_params,
        shortest=passwords.SHORTEST,
    )


@router.post("/account/password")
async def change_password(
    request: Request,
    network: NetworkDep,
    now: NowDep,
    secrets: SecretsDep,
    language: LanguageDep,
    actor: InPersonDep,
) -> Response:
    """The one that holds, and the next one twice; every session ends, this one too."""
    form = await form_of(request)
    old, new = _typed(form, "old"), _typed(form, "new")
    at = identity.attempt(request, actor.id)
    faults = _unfit(form, "new", language)
    if not faults:
        token = identity.session_of(request) or ""
        if await sign_in.change_password(network, old, new, token=token, at=at, secrets=secrets):
            response = onward("/sign-in?left=1")
            identity.forget(response, request)
            return response
        faults = {"old": text("account.fault.old", language)}
    return await _account(request, network, now, language, actor, status=422, faults=faults)


def _unfit(form: FormData, name: str, language: LanguageDep) -> dict[str, str]:
    new = _typed(form, name)
    if len(new) < passwords.SHORTEST:
        return {name: text("account.fault.short", language, n=passwords.SHORTEST)}
    if new != _typed(form, "again"):
        return {"again": text("account.fault.again", language)}
    return {}


@router.post("/account/tokens")
async def issue(
    request: Request, network: NetworkDep, now: NowDep, language: LanguageDep, actor: InPersonDep
) -> Response:
    """A token for a program of one's own, told once on the page that answers."""
    form = await form_of(request)
    known = dict(rights.deeds_of(actor.roles, language))
    scopes = [value for value in form.getlist("scopes") if isinstance(value, str) and value in known]
    faults: dict[str, str] = {}
    if not scopes:
        faults["scopes"] = text("account.fault.scopes", language)
    try:
        until = datetime.combine(date.fromisoformat(_typed(form, "valid_to")), time.max, tzinfo=UTC)
    except ValueError:
        until = now
        faults["valid_to"] = text("account.fault.until", language)
    if not faults:
        issued = await api_tokens.issue(network, [api_tokens.Deed(s) for s in scopes], until, actor=actor, at=now)
        if not isinstance(issued, Refusal):
            return await _account(request, network, now, language, actor, secret=issued.secret)
        said = why(issued, language)[0]
        faults["valid_to"] = f"{said['detail']} {said['ask'] or ''}".strip()
    return await _account(request, network, now, language, actor, status=422, faults=faults)


@router.post("/account/tokens/{token_id}/revocation")
async def revoke(token_id: PartId, network: NetworkDep, actor: InPersonDep) -> Response:
    """It opens nothing from the next request on."""
    await network.write(api_tokens.revoke, token_id, actor=actor)
    return onward("/account?revoked=1#tokens")


@router.get("/account/password")
@router.get("/account/tokens")
@router.get("/activate/confirmation")
async def back(request: Request) -> Response:
    """Whoever reloads the answer to a form by its address, or changes its language, is led to the form."""
    to = "/activate" if request.url.path.startswith("/activate") else "/account"
    return onward(f"{to}?{request.url.query}")


@router.get("/activate")
async def activation(request: Request, now: NowDep) -> Response:
    """Taking an account over with what one was handed: a password of one's own, then a device."""
    identity.refuse_unencrypted(request)
    template = "activated.html" if "done" in request.query_params else "activate.html"
    return page(request, template, now=now, headers=FRESH, faults={}, login="", shortest=passwords.SHORTEST)


@router.post("/activate")
async def activate(
    request: Request, network: NetworkDep, now: NowDep, secrets: SecretsDep, language: LanguageDep
) -> Response:
    """The code that was handed over becomes a password of one's own, and the device is told its secret, once."""
    form = await form_of(request)
    login, one_time = _typed(form, "login", most=LONGEST_LOGIN), _typed(form, "one_time").strip()
    at = identity.attempt(request, login)
    faults = _unfit(form, "password", language)
    if not faults:
        found = await accounts.activate(network, login, one_time, _typed(form, "password"), at=at, secrets=secrets)
        if found is not None:
            return _device(request, now, login, found.secret)
        faults = {"login": text("account.fault.activation", language)}
    shown: dict[str, Any] = {"faults": faults, "login": login, "shortest": passwords.SHORTEST}
    return page(request, "activate.html", now=now, status=422, headers=FRESH, **shown)


@router.post("/activate/confirmation")
async def confirm(
    request: Request, network: NetworkDep, now: NowDep, secrets: SecretsDep, language: LanguageDep
) -> Response:
    """The device tells the right number: the account is its owner's."""
    form = await form_of(request)
    login, code = _typed(form, "login", most=LONGEST_LOGIN), _typed(form, "code").replace(" ", "")
    at = identity.attempt(request, login)
    if await accounts.confirm(network, login, _typed(form, "password"), code, at=at, secrets=secrets):
        return onward("/activate?done=1")
    kept = _typed(form, "secret")
    faults = {"code": text("account.fault.code", language)}
    return _device(request, now, login, kept if SECRET.fullmatch(kept) else "", status=422, faults=faults)


def _device(
    request: Request, now: datetime, login: str, secret: str, *, status: int = 200, faults: Faults | None = None
) -> Response:
    drawn = Markup(sign(second_factor.address(secret))) if secret else ""  # noqa: S704 - drawn by us
    shown: dict[str, Any] = {
        "login": login,
        "secret": secret,
        "parts": [secret[n : n + 4] for n in range(0, len(secret), 4)],
        "sign": drawn,
        "faults": faults or {},
    }
    return page(request, "activate_device.html", now=now, status=status, headers=FRESH, **shown)


def _typed(form: FormData, name: str, *, most: int = passwords.LONGEST) -> str:
    """What was typed, as it was; nothing where it is not there or longer than anything that could fit."""
    value = form.get(name)
    if not isinstance(value, str) or len(value) > most:
        if value is None:
            return ""
        raise Problem("invalid-request")
    return value
