"""How a case is kept: its team and restriction, who it lives with, journeys, the person's own way in, its end. (R-21, R-24, R-25, R-40, R-42)"""

from __future__ import annotations

import secrets as dice
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from api.actions import case_standing, cases, departures, households, passwords, person_accounts, team
from api.actions.departures import Journey
from api.actions.households import Joining
from api.actions.person_accounts import NewPersonAccount
from api.dependencies import LanguageDep, NetworkDep, NowDep, SecretsDep
from api.identity import CaseManagerDep, refuse_unencrypted
from api.problems import NotFound
from api.receipts import name_of
from api.texts import text
from api.ui.casework.desk import in_words
from api.ui.casework.of_case import FRESH, CaseId, PartId, onward, why
from api.ui.casework.parts import NOTHING, Shown, again, read_part
from api.ui.change import Change, PageChangeDep
from api.ui.render import page
from graph.blind_index import normalised
from graph.model.account import SHORTEST_LOGIN
from graph.model.base import Language
from graph.model.case import Closure
from graph.model.refusal import Refusal
from graph.seed.catalogue import WrongValue
from graph.seed.vocabulary import label

router = APIRouter()

DONE: Final = frozenset(
    {"joined", "left", "restricted", "unrestricted", "together", "apart", "closed", "account-ended", "journey"}
)


@router.get("/cases/{case_id}/more")
async def show(
    request: Request,
    case_id: CaseId,
    network: NetworkDep,
    now: NowDep,
    secrets: SecretsDep,
    language: LanguageDep,
    actor: CaseManagerDep,
    done: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """How the case is kept, with a form for each thing that can be changed."""
    held = {"actor": actor, "at": now, "secrets": secrets}
    return await _page(request, network, case_id, held, language, NOTHING, done=done)


async def _page(
    request: Request,
    network: NetworkDep,
    case_id: str,
    held: dict[str, Any],
    language: Language,
    shown: Shown,
    *,
    done: str = "",
) -> Response:
    found = await network.write(case_standing.read, case_id, **held)
    names = {id: name_of(organization, language) for id, organization in found.organizations.items()}
    words = in_words(found.desk, language, at=held["at"])
    return page(
        request,
        "casework/more.html",
        now=held["at"],
        status=shown.status,
        headers=FRESH,
        done=done if done in DONE else "",
        shown=shown,
        kept=found,
        me=held["actor"].id,
        closures=[(one.value, text(f"casework.closure.{one.value}", language)) for one in Closure],
        expecting=[
            (f"{id} {to}", f"{names[id]} · {label('countries', to, language)}")
            for id, to in found.expecting
            if id in names
        ],
        **words | {"names": {**words["names"], **names}},
    )


async def _do(
    request: Request, change: Change, case_id: str, action: Any, *args: Any, done: str, field: str = "", **more: Any
) -> Response:
    """One change, and back; or the page with the reason. `field` is blamed where something named was not found."""
    try:
        outcome = await change.make(action, *args, **more)
    except (NotFound, WrongValue):
        if not field:
            raise
        faults = {field: text(f"casework.fault.{field}", change.language)}
        return await _again(request, change, case_id, again(change.form, faults=faults))
    if isinstance(outcome, Refusal):
        return await _again(request, change, case_id, again(change.form, reasons=why(outcome, change.language)))
    return onward(f"/cases/{case_id}/more?done={done}")


async def _again(request: Request, change: Change, case_id: str, shown: Shown) -> Response:
    held = {"actor": change.actor, "at": change.now, "secrets": change.secrets}
    return await _page(request, change.network, case_id, held, change.language, shown)


@router.post("/cases/{case_id}/team")
async def join(request: Request, case_id: CaseId, change: PageChangeDep, actor: CaseManagerDep) -> Response:
    """A colleague joins, by the name they sign in with."""
    login = change.text("login")
    return await _do(request, change, case_id, team.join_by_login, case_id, login, done="joined", field="login")


@router.post("/cases/{case_id}/team/{actor_id}/leave")
async def leave(
    request: Request, case_id: CaseId, actor_id: PartId, change: PageChangeDep, actor: CaseManagerDep
) -> Response:
    """Somebody no longer works on it; the last one stays."""
    return await _do(request, change, case_id, cases.leave_team, case_id, actor_id, done="left")


@router.post("/cases/{case_id}/restriction")
async def restrict(request: Request, case_id: CaseId, change: PageChangeDep, actor: CaseManagerDep) -> Response:
    """Hidden from everybody outside the team, or no longer."""
    on = change.text("restricted") == "yes"
    done = "restricted" if on else "unrestricted"
    return await _do(request, change, case_id, cases.restrict, case_id, restricted=on, done=done)


@router.post("/cases/{case_id}/household")
async def together(request: Request, case_id: CaseId, change: PageChangeDep, actor: CaseManagerDep) -> Response:
    """Two cases live together; each adult still decides alone."""
    other = change.text("other", most=120).upper()
    if not other or other == case_id:
        faults = {"other": text("casework.fault.other", change.language)}
        return await _again(request, change, case_id, again(change.form, faults=faults))
    joining = Joining(case_ids=(case_id, other), stays_together=change.text("stays") == "yes")
    return await _do(request, change, case_id, households.live_together, joining, done="together", field="other")


@router.post("/cases/{case_id}/household/leave")
async def apart(request: Request, case_id: CaseId, change: PageChangeDep, actor: CaseManagerDep) -> Response:
    """It leaves its household; the others stay."""
    return await _do(request, change, case_id, households.leave_household, case_id, done="apart")


class Ending(BaseModel):
    """Why a case ends."""

    reason: Closure
    notes: str | None = Field(None, max_length=4000)


@router.post("/cases/{case_id}/closing")
async def close(request: Request, case_id: CaseId, change: PageChangeDep, actor: CaseManagerDep) -> Response:
    """For one of the five reasons. It can still be read."""
    said = read_part(change.form, "closing", Ending, change.language)
    if isinstance(said, dict):
        return await _again(request, change, case_id, again(change.form, faults=said))
    return await _do(request, change, case_id, cases.close, case_id, said.reason, notes=said.notes, done="closed")


class Leaving(BaseModel):
    """Where to and with whom, as one choice; and on which day."""

    to: str = Field(max_length=200, pattern=r"^\S.* [A-Z]{2}$")
    on: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")


@router.post("/cases/{case_id}/departure")
async def depart(request: Request, case_id: CaseId, change: PageChangeDep, actor: CaseManagerDep) -> Response:
    """A journey is planned, once the person allowed the receiving organisation something for that border."""
    said = read_part(change.form, "journey", Leaving, change.language)
    if isinstance(said, dict):
        return await _again(request, change, case_id, again(change.form, faults=said))
    receiver, _, to = said.to.rpartition(" ")
    journey = Journey.model_validate({"to": to, "on": said.on, "receiver_id": receiver})
    return await _do(request, change, case_id, departures.plan, case_id, journey, done="journey")


@router.post("/cases/{case_id}/departure/word")
async def word(request: Request, case_id: CaseId, change: PageChangeDep, actor: CaseManagerDep) -> Response:
    """The person left; or they did not, and all that was for that border ends."""
    action = departures.depart if change.text("word") == "departed" else departures.halt
    return await _do(request, change, case_id, action, case_id, done="journey")


@router.post("/cases/{case_id}/account")
async def account(request: Request, case_id: CaseId, change: PageChangeDep, actor: CaseManagerDep) -> Response:
    """A way in for the person: the code to hand over is shown here once, and nowhere else. (R-41)"""
    refuse_unencrypted(request)
    login = change.text("login")
    if len(normalised(login)) < SHORTEST_LOGIN:
        faults = {"person-login": text("casework.fault.person-login", change.language)}
        return await _again(request, change, case_id, again(change.form, faults=faults))
    code = dice.token_urlsafe(18)
    new = NewPersonAccount(login=login, password_hash=await passwords.hashed(code))
    outcome = await change.network.write(
        person_accounts.give, case_id, new, actor=actor, at=change.now, secrets=change.secrets
    )
    if isinstance(outcome, Refusal):
        return await _again(request, change, case_id, again(change.form, reasons=why(outcome, change.language)))
    return page(request, "casework/handed.html", now=change.now, headers=FRESH, case_id=case_id, login=login, code=code)


@router.post("/cases/{case_id}/account/end")
async def end(request: Request, case_id: CaseId, change: PageChangeDep, actor: CaseManagerDep) -> Response:
    """The person's account opens nothing any more: as when somebody else got hold of it."""
    return await _do(request, change, case_id, person_accounts.end, case_id, done="account-ended")
