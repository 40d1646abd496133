"""Entries of the directory that providers' answers speak against, and saying that one was verified, and how. (R-02)"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from api.actions import verifying, watching
from api.actions.verifying import How, ToVerify
from api.dependencies import LanguageDep, NetworkDep, NowDep
from api.identity import VerifierDep
from api.problems import Problem
from api.ui.change import PageChangeDep
from api.ui.oversight import shown
from api.ui.render import FRESH, onward, page
from graph.seed.status_reasons import status_reasons

router = APIRouter()

ServiceId = Annotated[str, Path(min_length=1, max_length=120)]


@router.get("/committee/to-verify")
async def listed(
    request: Request,
    network: NetworkDep,
    now: NowDep,
    language: LanguageDep,
    actor: VerifierDep,
    after: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """Service by service, what stands against its entry, with a form each; and what was declined though it fitted."""
    found = await network.read(verifying.listed, actor=actor, at=now, after=after)
    by_service: dict[str, list[ToVerify]] = {}
    for one in found.entries:
        by_service.setdefault(one.service_id, []).append(one)
    services = await network.read(verifying.services_named, by_service)
    names = await network.read(watching.named, {service.organization_id for service in services.values()})
    reasons = status_reasons()
    told: dict[str, Any] = shown(names, language) | {"by_service": by_service, "services": services, "found": found}
    told["because"] = lambda code: reasons[code].label(language) if code in reasons else code
    told |= {"hows": [how.value for how in How], "thanks": "said" in request.query_params}
    return page(request, "committee/to_verify.html", now=now, headers=FRESH, **told)


@router.post("/committee/to-verify/{service_id}")
async def verify(service_id: ServiceId, change: PageChangeDep, actor: VerifierDep) -> Response:
    """Somebody made sure: what stood against the entry is cleared."""
    how = change.text("how")
    if how not in {one.value for one in How}:
        raise Problem("invalid-request")
    await change.made(verifying.verify, service_id, How(how))
    return onward("/committee/to-verify?said=1")
