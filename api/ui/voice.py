"""What the person says with their own account: how a service was, what was wrong; and reading the answer. (R-50)"""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import Field, ValidationError
from starlette.datastructures import FormData

from api.actions import complaints, feedback, mine, stopping, telling
from api.actions.complaints import Grievance
from api.actions.feedback import Answers
from api.complaints import says
from api.dependencies import ActorDep, GazetteerDep, LanguageDep, NetworkDep, NowDep, SecretsDep
from api.problems import NotFound, Problem
from api.refusals import refused
from api.texts import text
from api.ui import once
from api.ui.forms import form_of, read, typed
from api.ui.mine import own_page
from api.ui.render import FRESH, onward, page
from graph.model.base import Id, Model
from graph.model.complaint import ComplaintKind
from graph.model.referral import Outcome
from graph.model.refusal import Refusal

router = APIRouter()

T = TypeVar("T", bound=Model)

OUTCOMES: Final = frozenset(outcome.value for outcome in Outcome)
PartId = Annotated[str, Path(min_length=1, max_length=160)]


def _back() -> Response:
    return onward("/mine?said=1")


@router.post("/mine/referrals/{referral_id}/feedback")
async def say(
    referral_id: PartId,
    request: Request,
    network: NetworkDep,
    now: NowDep,
    secrets: SecretsDep,
    actor: ActorDep,
    language: LanguageDep,
) -> Response:
    """What became of it and how it was; what is left open is not said."""
    await network.read(feedback.may_say, referral_id, actor=actor)
    form = await form_of(request)
    answers = _read(Answers, form, "helped", "respected", "barrier")
    became = form.get("outcome") or None
    if became is not None and became not in OUTCOMES:
        raise Problem("invalid-request")
    outcome = Outcome(str(became)) if became else None
    key = once.circumstances(form, actor, request.url.path)
    done = await network.write(telling.tell, referral_id, answers, outcome, actor=actor, at=now, secrets=secrets, **key)
    if isinstance(done, Refusal):
        raise refused(done, language)
    return _back()


@router.post("/mine/referrals/{referral_id}/going-on")
async def go_on(
    referral_id: PartId,
    request: Request,
    network: NetworkDep,
    now: NowDep,
    secrets: SecretsDep,
    actor: ActorDep,
    language: LanguageDep,
) -> Response:
    """Consent was taken back while a service ran: the person alone says whether it goes on. (R-20)"""
    await network.read(feedback.may_say, referral_id, actor=actor)
    form = await form_of(request)
    if form.get("goes_on") not in ("yes", "no"):
        raise Problem("invalid-request")
    done = await network.write(
        stopping.answer_service_goes_on,
        referral_id,
        form.get("goes_on") == "yes",
        actor=actor,
        at=now,
        secrets=secrets,
        **once.circumstances(form, actor, request.url.path),
    )
    if isinstance(done, Refusal):
        raise refused(done, language)
    return _back()


class Said(Model):
    """What the form of one's own page asks for; nothing else that is sent with it is read."""

    about_id: Id
    kind: ComplaintKind
    words: str = Field(min_length=1, max_length=4000, repr=False)
    unnamed: bool = False


@router.post("/mine/complaints")
async def complain(
    request: Request,
    network: NetworkDep,
    now: NowDep,
    secrets: SecretsDep,
    actor: ActorDep,
    language: LanguageDep,
    gazetteer: GazetteerDep,
) -> Response:
    """About an organisation of one's own page; it never sees it. With `unnamed` it is nobody's.

    What is wrong is said with what was typed. An organisation that one's page does not name looks like none. (R-25)
    """
    form = await form_of(request)
    if actor.case_id is None:
        raise NotFound
    said = read(form, Said, language)
    if isinstance(said, Said) and said.about_id not in await network.read(
        mine.organizations_named, actor=actor, at=now
    ):
        said = {"about_id": ""}
    again: dict[str, Any] = {"typed": typed(form)}
    if isinstance(said, dict):
        faults = {name: text("mine.fault", language) for name in said}
        return await own_page(
            request, network, now, secrets, language, actor, gazetteer, status=422, faults=faults, **again
        )
    key = once.circumstances(form, actor, request.url.path)
    grievance = Grievance(**dict(said))
    done = await network.write(complaints.make, grievance, actor=actor, at=now, secrets=secrets, **key)
    if isinstance(done, Refusal):
        why = refused(done, language).members["reasons"]
        return await own_page(
            request, network, now, secrets, language, actor, gazetteer, status=409, reasons=why, **again
        )
    return _back()


@router.post("/mine/complaints/{complaint_id}/answer")
async def answer(
    complaint_id: PartId,
    request: Request,
    network: NetworkDep,
    now: NowDep,
    secrets: SecretsDep,
    actor: ActorDep,
    language: LanguageDep,
) -> Response:
    """The answer, as often as the person wants to read it; that they were told counts from the first time."""
    found = await network.write(complaints.tell, complaint_id, actor=actor, at=now, secrets=secrets)
    if isinstance(found, Refusal):
        raise refused(found, language)
    return page(
        request,
        "complaint_answer.html",
        now=now,
        headers=FRESH,
        says=says(found.complaint, language),
        answer=found.answer,
    )


def _read(cls: type[T], form: FormData, *names: str) -> T:
    """What a form says; a Problem that repeats nothing of it where it does not fit."""
    values = {name: value for name in names if isinstance(value := form.get(name), str) and value}
    try:
        return cls.model_validate(values)
    except ValidationError:
        raise Problem("invalid-request") from None
