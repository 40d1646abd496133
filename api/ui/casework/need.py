"""Who could meet an agreed need of a case: what fits and why, what nearly fits, what to ask, which way leads on. (R-05, R-41)"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.actions import case_suggestions, enquiries, next_suggestion, pathway_steps
from api.actions.enquiries import Question
from api.actions.suggestions import Answer, Together, count_demand
from api.dependencies import GazetteerDep
from api.gazetteer import Gazetteer
from api.identity import CaseManagerDep
from api.query import Query as Asked
from api.refusals import why
from api.ui import cards
from api.ui.casework.of_case import CaseId, Done, PartId, area_in_words
from api.ui.casework.place_of import Where, where_of
from api.ui.change import PageChangeDep, Visit, VisitDep
from api.ui.render import onward
from graph.model.base import Language
from graph.model.enquiry import LISTENING
from graph.model.refusal import Refusal

router = APIRouter()

DONE: Final = frozenset({"refused", "cancelled"})


@router.get("/cases/{case_id}/needs/{need_id}")
async def suggestions(
    case_id: CaseId,
    need_id: PartId,
    visit: VisitDep,
    actor: CaseManagerDep,
    gazetteer: GazetteerDep,
    everywhere: bool = False,
    after: Annotated[str, Query(max_length=160)] = "",
    done: Done = "",
) -> Response:
    """The suggestions for a need; `after` a referral that ended, without those who said no. A gap is counted once. (R-07)"""
    network, now, language = visit.network, visit.now, visit.language
    found = await network.read(case_suggestions.suggest, case_id, need_id, everywhere=everywhere, **visit.held)
    if after and not isinstance(found, Refusal):
        found = await network.read(next_suggestion.suggest, after, need_id=need_id, **visit.held)
    shown: dict[str, Any] = {"case_id": case_id, "need_id": need_id, "base": base_of(case_id, need_id)}
    if isinstance(found, Refusal):
        return visit.page("casework/need.html", found=None, refusal=why(found, language), **shown)
    if found.suggestions.gap and not everywhere:
        reference = case_suggestions.reference(need_id, visit.secrets)
        await network.write(count_demand, found.suggestions, at=now, reference=reference)
    shown |= {"after": after, "everywhere": everywhere, "done": done if done in DONE else ""}
    return await _page(visit, found, gazetteer, **shown)


@router.get("/cases/{case_id}/needs/{need_id}/there")
async def back(case_id: CaseId, need_id: PartId, visit: VisitDep, actor: CaseManagerDep) -> Response:
    """Whoever reloads the answer by its address, or changes its language, is led to the need: if it is theirs to see."""
    await visit.network.read(case_suggestions.suggest, case_id, need_id, **visit.held)
    query = visit.request.url.query
    return onward(f"{base_of(case_id, need_id)}{f'?{query}' if query else ''}")


@router.post("/cases/{case_id}/needs/{need_id}/there")
async def there(
    case_id: CaseId, need_id: PartId, change: PageChangeDep, gazetteer: GazetteerDep, actor: CaseManagerDep
) -> Response:
    """The suggestions for where the person is going to live, which stands in no address. It is counted nowhere. (R-42)"""
    area, where, faults = where_of(change.form, gazetteer, change.language)
    found = await change.network.read(
        case_suggestions.suggest, case_id, need_id, area=area.code if area else None, **change.held
    )
    shown: dict[str, Any] = {"case_id": case_id, "need_id": need_id, "base": base_of(case_id, need_id)}
    if isinstance(found, Refusal):
        return change.page("casework/need.html", found=None, refusal=why(found, change.language), **shown)
    shown |= {"where": where, "faults": faults, "there": area_in_words(area.code, gazetteer) if area else ""}
    return await _page(change, found, gazetteer, status=422 if faults else 200, **shown)


async def _page(
    visit: Visit, found: Answer, gazetteer: Gazetteer, *, case_id: str, need_id: str, status: int = 200, **shown: Any
) -> Response:
    asked = await visit.network.read(enquiries.of_need, case_id, need_id, actor=visit.actor, at=visit.now)
    usual: dict[str, Any] = {"after": "", "everywhere": False, "done": "", "where": Where(), "faults": {}, "there": ""}
    return visit.page(
        "casework/need.html",
        status=status,
        case_id=case_id,
        need_id=need_id,
        refusal=[],
        found=in_words(found, visit.language, now=visit.now),
        need=found.suggestions.need,
        asked=latest_of(asked),
        listening=LISTENING,
        most_lines=cards.MOST_LINES,
        gazetteer=gazetteer,
        wanted=await visit.network.read(pathway_steps.wanted, case_id, actor=visit.actor, at=visit.now),
        **(usual | shown),
    )


def base_of(case_id: str, need_id: str) -> str:
    """The address of a need; both are numbers that say nothing."""
    return f"/cases/{case_id}/needs/{need_id}"


def in_words(found: Answer, language: Language, *, now: Any) -> cards.NeedShown:
    """The answer to one need, as the page of stating a need shows it too."""
    need = found.suggestions.need
    query = Asked(service_type=need.service_type, area=need.area)
    return cards.shown(Together((found,), {}, ()), [query], language, at=now).needs[0]


def latest_of(asked: Sequence[Question]) -> dict[str, Question]:
    """What each service was last asked for this need."""
    return {question.service_id: question for question in asked}
