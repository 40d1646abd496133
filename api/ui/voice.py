"""What the person says with their own account: how a service was, what was wrong; and reading the answer. (R-50)"""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Path
from fastapi.responses import Response
from pydantic import Field, ValidationError
from starlette.datastructures import FormData

from api.actions import complaints, feedback, mine, stopping, telling
from api.actions.complaints import Grievance
from api.actions.feedback import Answers
from api.complaints import says
from api.dependencies import GazetteerDep
from api.problems import NotFound, Problem
from api.refusals import refused, why
from api.texts import text
from api.ui.change import PageChangeDep, VisitDep
from api.ui.forms import read, typed
from api.ui.mine import own_page
from api.ui.render import onward
from graph.model.base import Id, Model
from graph.model.complaint import ComplaintKind
from graph.model.referral import Outcome
from graph.model.refusal import Refusal

router = APIRouter()

T = TypeVar("T", bound=Model)

OUTCOMES: Final = frozenset(outcome.value for outcome in Outcome)
PartId = Annotated[str, Path(min_length=1, max_length=160)]


BACK: Final = "/mine?said=1"


@router.post("/mine/referrals/{referral_id}/feedback")
async def say(referral_id: PartId, change: PageChangeDep) -> Response:
    """What became of it and how it was; what is left open is not said."""
    await change.network.read(feedback.may_say, referral_id, actor=change.actor)
    answers = _read(Answers, change.form, "helped", "respected", "barrier")
    became = change.form.get("outcome") or None
    if became is not None and became not in OUTCOMES:
        raise Problem("invalid-request")
    await change.made(telling.tell, referral_id, answers, Outcome(str(became)) if became else None)
    return onward(BACK)


@router.post("/mine/referrals/{referral_id}/going-on")
async def go_on(referral_id: PartId, change: PageChangeDep) -> Response:
    """Consent was taken back while a service ran: the person alone says whether it goes on. (R-20)"""
    await change.network.read(feedback.may_say, referral_id, actor=change.actor)
    goes_on = change.form.get("goes_on")
    if goes_on not in ("yes", "no"):
        raise Problem("invalid-request")
    await change.made(stopping.answer_service_goes_on, referral_id, goes_on == "yes")
    return onward(BACK)


class Said(Model):
    """What the form of one's own page asks for; nothing else that is sent with it is read."""

    about_id: Id
    kind: ComplaintKind
    words: str = Field(min_length=1, max_length=4000, repr=False)
    unnamed: bool = False


@router.post("/mine/complaints")
async def complain(change: PageChangeDep, gazetteer: GazetteerDep) -> Response:
    """About an organisation of one's own page; it never sees it. With `unnamed` it is nobody's.

    What is wrong is said with what was typed. An organisation that one's page does not name looks like none. (R-25)
    """
    if change.actor.case_id is None:
        raise NotFound
    said = read(change.form, Said, change.language)
    if isinstance(said, Said) and said.about_id not in await change.network.read(
        mine.organizations_named, actor=change.actor, at=change.now
    ):
        said = {"about_id": ""}
    again: dict[str, Any] = {"typed": typed(change.form)}
    if isinstance(said, dict):
        faults = {name: text("mine.fault", change.language) for name in said}
        return await own_page(change, gazetteer, status=422, faults=faults, **again)
    done = await change.make(complaints.make, Grievance(**dict(said)))
    if isinstance(done, Refusal):
        return await own_page(change, gazetteer, status=409, reasons=why(done, change.language), **again)
    return onward(BACK)


@router.post("/mine/complaints/{complaint_id}/answer")
async def answer(complaint_id: PartId, visit: VisitDep) -> Response:
    """The answer, as often as the person wants to read it; that they were told counts from the first time."""
    found = await visit.network.write(complaints.tell, complaint_id, **visit.held)
    if isinstance(found, Refusal):
        raise refused(found, visit.language)
    return visit.page("complaint_answer.html", says=says(found.complaint, visit.language), answer=found.answer)


def _read(cls: type[T], form: FormData, *names: str) -> T:
    """What a form says; a Problem that repeats nothing of it where it does not fit."""
    values = {name: value for name in names if isinstance(value := form.get(name), str) and value}
    try:
        return cls.model_validate(values)
    except ValidationError:
        raise Problem("invalid-request") from None
