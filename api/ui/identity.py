"""Signing in and out on a page, and the rights in words. Works without script. (R-25)"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from api import identity, rights
from api.actions import administration, sign_in
from api.dependencies import LanguageDep, NetworkDep, NowDep, SecretsDep
from api.problems import Problem
from api.ui.forms import form_of
from api.ui.oversight import called
from api.ui.render import ELSEWHERE, FRESH, onward, page
from api.ui.way_back import back_to

router = APIRouter()

LONGEST = 256


@router.get("/sign-in")
async def show(request: Request, now: NowDep, language: LanguageDep) -> Response:
    """The form; or, for who is signed in, a button to leave."""
    identity.refuse_unencrypted(request)
    actor = await identity.identify(request)
    roles = rights.names(actor.roles, language) if actor else None
    left = actor is None and "left" in request.query_params
    to = back_to(request.query_params.get("to", ""))
    shown: dict[str, Any] = {"roles": roles, "failed": False, "left": left, "to": to}
    shown["is_person"] = actor is not None and actor.case_id is not None
    return page(request, "sign_in.html", now=now, headers=FRESH, **shown)


@router.post("/sign-in")
async def begin(request: Request, network: NetworkDep, now: NowDep, secrets: SecretsDep) -> Response:
    """A session, and back to where one was; or the same form with one sentence, repeating nothing that was typed."""
    form = await form_of(request)
    to = back_to(str(form.get("to", "")))
    login, password, code = (_text(form, name) for name in ("login", "password", "code"))
    at = identity.attempt(request, login)
    held = identity.session_of(request)
    found = await sign_in.sign_in(network, login, password, code, at=at, secrets=secrets, instead_of=held)
    if found is None:
        shown: dict[str, Any] = {"roles": None, "failed": True, "left": False, "to": to, "is_person": False}
        return page(request, "sign_in.html", now=now, status=401, headers=FRESH, **shown)
    response = onward(to or "/")
    identity.begin(response, request, found.token)
    return response


@router.post("/sign-out")
async def leave(request: Request, network: NetworkDep) -> Response:
    """This session ends."""
    if token := identity.session_of(request):
        await network.write(sign_in.sign_out, token)
    response = onward("/sign-in?left=1")
    identity.forget(response, request)
    return response


@router.post("/leave")
async def go_away(request: Request, network: NetworkDep) -> Response:
    """The quick exit: the session ends, and the browser is somewhere else at once. (R-26)

    A plain empty page that moves on by itself: a redirect of a form to another host is refused by our own policy.
    """
    if token := identity.session_of(request):
        await network.write(sign_in.sign_out, token)
    away = {"Refresh": f"0; url={ELSEWHERE}", "Referrer-Policy": "no-referrer", "Clear-Site-Data": '"cache"'}
    response = HTMLResponse("<!doctype html><title>…</title>", headers=FRESH | away)
    identity.forget(response, request)
    return response


@router.get("/access")
async def access(request: Request, network: NetworkDep, now: NowDep, language: LanguageDep) -> Response:
    """Who owns and administers the system, who may enter and who may consult which data. (R-25)"""
    holding = await network.read(administration.organizations)
    org = await called(network, holding, language)
    admins = [org(id) for id in holding]
    return page(request, "access.html", now=now, admins=admins, roles=rights.in_words(language))


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    if not isinstance(value, str) or len(value) > LONGEST:
        raise Problem("invalid-request")
    return value
