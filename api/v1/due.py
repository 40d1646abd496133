"""What is due, what comes next, and which notices left. (R-05, R-12, R-14)"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.actions import next_suggestion, outbox, outlook
from api.actions.outlook import DueList
from api.answer import AnswerOut, render
from api.dependencies import ActorDep, NetworkDep, NowDep
from api.identity import MessageReaderDep
from api.query import Query as Asked
from api.refusals import refused
from api.v1.cases import ChangeDep
from api.v1.changes import PERSONAL
from api.v1.consents import PartId
from graph.model.refusal import Refusal
from graph.model.timer import Rung

router = APIRouter(tags=["referrals"])


class MessageOut(BaseModel):
    """One mail of the outbox: to which function, with which template; nothing of what it is about."""

    id: str
    to: str | None = Field(description="null: nobody states an address; the directory lacks one")
    organization_id: str | None = Field(description="whose address it is, or should be; null: the committee's")
    template: str
    rung: Rung | None
    clock: str | None
    language: str
    created_at: datetime
    sent_at: datetime | None = Field(description="null: it waits, or will not go out")
    tries: int
    failed_because: str | None = Field(description="no-address | refused")
    undone_because: str | None = Field(description="nobody needed it any more")


class MessagesOut(BaseModel):
    """The newest first."""

    messages: list[MessageOut]


@router.get("/due", response_model=DueList, summary="What is overdue or waits for you")
async def due(network: NetworkDep, actor: ActorDep, now: NowDep) -> Any:
    """For a provider, the answers its organisation owes; for a case manager, what waits in the cases they work on.

    Names referrals and notices, never a person or a case.
    """
    found = await network.read(outlook.read, actor=actor, at=now)
    return JSONResponse(found.model_dump(mode="json"), headers=PERSONAL)


@router.get("/referrals/{referral_id}/next", response_model=AnswerOut, summary="Who else fits the need of a referral")
async def following(referral_id: PartId, change: ChangeDep) -> Any:
    """Suggested anew for the same need, without the service it was sent to and without those it was sent on from.

    For the case manager. Refused while the person has taken back their agreement, or once the case is closed.
    """
    found = await change.network.read(next_suggestion.suggest, referral_id, **change.circumstances)
    if isinstance(found, Refusal):
        raise refused(found, change.language)
    need = found.suggestions.need
    asked = Asked(service_type=need.service_type, area=need.area)
    return JSONResponse(render(found, asked, change.language), headers=PERSONAL)


@router.get("/messages", response_model=MessagesOut, summary="Which notices left, which wait, which could not go")
async def messages(
    reader: MessageReaderDep,
    network: NetworkDep,
    after: Annotated[str | None, Query(max_length=120, description="only what comes after this one")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Any:
    """For the committee and administrators. A missing address is a gap of the directory and stands here too."""
    found = await network.read(outbox.read, actor=reader, after=after, limit=limit)
    rows = [MessageOut(**m.model_dump(exclude={"about", "answers"})).model_dump(mode="json") for m in found]
    return JSONResponse({"messages": rows}, headers=PERSONAL)
