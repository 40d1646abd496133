"""The log for those who watch over it: signed entries, stream by stream. (R-14, R-21)"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.actions import entries
from api.actions.entries import Checked
from api.dependencies import NetworkDep, NowDep, SecretsDep
from api.identity import OfficerDep
from api.problems import Problem
from api.query import Fault
from api.v1.cases import ChangeDep
from api.v1.changes import PERSONAL
from graph.model.log import Entry, Kind
from graph.seed.catalogue import WrongValue

CODE = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
DayIn = Annotated[date | None, Query(description="a day of UTC")]
CodeIn = Annotated[str | None, Query(min_length=1, max_length=120, pattern=CODE)]
IdIn = Annotated[str | None, Query(min_length=1, max_length=120)]

router = APIRouter(prefix="/log", tags=["log"])

StreamId = Annotated[str, Path(min_length=1, max_length=120, description="the stream that a receipt names")]


class PageOut(BaseModel):
    """Entries of a stream, in the order of their numbers."""

    entries: list[Entry]
    next: int | None = Field(description="give it as `after` for the next page")


class FoundOut(BaseModel):
    """Entries of all streams that fit, the newest first."""

    entries: list[Entry]
    next: str | None = Field(description="give it as `after` for those before")


@router.get("", response_model=FoundOut, summary="Look for entries in the log")
async def search(
    officer: OfficerDep,
    network: NetworkDep,
    now: NowDep,
    first: DayIn = None,
    last: DayIn = None,
    stream: IdIn = None,
    kind: Annotated[Kind | None, Query()] = None,
    organization: Annotated[
        str | None, Query(min_length=1, max_length=120, description="who acted or received")
    ] = None,
    purpose: CodeIn = None,
    basis: CodeIn = None,
    role: Annotated[
        str | None, Query(min_length=1, max_length=120, pattern=CODE, description="in which function")
    ] = None,
    actor: IdIn = None,
    after: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Any:
    """For the data protection officer: what was done, by whom, for whom, on which basis; field codes, never a value.

    Where no day is stated, the thirty days before today. Whose case a stream belongs to is not told.
    """
    wish = entries.Search(
        first=first, last=last, stream=stream, kind=kind, organization=organization, purpose=purpose, basis=basis,
        role=role, actor=actor,
    )  # fmt: skip
    try:
        found = await network.read(entries.search, wish, actor=officer, at=now, after=after, limit=limit)
    except WrongValue as wrong:
        raise Problem("invalid-request", faults=[Fault(pointer=f"/{wrong.field}", code="query.wrong-shape")]) from None
    rows = [entry.model_dump(mode="json", exclude_none=True) for entry in found.entries]
    return JSONResponse({"entries": rows, "next": found.next}, headers=PERSONAL)


class ReceiptIn(BaseModel):
    """A receipt as it was handed out."""

    model_config = ConfigDict(extra="forbid")

    entry: Entry


@router.post("/checks", response_model=Checked, summary="Hold a receipt against the log")
async def check(said: ReceiptIn, officer: OfficerDep, network: NetworkDep, secrets: SecretsDep) -> Any:
    """For the data protection officer: whether this house signed it, and the log holds this very entry in its place."""
    found = await network.read(entries.check_receipt, said.entry, actor=officer, signer=secrets.signer)
    return JSONResponse(found.model_dump(mode="json"), headers=PERSONAL)


@router.get("/{stream}", response_model=PageOut, summary="Read the log")
async def read(
    stream: StreamId,
    change: ChangeDep,
    after: Annotated[int, Query(ge=0, le=2**53 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Any:
    """For the data protection officer. Who did what on which basis, as codes; refused attempts too. Never a value."""
    who = change.circumstances["actor"]
    found = await change.network.read(entries.read, stream, actor=who, after=after, limit=limit)
    rows = [entry.model_dump(mode="json", exclude_none=True) for entry in found]
    following = found[-1].body.n if len(found) == limit else None
    return JSONResponse({"entries": rows, "next": following}, headers=PERSONAL)
