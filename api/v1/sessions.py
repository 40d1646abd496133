"""Signing in and out, and one's own sessions. What is given travels in a body and is repeated nowhere. (R-25)"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api import identity
from api.actions import sign_in
from api.dependencies import ActorDep, NetworkDep, NowDep, SecretsDep
from api.identity import InPersonDep
from api.problems import Problem

router = APIRouter(tags=["sessions"])

PERSONAL = {"Cache-Control": "no-store"}
Login = Annotated[str, Field(min_length=1, max_length=200, repr=False)]
Password = Annotated[str, Field(min_length=1, max_length=256, repr=False)]
TotpCode = Annotated[str, Field(min_length=6, max_length=12, repr=False)]
SessionId = Annotated[str, Path(min_length=1, max_length=120)]


class SignInIn(BaseModel):
    """Login, password, and the number that the device shows."""

    model_config = ConfigDict(extra="forbid")

    login: Login
    password: Password
    code: TotpCode


class SessionOut(BaseModel):
    """A session of one's own."""

    id: str
    created_at: datetime
    seen_at: datetime


class BegunOut(BaseModel):
    """The session that began; its secret is in the cookie."""

    id: str


class MeOut(BaseModel):
    """Who one is now."""

    actor_id: str
    organization_id: str | None
    roles: list[str]
    scopes: list[str] | None
    case_id: str | None = Field(None, description="the person's own case; of nobody else")


@router.post("/sessions", response_model=BegunOut, status_code=201, summary="Sign in")
async def begin(request: Request, said: SignInIn, network: NetworkDep, secrets: SecretsDep, response: Response) -> Any:
    """Sets the session's cookie; one that this browser held before ends. Whatever does not fit, the answer is the same."""
    at = identity.attempt(request, said.login)
    held = identity.session_of(request)
    found = await sign_in.sign_in(
        network, said.login, said.password, said.code, at=at, secrets=secrets, instead_of=held
    )
    if found is None:
        raise Problem("sign-in-failed")
    identity.begin(response, request, found.token)
    response.headers.update(PERSONAL)
    return BegunOut(id=found.id)


@router.get("/sessions", response_model=list[SessionOut], summary="My sessions")
async def own(network: NetworkDep, actor: InPersonDep, now: NowDep, response: Response) -> Any:
    """Where I am signed in, when each began and was last used; ended ones are left out."""
    response.headers.update(PERSONAL)
    return [s.model_dump() for s in await network.read(sign_in.own, actor=actor, at=now)]


@router.delete("/sessions", status_code=204, summary="End all my sessions")
async def end_all(request: Request, network: NetworkDep, actor: InPersonDep) -> Response:
    """Everywhere, here too; the cookie is taken from this browser."""
    await network.write(sign_in.end_all, actor=actor)
    response = Response(status_code=204)
    identity.forget(response, request)
    return response


@router.delete("/sessions/current", status_code=204, summary="Sign out")
async def sign_out(request: Request, network: NetworkDep) -> Response:
    """This session ends. Nobody has to be signed in to sign out."""
    if token := identity.session_of(request):
        await network.write(sign_in.sign_out, token)
    response = Response(status_code=204)
    identity.forget(response, request)
    return response


@router.delete("/sessions/{session_id}", status_code=204, summary="End one of my sessions")
async def end(session_id: SessionId, network: NetworkDep, actor: InPersonDep) -> Response:
    """One of mine; another's looks as if it were not there."""
    await network.write(sign_in.end, session_id, actor=actor)
    return Response(status_code=204)


@router.get("/me", response_model=MeOut, summary="Who I am now")
async def me(actor: ActorDep, response: Response) -> Any:
    """Roles as they are now, scopes if I came with a token."""
    response.headers.update(PERSONAL)
    scopes = None if actor.scopes is None else sorted(actor.scopes)
    roles = sorted(role.value for role in actor.roles)
    return MeOut(
        actor_id=actor.id, organization_id=actor.organization_id, roles=roles, scopes=scopes, case_id=actor.case_id
    )
