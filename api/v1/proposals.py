"""Changes of entries of the directory: proposed by one, decided by another, taken back. (R-02)"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.actions import proposals
from api.actions.proposals import Listed, Proposed, Stated
from api.v1.cases import Body, ChangeDep
from api.v1.changes import PERSONAL
from graph.model.base import Id
from graph.model.entry import Subject, Value
from graph.model.proposal import Proposal, Rejection

router = APIRouter(prefix="/proposals", tags=["directory"])

ProposalId = Annotated[str, Path(min_length=1, max_length=120)]


class ProposalIn(Body):
    """Which entry, and what it is to say; a field that is not named stays as it is, null takes it away."""

    subject: Subject
    subject_id: Id
    stated: dict[str, Value] = Field(
        min_length=1,
        max_length=40,
        description="by field: name, name_en, description, status, languages, areas, days, opens_at, phone, …",
    )


class RejectionIn(Body):
    """Why not, and a few words for whoever proposed it, which name nobody."""

    reason: Rejection
    note: str | None = Field(None, max_length=300)


class ProposalsOut(BaseModel):
    """Proposals, each with what the entry said when it was made."""

    proposals: tuple[Proposal, ...]


@router.post("", response_model=Proposed, status_code=201, summary="Propose a change of an entry")
async def propose(asked: ProposalIn, change: ChangeDep) -> Any:
    """Any entry, by whoever works with the directory. Nothing changes until somebody else approves it."""
    stated = Stated(subject=asked.subject, subject_id=asked.subject_id, stated=asked.stated)
    return await change.answer(proposals.propose, stated, status=201, source="program")


@router.get("", response_model=Listed, summary="Which proposals wait for my decision")
async def waiting(
    change: ChangeDep,
    after: Annotated[str, Query(max_length=300)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Any:
    """All of them for the committee; for an organisation what others propose of its entries."""
    who = change.circumstances["actor"]
    found = await change.network.read(proposals.to_decide, actor=who, after=after, limit=limit)
    return JSONResponse(found.model_dump(mode="json"), headers=PERSONAL)


@router.get("/mine", response_model=ProposalsOut, summary="What became of proposals that concern me")
async def mine(change: ChangeDep) -> Any:
    """What I proposed or decided, and what was proposed of my organisation's entries, the latest first."""
    found = await change.network.read(proposals.near, actor=change.circumstances["actor"])
    return JSONResponse({"proposals": [p.model_dump(mode="json") for p in found]}, headers=PERSONAL)


@router.post("/{proposal_id}/approval", response_model=Proposed, summary="Approve a proposal")
async def approve(proposal_id: ProposalId, change: ChangeDep) -> Any:
    """The entry says it from now on, as edited today and as verified by nobody. Takes no body.

    Refused to whoever proposed it, and where the entry changed since in one of these fields.
    """
    return await change.answer(proposals.approve, proposal_id)


@router.post("/{proposal_id}/rejection", response_model=Proposed, summary="Reject a proposal, and say why")
async def reject(proposal_id: ProposalId, said: RejectionIn, change: ChangeDep) -> Any:
    """Nothing of the entry changes. Whoever proposed it reads the reason."""
    return await change.answer(proposals.reject, proposal_id, said.reason, note=said.note)


@router.post("/{proposal_id}/withdrawal", response_model=Proposed, summary="Withdraw a proposal of one's own")
async def withdraw(proposal_id: ProposalId, change: ChangeDep) -> Any:
    """Only whoever proposed it, while nobody has decided. Takes no body."""
    return await change.answer(proposals.withdraw, proposal_id)


@router.post("/{proposal_id}/undoing", response_model=Proposed, summary="Take back what an approval changed")
async def undo(proposal_id: ProposalId, change: ChangeDep) -> Any:
    """The entry says again what it said before, where nobody changed it since. Takes no body."""
    return await change.answer(proposals.undo, proposal_id)
