"""How a case is kept: its team and restriction, who it lives with, journeys, the person's own way in, its end. (R-21, R-24, R-25, R-40, R-42)"""

from __future__ import annotations

import secrets as dice
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import BaseModel, Field

from api.actions import case_standing, cases, departures, households, passwords, person_accounts, team
from api.actions.departures import Journey
from api.actions.households import Joining
from api.actions.person_accounts import NewPersonAccount
from api.identity import CASE_MANAGER, refuse_unencrypted
from api.receipts import name_of
from api.refusals import why
from api.texts import text
from api.ui.casework.desk import in_words
from api.ui.casework.of_case import CaseId, Done, PartId
from api.ui.casework.parts import NOTHING, CaseForm, Shown
from api.ui.change import Visit, VisitDep
from graph.blind_index import normalised
from graph.model.account import SHORTEST_LOGIN
from graph.model.case import Closure
from graph.model.refusal import Refusal
from graph.seed.vocabulary import label

router = APIRouter(dependencies=[Depends(CASE_MANAGER)])

DONE: Final = frozenset(
    {"joined", "left", "restricted", "unrestricted", "together", "apart", "closed", "account-ended", "journey"}
)


@router.get("/cases/{case_id}/more")
async def show(case_id: CaseId, visit: VisitDep, done: Done = "") -> Response:
    """How the case is kept, with a form for each thing that can be changed."""
    return await _page(visit, case_id, NOTHING, done=done)


async def _page(visit: Visit, case_id: str, shown: Shown, *, done: str = "") -> Response:
    found = await visit.network.write(case_standing.read, case_id, **visit.held)
    language = visit.language
    names = {id: name_of(organization, language) for id, organization in found.organizations.items()}
    words = in_words(found.desk, language, at=visit.now)
    return visit.page(
        "casework/more.html",
        status=shown.status,
        done=done if done in DONE else "",
        shown=shown,
        kept=found,
        me=visit.actor.id,
        closures=[(one.value, text(f"casework.closure.{one.value}", language)) for one in Closure],
        expecting=[
            (f"{id} {to}", f"{names[id]} · {label('countries', to, language)}")
            for id, to in found.expecting
            if id in names
        ],
        **words | {"names": {**words["names"], **names}},
    )


class _Form(CaseForm):
    back = "more?done={done}"

    async def page(self, shown: Shown) -> Response:
        return await _page(self.change, self.case_id, shown)

    def fault(self, field: str) -> dict[str, str]:
        return {field: text(f"casework.fault.{field}", self.change.language)}


FormDep = Annotated[_Form, Depends()]


@router.post("/cases/{case_id}/team")
async def join(form: FormDep) -> Response:
    """A colleague joins, by the name they sign in with."""
    login = form.change.text("login")
    return await form.do(team.join_by_login, form.case_id, login, done="joined", missing=form.fault("login"))


@router.post("/cases/{case_id}/team/{actor_id}/leave")
async def leave(form: FormDep, actor_id: PartId) -> Response:
    """Somebody no longer works on it; the last one stays."""
    return await form.do(cases.leave_team, form.case_id, actor_id, done="left")


@router.post("/cases/{case_id}/restriction")
async def restrict(form: FormDep) -> Response:
    """Hidden from everybody outside the team, or no longer."""
    on = form.change.text("restricted") == "yes"
    return await form.do(cases.restrict, form.case_id, restricted=on, done="restricted" if on else "unrestricted")


@router.post("/cases/{case_id}/household")
async def together(form: FormDep) -> Response:
    """Two cases live together; each adult still decides alone."""
    other, nobody = form.change.text("other", most=120).upper(), form.fault("other")
    if not other or other == form.case_id:
        return await form.again(faults=nobody)
    joining = Joining(case_ids=(form.case_id, other), stays_together=form.change.text("stays") == "yes")
    return await form.do(households.live_together, joining, done="together", missing=nobody)


@router.post("/cases/{case_id}/household/leave")
async def apart(form: FormDep) -> Response:
    """It leaves its household; the others stay."""
    return await form.do(households.leave_household, form.case_id, done="apart")


class Ending(BaseModel):
    """Why a case ends."""

    reason: Closure
    notes: str | None = Field(None, max_length=4000)


@router.post("/cases/{case_id}/closing")
async def close(form: FormDep) -> Response:
    """For one of the five reasons. It can still be read."""
    return await form.state("closing", Ending, cases.close, dict, done="closed")


class Leaving(BaseModel):
    """Where to and with whom, as one choice; and on which day."""

    to: str = Field(max_length=200, pattern=r"^\S.* [A-Z]{2}$")
    on: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")

    def told(self) -> dict[str, Any]:
        """As the action takes it."""
        receiver, _, to = self.to.rpartition(" ")
        return {"journey": Journey.model_validate({"to": to, "on": self.on, "receiver_id": receiver})}


@router.post("/cases/{case_id}/departure")
async def depart(form: FormDep) -> Response:
    """A journey is planned, once the person allowed the receiving organisation something for that border."""
    return await form.state("journey", Leaving, departures.plan, Leaving.told, done="journey")


@router.post("/cases/{case_id}/departure/word")
async def word(form: FormDep) -> Response:
    """The person left; or they did not, and all that was for that border ends."""
    action = departures.depart if form.change.text("word") == "departed" else departures.halt
    return await form.do(action, form.case_id, done="journey")


@router.post("/cases/{case_id}/account")
async def account(form: FormDep) -> Response:
    """A way in for the person: the code to hand over is shown here once, and nowhere else. (R-41)"""
    change = form.change
    refuse_unencrypted(change.request)
    login = change.text("login")
    if len(normalised(login)) < SHORTEST_LOGIN:
        return await form.again(faults=form.fault("person-login"))
    code = dice.token_urlsafe(18)
    new = NewPersonAccount(login=login, password_hash=await passwords.hashed(code))
    outcome = await change.network.write(person_accounts.give, form.case_id, new, **change.held)
    if isinstance(outcome, Refusal):
        return await form.again(reasons=why(outcome, change.language))
    return change.page("casework/handed.html", case_id=form.case_id, login=login, code=code)


@router.post("/cases/{case_id}/account/end")
async def end(form: FormDep) -> Response:
    """The person's account opens nothing any more: as when somebody else got hold of it."""
    return await form.do(person_accounts.end, form.case_id, done="account-ended")
