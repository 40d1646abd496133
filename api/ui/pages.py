"""The HTML face put together: its routers, its files, and a problem as a page."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware

from api.answer import fault_text
from api.dependencies import language_of, now
from api.problems import Problem
from api.ui import (
    account,
    accounts,
    attest,
    by_link,
    casework,
    committee,
    directory,
    duplicates,
    gaps,
    home,
    identity,
    letters,
    mine,
    officer,
    places,
    provider,
    reader,
    receipts,
    service,
    suggestions,
    voice,
)
from api.ui.render import page
from api.ui.way_back import sign_in_first

SMALLEST = 1000
"""Bytes from which an answer is worth compressing: lines are bad where this is used."""


OPEN: Final = (
    home,
    account,
    accounts,
    attest,
    suggestions,
    directory,
    duplicates,
    service,
    places,
    gaps,
    identity,
    by_link,
    receipts,
    mine,
    letters,
    voice,
)
"""Pages that belong to no workspace."""

WORKSPACES: Final = (casework, provider, committee, officer)


def install(app: FastAPI) -> None:
    """Add every page to the application."""
    routers = [module.router for module in OPEN] + [router for space in WORKSPACES for router in space.ROUTERS]
    for router in routers:
        app.include_router(router, include_in_schema=False, dependencies=[reader.KNOWN])
    app.mount("/static", StaticFiles(directory=str(files("api.ui").joinpath("static"))), name="static")
    app.add_middleware(GZipMiddleware, minimum_size=SMALLEST)


def as_page(problem: Problem, request: Request) -> Response:
    """The problem as a page: what happened, what to do, and what was wrong where. Needs no network.

    Whoever has to sign in to read a page is led there, and back.
    """
    if problem.code == "not-signed-in" and request.method == "GET":
        return sign_in_first(request.url.path, request.query_params)
    language = language_of(request)
    return page(
        request,
        "problem.html",
        now=now(),
        status=problem.status,
        headers={**problem.headers, "Cache-Control": "no-store"},
        code=problem.code,
        faults=[fault_text(fault, language) for fault in problem.faults],
        reasons=problem.members.get("reasons", ()),
    )
