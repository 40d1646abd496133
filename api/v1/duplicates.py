"""Entries of the directory that may be one: listed, merged or told apart, and taken back. (R-02)"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import Field

from api.actions import duplicates
from api.actions.duplicates import Listed, Said, Word
from api.v1.cases import Body, ChangeDep
from api.v1.changes import PERSONAL
from graph.model.base import Id
from graph.model.entry import Subject

router = APIRouter(prefix="/duplicates", tags=["directory"])

MergeId = Annotated[str, Path(min_length=1, max_length=120)]


class WordIn(Body):
    """Two entries, and whether they are one."""

    subject: Subject
    kept_id: Id = Field(description="the entry that stands for both")
    gone_id: Id = Field(description="the entry that is no longer found by itself")
    same: bool = Field(description="true: they are one; false: they are two, and are not shown as a pair again")


@router.get("", response_model=Listed, summary="Which entries may be one")
async def listed(
    change: ChangeDep, subject: Subject = "organization", limit: Annotated[int, Query(ge=1, le=200)] = 20
) -> Any:
    """For the committee: likely pairs, the surest first, with what speaks for each; and what was said and holds."""
    who = change.circumstances["actor"]
    found = await change.network.read(duplicates.listed, actor=who, subject=subject, limit=limit)
    return JSONResponse(found.model_dump(mode="json"), headers=PERSONAL)


@router.post("", response_model=Said, status_code=201, summary="Say that two entries are one, or that they are two")
async def say(said: WordIn, change: ChangeDep) -> Any:
    """Both entries stay as they are; referrals, consents, accounts and places stay where they are.

    Refused where one of the two is merged into another already, or stands for another.
    """
    word = Word(subject=said.subject, kept_id=said.kept_id, gone_id=said.gone_id)
    return await change.answer(duplicates.merge if said.same else duplicates.tell_apart, word, status=201)


@router.post("/{merge_id}/undoing", response_model=Said, summary="Take back what was said of two entries")
async def undo(merge_id: MergeId, change: ChangeDep) -> Any:
    """Both stand for themselves again, just as before. Takes no body."""
    return await change.answer(duplicates.undo, merge_id)
