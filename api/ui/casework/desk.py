"""The desk of one case: what waits next, needs with their referrals and clocks, what was allowed. (R-12, R-14, R-40)"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import Response

from api.actions import case_desk
from api.actions.case_desk import Desk
from api.actions.waits import Wait, Waiting
from api.dependencies import GazetteerDep
from api.identity import CaseManagerDep
from api.receipts import name_of
from api.ui.casework.of_case import CaseId, Done, area_in_words
from api.ui.change import VisitDep
from graph.model.base import Language
from graph.seed.purposes import purposes

router = APIRouter()


@router.get("/cases/{case_id}")
async def desk(
    case_id: CaseId, visit: VisitDep, gazetteer: GazetteerDep, actor: CaseManagerDep, done: Done = ""
) -> Response:
    """For whoever may read the case; that they looked is written down."""
    found = await visit.network.write(case_desk.read, case_id, **visit.held)
    return visit.page(
        "casework/desk.html",
        done=done if done in DONE else "",
        place=lambda code: area_in_words(code, gazetteer),
        **in_words(found, visit.language, at=visit.now),
    )


DONE: Final = frozenset({"opened"})


def in_words(found: Desk, language: Language, *, at: datetime) -> dict[str, Any]:
    """What the page shows of a desk."""
    case = found.file.case
    names = {id: name_of(organization, language) for id, organization in found.organizations.items()}
    by_need: dict[str, list[Any]] = {need.id: [] for need in case.needs}
    for one in found.on_way:
        by_need[one.referral.need_id].append(one)
    return {
        "case": case,
        "desk": found,
        "at": at,
        "needs": [(need, need.is_agreed(at=at), by_need[need.id]) for need in case.needs],
        "types": {need.id: need.service_type for need in case.needs},
        "names": names,
        "steps": [(wait, way(case.id, wait)) for wait in found.waits],
        "consents": [
            (held.consent, name_of(held.recipient, language), held.consent.state(at=at).value)
            for held in found.consents
        ],
        "purpose": lambda code: purposes()[code].label(language),
    }


def way(case_id: str, wait: Wait) -> str:
    """Where what waits is done."""
    here = f"/cases/{case_id}"
    match wait.what:
        case Waiting.LATE | Waiting.TASK:
            return f"/referrals/{wait.referral_id}"
        case Waiting.SEND:
            return f"/referrals/{wait.referral_id}/preview"
        case Waiting.GOES_ON:
            return f"{here}/consents#goes-on-{wait.referral_id}"
        case Waiting.REVIEW:
            return f"{here}/plan#goal-{wait.goal_id}"
        case Waiting.SEEK:
            return f"{here}/needs/{wait.need_id}"
        case Waiting.AGREE:
            return f"{here}/plan#need-{wait.need_id}"
        case Waiting.NO_NEED:
            return f"{here}/plan#state"
