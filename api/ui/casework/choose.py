"""Choosing with the person: a screen that can be turned round, in their language, with every datum for itself. (R-11, R-20, R-41)

They see who would help and with what, what it would receive, what for and until when; then they say yes or no. A yes
leads to the draft, and nothing has left. Where a permission stands already they are not asked again.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from api import receipts
from api.actions import chosen, consents
from api.actions.asking import ToShow
from api.actions.chosen import Decision, Sheet
from api.actions.consents import Allowing, Asked
from api.actions.referrals import Draft
from api.identity import CaseManagerDep
from api.notices import filled
from api.refusals import why
from api.texts import choose, text
from api.ui.casework.consents import MODALITIES, Begun, Said, groups_of, item_of, labels_of, unsaid, voice_of
from api.ui.casework.need import base_of
from api.ui.casework.of_case import CaseId, PartId
from api.ui.change import Change, PageChangeDep, Visit, VisitDep
from api.ui.forms import read, typed
from api.ui.render import onward, own
from graph.model.base import Code, Id, Language, Model
from graph.model.directory import CapacityState
from graph.model.refusal import Refusal
from graph.seed import notices
from graph.seed.catalogue import UnknownField, WrongValue
from graph.seed.notices import PERSON
from graph.seed.purposes import purposes
from graph.seed.vocabulary import label, terms

router = APIRouter()

FULL: Final = frozenset({CapacityState.WAITING_LIST, CapacityState.NONE})


class Wish(Model):
    """Which service, and why where it is not among the suggested; what the person allowed before may stand."""

    service: Id
    because: Code | None = None
    waiting: Literal["yes"] | None = None
    answer: Literal["yes", "no", "as-before"]
    notice: Code = Field("es", max_length=12)


@router.get("/cases/{case_id}/needs/{need_id}/choose")
async def ask(
    case_id: CaseId,
    need_id: PartId,
    visit: VisitDep,
    actor: CaseManagerDep,
    service: Annotated[str, Query(max_length=120)] = "",
    notice: Annotated[str, Query(max_length=12)] = "",
) -> Response:
    """What is read over with the person. Nothing is ticked beforehand."""
    tongue = notice or visit.language
    return _page(visit, case_id, need_id, await _sheet(visit, case_id, need_id, service, tongue), tongue)


@router.post("/cases/{case_id}/needs/{need_id}/choose")
async def answer(case_id: CaseId, need_id: PartId, change: PageChangeDep, actor: CaseManagerDep) -> Response:
    """A yes with what was ticked, or with what stands already; or a no. The screen again where something is missing."""
    wish = read(change.form, Wish, change.language)
    service = change.text("service", most=120)
    tongue = change.text("notice", most=12) or change.language
    found = await _sheet(change, case_id, need_id, service, tongue)
    if isinstance(found, Refusal):
        return _page(change, case_id, need_id, found, tongue, status=409)
    again: dict[str, Any] = {
        "said": dict(typed(change.form)),
        "ticked": frozenset(map(str, change.form.getlist("item"))),
    }
    if not isinstance(wish, Wish):
        return _page(change, case_id, need_id, found, tongue, status=422, faults=wish, **again)
    draft = Draft(
        need_id=need_id, service_id=wish.service, chosen_because=wish.because, waiting=wish.waiting is not None
    )
    if found.choice.by_hand and wish.because is None and wish.answer != "no":
        faults = {"because": text("seek.choose.fault.because", change.language)}
        return _page(change, case_id, need_id, found, tongue, status=422, faults=faults, **again)
    if wish.answer == "as-before":
        outcome = await change.make(chosen.decide, case_id, Decision(draft=draft))
    else:
        said = await _said(change, case_id, found, wish)
        if isinstance(said, dict):
            return _page(change, case_id, need_id, found, tongue, status=422, faults=said, **again)
        if isinstance(said, Allowing):
            outcome = await change.make(chosen.decide, case_id, Decision(draft=draft, allowing=said))
        else:
            outcome = await change.make(consents.refuse, case_id, said)
    if isinstance(outcome, Refusal):
        found = await _sheet(change, case_id, need_id, service, tongue)
        reasons = why(outcome, choose(tongue))
        return _page(change, case_id, need_id, found, tongue, status=409, reasons=reasons, **again)
    if wish.answer == "no":
        return onward(f"{base_of(case_id, need_id)}?done=refused")
    return onward(f"/referrals/{outcome.referral_id}/preview")


async def _sheet(visit: Visit, case_id: str, need_id: str, service: str, tongue: str) -> Sheet | Refusal:
    return await visit.network.read(chosen.sheet, case_id, need_id, service, language=tongue, **visit.held)


async def _said(change: Change, case_id: str, found: Sheet, wish: Wish) -> Allowing | Asked | dict[str, str]:
    """The answer as it is written down; who receives it and what for follow from the service, never from the form."""
    known = {
        "organization": found.view.organization.id,
        "purpose": found.purpose,
        "countries": tuple(found.countries),
    }
    said = read(change.form, Said, change.language, **known)
    if not isinstance(said, Said):
        return unsaid(said, change)
    given_by = await voice_of(change, case_id, said)
    if given_by is None:
        return {"guardian": text("casework.fault.choose", change.language)}
    if said.answer == "no":
        return Asked(**said.asked(given_by))
    if not said.item:
        return {"items": text("casework.fault.items", change.language)}
    try:
        items = frozenset(item_of(code) for code in said.item)
        offered = {(w.field, w.stage) for w in found.shown.wanted} if isinstance(found.shown, ToShow) else set()
        if not {(item.field, item.stage) for item in items} <= offered:
            raise UnknownField(said.item[0])
        return Allowing(**said.asked(given_by), items=items)
    except (UnknownField, WrongValue):
        return {"items": text("casework.fault.choose", change.language)}


def _page(
    visit: Visit,
    case_id: str,
    need_id: str,
    found: Sheet | Refusal,
    tongue: str,
    *,
    status: int = 200,
    faults: dict[str, str] | None = None,
    reasons: Any = (),
    said: dict[str, str] | None = None,
    ticked: frozenset[str] = frozenset(),
) -> Response:
    spoken = choose(tongue)
    shown: dict[str, Any] = {
        "case_id": case_id,
        "base": base_of(case_id, need_id),
        "notice": tongue,
        "tongues": notices.languages(PERSON, on=visit.now.date()),
        "faults": faults or {},
        "reasons": reasons,
        "said": said or {},
        "ticked": ticked,
    }
    if isinstance(found, Refusal):
        shown |= {"found": None, "refusal": why(found, spoken)}
    else:
        shown |= {"found": found} | _in_words(found, tongue, spoken)
    return visit.page("casework/choose.html", status=status, tongue=spoken, **shown)


def _in_words(found: Sheet, tongue: str, spoken: Language) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "sheet": None,
        "lacking": (),
        "decides": "self",
        "groups": [],
        "guardians": [],
        "crossing": "",
    }
    if isinstance(found.shown, Refusal):
        shown["untold"] = why(found.shown, spoken)
    else:
        begun = Begun(
            organization=found.view.organization.id,
            purpose=found.purpose,
            language=tongue,
            countries=tuple(found.countries),
        )
        shown |= {
            "untold": (),
            "sheet": filled(begun.asking, found.shown),
            "crossing": receipts.crossing(found.shown.crossings, spoken),
            "lacking": why(Refusal.of(found.shown.lacking), spoken) if found.shown.lacking else (),
            "decides": found.shown.decides,
            "groups": groups_of(found.shown.wanted, spoken),
            "guardians": [
                (
                    g.id,
                    text(
                        "casework.guardian.named", spoken, kind=text(f"casework.guardian.{g.kind}", spoken), id=g.id[:6]
                    ),
                )
                for g in found.shown.guardians
            ],
        }
    capacity = found.view.capacity
    return shown | {
        "service": own(spoken, found.view.service, "name"),
        "about": own(spoken, found.view.service, "description"),
        "recipient": own(spoken, found.view.organization, "name"),
        "purpose": purposes()[found.purpose].label(spoken),
        "because": [
            (code, label("choice-reasons", code, spoken)) for code in terms("choice-reasons") if code != "redirected"
        ],
        "may_wait": capacity is not None and capacity.keeps_waiting_list and capacity.state in FULL,
        "modalities": [(code, text(f"consent.modality.{code}", spoken)) for code in MODALITIES],
        "allowed": labels_of((f.field for f in found.standing.fields), spoken) if found.standing else "",
    }
