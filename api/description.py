"""The OpenAPI document: what FastAPI finds out by itself, with problems described as they really leave."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field

from api.problems import MEDIA_TYPE, STATUS


class FaultOut(BaseModel):
    """One thing that is wrong with what was sent. The refused value is not repeated."""

    pointer: str = Field(description="where, as a JSON pointer; empty: the whole of it")
    code: str
    detail: str = Field(description="in the reader's language")


class ProblemOut(BaseModel):
    """A problem document (RFC 9457), in the language of `Accept-Language`."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="leads to the page that explains the problem")
    title: str
    status: int
    detail: str = Field(description="what to do")
    code: str = Field(description="never changes, whatever the language", json_schema_extra={"enum": list(STATUS)})
    errors: list[FaultOut] = Field([], description="what was wrong with the request, where that can be told")


PROBLEM: Final = {
    "description": "A problem",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}},
}
REPLACED: Final = ("HTTPValidationError", "ValidationError")
"""FastAPI's own shape of a refusal, which never leaves: it would quote the refused value."""


def describe(app: FastAPI) -> None:
    """Let the application describe itself so."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def _document(app: FastAPI) -> dict[str, Any]:
    document: dict[str, Any] = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    schemas = document["components"]["schemas"]
    for name in REPLACED:
        schemas.pop(name, None)
    problem = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs")
    schemas["ProblemOut"] = problem
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = PROBLEM
    return document
