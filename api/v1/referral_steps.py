"""A referral after it was drafted: where it stands, what each side may do now, and doing it. (R-01, R-12, R-14, R-50)"""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, Field

from api.actions import outcomes, referral_view, steps, tasks
from api.actions.outcomes import SaidOutcome
from api.actions.referral_view import ReferralView
from api.actions.steps import Stepped
from api.actions.tasks import TaskDone
from api.v1.cases import Body, ChangeDep
from api.v1.changes import PERSONAL
from api.v1.consents import CodeIn, PartId
from graph.model.referral import Mark, Outcome, Step
from graph.model.status_reason import Barrier, Consequence

router = APIRouter(prefix="/referrals", tags=["referrals"])

StepName = Literal["accept", "reject", "start", "hold", "resume", "complete", "fail", "cancel", "void"]


class StepIn(Body):
    """Which step, and why where it needs a reason."""

    step: StepName
    reason: CodeIn | None = None
    proposed_service_id: str | None = Field(
        None, min_length=1, max_length=120, description="with the reason `redirected`: the service you propose instead"
    )


class MarkIn(Body):
    """What the responder says, and when, for an appointment."""

    mark: Mark
    scheduled_at: AwareDatetime | None = Field(None, description="the first appointment")


class OutcomeIn(Body):
    """What became of it, and what stood between."""

    outcome: Outcome
    barrier: Barrier | None = None


class TaskIn(Body):
    """What was done."""

    done: Consequence


@router.get("/{referral_id}", response_model=ReferralView, summary="See where a referral stands")
async def read(referral_id: PartId, change: ChangeDep) -> Any:
    """With the steps that are open to you, the reasons each may have, and what is missing for it. Nothing of a person."""
    who, at = change.circumstances["actor"], change.circumstances["at"]
    found = await change.network.read(referral_view.view, referral_id, actor=who, at=at)
    return JSONResponse(found.model_dump(mode="json"), headers=PERSONAL | {"ETag": f'"{found.version}"'})


@router.post("/{referral_id}/steps", response_model=Stepped, summary="Take a step")
async def take(referral_id: PartId, said: StepIn, change: ChangeDep) -> Any:
    """From your side of it. A step that is not open is refused with those that are; one that ends needs a coded reason."""
    return await change.answer(steps.take, referral_id, Step(said.step), said.reason, said.proposed_service_id)


@router.post("/{referral_id}/marks", response_model=Stepped, summary="Say something finer within a state")
async def mark(referral_id: PartId, said: MarkIn, change: ChangeDep) -> Any:
    """For the receiving organisation: seen, in review, on the waiting list, an appointment made."""
    return await change.answer(steps.mark, referral_id, said.mark, said.scheduled_at)


@router.put("/{referral_id}/outcome", response_model=SaidOutcome, summary="Say what became of it, as the person")
async def outcome(referral_id: PartId, said: OutcomeIn, change: ChangeDep) -> Any:
    """The person says it, or the case manager for them. Where the provider said something else, a follow-up opens."""
    return await change.answer(outcomes.say, referral_id, said.outcome, said.barrier)


@router.post("/{referral_id}/tasks", response_model=TaskDone, summary="Say that a task is done")
async def task(referral_id: PartId, said: TaskIn, change: ChangeDep) -> Any:
    """For the case's team: what followed from the referral's reason and only a human could do."""
    return await change.answer(tasks.done, referral_id, said.done)
