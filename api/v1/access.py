"""Who may do what, in words, drawn from the table that decides. Open to everybody. (R-25)"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api import rights
from api.actions import administration
from api.dependencies import LanguageDep, NetworkDep
from api.texts import text

router = APIRouter(tags=["access"])


class RightOut(BaseModel):
    """One right: what may be done, whose, in which state, and how much of a person it shows."""

    deed: str
    code: str
    enters: bool
    whose: str
    states: str
    shown: str


class RoleOut(BaseModel):
    """A role with all its rights and the fields of a record that it may ever see."""

    role: str
    code: str
    rights: list[RightOut]
    fields: list[str]


class AccessOut(BaseModel):
    """Who owns and administers the system, who enters and who consults which data."""

    owner: str
    administration: str
    administered_by: list[str]
    roles: list[RoleOut]


@router.get("/access", response_model=AccessOut, summary="Who may do what")
async def access(network: NetworkDep, language: LanguageDep) -> Any:
    """Drawn from the table that decides: what is not listed is allowed to nobody."""
    body = AccessOut(
        owner=text("identity.access.owner.words", language),
        administration=text("identity.access.admins.words", language),
        administered_by=list((await network.read(administration.organizations)).values()),
        roles=[RoleOut.model_validate(asdict(role)) for role in rights.in_words(language)],
    )
    return JSONResponse(body.model_dump(mode="json"), headers={"Content-Language": language})
