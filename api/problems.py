"""The three kinds of no that leave the house, and the one table that gives each its status. (RFC 9457)

A malformed request, a refusal, a failure. No personal data: a problem names places and codes, never refused values.
Each code has a title in `locale/*/problems.po` and a paragraph in docs/problems.md (held by tests/house).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from api.answer import fault_text
from api.dependencies import language_of
from api.query import Fault, faults
from api.texts import text
from graph.store.errors import Conflict, KeyReused, NotFound, Unavailable

STATUS: Final[Mapping[str, HTTPStatus]] = {
    "invalid-request": HTTPStatus.UNPROCESSABLE_ENTITY,
    "not-found": HTTPStatus.NOT_FOUND,
    "method-not-allowed": HTTPStatus.METHOD_NOT_ALLOWED,
    "edit-conflict": HTTPStatus.PRECONDITION_FAILED,
    "version-required": HTTPStatus.PRECONDITION_REQUIRED,
    "key-reused": HTTPStatus.UNPROCESSABLE_ENTITY,
    "places-out-of-range": HTTPStatus.CONFLICT,
    "too-large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "foreign-origin": HTTPStatus.FORBIDDEN,
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
                known = {404: "not-found", 405: "method-not-allowed", 413: "too-large"}
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


def install(app: FastAPI, as_page: Any) -> None:
    """Let every error leave by the table: as a document under /v1, as a page elsewhere."""

    async def leave(request: Request, error: Exception) -> Response:
        problem = Problem.of(error)
        if request.url.path.startswith("/v1"):
            return as_json(problem, request)
        page: Response = as_page(problem, request)
        return page

    for kind in (Problem, RequestValidationError, HTTPException, NotFound, Conflict, KeyReused, Unavailable, Exception):
        app.add_exception_handler(kind, leave)
