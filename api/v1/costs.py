"""What referrals cost: said by the provider under the agreed ceiling, summed for the committee. (R-15)"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import Field

from api.actions import costs
from api.actions.costs import Spending, Spent, TotalOut
from api.dependencies import NetworkDep
from api.identity import CostsReaderDep
from api.v1.cases import Body, ChangeDep
from api.v1.changes import PERSONAL
from api.v1.consents import CodeIn, PartId

router = APIRouter(tags=["costs"])


class CostIn(Body):
    """How much, in which currency, for what."""

    amount: int = Field(gt=0, le=1_000_000_000, description="in the smallest unit of the currency: 12.50 is 1250")
    currency: str = Field(min_length=3, max_length=3, description="ISO 4217, in capitals")
    what_for: CodeIn = Field(description="a code of `cost-kinds`")


@router.post("/referrals/{referral_id}/costs", response_model=Spent, status_code=201, summary="Say what it cost")
async def say(referral_id: PartId, said: CostIn, change: ChangeDep) -> Any:
    """For the receiving organisation. Over the ceiling of the SOP it is refused, with what is agreed and spent already."""
    return await change.answer(costs.say, referral_id, Spending(**said.model_dump()), status=201)


@router.get("/costs", response_model=list[TotalOut], summary="Read what referrals cost")
async def totals(reader: CostsReaderDep, network: NetworkDep) -> Any:
    """For the committee: by organisation, payer and currency. Sums about few referrals are null."""
    found = await network.read(costs.totals, actor=reader)
    return JSONResponse([total.model_dump(mode="json") for total in found], headers=PERSONAL)
