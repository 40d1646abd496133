"""The log for those who watch over it: signed entries, stream by stream. (R-14, R-21)"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.actions import entries
from api.v1.cases import ChangeDep
from api.v1.changes import PERSONAL
from graph.model.log import Entry

router = APIRouter(prefix="/log", tags=["log"])

StreamId = Annotated[str, Path(min_length=1, max_length=120, description="the stream that a receipt names")]


class PageOut(BaseModel):
    """Entries of a stream, in the order of their numbers."""

    entries: list[Entry]
    next: int | None = Field(description="give it as `after` for the next page")


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
