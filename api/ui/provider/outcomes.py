"""What became of the people sent to an organisation, no further than consent goes. (R-14, R-20)"""

from __future__ import annotations

from collections import Counter

from fastapi import APIRouter
from fastapi.responses import Response

from api.actions import became
from api.actions.became import Became
from api.identity import ReceiverDep
from api.ui.change import VisitDep
from api.ui.provider.words import service_name, short
from graph.seed.status_reasons import status_reasons

router = APIRouter()


@router.get("/outcomes")
async def show(visit: VisitDep, actor: ReceiverDep) -> Response:
    """Its own word of each, and the people's own in numbers that tell of nobody."""
    language = visit.language
    found = await visit.network.read(became.named, actor=actor, at=visit.now)
    rows, known = found.outcomes.rows, status_reasons()
    return visit.page(
        "provider/outcomes.html",
        rows=rows,
        word=found.outcomes.word,
        counted=sorted(Counter(how(row) for row in rows).items()),
        how=how,
        service=lambda of: service_name(found.services.get(of), of, language),
        why_said=lambda code: known[code].label(language) if code in known else "",
        short=short,
    )


def how(row: Became) -> str:
    """By which word an end is told."""
    if row.withdrawn:
        return "withdrawn"
    return row.outcome.value if row.outcome else row.status.value
