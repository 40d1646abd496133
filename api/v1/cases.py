"""Cases: opened, found, read, recorded field by field, closed. The plan is in `case_plans`. (R-14, R-21, R-40)

Everything said about a person travels in a body, never in an address.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.actions import cases, households
from api.actions.cases import CaseFile, Opening, SaidCase
from api.actions.households import Joining
from api.problems import Problem
from api.query import Fault
from api.v1.changes import PERSONAL, Change, ChangedOut, expected_version
from graph.model.case import Closure
from graph.seed.catalogue import UnknownField

router = APIRouter(prefix="/cases", tags=["cases"])

CaseId = Annotated[str, Path(min_length=1, max_length=120, pattern=r"\S")]
ChangeDep = Annotated[Change, Depends(Change)]


class Body(BaseModel):
    """A body says what it says and nothing else. Blanks at either end count as little here as in what is made of it."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class RecordIn(Body):
    """Fields of the catalogue and their values; null takes one out."""

    data: dict[str, Any] = Field(min_length=1)


class FindIn(Body):
    """An exact value of a field that has a blind index."""

    field: str = Field(max_length=120)
    value: str = Field(min_length=1, max_length=200)


class ClosureIn(Body):
    """Why a case ends."""

    reason: Closure
    notes: str | None = Field(None, min_length=1, max_length=4000)


class RestrictionIn(Body):
    """Whether the case is hidden from everybody outside its team."""

    restricted: bool


class MemberIn(Body):
    """Who joins a team."""

    actor_id: str = Field(min_length=1, max_length=120)


class HouseholdIn(Body):
    """With which case this one lives together."""

    case_id: str = Field(min_length=1, max_length=120)
    stays_together: bool = True


class ListedOut(BaseModel):
    """A case in a list: its number, never its person."""

    id: str
    area: str
    opened_at: str
    closed_at: str | None
    restricted: bool


class ListOut(BaseModel):
    """One page of a caseload."""

    cases: list[ListedOut]
    next: str | None = Field(description="give it as `after` for the next page")


class ToldOut(BaseModel):
    """A recorded value, of the case or of one of its parts."""

    field: str
    of: str | None
    value: Any


class FileOut(BaseModel):
    """A case as its reader may see it."""

    case: dict[str, Any]
    record: list[ToldOut]
    assessments: list[dict[str, Any]]
    meetings: list[dict[str, Any]]
    communications: list[dict[str, Any]]
    household: list[str]


INNER = frozenset({"person_id", "stream", "version"})
"""What of a case nobody outside needs."""


@router.post("", status_code=201, response_model=ChangedOut, summary="Open a case under a pseudonym")
async def open_case(said: SaidCase, change: ChangeDep) -> Any:
    """The pseudonym in the answer is the only name of the case. Municipality and an age, or age band, are needed."""
    answer = await change.make(cases.open_case, Opening(**said.model_dump()))
    answer.status_code = 201
    return answer


@router.get("", response_model=ListOut, summary="The cases you may see")
async def caseload(
    change: ChangeDep,
    mine: bool = False,
    after: Annotated[str, Query(max_length=120)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Any:
    """By number, page by page; exactly those that can be read one by one."""
    actor = change.circumstances["actor"]
    found = await change.network.read(cases.caseload, actor=actor, mine=mine, after=after, limit=limit)
    listed = [
        {
            "id": case.id,
            "area": case.area,
            "opened_at": case.opened_at.isoformat(),
            "closed_at": case.closed_at.isoformat() if case.closed_at else None,
            "restricted": case.restricted,
        }
        for case in found
    ]
    return JSONResponse({"cases": listed, "next": found[-1].id if len(found) == limit else None}, headers=PERSONAL)


@router.post("/find", response_model=list[str], summary="Find cases by an exact document number")
async def find(said: FindIn, change: ChangeDep) -> Any:
    """The numbers of cases you may see. Names cannot be searched; restricted cases are found by their team only."""
    who = {name: change.circumstances[name] for name in ("actor", "secrets")}
    try:
        found = await change.network.read(cases.find, said.field, said.value, **who)
    except UnknownField:
        raise Problem("invalid-request", faults=[Fault(pointer="/field", code="query.wrong-shape")]) from None
    return JSONResponse(found, headers=PERSONAL)


@router.get("/{case_id}", response_model=FileOut, summary="Read a case")
async def read(case_id: CaseId, change: ChangeDep) -> Any:
    """What your roles may see of it. That you looked is written down, and the person can read that."""
    file = await change.network.write(cases.read, case_id, **change.circumstances)
    return JSONResponse(_out(file), headers={**PERSONAL, "ETag": f'"{file.case.revised}"'})


def _out(file: CaseFile) -> dict[str, Any]:
    return {
        "case": file.case.model_dump(mode="json", exclude=set(INNER)),
        "record": [{"field": told.field, "of": told.of, "value": told.value} for told in file.told],
        "assessments": [noun.model_dump(mode="json") for noun in file.follow_up.assessments],
        "meetings": [noun.model_dump(mode="json") for noun in file.follow_up.meetings],
        "communications": [noun.model_dump(mode="json") for noun in file.follow_up.communications],
        "household": list(file.household),
    }


@router.patch("/{case_id}/record", response_model=ChangedOut, summary="Record fields of a person")
async def record(
    case_id: CaseId, said: RecordIn, change: ChangeDep, if_match: Annotated[str | None, Header()] = None
) -> Any:
    """Each field for itself; null takes one out. `If-Match` names the version you read."""
    return await change.make(cases.record_data, case_id, said.data, expected=expected_version(if_match))


@router.put("/{case_id}/restriction", response_model=ChangedOut, summary="Restrict a case to its team")
async def restrict(case_id: CaseId, said: RestrictionIn, change: ChangeDep) -> Any:
    """While a factor of trafficking or threat is in force, the restriction holds."""
    return await change.make(cases.restrict, case_id, restricted=said.restricted)


@router.post("/{case_id}/team", response_model=ChangedOut, summary="Add somebody to the team")
async def join_team(case_id: CaseId, said: MemberIn, change: ChangeDep) -> Any:
    """Only somebody of the organisation that holds the case can join."""
    return await change.make(cases.join_team, case_id, said.actor_id)


@router.delete("/{case_id}/team/{actor_id}", response_model=ChangedOut, summary="Take somebody from the team")
async def leave_team(case_id: CaseId, actor_id: CaseId, change: ChangeDep) -> Any:
    """The last one stays: a restricted case would else be nobody's."""
    return await change.make(cases.leave_team, case_id, actor_id)


@router.put("/{case_id}/household", response_model=ChangedOut, summary="Put two cases into one household")
async def live_together(case_id: CaseId, said: HouseholdIn, change: ChangeDep) -> Any:
    """Each adult of a household is a case of their own and consents for themselves."""
    joining = Joining(case_ids=(case_id, said.case_id), stays_together=said.stays_together)
    return await change.make(households.live_together, joining)


@router.delete("/{case_id}/household", response_model=ChangedOut, summary="Leave the household")
async def leave_household(case_id: CaseId, change: ChangeDep) -> Any:
    """The others stay in it; what each consented to is not touched."""
    return await change.make(households.leave_household, case_id)


@router.post("/{case_id}/closure", response_model=ChangedOut, summary="Close a case")
async def close(case_id: CaseId, said: ClosureIn, change: ChangeDep) -> Any:
    """For one of the five reasons. It can still be read, and no longer changed."""
    return await change.make(cases.close, case_id, said.reason, notes=said.notes)
