"""What an organisation was asked without saying who it is for, and its answers. (R-10, R-12)"""

from __future__ import annotations

from typing import Annotated, Any, Final, get_args

from fastapi import APIRouter, Path
from fastapi.responses import Response

from api.actions import enquiries, queue
from api.dependencies import GazetteerDep
from api.gazetteer import Gazetteer
from api.identity import ReceiverDep
from api.texts import text
from api.ui.change import PageChangeDep, Visit, VisitDep
from api.ui.provider.words import service_name, why
from api.ui.render import onward
from graph.model.enquiry import Answer
from graph.model.refusal import Refusal
from graph.seed.status_reasons import reasons_unnamed

router = APIRouter()

PartId = Annotated[str, Path(min_length=1, max_length=160)]
ANSWERS: Final = get_args(Answer)


@router.get("/enquiries")
async def show(visit: VisitDep, gazetteer: GazetteerDep, actor: ReceiverDep) -> Response:
    """The unanswered first. Nothing in it says whose it is."""
    return await _page(visit, gazetteer, said="said" in visit.request.query_params)


@router.get("/enquiries/{enquiry_id}/answer")
async def back(enquiry_id: PartId, visit: VisitDep, actor: ReceiverDep) -> Response:
    """Whoever reloads the answer to a form by its address, or changes its language, is led to the questions."""
    await visit.network.read(queue.question, enquiry_id, actor=actor, at=visit.now)
    return onward(f"/enquiries?{visit.request.url.query}")


@router.post("/enquiries/{enquiry_id}/answer")
async def answer(enquiry_id: PartId, gazetteer: GazetteerDep, actor: ReceiverDep, change: PageChangeDep) -> Response:
    """Whether it could; a cannot has a coded reason. It may say better while it is listened to."""
    said, reason, language = change.text("say"), change.text("reason") or None, change.language
    outcome: Any = None
    faults = {}
    if said == "cannot" and reason is None:
        await change.network.read(queue.question, enquiry_id, actor=actor, at=change.now)
        faults = {f"reason-{enquiry_id}": text("enquiries.fault.reason", language)}
    elif said in ANSWERS:
        outcome = await change.make(enquiries.answer, enquiry_id, said, reason if said == "cannot" else None)
    else:
        await change.network.read(queue.question, enquiry_id, actor=actor, at=change.now)
        faults = {f"answer-{enquiry_id}": text("received.fault.choose", language)}
    if faults or isinstance(outcome, Refusal):
        reasons = why(outcome, language) if isinstance(outcome, Refusal) else ()
        return await _page(change, gazetteer, status=422 if faults else 409, faults=faults, reasons=reasons)
    return onward("/enquiries?said=1")


async def _page(
    visit: Visit,
    gazetteer: Gazetteer,
    *,
    status: int = 200,
    faults: Any = None,
    reasons: Any = (),
    said: bool = False,
) -> Response:
    found = await visit.network.read(queue.questions, actor=visit.actor, at=visit.now)
    language = visit.language
    return visit.page(
        "provider/enquiries.html",
        status=status,
        questions=found.asked,
        faults=faults or {},
        reasons=reasons,
        said=said,
        service=lambda of: service_name(found.services.get(of), of, language),
        area=gazetteer.called,
        why_not=[(reason.code, reason.label(language)) for reason in reasons_unnamed()],
    )
