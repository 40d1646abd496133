"""The three kinds of no that leave the house, and the one table that gives each its status. (RFC 9457)

A malformed request, a refusal, a failure. No personal data: a problem names places and codes, never refused values.
Each code has a title in `locale/*/problems.po` and a paragraph in docs/problems.md (held by tests/house).
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import PurePath
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answer import fault_text
from api.dependencies import language_of
from api.query import Fault, faults
from api.texts import text
from graph.store.errors import Conflict, KeyReused, NotFound, Unavailable

__all__ = ["STATUS", "Conflict", "KeyReused", "NotFound", "Problem", "Unavailable", "as_json", "install", "leave"]

LOG: Final = logging.getLogger("enlace")

STATUS: Final[Mapping[str, HTTPStatus]] = {
    "invalid-request": HTTPStatus.UNPROCESSABLE_ENTITY,
    "not-signed-in": HTTPStatus.UNAUTHORIZED,
    "not-allowed": HTTPStatus.FORBIDDEN,
    "sign-in-failed": HTTPStatus.UNAUTHORIZED,
    "too-many-attempts": HTTPStatus.TOO_MANY_REQUESTS,
    "unencrypted": HTTPStatus.FORBIDDEN,
    "refused": HTTPStatus.CONFLICT,
    "not-found": HTTPStatus.NOT_FOUND,
    "method-not-allowed": HTTPStatus.METHOD_NOT_ALLOWED,
    "edit-conflict": HTTPStatus.PRECONDITION_FAILED,
    "version-required": HTTPStatus.PRECONDITION_REQUIRED,
    "key-reused": HTTPStatus.UNPROCESSABLE_ENTITY,
    "places-out-of-range": HTTPStatus.CONFLICT,
    "too-large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "foreign-origin": HTTPStatus.FORBIDDEN,
    "foreign-host": HTTPStatus.MISDIRECTED_REQUEST,
    "network-unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "unexpected": HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""Every problem there is."""

MEDIA_TYPE: Final = "application/problem+json"


class Problem(Exception):
    """A no on its way out: a code of the table above, the faults that explain it, and headers."""

    def __init__(
        self, code: str, *, faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(code)
        self.code = code
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        self.members = members

    @property
    def status(self) -> HTTPStatus:
        """The HTTP status of this problem."""
        return STATUS[self.code]

    @classmethod
    def of(cls, error: Exception) -> Problem:
        """The problem that an exception leaves the house as."""
        match error:
            case Problem():
                return error
            case RequestValidationError():
                return cls("invalid-request", faults=faults(error.errors()))
            case NotFound():
                return cls("not-found")
            case Conflict(version=version):
                return cls("edit-conflict", version=version)
            case KeyReused():
                return cls("key-reused")
            case Unavailable(retry_after=seconds):
                return cls("network-unavailable", headers={"Retry-After": str(seconds)})
            case HTTPException(status_code=code):
                known = {401: "not-signed-in", 404: "not-found", 405: "method-not-allowed", 413: "too-large"}
                return cls(
                    known.get(code, "unexpected" if code >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid-request")
                )
            case _:
                return cls("unexpected")


def as_json(problem: Problem, request: Request) -> Response:
    """The problem document, titled in the reader's language."""
    language = language_of(request)
    body: dict[str, Any] = {
        "type": f"/problems#{problem.code}",
        "title": text(f"problem.{problem.code}", language),
        "status": problem.status.value,
        "detail": text(f"problem.{problem.code}.do", language),
        "code": problem.code,
        **problem.members,
    }
    if problem.faults:
        body["errors"] = [
            {"pointer": f.pointer, "code": f.code, "detail": fault_text(f, language)} for f in problem.faults
        ]
    return JSONResponse(
        body,
        status_code=problem.status,
        headers={**problem.headers, "Content-Language": language},
        media_type=MEDIA_TYPE,
    )


AsPage = Callable[[Problem, Request], Response]
"""How the HTML face shows a problem."""


def leave(problem: Problem, request: Request, as_page: AsPage) -> Response:
    """The problem on its way out: a document under /v1, a page elsewhere."""
    path = request.url.path
    return as_json(problem, request) if path == "/v1" or path.startswith("/v1/") else as_page(problem, request)


def install(app: FastAPI, as_page: AsPage) -> None:
    """Let every error leave by the table."""

    async def answer(request: Request, error: Exception) -> Response:
        return leave(Problem.of(error), request, as_page)

    for kind in (Problem, RequestValidationError, HTTPException, NotFound, Conflict, KeyReused, Unavailable):
        app.add_exception_handler(kind, answer)
    app.add_middleware(LastLine, as_page=as_page)


class LastLine:
    """What nobody expected leaves as a problem too.

    The log names the place where it happened, never its words: messages of exceptions quote values.
    """

    def __init__(self, app: ASGIApp, *, as_page: AsPage) -> None:
        self.app = app
        self.as_page = as_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        has_begun = False

        async def noticed(message: Message) -> None:
            nonlocal has_begun
            has_begun = has_begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noticed)
            return
        except Exception as error:
            if scope["type"] != "http":
                raise
            what, where = type(error).__name__, _where(error)
        LOG.error("unexpected %s at %s", what, where)
        if has_begun:
            raise Broken
        await leave(Problem("unexpected"), Request(scope), self.as_page)(scope, receive, send)


class Broken(Exception):
    """An answer broke off half-way; what happened stands in the log already."""


def _where(error: Exception) -> str:
    """The innermost places of a failure: file and line, no values."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return " < ".join(f"{PurePath(f.filename).name}:{f.lineno}" for f in reversed(frames))
