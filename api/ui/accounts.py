"""The administrator's page: accounts added and changed, credentials that two administrators stand for. (R-22, R-25)

Administrators know accounts by numbers, organisations and roles: logins are nobody's to read back.
"""

from __future__ import annotations

import secrets as dice
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Final, get_args

from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from api.actions import accounts, credentials, passwords
from api.actions.accounts import NewAccount
from api.actions.credentials import Proposal
from api.dependencies import LanguageDep, NetworkDep, NowDep
from api.identity import AccountManagerDep
from api.problems import Problem
from api.refusals import refused
from api.texts import text
from api.ui.change import Change, PageChangeDep
from api.ui.oversight import called
from api.ui.render import page
from graph.blind_index import normalised
from graph.model.actor import Actor, CredentialKind, Role
from graph.model.base import Language
from graph.model.refusal import Refusal

router = APIRouter(prefix="/accounts")

FRESH: Final = {"Cache-Control": "no-store"}
PartId = Annotated[str, Path(min_length=1, max_length=120)]
KINDS: Final = get_args(CredentialKind)
GIVEN: Final = tuple(role for role in Role if role is not Role.PERSON)
"""Persons of cases get their account from their case."""
SHORTEST_LOGIN: Final = 3
A_YEAR: Final = timedelta(days=365)
SAID: Final = frozenset({"roles", "disabled", "proposed", "issued", "revoked"})


@router.get("")
async def show(
    request: Request, network: NetworkDep, now: NowDep, language: LanguageDep, actor: AccountManagerDep
) -> Response:
    """All accounts, and the credentials that wait for a second word."""
    said = request.query_params.get("said", "")
    return await _page(request, network, now, language, actor, said=said if said in SAID else "")


async def _page(
    request: Request,
    network: NetworkDep,
    now: datetime,
    language: Language,
    actor: Actor,
    *,
    status: int = 200,
    faults: Mapping[str, str] | None = None,
    reasons: Any = (),
    typed: Change | None = None,
    handed: str = "",
    said: str = "",
) -> Response:
    found = await network.read(accounts.listed, actor=actor)
    offered = await network.read(accounts.organizations, actor=actor)
    org = await called(network, offered, language)
    names = {id: org(id) for id in offered}
    departments = await network.read(accounts.departments, actor=actor)
    held = await network.read(credentials.listed, actor=actor)
    can_hold = [a for a in found if Role.PROFESSIONAL.value in a.roles and not a.disabled and a.actor_id != actor.id]
    return page(
        request,
        "accounts.html",
        now=now,
        status=status,
        headers=FRESH,
        accounts=sorted(found, key=lambda a: (a.disabled, names.get(a.organization_id or "", ""), a.id)),
        organizations=sorted(names.items(), key=lambda named: named[1]),
        names=names,
        departments=[(area.code, f"{area.name} ({area.code[:2]})") for area in departments],
        given=[(role.value, text(f"role.{role.value}", language)) for role in GIVEN],
        words=lambda roles: ", ".join(text(f"role.{role}", language) for role in sorted(roles)),
        me=actor.id,
        held=held,
        holds=lambda one: one.holds(at=now),
        kinds=[(kind, text(f"accounts.kind.{kind}", language)) for kind in KINDS],
        holders=[(a.actor_id, f"{names.get(a.organization_id or '', '')} · {short(a.actor_id)}") for a in can_hold],
        short=short,
        until=(now + A_YEAR).date().isoformat(),
        faults=faults or {},
        reasons=reasons,
        typed={n: v for n, v in typed.form.multi_items() if isinstance(v, str)} if typed else {},
        ticked=[v for v in typed.form.getlist("roles") if isinstance(v, str)] if typed else [],
        handed=handed,
        said=said,
    )


def short(id: str) -> str:
    """By what an account or its holder is told from others: it names nobody."""
    return id[:8]


@router.post("")
async def add(request: Request, actor: AccountManagerDep, change: PageChangeDep) -> Response:
    """Somebody new: the code to hand over is shown once, on the page that answers.

    No key against repeats: what was shown is kept nowhere. Sent twice, the second is told that the login is taken.
    """
    language, login = change.language, change.text("login")
    roles = frozenset(role for role in GIVEN if role.value in change.form.getlist("roles"))
    organization = change.text("organization_id")
    known = await change.network.read(accounts.organizations, actor=actor)
    faults: dict[str, str] = {}
    if len(normalised(login)) < SHORTEST_LOGIN:
        faults["login"] = text("identity.login-short", language)
    if organization not in known:
        faults["organization_id"] = text("received.fault.choose", language)
    if not roles:
        faults["roles"] = text("account.fault.scopes", language)
    if faults:
        again: dict[str, Any] = {"status": 422, "faults": faults, "typed": change}
        return await _page(request, change.network, change.now, language, actor, **again)
    one_time = dice.token_urlsafe(18)
    new = NewAccount(
        organization_id=organization,
        roles=roles,
        department=change.text("department") or None,
        login=login,
        password_hash=await passwords.hashed(one_time),
    )
    circumstances: dict[str, Any] = {"actor": actor, "at": change.now, "secrets": change.secrets}
    written = await change.network.write(accounts.add, new, **circumstances)
    if isinstance(written, Refusal):
        refusal: dict[str, Any] = {"status": 409, "reasons": _why(written, language), "typed": change}
        return await _page(request, change.network, change.now, language, actor, **refusal)
    return await _page(request, change.network, change.now, language, actor, handed=one_time)


@router.get("/credentials")
async def back(request: Request, actor: AccountManagerDep) -> Response:
    """Whoever reloads the answer to a form by its address, or changes its language, is led to the page."""
    return RedirectResponse(f"/accounts?{request.url.query}", status_code=303, headers=FRESH)


@router.post("/credentials")
async def propose(request: Request, actor: AccountManagerDep, change: PageChangeDep) -> Response:
    """The first of two words; it opens nothing."""
    language, kind, faults = change.language, change.text("kind"), {}
    until = change.now
    if not change.text("actor_id"):
        faults["actor_id"] = text("received.fault.choose", language)
    if kind not in KINDS:
        faults["kind"] = text("received.fault.choose", language)
    try:
        until = datetime.combine(date.fromisoformat(change.text("valid_to")), time.max, tzinfo=UTC)
    except ValueError:
        faults["valid_to"] = text("account.fault.until", language)
    if faults:
        again: dict[str, Any] = {"status": 422, "faults": faults, "typed": change}
        return await _page(request, change.network, change.now, language, actor, **again)
    try:
        proposal = Proposal.model_validate({"actor_id": change.text("actor_id"), "kind": kind, "valid_to": until})
    except ValidationError:  # nobody that our form offers
        raise Problem("invalid-request") from None
    outcome = await change.make(credentials.propose, proposal)
    if isinstance(outcome, Refusal):
        refusal: dict[str, Any] = {"status": 409, "reasons": _why(outcome, language), "typed": change}
        return await _page(request, change.network, change.now, language, actor, **refusal)
    return _onward("proposed")


@router.post("/credentials/{credential_id}/issue")
async def issue(credential_id: PartId, actor: AccountManagerDep, change: PageChangeDep) -> Response:
    """The second word, of another administrator."""
    await change.made(credentials.issue, credential_id)
    return _onward("issued")


@router.post("/credentials/{credential_id}/revocation")
async def revoke(credential_id: PartId, actor: AccountManagerDep, change: PageChangeDep) -> Response:
    """When this is answered, nothing opens on the strength of it any more."""
    await credentials.stop(change.network, credential_id, actor=actor, at=change.now, secrets=change.secrets)
    return _onward("revoked")


@router.post("/{account_id}/roles")
async def set_roles(account_id: PartId, actor: AccountManagerDep, change: PageChangeDep) -> Response:
    """From their next request on; nothing at all is possible."""
    roles = frozenset(role for role in GIVEN if role.value in change.form.getlist("roles"))
    await change.made(accounts.set_roles, account_id, roles)
    return _onward("roles")


@router.post("/{account_id}/disabling")
async def disable(account_id: PartId, actor: AccountManagerDep, change: PageChangeDep) -> Response:
    """Its sessions and tokens end in the same instant."""
    await change.made(accounts.disable, account_id)
    return _onward("disabled")


def _onward(said: str) -> Response:
    return RedirectResponse(f"/accounts?said={said}", status_code=303, headers=FRESH)


def _why(refusal: Refusal, language: Language) -> Any:
    return refused(refusal, language).members["reasons"]
