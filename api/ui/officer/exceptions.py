"""What was sent without consent, use by use: the papers read, which is written down, and what the review found. (R-22)"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import Response

from api.actions import exceptions, register, reviewing, watching
from api.dependencies import GazetteerDep
from api.identity import ReviewerDep
from api.refusals import why
from api.texts import text
from api.ui.change import PageChangeDep, Visit, VisitDep
from api.ui.oversight import LONGEST, shown
from api.ui.render import onward
from graph.model.consent import Finding
from graph.model.refusal import Refusal

router = APIRouter()

UseId = Annotated[str, Path(min_length=1, max_length=160, pattern=r"\S")]


@router.get("/officer/exceptions")
async def listed(visit: VisitDep, gazetteer: GazetteerDep, officer: ReviewerDep) -> Response:
    """Those that wait first; and the register as the committee reads it."""
    network = visit.network
    uses = await network.read(reviewing.uses, actor=officer)
    lines = await network.read(register.register, actor=officer)
    names = await network.read(watching.named, {use.recipient_id for use in uses})
    told = shown(names, visit.language) | {"uses": uses, "lines": lines}
    return visit.page("officer/exceptions.html", area=gazetteer.called, **told)


@router.get("/officer/exceptions/{attestation_id}")
async def see(attestation_id: UseId, visit: VisitDep, officer: ReviewerDep) -> Response:
    """All of one use but the papers, and a button that opens them."""
    return await _one(visit, attestation_id)


@router.post("/officer/exceptions/{attestation_id}/papers")
async def read(attestation_id: UseId, change: PageChangeDep, officer: ReviewerDep) -> Response:
    """The account of who attested, once it stands in the log that it was read. Kept nowhere on the way."""
    papers = await change.network.write(exceptions.review, attestation_id, **change.held)
    return await _one(change, attestation_id, papers=papers)


@router.post("/officer/exceptions/{attestation_id}/finding")
async def conclude(attestation_id: UseId, change: PageChangeDep, officer: ReviewerDep) -> Response:
    """What the review came to, in a code and in words."""
    finding, words = change.text("finding"), change.text("words", most=LONGEST)
    faults = {}
    if finding not in {one.value for one in Finding}:
        faults["finding"] = text("officer.review.finding.missing", change.language)
    if not words:
        faults["words"] = text("officer.review.words.missing", change.language)
    typed = {"finding": finding, "words": words}
    if faults:
        return await _one(change, attestation_id, status=422, faults=faults, typed=typed)
    done = await change.make(reviewing.conclude, attestation_id, Finding(finding), words)
    if isinstance(done, Refusal):
        return await _one(change, attestation_id, status=409, refused=why(done, change.language), typed=typed)
    return onward(f"/officer/exceptions/{attestation_id}")


async def _one(visit: Visit, attestation_id: str, *, status: int = 200, **more: Any) -> Response:
    network = visit.network
    use = await network.read(reviewing.use, attestation_id, actor=visit.actor)
    names = await network.read(watching.named, {use.recipient_id, use.assessor_organization_id})
    told: dict[str, Any] = {"papers": None, "faults": {}, "refused": (), "typed": {}, **shown(names, visit.language)}
    findings = [one.value for one in Finding]
    return visit.page("officer/exception.html", status=status, use=use, findings=findings, **told | more)
