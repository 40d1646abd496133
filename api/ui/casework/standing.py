"""Forms about who decides: guardians, best interests, the child's own view, incapacity. Shown with the record. (R-23, R-24)"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import BaseModel, Field

from api.actions import cases, standing
from api.actions.standing import NamedGuardian
from api.dependencies import GazetteerDep
from api.identity import CASE_MANAGER
from api.texts import text
from api.ui.casework.of_case import CaseId, PartId
from api.ui.casework.parts import CaseForm, Shown
from api.ui.casework.record import record_page
from api.ui.change import PageChangeDep
from graph.model.base import Code, Id

router = APIRouter(dependencies=[Depends(CASE_MANAGER)])


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

    def told(self) -> dict[str, Any]:
        """As the action takes it: through the last day."""
        until = datetime.combine(self.valid_to, time(23, 59), tzinfo=UTC)
        return {"assessed_by": self.assessed_by, "valid_to": until, "findings": self.findings}


class _Form(CaseForm):
    back = "record?done={done}#standing"

    def __init__(self, case_id: CaseId, change: PageChangeDep, gazetteer: GazetteerDep) -> None:
        super().__init__(case_id, change)
        self._gazetteer = gazetteer

    async def page(self, shown: Shown) -> Response:
        # No envelope is opened for an answer that says no.
        file = await self.change.network.write(cases.read, self.case_id, only=(), **self.change.held)
        return record_page(self.change, file, shown, self._gazetteer)


FormDep = Annotated[_Form, Depends()]


@router.post("/cases/{case_id}/standing/guardians")
async def name(form: FormDep) -> Response:
    """Of a child, or of somebody found unable to decide."""
    return await form.state(
        "guardian",
        Guardian,
        standing.name_guardian,
        lambda s: {"named": NamedGuardian(**s.model_dump())},
        done="named",
    )


@router.post("/cases/{case_id}/standing/guardians/{guardian_id}/bar")
async def bar(form: FormDep, guardian_id: PartId) -> Response:
    """For good: neither their consent nor their reading counts from now on."""
    return await form.state(
        f"bar-{guardian_id}",
        Why,
        standing.bar_guardian,
        lambda s: {"guardian_id": guardian_id, "why": s.why},
        done="barred",
    )


@router.post("/cases/{case_id}/standing/guardians/{guardian_id}/end")
async def end(form: FormDep, guardian_id: PartId) -> Response:
    """They no longer stand for the person."""
    return await form.do(standing.end_guardianship, form.case_id, guardian_id, done="ended")


@router.post("/cases/{case_id}/standing/best-interests")
async def interests(form: FormDep) -> Response:
    """Determined for one country at a time; across a border, for both."""
    return await form.state(
        "interests", Interests, standing.determine_best_interests, Interests.model_dump, done="determined"
    )


@router.post("/cases/{case_id}/standing/child-views")
async def hear(form: FormDep) -> Response:
    """A child was told in words of their age, and asked."""
    return await form.state("child", View, standing.hear_child, View.model_dump, done="heard")


@router.post("/cases/{case_id}/standing/incapacities")
async def unable(form: FormDep) -> Response:
    """A professional found that the person cannot decide, until a day."""
    nobody = {"incapacity-assessed_by": text("casework.incapacity.nobody", form.change.language)}
    return await form.state("incapacity", Unable, standing.find_incapacity, Unable.told, done="found", missing=nobody)


@router.post("/cases/{case_id}/standing/incapacities/{incapacity_id}/end")
async def able(form: FormDep, incapacity_id: PartId) -> Response:
    """The person can decide again."""
    return await form.do(standing.end_incapacity, form.case_id, incapacity_id, done="ended")
