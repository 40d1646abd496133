"""What the person says with their own account: how a service was, what was wrong; and reading the answer. (R-50)"""

from __future__ import annotations

from typing import Annotated, Final, TypeVar

from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from api.actions import complaints, feedback
from api.actions.complaints import Grievance
from api.actions.feedback import Answers
from api.complaints import says
from api.dependencies import ActorDep, LanguageDep, NetworkDep, NowDep, SecretsDep
from api.problems import Problem
from api.refusals import refused
from api.ui.forms import form_of
from api.ui.render import page
from graph.model.base import Model
from graph.model.refusal import Refusal

router = APIRouter()

T = TypeVar("T", bound=Model)

FRESH: Final = {"Cache-Control": "no-store"}
PartId = Annotated[str, Path(min_length=1, max_length=160)]


def _back() -> Response:
    return RedirectResponse("/mine?said=1", status_code=303, headers=FRESH)


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
    """How it was; what is left open is not said."""
    await network.read(feedback.may_say, referral_id, actor=actor)
    answers = _read(Answers, await form_of(request), "helped", "respected", "barrier")
    done = await network.write(feedback.say, referral_id, answers, actor=actor, at=now, secrets=secrets)
    if isinstance(done, Refusal):
        raise refused(done, language)
    return _back()


@router.post("/mine/complaints")
async def complain(
    request: Request, network: NetworkDep, now: NowDep, secrets: SecretsDep, actor: ActorDep, language: LanguageDep
) -> Response:
    """About an organisation; it never sees it. With `unnamed` it is nobody's."""
    form = await form_of(request)
    said = _read(Grievance, form, "about_id", "kind", "words", "unnamed")
    done = await network.write(complaints.make, said, actor=actor, at=now, secrets=secrets)
    if isinstance(done, Refusal):
        raise refused(done, language)
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
