"""What waits for an organisation that receives: referrals with their clocks, stop notices, questions, arrivals. (R-12, R-20)"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from api.actions import departures, queue, stopping
from api.identity import ReceiverDep
from api.ui.change import PageChangeDep, VisitDep
from api.ui.provider.words import organization_name, service_name, shown
from api.ui.render import onward

router = APIRouter()

PartId = Annotated[str, Path(min_length=1, max_length=160)]
SAID = ("acknowledged", "arrived")


@router.get("/queue")
async def show(visit: VisitDep, actor: ReceiverDep) -> Response:
    """The late ones first. Nothing of a person: what was shared is told by the names of its fields."""
    language, now = visit.language, visit.now
    found = await visit.network.read(queue.read, actor=actor, at=now)
    said = visit.request.query_params.get("said", "")
    return visit.page(
        "provider/queue.html",
        found=found,
        said=said if said in SAID else "",
        late=sum(row.is_late for row in found.referrals),
        unanswered=sum(question.answer is None for question in found.enquiries),
        service=lambda of: service_name(found.services.get(of), of, language),
        organization=lambda of: organization_name(found.organizations.get(of), of, language),
        at=now,
        **shown(language),
    )


@router.post("/queue/notices/{notice_id}/acknowledgement")
async def acknowledge(notice_id: PartId, actor: ReceiverDep, change: PageChangeDep) -> Response:
    """The organisation has seen that it has to stop. (R-20)"""
    await change.made(stopping.acknowledge, notice_id)
    return onward("/queue?said=acknowledged")


@router.post("/queue/arrivals/{departure_id}/confirmation")
async def arrived(departure_id: PartId, actor: ReceiverDep, change: PageChangeDep) -> Response:
    """Somebody who was expected is there. (R-42)"""
    await change.made(departures.arrive, departure_id)
    return onward("/queue?said=arrived")
