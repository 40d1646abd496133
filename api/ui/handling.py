"""Dealing with complaints, for the office that one went to: taken, read, answered with a remedy, in time. (R-50)

Officers and committees have the same pages under their own addresses; which complaints are whose is `consent.complaints`.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.params import Depends as Dependency
from fastapi.responses import Response

from api.actions import complaints, watching
from api.actions.complaints import Words
from api.complaints import says
from api.dependencies import LanguageDep, NetworkDep, NowDep, SecretsDep
from api.identity import ComplaintHandlerDep
from api.refusals import why
from api.texts import text
from api.ui.change import PageChangeDep
from api.ui.forms import form_of
from api.ui.oversight import LONGEST, shown
from api.ui.render import FRESH, onward, page
from graph.model.actor import Actor
from graph.model.base import Language
from graph.model.complaint import ComplaintState, Remedy
from graph.model.refusal import Refusal

ComplaintId = Annotated[str, Path(min_length=1, max_length=160, pattern=r"\S")]


def pages_at(base: str, of: Dependency) -> APIRouter:
    """The pages under an address; `of` says whose workspace it is."""
    router = APIRouter(dependencies=[of])

    @router.get(base)
    async def listed(
        request: Request, network: NetworkDep, now: NowDep, language: LanguageDep, actor: ComplaintHandlerDep
    ) -> Response:
        """What the office deals with: the next due first, the answered last."""
        found = await network.read(complaints.to_handle, actor=actor, at=now)
        names = await network.read(watching.named, {view.about_id for view in found})
        told = shown(names, language) | {"found": [(view, says(view, language)) for view in found], "base": base}
        return page(request, "handling.html", now=now, headers=FRESH, **told)

    @router.get(f"{base}/{{complaint_id}}")
    async def see(
        request: Request,
        complaint_id: ComplaintId,
        network: NetworkDep,
        now: NowDep,
        language: LanguageDep,
        actor: ComplaintHandlerDep,
    ) -> Response:
        """Where one stands, and what can be done now."""
        told = await _told(network, complaint_id, base, actor, now, language)
        return page(request, "handling_one.html", now=now, headers=FRESH, **told)

    @router.post(f"{base}/{{complaint_id}}/taking")
    async def take(
        request: Request, complaint_id: ComplaintId, change: PageChangeDep, actor: ComplaintHandlerDep
    ) -> Response:
        """It is the reader's to deal with from now on."""
        done = await change.make(complaints.take, complaint_id)
        if isinstance(done, Refusal):
            return await _refused(request, change, complaint_id, base, actor, done)
        return onward(f"{base}/{complaint_id}")

    @router.post(f"{base}/{{complaint_id}}/reading")
    async def read(
        request: Request,
        complaint_id: ComplaintId,
        network: NetworkDep,
        now: NowDep,
        language: LanguageDep,
        secrets: SecretsDep,
        actor: ComplaintHandlerDep,
    ) -> Response:
        """What was written, once it stands in the log that it was read. Kept nowhere on the way."""
        await form_of(request)
        words: Words = await network.write(complaints.read, complaint_id, actor=actor, at=now, secrets=secrets)
        told = await _told(network, complaint_id, base, actor, now, language) | {"words": words}
        return page(request, "handling_one.html", now=now, headers=FRESH, **told)

    @router.post(f"{base}/{{complaint_id}}/answer")
    async def answer(
        request: Request, complaint_id: ComplaintId, change: PageChangeDep, actor: ComplaintHandlerDep
    ) -> Response:
        """What was done about it, and words for the person."""
        remedy, said = change.text("remedy"), change.text("words", most=LONGEST)
        if remedy not in {one.value for one in Remedy}:
            told = await _told(change.network, complaint_id, base, actor, change.now, change.language)
            told["faults"] = {"remedy": text("handling.remedy.missing", change.language)}
            told["typed"] = {"words": said}
            return page(request, "handling_one.html", now=change.now, status=422, headers=FRESH, **told)
        done = await change.make(complaints.answer, complaint_id, Remedy(remedy), said or None)
        if isinstance(done, Refusal):
            return await _refused(request, change, complaint_id, base, actor, done)
        return onward(f"{base}/{complaint_id}")

    return router


def workspace(asked: Any) -> Dependency:
    """A dependency of every page of a router."""
    found: Dependency = Depends(asked)
    return found


async def _told(
    network: NetworkDep, id: str, base: str, actor: Actor, now: NowDep, language: Language
) -> dict[str, Any]:
    view = await network.read(complaints.handled, id, actor=actor, at=now)
    names = await network.read(watching.named, {view.about_id})
    is_open = view.state in (ComplaintState.MADE, ComplaintState.TAKEN)
    told: dict[str, Any] = {"view": view, "says": says(view, language), "base": base, "words": None}
    told |= {"is_open": is_open, "is_mine": view.taken_by == actor.id, "faults": {}, "typed": {}, "refused": ()}
    return shown(names, language) | told | {"remedies": [one.value for one in Remedy]}


async def _refused(
    request: Request, change: PageChangeDep, id: str, base: str, actor: Actor, refusal: Refusal
) -> Response:
    told = await _told(change.network, id, base, actor, change.now, change.language)
    told |= {"refused": why(refusal, change.language), "typed": {"words": change.text("words", most=LONGEST)}}
    return page(request, "handling_one.html", now=change.now, status=409, headers=FRESH, **told)
