"""The person's own account, and finding a person across organisations. (R-21, R-25, R-41)"""

from __future__ import annotations

import secrets as dice
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.actions import passwords, person_accounts, persons
from api.actions.person_accounts import NewPersonAccount
from api.actions.persons import Found
from api.identity import PersonFinderDep
from api.problems import Problem
from api.query import Fault
from api.refusals import refused
from api.v1.accounts import EntryOut
from api.v1.cases import Body, CaseId, ChangeDep, FindIn
from api.v1.changes import PERSONAL
from api.v1.sessions import Login
from graph.blind_index import normalised
from graph.model.account import SHORTEST_LOGIN
from graph.model.log import Entry
from graph.model.refusal import Refusal
from graph.seed.catalogue import UnknownField

router = APIRouter(tags=["persons"])


class PersonAccountIn(Body):
    """The login that the person chose; nobody can read it back."""

    login: Login


class PersonAccountOut(BaseModel):
    """The one-time password, told once: for the person, by another way than the login."""

    id: str
    one_time_password: str
    entry: dict[str, Any] = Field(description="body, key_id and signature of the entry")


@router.post(
    "/cases/{case_id}/person-account",
    response_model=PersonAccountOut,
    status_code=201,
    summary="Give the person an account of their own",
)
async def give(case_id: CaseId, said: PersonAccountIn, change: ChangeDep) -> Any:
    """By the team of the case, to a person who decides for themselves. One they had before ends with it.

    The one-time password waits 72 hours; with it the person sets an own one and a device (`/v1/accounts/activation`).
    Then they read what is known about them, what left, who read it; and take back what they allowed.
    """
    if len(normalised(said.login)) < SHORTEST_LOGIN:
        raise Problem("invalid-request", faults=[Fault(pointer="/login", code="query.wrong-shape")])
    one_time = dice.token_urlsafe(18)
    new = NewPersonAccount(login=said.login, password_hash=await passwords.hashed(one_time))
    written = await change.network.write(person_accounts.give, case_id, new, **change.circumstances)
    if isinstance(written, Refusal):
        raise refused(written, change.language)
    told = {"id": new.id, "one_time_password": one_time, "entry": _out(written)}
    return JSONResponse(told, status_code=201, headers=PERSONAL)


@router.delete("/cases/{case_id}/person-account", response_model=EntryOut, summary="End the person's account")
async def end(case_id: CaseId, change: ChangeDep) -> Any:
    """At once, with its sessions and tokens: as when somebody else got hold of it."""
    written = await change.do(person_accounts.end, case_id)
    return JSONResponse({"entry": _out(written)}, headers=PERSONAL)


def _out(written: Entry) -> dict[str, Any]:
    return written.model_dump(mode="json", exclude_none=True)


@router.post(
    "/persons/find",
    response_model=list[Found],
    summary="Find a person in all organisations by an exact number",
)
async def find(said: FindIn, finder: PersonFinderDep, change: ChangeDep) -> Any:
    """For the data protection officer alone. It answers numbers of cases and who holds them.

    Every search is written down, and the person who was found can read that. Restricted cases are not found.
    """
    try:
        found = await change.network.write(
            persons.find, said.field, said.value, **change.circumstances | {"actor": finder}
        )
    except UnknownField:
        raise Problem("invalid-request", faults=[Fault(pointer="/field", code="query.wrong-shape")]) from None
    return JSONResponse([row.model_dump(mode="json") for row in found], headers=PERSONAL)
