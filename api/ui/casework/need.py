"""Who could meet an agreed need of a case: what fits and why, what nearly fits, what to ask, which way leads on. (R-05, R-41)"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.actions import case_suggestions, enquiries, next_suggestion
from api.actions.enquiries import Question
from api.actions.suggestions import Answer, Together, count_demand
from api.identity import CaseManagerDep
from api.query import Query as Asked
from api.refusals import why
from api.ui import cards
from api.ui.casework.of_case import CaseId, Done, PartId
from api.ui.change import VisitDep
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
    everywhere: bool = False,
    after: Annotated[str, Query(max_length=160)] = "",
    done: Done = "",
) -> Response:
    """The suggestions for a need; `after` a referral that ended, without those who said no. A gap is counted once. (R-07)"""
    network, now, language = visit.network, visit.now, visit.language
    found = await network.read(case_suggestions.suggest, case_id, need_id, everywhere=everywhere, **visit.held)
    if after and not isinstance(found, Refusal):
        found = await network.read(next_suggestion.suggest, after, **visit.held)
    shown: dict[str, Any] = {"case_id": case_id, "need_id": need_id, "base": base_of(case_id, need_id)}
    if isinstance(found, Refusal):
        refusal = why(found, language)
        return visit.page("casework/need.html", found=None, refusal=refusal, **shown)
    if found.suggestions.gap and not everywhere:
        reference = case_suggestions.reference(need_id, visit.secrets)
        await network.write(count_demand, found.suggestions, at=now, reference=reference)
    asked = await network.read(enquiries.of_need, case_id, need_id, actor=actor, at=now)
    return visit.page(
        "casework/need.html",
        refusal=[],
        found=in_words(found, language, now=now),
        need=found.suggestions.need,
        asked=latest_of(asked),
        listening=LISTENING,
        after=after,
        everywhere=everywhere,
        done=done if done in DONE else "",
        most_lines=cards.MOST_LINES,
        **shown,
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
