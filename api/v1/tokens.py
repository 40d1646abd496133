"""API tokens of one's own: issued within scopes and for a time, shown once, revoked at once. (R-25)"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.actions import api_tokens
from api.actions.api_tokens import Deed
from api.dependencies import LanguageDep, NetworkDep, NowDep
from api.identity import InPersonDep
from api.refusals import refused
from api.v1.sessions import PERSONAL
from graph.model.refusal import Refusal

router = APIRouter(prefix="/tokens", tags=["tokens"])

TokenId = Annotated[str, Path(min_length=1, max_length=120)]


class TokenIn(BaseModel):
    """What the token may do (deeds of `/v1/access`) and until when, a year at most."""

    model_config = ConfigDict(extra="forbid")

    scopes: frozenset[Deed] = Field(min_length=1)
    valid_to: AwareDatetime


class TokenOut(BaseModel):
    """A token without its secret."""

    id: str
    scopes: list[str]
    created_at: datetime
    valid_to: datetime


class IssuedOut(TokenOut):
    """A token with its secret, told once."""

    secret: str


@router.post("", response_model=IssuedOut, status_code=201, summary="Issue a token for a program of mine")
async def issue(
    said: TokenIn, network: NetworkDep, actor: InPersonDep, now: NowDep, language: LanguageDep, response: Response
) -> Any:
    """It reaches no further than my roles, and ends with my account."""
    found = await api_tokens.issue(network, said.scopes, said.valid_to, actor=actor, at=now)
    if isinstance(found, Refusal):
        raise refused(found, language)
    response.headers.update(PERSONAL)
    return IssuedOut(**_shown(found.token), secret=found.secret)


@router.get("", response_model=list[TokenOut], summary="My tokens")
async def own(network: NetworkDep, actor: InPersonDep, now: NowDep, response: Response) -> Any:
    """Those that still hold, with their scopes and their end, without their secrets."""
    response.headers.update(PERSONAL)
    return [_shown(token) for token in await network.read(api_tokens.own, actor=actor, at=now)]


@router.delete("/{token_id}", status_code=204, summary="Revoke one of my tokens")
async def revoke(token_id: TokenId, network: NetworkDep, actor: InPersonDep) -> Response:
    """It opens nothing from the next request on; another’s looks as if it were not there."""
    await network.write(api_tokens.revoke, token_id, actor=actor)
    return Response(status_code=204)


def _shown(token: api_tokens.ApiToken) -> dict[str, Any]:
    return token.model_dump() | {"scopes": sorted(token.scopes)}
