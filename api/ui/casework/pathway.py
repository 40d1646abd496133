"""Walking a pathway: the need of a step is written down in the case, with what the person said to it. (R-36, R-41)"""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from fastapi.responses import Response

from api.actions import pathway_steps
from api.actions.pathway_steps import Wanted
from api.actions.plans import StatedNeed
from api.identity import CaseManagerDep
from api.problems import Problem
from api.query import ServiceType
from api.ui.casework.need import base_of
from api.ui.casework.of_case import CaseId
from api.ui.change import PageChangeDep
from api.ui.forms import read
from api.ui.render import onward
from graph.model.base import Model

router = APIRouter()


class Step(Model):
    """Which step, and whether the person agreed that help is sought for it."""

    step: ServiceType
    agreed: Literal["yes", "no"]


@router.post("/cases/{case_id}/steps")
async def take(case_id: CaseId, change: PageChangeDep, actor: CaseManagerDep) -> Response:
    """With the person's yes on to who offers it; without, to the plan, where they are asked."""
    await change.network.read(pathway_steps.wanted, case_id, actor=actor, at=change.now)  # whose case, before all else
    said = read(change.form, Step, change.language)
    if not isinstance(said, Step):  # nothing that our buttons send
        raise Problem("invalid-request")
    found: Wanted = await change.made(
        pathway_steps.state_step, case_id, StatedNeed(service_type=said.step), agreed=said.agreed == "yes"
    )
    if found.is_agreed:
        return onward(base_of(case_id, found.need_id))
    return onward(f"/cases/{case_id}/plan?done=stated#need-{found.need_id}")
