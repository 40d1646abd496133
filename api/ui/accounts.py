"""The administrator's page: accounts added and changed, credentials that two administrators stand for. (R-22, R-25)

Administrators know accounts by numbers, organisations and roles: logins are nobody's to read back.
"""

from __future__ import annotations

import secrets as dice
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Final, get_args

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import ValidationError

from api.actions import accounts, credentials, passwords
from api.actions.accounts import NewAccount
from api.actions.credentials import Proposal
from api.identity import AccountManagerDep
from api.problems import Problem
from api.refusals import why
from api.texts import text
from api.ui.change import PageChangeDep, Visit, VisitDep
from api.ui.forms import typed
from api.ui.oversight import called
from api.ui.render import onward
from graph.blind_index import normalised
from graph.model.actor import CredentialKind, Role
from graph.model.refusal import Refusal

router = APIRouter(prefix="/accounts")

PartId = Annotated[str, Path(min_length=1, max_length=120)]
KINDS: Final = get_args(CredentialKind)
GIVEN: Final = tuple(role for role in Role if role is not Role.PERSON)
"""Persons of cases get their account from their case."""
SHORTEST_LOGIN: Final = 3
A_YEAR: Final = timedelta(days=365)
SAID: Final = frozenset({"roles", "disabled", "proposed", "issued", "revoked"})


@router.get("")
async def show(visit: VisitDep, actor: AccountManagerDep) -> Response:
    """All accounts, and the credentials that wait for a second word."""
    said = visit.request.query_params.get("said", "")
    return await _page(visit, said=said if said in SAID else "")


async def _page(
    visit: Visit,
    *,
    status: int = 200,
    faults: Mapping[str, str] | None = None,
    reasons: Any = (),
    handed: str = "",
    said: str = "",
) -> Response:
    network, actor, language, now = visit.network, visit.actor, visit.language, visit.now
    found = await network.read(accounts.listed, actor=actor)
    offered = await network.read(accounts.organizations, actor=actor)
    org = await called(network, offered, language)
    names = {id: org(id) for id in offered}
    departments = await network.read(accounts.departments, actor=actor)
    held = await network.read(credentials.listed, actor=actor)
    can_hold = [a for a in found if Role.PROFESSIONAL.value in a.roles and not a.disabled and a.actor_id != actor.id]
    return visit.page(
        "accounts.html",
        status=status,
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
        typed={} if handed else typed(visit.form),
        ticked=[] if handed else visit.form.getlist("roles"),
        handed=handed,
        said=said,
    )


def short(id: str) -> str:
    """By what an account or its holder is told from others: it names nobody."""
    return id[:8]


@router.post("")
async def add(actor: AccountManagerDep, change: PageChangeDep) -> Response:
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
        return await _page(change, status=422, faults=faults)
    one_time = dice.token_urlsafe(18)
    new = NewAccount(
        organization_id=organization,
        roles=roles,
        department=change.text("department") or None,
        login=login,
        password_hash=await passwords.hashed(one_time),
    )
    written = await change.network.write(accounts.add, new, **change.held)
    if isinstance(written, Refusal):
        return await _page(change, status=409, reasons=why(written, language))
    return await _page(change, handed=one_time)


@router.get("/credentials")
async def back(request: Request, actor: AccountManagerDep) -> Response:
    """Whoever reloads the answer to a form by its address, or changes its language, is led to the page."""
    return onward(f"/accounts?{request.url.query}")


@router.post("/credentials")
async def propose(actor: AccountManagerDep, change: PageChangeDep) -> Response:
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
        return await _page(change, status=422, faults=faults)
    try:
        proposal = Proposal.model_validate({"actor_id": change.text("actor_id"), "kind": kind, "valid_to": until})
    except ValidationError:  # nobody that our form offers
        raise Problem("invalid-request") from None
    outcome = await change.make(credentials.propose, proposal)
    if isinstance(outcome, Refusal):
        return await _page(change, status=409, reasons=why(outcome, language))
    return _onward("proposed")


@router.post("/credentials/{credential_id}/issue")
async def issue(credential_id: PartId, actor: AccountManagerDep, change: PageChangeDep) -> Response:
    """The second word, of another administrator."""
    await change.made(credentials.issue, credential_id)
    return _onward("issued")


@router.post("/credentials/{credential_id}/revocation")
async def revoke(credential_id: PartId, actor: AccountManagerDep, change: PageChangeDep) -> Response:
    """When this is answered, nothing opens on the strength of it any more."""
    await credentials.stop(change.network, credential_id, **change.held)
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
    return onward(f"/accounts?said={said}")
