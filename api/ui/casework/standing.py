"""Forms about who decides: guardians, best interests, the child's own view, incapacity. Shown with the record. (R-23, R-24)"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from api.actions import cases, standing
from api.actions.standing import NamedGuardian
from api.dependencies import GazetteerDep
from api.gazetteer import Gazetteer
from api.identity import CaseManagerDep
from api.problems import NotFound
from api.texts import text
from api.ui.casework.of_case import CaseId, PartId, onward, why
from api.ui.casework.parts import Shown, again, read_part
from api.ui.casework.record import record_page
from api.ui.change import Change, PageChangeDep
from graph.model.base import Code, Id
from graph.model.refusal import Refusal
from graph.seed.catalogue import WrongValue

router = APIRouter()


class Guardian(BaseModel):
    """Who is to stand for the person."""

    kind: str = Field(pattern="^(parent|guardian|lawful-representative|child-protection-authority)$")
    countries: frozenset[Code] = Field(min_length=1, max_length=20)
    document: Code | None = None
    name: str | None = Field(None, max_length=200)


class Why(BaseModel):
    """Why a guardian is barred."""

    why: str | None = Field(None, max_length=4000)


class Interests(BaseModel):
    """For which country, and what was concluded."""

    country: Code
    conclusion: str = Field(max_length=4000)


class View(BaseModel):
    """What a child thinks of it; nothing: too young or unwilling to say."""

    agrees: bool | None = None
    view: str | None = Field(None, max_length=4000)
    language: Code = "es"


class Unable(BaseModel):
    """Which professional found it, until when, and what was found."""

    assessed_by: Id
    valid_to: date
    findings: str | None = Field(None, max_length=4000)

    def told(self) -> Mapping[str, Any]:
        """As the action takes it: through the last day."""
        until = datetime.combine(self.valid_to, time(23, 59), tzinfo=UTC)
        return {"assessed_by": self.assessed_by, "valid_to": until, "findings": self.findings}


async def _do(
    request: Request,
    change: Change,
    gazetteer: Gazetteer,
    case_id: str,
    name: str,
    model: type[BaseModel] | None,
    action: Any,
    done: str,
    how: Any,
) -> Response:
    """One form: its action, and back to the record; or the record with what is wrong beside the form."""
    said = read_part(change.form, name, model, change.language) if model else None
    if isinstance(said, dict):
        return await _again(request, change, gazetteer, case_id, again(change.form, faults=said))
    args, more = how(said)
    try:
        outcome = await change.make(action, case_id, *args, **more)
    except WrongValue:
        faults = {name: text("casework.fault.value", change.language)}
        return await _again(request, change, gazetteer, case_id, again(change.form, faults=faults))
    if isinstance(outcome, Refusal):
        return await _again(
            request, change, gazetteer, case_id, again(change.form, reasons=why(outcome, change.language))
        )
    return onward(f"/cases/{case_id}/record?done={done}#standing")


async def _again(request: Request, change: Change, gazetteer: Gazetteer, case_id: str, shown: Shown) -> Response:
    """What was typed, and why it was not taken. No envelope is opened for an answer that says no."""
    file = await change.network.write(
        cases.read, case_id, only=(), actor=change.actor, at=change.now, secrets=change.secrets
    )
    return record_page(
        request, file, shown, actor=change.actor, now=change.now, language=change.language, gazetteer=gazetteer
    )


@router.post("/cases/{case_id}/standing/guardians")
async def name(
    request: Request, case_id: CaseId, change: PageChangeDep, gazetteer: GazetteerDep, actor: CaseManagerDep
) -> Response:
    """Of a child, or of somebody found unable to decide."""
    return await _do(
        request,
        change,
        gazetteer,
        case_id,
        "guardian",
        Guardian,
        standing.name_guardian,
        "named",
        lambda s: ((NamedGuardian(**s.model_dump()),), {}),
    )


@router.post("/cases/{case_id}/standing/guardians/{guardian_id}/bar")
async def bar(
    request: Request,
    case_id: CaseId,
    guardian_id: PartId,
    change: PageChangeDep,
    gazetteer: GazetteerDep,
    actor: CaseManagerDep,
) -> Response:
    """For good: neither their consent nor their reading counts from now on."""
    return await _do(
        request,
        change,
        gazetteer,
        case_id,
        f"bar-{guardian_id}",
        Why,
        standing.bar_guardian,
        "barred",
        lambda s: ((guardian_id,), {"why": s.why}),
    )


@router.post("/cases/{case_id}/standing/guardians/{guardian_id}/end")
async def end(
    request: Request,
    case_id: CaseId,
    guardian_id: PartId,
    change: PageChangeDep,
    gazetteer: GazetteerDep,
    actor: CaseManagerDep,
) -> Response:
    """They no longer stand for the person."""
    return await _do(
        request,
        change,
        gazetteer,
        case_id,
        "end",
        None,
        standing.end_guardianship,
        "ended",
        lambda _: ((guardian_id,), {}),
    )


@router.post("/cases/{case_id}/standing/best-interests")
async def interests(
    request: Request, case_id: CaseId, change: PageChangeDep, gazetteer: GazetteerDep, actor: CaseManagerDep
) -> Response:
    """Determined for one country at a time; across a border, for both."""
    return await _do(
        request,
        change,
        gazetteer,
        case_id,
        "interests",
        Interests,
        standing.determine_best_interests,
        "determined",
        lambda s: ((), s.model_dump()),
    )


@router.post("/cases/{case_id}/standing/child-views")
async def hear(
    request: Request, case_id: CaseId, change: PageChangeDep, gazetteer: GazetteerDep, actor: CaseManagerDep
) -> Response:
    """A child was told in words of their age, and asked."""
    return await _do(
        request,
        change,
        gazetteer,
        case_id,
        "child",
        View,
        standing.hear_child,
        "heard",
        lambda s: ((), s.model_dump()),
    )


@router.post("/cases/{case_id}/standing/incapacities")
async def unable(
    request: Request, case_id: CaseId, change: PageChangeDep, gazetteer: GazetteerDep, actor: CaseManagerDep
) -> Response:
    """A professional found that the person cannot decide, until a day."""
    try:
        return await _do(
            request,
            change,
            gazetteer,
            case_id,
            "incapacity",
            Unable,
            standing.find_incapacity,
            "found",
            lambda s: ((), dict(s.told())),
        )
    except NotFound:
        await change.network.write(  # of this case, or it is not there
            cases.read, case_id, only=(), actor=change.actor, at=change.now, secrets=change.secrets
        )
        faults = {"incapacity-assessed_by": text("casework.incapacity.nobody", change.language)}
        return await _again(request, change, gazetteer, case_id, again(change.form, faults=faults))


@router.post("/cases/{case_id}/standing/incapacities/{incapacity_id}/end")
async def able(
    request: Request,
    case_id: CaseId,
    incapacity_id: PartId,
    change: PageChangeDep,
    gazetteer: GazetteerDep,
    actor: CaseManagerDep,
) -> Response:
    """The person can decide again."""
    return await _do(
        request,
        change,
        gazetteer,
        case_id,
        "able",
        None,
        standing.end_incapacity,
        "ended",
        lambda _: ((incapacity_id,), {}),
    )
