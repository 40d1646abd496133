"""Rules on their way: a new version of a SOP or another order of suggestions, published by another person. (R-10, R-35)"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.actions import amendments
from api.actions.amendments import Amended, Draft, Read
from api.amending import AmendmentReaderDep, RunsDep, draft_of, waited
from api.dependencies import NetworkDep, NowDep
from api.problems import Problem
from api.query import Day
from api.v1.cases import ChangeDep
from api.v1.changes import PERSONAL, Change
from graph.model.amendment import Amendment
from graph.model.difference import Difference
from graph.model.sop import Sop

router = APIRouter(tags=["amendments"])

PATIENCE: Final = 8.0
"""Seconds for which a caller waits for a difference before it is told how far it is."""

AmendmentId = Annotated[str, Path(min_length=1, max_length=120)]
OfId = Annotated[str, Path(min_length=1, max_length=120)]


class AmendmentIn(BaseModel):
    """What is to hold, from when, and why. Of a service: `sop`; of a mechanism: `policy`."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    sop: dict[str, Any] | None = Field(
        None,
        description="the rules, whole, in the words of `sop` in docs/profile.md, without `version`, `valid_from`, `valid_to`",
    )
    policy: str | None = Field(None, max_length=120, description="the id of a published order, e.g. `nearest-first`")
    policy_version: int = Field(1, ge=1, le=1000)
    starts_on: Day = Field(description="the first day on which it holds; the version before ends the day before")
    reason: str = Field(min_length=1, max_length=120, description="a code of the vocabulary `amendment-reasons`")
    note: str | None = Field(None, max_length=1000, description="for whoever decides; about no person")


class RevisionIn(BaseModel):
    """Which revision you have read: a later one is refused."""

    model_config = ConfigDict(extra="forbid")

    revision: int = Field(ge=1, le=1_000_000)


class ChangeIn(AmendmentIn):
    """What it is to say now, and which revision you have read."""

    revision: int = Field(ge=1, le=1_000_000)


class AmendmentOut(BaseModel):
    """An amendment, what it is compared with, and what it would change."""

    amendment: Amendment
    subject: str = Field(description="the name of the service or mechanism")
    organization: str | None
    before: Sop | None = Field(description="the version it is compared with")
    policy_before: str | None = Field(description="the order that held before, where one was published")
    difference: Difference | None = Field(description="as it was last worked out; numbers of people for the committee")
    difference_is_current: bool = Field(description="false: it is of an older revision, and publishes nothing")


class ListedOut(BaseModel):
    """An amendment in one line."""

    id: str
    of: str
    subject_id: str
    subject: str | None
    stage: str
    revision: int
    starts_on: date
    reason: str
    difference_is_current: bool


class ProgressOut(BaseModel):
    """How far the work is."""

    done: int
    total: int


@router.get("/amendments", response_model=list[ListedOut], summary="Rules on their way, and those that were decided")
async def listed(network: NetworkDep, actor: AmendmentReaderDep) -> Any:
    """The newest first: all of them for the committee, those of one's own services for others."""
    found = await network.read(amendments.listed, actor=actor)
    rows = [
        ListedOut(
            id=x.amendment.id,
            of=x.amendment.subject,
            subject_id=x.amendment.subject_id,
            subject=x.subject.name if x.subject else None,
            stage=x.amendment.stage,
            revision=x.amendment.revision,
            starts_on=x.amendment.starts_on,
            reason=x.amendment.reason,
            difference_is_current=x.is_worked_out,
        ).model_dump(mode="json")
        for x in found
    ]
    return JSONResponse(rows, headers=PERSONAL)


@router.post(
    "/services/{service_id}/amendments", response_model=Amended, status_code=201, summary="Draft a new version of a SOP"
)
async def draft_sop(service_id: OfId, said: AmendmentIn, change: ChangeDep, now: NowDep) -> Any:
    """For the service's own organisation, who leads a mechanism it is in, and the committee. Nobody is bound by a draft."""
    actor = change.circumstances["actor"]
    _, base = await change.network.read(amendments.start, service_id, actor=actor, on=now.date())
    draft = _draft(said, service_id=service_id, base=base)
    return await change.answer(amendments.draft_sop, service_id, draft, status=201)


@router.post(
    "/mechanisms/{mechanism_id}/amendments",
    response_model=Amended,
    status_code=201,
    summary="Draft another order of suggestions",
)
async def draft_order(mechanism_id: OfId, said: AmendmentIn, change: ChangeDep) -> Any:
    """For the committee: which published order is to hold in the area of a mechanism."""
    draft = _draft(said)
    return await change.answer(amendments.draft_order, mechanism_id, draft, status=201)


def _draft(said: AmendmentIn, *, service_id: str | None = None, base: Sop | None = None) -> Draft:
    """The draft; of an order where no service is named."""
    of_sop = service_id is not None
    draft = draft_of(
        starts_on=said.starts_on,
        reason=said.reason,
        note=said.note,
        sop=(said.sop or {}) if of_sop else None,
        service_id=service_id or "",
        base=base,
        policy=None if of_sop else said.policy or "",
        policy_version=said.policy_version,
    )
    if isinstance(draft, tuple):
        raise Problem("invalid-request", faults=draft)
    return draft


@router.get("/amendments/{amendment_id}", response_model=AmendmentOut, summary="One amendment")
async def read(amendment_id: AmendmentId, network: NetworkDep, actor: AmendmentReaderDep) -> Any:
    """What is to hold, whose hands it went through, and the difference as it was last worked out."""
    return _out(await network.read(amendments.read, amendment_id, actor=actor))


def _out(found: Read) -> JSONResponse:
    told = AmendmentOut(
        amendment=found.amendment,
        subject=found.subject.name,
        organization=found.subject.organization,
        before=found.before,
        policy_before=found.order.policy if found.order else None,
        difference=found.difference,
        difference_is_current=found.is_current,
    )
    headers = {**PERSONAL, "ETag": f'"{found.amendment.revision}"'}
    return JSONResponse(told.model_dump(mode="json", by_alias=True), headers=headers)


@router.put("/amendments/{amendment_id}", response_model=Amended, summary="Say it otherwise")
async def change_it(amendment_id: AmendmentId, said: ChangeIn, change: ChangeDep) -> Any:
    """What was handed in is a draft again then. Whoever changes it cannot publish it."""
    found = await _found(amendment_id, change)
    of = found.amendment
    draft = _draft(said, service_id=of.subject_id if of.subject == "sop" else None, base=of.sop)
    return await change.answer(amendments.change, amendment_id, draft, said.revision)


async def _found(amendment_id: str, change: Change) -> Read:
    """The amendment that is changed: a foreign one is not there, whatever was sent."""
    found = await change.network.read(amendments.read, amendment_id, actor=change.circumstances["actor"])
    if not found.may_change:
        raise Problem("not-found")
    return found


@router.post("/amendments/{amendment_id}/submission", response_model=Amended, summary="Hand a draft in")
async def submit(amendment_id: AmendmentId, said: RevisionIn, change: ChangeDep) -> Any:
    """From now on another person may publish exactly this. It leaves a signed entry with the reason."""
    return await change.answer(amendments.submit, amendment_id, said.revision)


@router.post("/amendments/{amendment_id}/withdrawal", response_model=Amended, summary="Take an amendment back")
async def withdraw(amendment_id: AmendmentId, change: ChangeDep) -> Any:
    """For good, drafted or handed in, by whoever may draft it. It leaves a signed entry that it was taken back."""
    return await change.answer(amendments.withdraw, amendment_id)


@router.post(
    "/amendments/{amendment_id}/difference",
    response_model=Difference,
    responses={202: {"model": ProgressOut, "description": "It goes on: ask again"}},
    summary="Work out what it would change",
)
async def work_out(
    amendment_id: AmendmentId, network: NetworkDep, actor: AmendmentReaderDep, runs: RunsDep, now: NowDep
) -> Any:
    """Who would see what, and what would be suggested: the real engine is asked, nothing is written but the answer.

    Nothing is published before. Numbers of people are for the committee, hidden where they are small, and in steps.
    """
    found = await network.read(amendments.read, amendment_id, actor=actor)
    run = runs.begin(network, amendment_id, found.amendment.revision, actor=actor, at=now)
    if not await waited(run, PATIENCE):
        if run.failed:
            raise Problem("network-unavailable", headers={"Retry-After": "1"})
        told = ProgressOut(done=run.done, total=run.total)
        return JSONResponse(told.model_dump(), status_code=202, headers=PERSONAL)
    found = await network.read(amendments.read, amendment_id, actor=actor)
    if found.difference is None:
        raise Problem("network-unavailable", headers={"Retry-After": "1"})
    return JSONResponse(found.difference.model_dump(mode="json"), headers=PERSONAL)


@router.post(
    "/amendments/{amendment_id}/publication", response_model=Amended, summary="Publish what another person drafted"
)
async def publish(amendment_id: AmendmentId, said: RevisionIn, change: ChangeDep) -> Any:
    """For the committee: another person than all who drafted, changed or handed it in, and once.

    It holds from its first day; what was sent under the version before keeps that version.
    """
    return await change.answer(amendments.publish, amendment_id, said.revision)
