"""Asking several services whether they could, without saying who it is for, and their answers. (R-10, R-12, R-35)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import ValidationError

from api.actions import answer_links, comparing, enquiries, passwords
from api.actions.case_change import new_id
from api.actions.comparing import Compared
from api.actions.enquiries import MOST, Asking, Chosen, Question
from api.dependencies import GazetteerDep
from api.gazetteer import Gazetteer
from api.identity import CaseManagerDep
from api.problems import NotFound, Problem
from api.refusals import why
from api.texts import text
from api.ui.casework.need import base_of, in_words
from api.ui.casework.of_case import CaseId, Done, PartId, area_in_words
from api.ui.change import Change, PageChangeDep, Visit, VisitDep
from api.ui.render import onward, own
from graph.model.base import Language
from graph.model.enquiry import LISTENING, EnquiryState
from graph.model.refusal import Refusal
from graph.seed.status_reasons import status_reasons

router = APIRouter()

ServiceIds = Annotated[list[Annotated[str, Query(max_length=120)]], Query(alias="service", max_length=MOST)]

OFFERED: Final = 20
"""Suggestions that can be marked."""


@dataclass(frozen=True, slots=True)
class Told:
    """A question with the names of who was asked."""

    question: Question
    service: str
    organization: str
    reason: str
    """Why it cannot, in words."""
    may_choose: bool
    may_link: bool


@router.get("/cases/{case_id}/needs/{need_id}/ask")
async def ask(
    case_id: CaseId,
    need_id: PartId,
    visit: VisitDep,
    gazetteer: GazetteerDep,
    actor: CaseManagerDep,
    service: ServiceIds = [],  # noqa: B006 - read only; FastAPI wants a list
    done: Done = "",
) -> Response:
    """Whom to ask, what would leave, and what was answered."""
    return _page(visit, await _shown(visit, case_id, need_id, service), gazetteer, done=done)


@router.post("/cases/{case_id}/needs/{need_id}/ask")
async def asked(
    case_id: CaseId,
    need_id: PartId,
    change: PageChangeDep,
    gazetteer: GazetteerDep,
    actor: CaseManagerDep,
) -> Response:
    """Ask those that were marked: the same question to all. A no says every reason beside what was marked."""
    wanted = [one for one in change.form.getlist("service") if isinstance(one, str)][: MOST + 1]
    spoken = change.text("language") or None
    faults: dict[str, str] = {}
    outcome: Any = None
    if not wanted:
        faults["service"] = text("seek.ask.fault.none", change.language)
    elif len(wanted) > MOST:
        faults["service"] = text("seek.ask.fault.many", change.language, n=MOST)
    else:
        try:
            asking = Asking(service_ids=tuple(dict.fromkeys(wanted)), language=spoken)
        except ValidationError:  # nothing that our form offers
            raise Problem("invalid-request") from None
        outcome = await change.make(enquiries.ask, case_id, need_id, asking)
        if not isinstance(outcome, Refusal):
            return onward(f"{base_of(case_id, need_id)}/ask?done=asked")
    shown = await _shown(change, case_id, need_id, wanted)
    shown |= {"faults": faults, "spoken": spoken or ""}
    if isinstance(outcome, Refusal):
        shown["refusal"] = why(outcome, change.language)
    return _page(change, shown, gazetteer, status=422 if faults else 409)


@router.post("/cases/{case_id}/needs/{need_id}/ask/{enquiry_id}/choice")
async def chosen(
    case_id: CaseId, need_id: PartId, enquiry_id: PartId, change: PageChangeDep, actor: CaseManagerDep
) -> Response:
    """The person chose this one: a draft to it, and on to what the person allows; the others hear that it is over."""
    await _asked_here(change, case_id, need_id, enquiry_id)
    outcome: Chosen = await change.made(enquiries.choose, enquiry_id, new_id())
    return onward(f"/referrals/{outcome.referral_id}/preview")


@router.post("/cases/{case_id}/needs/{need_id}/ask/{enquiry_id}/link")
async def link(
    case_id: CaseId,
    need_id: PartId,
    enquiry_id: PartId,
    change: PageChangeDep,
    gazetteer: GazetteerDep,
    actor: CaseManagerDep,
) -> Response:
    """A link for an organisation without an account, told on this answer alone."""
    await _asked_here(change, case_id, need_id, enquiry_id)
    secret = passwords.new_token()
    made = await change.make(answer_links.for_enquiry, enquiry_id, passwords.hash_of(secret))
    shown = await _shown(change, case_id, need_id, [])
    if isinstance(made, Refusal):
        shown["refusal"] = why(made, change.language)
        return _page(change, shown, gazetteer, status=409)
    is_new = made.secret_hash == passwords.hash_of(secret)
    shown["link"] = str(change.request.url_for("answer-by-link", secret=secret)) if is_new else ""
    shown["link_until"] = made.expires_at
    return _page(change, shown, gazetteer)


async def _asked_here(change: Change, case_id: str, need_id: str, enquiry_id: str) -> None:
    """A question of another need is not there under this address. (R-25)"""
    asked = await change.network.read(enquiries.of_need, case_id, need_id, actor=change.actor, at=change.now)
    if enquiry_id not in {question.id for question in asked}:
        raise NotFound


async def _shown(visit: Visit, case_id: str, need_id: str, marked: list[str]) -> dict[str, Any]:
    network, language = visit.network, visit.language
    questions = await network.read(enquiries.of_need, case_id, need_id, actor=visit.actor, at=visit.now)
    ids = list(dict.fromkeys([*marked, *(q.service_id for q in questions)]))[: comparing.MOST]
    found = await network.read(comparing.compare, case_id, need_id, ids, **visit.held)
    shown: dict[str, Any] = {
        "case_id": case_id,
        "base": base_of(case_id, need_id),
        "found": None,
        "faults": {},
        "refusal": [],
        "questions": [],
        "marked": marked,
        "link": None,
        "spoken": "",
    }
    if isinstance(found, Refusal):
        return shown | {"refusal": why(found, language)}
    names = _names(found, language, at=visit.now)
    suggested = [j.offer.terms.service_id for j in found.answer.suggestions.suggested]
    listening = {q.service_id for q in questions if q.state in LISTENING}
    wanted = [id for id in dict.fromkeys([*marked, *suggested[:OFFERED]]) if id not in listening and id in names]
    return shown | {
        "found": found,
        "offered": [(id, *names[id]) for id in wanted],
        "spoken_by": sorted(found.answer.suggestions.need.languages or ()),
        "questions": [_told(question, names, language) for question in reversed(questions)],
    }


def _names(found: Compared, language: Language, *, at: datetime) -> dict[str, tuple[str, str]]:
    """Service and organisation by the service's id: of what was found, and of what was marked or asked."""
    said = in_words(found.answer, language, now=at).answer
    names = {
        one["service"]["id"]: (one["service"]["name"], one["organization"]["name"])
        for one in (*said["suggested"], *said["ruled_out"])
    }
    looked_up = {
        view.service.id: (own(language, view.service, "name"), own(language, view.organization, "name"))
        for view in found.views
    }
    return names | looked_up


def _told(question: Question, names: Mapping[str, tuple[str, str]], language: Language) -> Told:
    service, organization = names.get(question.service_id, (question.service_id, question.organization_id))
    return Told(
        question,
        service,
        organization,
        reason=status_reasons()[question.reason].label(language) if question.reason else "",
        may_choose=question.state is EnquiryState.ANSWERED and question.answer != "cannot",
        may_link=question.state is EnquiryState.OPEN,
    )


def _page(visit: Visit, shown: dict[str, Any], gazetteer: Gazetteer, *, status: int = 200, done: str = "") -> Response:
    return visit.page(
        "casework/ask.html",
        status=status,
        place=lambda code: area_in_words(code, gazetteer),
        done=done == "asked",
        **{"link_until": None, "spoken_by": [], "offered": [], **shown},
    )
