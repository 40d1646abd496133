"""How a referral was for the person: asked, never required. (R-50)"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.actions import feedback
from api.actions.feedback import Answers, Heard
from api.v1.cases import Body, ChangeDep
from api.v1.changes import PERSONAL
from api.v1.consents import PartId
from graph.model.complaint import Feedback, Said
from graph.model.status_reason import Barrier

router = APIRouter(prefix="/referrals", tags=["feedback"])


class AnswersIn(Body):
    """What the person says; what is left out they would rather not say."""

    helped: Said | None = None
    respected: Said | None = None
    barrier: Barrier | None = None


@router.put("/{referral_id}/feedback", response_model=Heard, summary="Say how a referral was")
async def say(referral_id: PartId, said: AnswersIn, change: ChangeDep) -> Any:
    """By the person, or the case manager for them; it may be changed. Whatever is said, suggestions stay the same."""
    return await change.answer(feedback.say, referral_id, Answers(**said.model_dump()))


@router.get("/{referral_id}/feedback", response_model=Feedback, summary="Read how a referral was")
async def read(referral_id: PartId, change: ChangeDep) -> Any:
    """For the person and the team; the provider does not read it."""
    found = await change.network.read(feedback.read, referral_id, actor=change.circumstances["actor"])
    return JSONResponse(found.model_dump(mode="json"), headers=PERSONAL)
