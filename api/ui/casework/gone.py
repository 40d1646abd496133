"""What left of a case, to whom, who opened it, and who looked: to be read with the person at the desk. (R-14, R-20, R-21)"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response

from api.actions import leaving
from api.identity import CaseManagerDep
from api.receipts import name_of
from api.ui.casework.consents import labels_of
from api.ui.casework.of_case import CaseId
from api.ui.change import VisitDep
from graph.seed.purposes import purposes

router = APIRouter()

MOST_LOOKS: Final = 100


@router.get("/cases/{case_id}/gone")
async def show(case_id: CaseId, visit: VisitDep, actor: CaseManagerDep) -> Response:
    """For the team of the case; it names fields, never values, so that the screen can be turned round."""
    found = await visit.network.read(leaving.read, case_id, actor=actor)
    language = visit.language
    return visit.page(
        "casework/gone.html",
        case_id=case_id,
        gone=found.gone,
        looks=found.looks[:MOST_LOOKS],
        names={id: name_of(organization, language) for id, organization in found.organizations.items()},
        purpose=lambda code: purposes()[code].label(language),
        labels=lambda codes: labels_of(codes, language),
        mine=actor.id,
    )
