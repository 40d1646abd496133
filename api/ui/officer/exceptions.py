"""What was sent without consent, use by use: the papers read, which is written down, and what the review found. (R-22)"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from api.actions import exceptions, register, reviewing, watching
from api.dependencies import GazetteerDep, LanguageDep, NetworkDep, NowDep, SecretsDep
from api.identity import ReviewerDep
from api.refusals import why
from api.texts import text
from api.ui.change import PageChangeDep
from api.ui.forms import form_of
from api.ui.oversight import LONGEST, shown
from api.ui.render import FRESH, onward, page
from graph.model.actor import Actor
from graph.model.base import Language
from graph.model.consent import Finding
from graph.model.refusal import Refusal

router = APIRouter()

UseId = Annotated[str, Path(min_length=1, max_length=160, pattern=r"\S")]


@router.get("/officer/exceptions")
async def listed(
    request: Request,
    network: NetworkDep,
    now: NowDep,
    language: LanguageDep,
    gazetteer: GazetteerDep,
    officer: ReviewerDep,
) -> Response:
    """Those that wait first; and the register as the committee reads it."""
    uses = await network.read(reviewing.uses, actor=officer)
    lines = await network.read(register.register, actor=officer)
    names = await network.read(watching.named, {use.recipient_id for use in uses})
    told = shown(names, language) | {"uses": uses, "lines": lines}
    told["area"] = lambda code: gazetteer.by_code[code].name if code in gazetteer.by_code else code
    return page(request, "officer/exceptions.html", now=now, headers=FRESH, **told)


@router.get("/officer/exceptions/{attestation_id}")
async def see(
    request: Request,
    attestation_id: UseId,
    network: NetworkDep,
    now: NowDep,
    language: LanguageDep,
    officer: ReviewerDep,
) -> Response:
    """All of one use but the papers, and a button that opens them."""
    told = await _told(network, attestation_id, language, officer)
    return page(request, "officer/exception.html", now=now, headers=FRESH, **told)


@router.post("/officer/exceptions/{attestation_id}/papers")
async def read(
    request: Request,
    attestation_id: UseId,
    network: NetworkDep,
    now: NowDep,
    language: LanguageDep,
    secrets: SecretsDep,
    officer: ReviewerDep,
) -> Response:
    """The account of who attested, once it stands in the log that it was read. Kept nowhere on the way."""
    await form_of(request)
    papers = await network.write(exceptions.review, attestation_id, actor=officer, at=now, secrets=secrets)
    told = await _told(network, attestation_id, language, officer) | {"papers": papers}
    return page(request, "officer/exception.html", now=now, headers=FRESH, **told)


@router.post("/officer/exceptions/{attestation_id}/finding")
async def conclude(request: Request, attestation_id: UseId, change: PageChangeDep, officer: ReviewerDep) -> Response:
    """What the review came to, in a code and in words."""
    finding, words = change.text("finding"), change.text("words", most=LONGEST)
    faults = {}
    if finding not in {one.value for one in Finding}:
        faults["finding"] = text("officer.review.finding.missing", change.language)
    if not words:
        faults["words"] = text("officer.review.words.missing", change.language)
    told: dict[str, Any] = {"faults": faults, "typed": {"finding": finding, "words": words}}
    if faults:
        told = await _told(change.network, attestation_id, change.language, officer) | told
        return page(request, "officer/exception.html", now=change.now, status=422, headers=FRESH, **told)
    done = await change.make(reviewing.conclude, attestation_id, Finding(finding), words)
    if isinstance(done, Refusal):
        told = await _told(change.network, attestation_id, change.language, officer) | told
        told["refused"] = why(done, change.language)
        return page(request, "officer/exception.html", now=change.now, status=409, headers=FRESH, **told)
    return onward(f"/officer/exceptions/{attestation_id}")


async def _told(network: NetworkDep, attestation_id: str, language: Language, officer: Actor) -> dict[str, Any]:
    use = await network.read(reviewing.use, attestation_id, actor=officer)
    names = await network.read(watching.named, {use.recipient_id, use.assessor_organization_id})
    told: dict[str, Any] = {"use": use, "papers": None, "faults": {}, "refused": (), "typed": {}}
    return shown(names, language) | told | {"findings": [one.value for one in Finding]}
