"""Accounts: added with a one-time password, taken over by their owner, given other roles, disabled. (R-25)"""

from __future__ import annotations

import secrets as dice
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api import identity
from api.actions import accounts, passwords, sign_in
from api.actions.accounts import NewAccount
from api.dependencies import LanguageDep, NetworkDep, NowDep, SecretsDep
from api.identity import AccountManagerDep, InPersonDep
from api.problems import Problem
from api.query import Fault
from api.refusals import refused
from api.v1.consents import CodeIn
from api.v1.sessions import PERSONAL, Login, Password, TotpCode
from graph.blind_index import normalised
from graph.model.account import SHORTEST_LOGIN
from graph.model.actor import Role
from graph.model.log import Entry
from graph.model.refusal import Refusal

router = APIRouter(prefix="/accounts", tags=["accounts"])

AccountId = Annotated[str, Path(min_length=1, max_length=120)]
NewPassword = Annotated[str, Field(min_length=passwords.SHORTEST, max_length=passwords.LONGEST, repr=False)]


class Body(BaseModel):
    """A body says what it says and nothing else."""

    model_config = ConfigDict(extra="forbid")


class AccountIn(Body):
    """Who is to sign in, from where, as what."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    login: Login
    organization_id: str = Field(min_length=1, max_length=120)
    roles: frozenset[Role] = Field(min_length=1)
    department: CodeIn | None = Field(
        None, description="the code of a department: of a departmental committee, whose only role that is"
    )


class AddedOut(BaseModel):
    """The new account and its one-time password, told once: hand it over by another way than the login."""

    id: str
    actor_id: str
    one_time_password: str
    entry: dict[str, Any]


class ActivationIn(Body):
    """The one-time password, and an own one in its place."""

    login: Login
    one_time_password: Password
    password: NewPassword


class ActivatedOut(BaseModel):
    """What the device is told, once."""

    secret: str
    address: str


class ConfirmationIn(Body):
    """The own password, and the number that the device shows now."""

    login: Login
    password: Password
    code: TotpCode


class PasswordIn(Body):
    """The password that holds, and the next one."""

    old: Password
    new: NewPassword


class RolesIn(Body):
    """What somebody is from now on; nothing at all is possible."""

    roles: frozenset[Role]


class AccountOut(BaseModel):
    """An account as an administrator sees it: no login, no name."""

    id: str
    actor_id: str
    organization_id: str | None
    roles: list[str]
    department: str | None = Field(description="the name of the one that a departmental committee answers for")
    confirmed: bool
    disabled: bool


class EntryOut(BaseModel):
    """The signed entry of a change."""

    entry: dict[str, Any]


@router.get("", response_model=list[AccountOut], summary="All accounts")
async def listed(network: NetworkDep, actor: AccountManagerDep, response: Response) -> Any:
    """For administrators: ids, organisations and roles; neither logins nor names of people."""
    response.headers.update(PERSONAL)
    return [asdict(account) for account in await network.read(accounts.listed, actor=actor)]


@router.post("", response_model=AddedOut, status_code=201, summary="Add an account")
async def add(
    said: AccountIn,
    network: NetworkDep,
    actor: AccountManagerDep,
    now: NowDep,
    secrets: SecretsDep,
    language: LanguageDep,
    response: Response,
) -> Any:
    """The one-time password waits 72 hours for its owner, who then sets an own one and a device.

    A departmental committee has its department and no other role.
    """
    if len(normalised(said.login)) < SHORTEST_LOGIN:
        raise Problem("invalid-request", faults=[Fault(pointer="/login", code="query.wrong-shape")])
    one_time = dice.token_urlsafe(18)
    new = NewAccount(
        organization_id=said.organization_id,
        roles=said.roles,
        department=said.department,
        login=said.login,
        password_hash=await passwords.hashed(one_time),
    )
    written = await network.write(accounts.add, new, actor=actor, at=now, secrets=secrets)
    if isinstance(written, Refusal):
        raise refused(written, language)
    response.headers.update(PERSONAL)
    entry = written.model_dump(mode="json", exclude_none=True)
    return AddedOut(id=new.id, actor_id=new.actor_id, one_time_password=one_time, entry=entry)


@router.post("/activation", response_model=ActivatedOut, summary="Take over my account")
async def activate(
    request: Request, said: ActivationIn, network: NetworkDep, secrets: SecretsDep, response: Response
) -> Any:
    """Exchange the one-time password for an own one and learn the secret for the device; then confirm."""
    at = identity.attempt(request, said.login)
    one_time = said.one_time_password
    found = await accounts.activate(network, said.login, one_time, said.password, at=at, secrets=secrets)
    if found is None:
        raise Problem("sign-in-failed")
    response.headers.update(PERSONAL)
    return ActivatedOut(secret=found.secret, address=found.address)


@router.post("/confirmation", status_code=204, summary="Show that my device tells the right number")
async def confirm(request: Request, said: ConfirmationIn, network: NetworkDep, secrets: SecretsDep) -> Response:
    """The account is its owner’s from now on, and signs in with password and number."""
    at = identity.attempt(request, said.login)
    if not await accounts.confirm(network, said.login, said.password, said.code, at=at, secrets=secrets):
        raise Problem("sign-in-failed")
    return Response(status_code=204)


@router.put("/mine/password", status_code=204, summary="Set another password")
async def change_password(
    request: Request, said: PasswordIn, network: NetworkDep, actor: InPersonDep, secrets: SecretsDep
) -> Response:
    """The one that holds is asked for once more; all my sessions end, this one too."""
    at = identity.attempt(request, actor.id)
    token = identity.session_of(request) or ""
    if not await sign_in.change_password(network, said.old, said.new, token=token, at=at, secrets=secrets):
        raise Problem("sign-in-failed")
    response = Response(status_code=204)
    identity.forget(response, request)
    return response


@router.put("/{account_id}/roles", response_model=EntryOut, summary="Set somebody's roles")
async def set_roles(
    account_id: AccountId,
    said: RolesIn,
    network: NetworkDep,
    actor: AccountManagerDep,
    now: NowDep,
    secrets: SecretsDep,
    language: LanguageDep,
) -> Any:
    """They hold from the next request on. Nobody sets their own."""
    written = await network.write(accounts.set_roles, account_id, said.roles, actor=actor, at=now, secrets=secrets)
    return _entry(written, language)


@router.post("/{account_id}/disabling", response_model=EntryOut, summary="Disable an account at once")
async def disable(
    account_id: AccountId,
    network: NetworkDep,
    actor: AccountManagerDep,
    now: NowDep,
    secrets: SecretsDep,
    language: LanguageDep,
) -> Any:
    """Its sessions and tokens end in the same instant. Nobody disables their own."""
    written = await network.write(accounts.disable, account_id, actor=actor, at=now, secrets=secrets)
    return _entry(written, language)


def _entry(written: Entry | Refusal, language: LanguageDep) -> EntryOut:
    if isinstance(written, Refusal):
        raise refused(written, language)
    return EntryOut(entry=written.model_dump(mode="json", exclude_none=True))
