"""Dealing with complaints, for the office that one went to: taken, read, answered with a remedy, in time. (R-50)

Officers and committees have the same pages under their own addresses; which complaints are whose is `consent.complaints`.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from fastapi.params import Depends as Dependency
from fastapi.responses import Response

from api.actions import complaints, watching
from api.actions.complaints import Words
from api.complaints import says
from api.identity import ComplaintHandlerDep
from api.refusals import why
from api.texts import text
from api.ui.change import Change, PageChangeDep, Visit, VisitDep
from api.ui.oversight import LONGEST, shown
from api.ui.render import onward
from graph.model.complaint import ComplaintState, Remedy
from graph.model.refusal import Refusal

ComplaintId = Annotated[str, Path(min_length=1, max_length=160, pattern=r"\S")]


def pages_at(base: str, of: Dependency) -> APIRouter:
    """The pages under an address; `of` says whose workspace it is."""
    router = APIRouter(dependencies=[of])

    @router.get(base)
    async def listed(visit: VisitDep, actor: ComplaintHandlerDep) -> Response:
        """What the office deals with: the next due first, the answered last."""
        language = visit.language
        found = await visit.network.read(complaints.to_handle, actor=actor, at=visit.now)
        names = await visit.network.read(watching.named, {view.about_id for view in found})
        told = shown(names, language) | {"found": [(view, says(view, language)) for view in found], "base": base}
        return visit.page("handling.html", **told)

    @router.get(f"{base}/{{complaint_id}}")
    async def see(complaint_id: ComplaintId, visit: VisitDep, actor: ComplaintHandlerDep) -> Response:
        """Where one stands, and what can be done now."""
        return await _one(visit, complaint_id, base)

    @router.post(f"{base}/{{complaint_id}}/taking")
    async def take(complaint_id: ComplaintId, change: PageChangeDep, actor: ComplaintHandlerDep) -> Response:
        """It is the reader's to deal with from now on."""
        done = await change.make(complaints.take, complaint_id)
        if isinstance(done, Refusal):
            return await _refused(change, complaint_id, base, done)
        return onward(f"{base}/{complaint_id}")

    @router.post(f"{base}/{{complaint_id}}/reading")
    async def read(complaint_id: ComplaintId, change: PageChangeDep, actor: ComplaintHandlerDep) -> Response:
        """What was written, once it stands in the log that it was read. Kept nowhere on the way."""
        words: Words = await change.network.write(complaints.read, complaint_id, **change.held)
        return await _one(change, complaint_id, base, words=words)

    @router.post(f"{base}/{{complaint_id}}/answer")
    async def answer(complaint_id: ComplaintId, change: PageChangeDep, actor: ComplaintHandlerDep) -> Response:
        """What was done about it, and words for the person."""
        remedy, said = change.text("remedy"), change.text("words", most=LONGEST)
        if remedy not in {one.value for one in Remedy}:
            faults = {"remedy": text("handling.remedy.missing", change.language)}
            return await _one(change, complaint_id, base, status=422, faults=faults, typed={"words": said})
        done = await change.make(complaints.answer, complaint_id, Remedy(remedy), said or None)
        if isinstance(done, Refusal):
            return await _refused(change, complaint_id, base, done)
        return onward(f"{base}/{complaint_id}")

    return router


def workspace(asked: Any) -> Dependency:
    """A dependency of every page of a router."""
    found: Dependency = Depends(asked)
    return found


async def _one(visit: Visit, id: str, base: str, *, status: int = 200, **more: Any) -> Response:
    view = await visit.network.read(complaints.handled, id, actor=visit.actor, at=visit.now)
    names = await visit.network.read(watching.named, {view.about_id})
    is_open = view.state in (ComplaintState.MADE, ComplaintState.TAKEN)
    told: dict[str, Any] = {"view": view, "says": says(view, visit.language), "base": base, "words": None}
    told |= {"is_open": is_open, "is_mine": view.taken_by == visit.actor.id, "faults": {}, "typed": {}, "refused": ()}
    told |= {"remedies": [one.value for one in Remedy], **shown(names, visit.language)}
    return visit.page("handling_one.html", status=status, **told | more)


async def _refused(change: Change, id: str, base: str, refusal: Refusal) -> Response:
    typed = {"words": change.text("words", most=LONGEST)}
    return await _one(change, id, base, status=409, refused=why(refusal, change.language), typed=typed)
