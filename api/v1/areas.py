"""Places by name: for whoever knows a municipality but not its code."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.dependencies import GazetteerDep
from api.problems import Problem

router = APIRouter(tags=["areas"])


class AreaOut(BaseModel):
    """One area, and what it lies in."""

    code: str
    name: str
    level: int = Field(description="0 country, 1 department or state, 2 municipality, 3 district")
    parent: str | None
    way: str = Field(description="the names of what it lies in, nearest first")


class AreasOut(BaseModel):
    """Areas, the likeliest first; without `q` by name."""

    areas: list[AreaOut]


@router.get("/areas", response_model=AreasOut, summary="Find an area by its name")
async def read(
    gazetteer: GazetteerDep,
    q: Annotated[
        str | None, Query(min_length=1, max_length=120, description="a name; accents and slips are forgiven")
    ] = None,
    parent: Annotated[str | None, Query(min_length=1, max_length=120, description="look inside this area only")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 20,
) -> Any:
    """With `q` the areas that may be meant (anywhere inside `parent`); without it what lies directly in `parent`,
    or the countries.
    """
    if parent is not None and parent not in gazetteer.by_code:
        raise Problem("not-found")
    if q is None:
        found = gazetteer.below(parent)[:limit]
    else:
        found = [area for area, _ in gazetteer.find(q, within=parent, limit=limit)]
    return AreasOut(
        areas=[AreaOut(code=a.code, name=a.name, level=a.level, parent=a.parent, way=gazetteer.way(a)) for a in found]
    )
