"""What a person allows, refuses and takes back, and what had already gone. (R-11, R-20)"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api import receipts
from api.actions import asking, consents, gone, stopping
from api.actions import receipts as held
from api.actions.asking import Asking
from api.actions.consents import Allowing, Answered, Asked, Stopped
from api.actions.gone import Gone, Look
from api.actions.stopping import Acknowledged, GoesOn
from api.notices import filled
from api.problems import Problem
from api.query import Fault
from api.refusals import refused
from api.texts import choose
from api.v1.cases import Body, CaseId, ChangeDep
from api.v1.changes import PERSONAL, After, Limit
from graph.model.consent import FieldConsent, Stage
from graph.model.refusal import Refusal
from graph.model.stop_notice import StopNotice
from graph.seed.catalogue import WrongValue

router = APIRouter(tags=["consents"])

PartId = Annotated[str, Path(min_length=1, max_length=160)]
CodeIn = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class AskedIn(Body):
    """Who would receive, for which purpose, and how the person was asked."""

    organization_id: str = Field(min_length=1, max_length=120)
    purpose: CodeIn
    given_by: Literal["self", "guardian", "lawful-representative"] = "self"
    guardian_id: str | None = Field(None, min_length=1, max_length=120)
    explained_by: str | None = Field(
        None, min_length=1, max_length=120, description="who explained it, of your organisation; null: you"
    )
    language: CodeIn = "es"
    notice_version: int | None = Field(None, ge=1, le=10_000)
    modality: Literal["written", "spoken-before-witness", "thumbprint", "digital"]
    witness: str | None = Field(None, min_length=1, max_length=120)
    countries: frozenset[CodeIn] = Field(frozenset(), max_length=20)


class AllowingIn(AskedIn):
    """What the person allows: fields, or groups of fields, at which stages."""

    fields: frozenset[CodeIn] = Field(frozenset(), max_length=200)
    categories: frozenset[CodeIn] = Field(frozenset(), max_length=50)
    stages: frozenset[Stage] = frozenset({"first-contact"})
    items: tuple[FieldConsent, ...] = Field(
        (), max_length=400, description="fields, each at a stage of its own, as they were asked one by one"
    )


class AskingIn(Body):
    """What is going to be asked of the person, or of whoever decides for them."""

    organization_id: str = Field(min_length=1, max_length=120)
    purpose: CodeIn
    language: CodeIn = "es"
    countries: frozenset[CodeIn] = Field(frozenset(), max_length=20)


class NoticeOut(BaseModel):
    """A wording with its places filled; the hash is that of the wording with its places open."""

    for_: Literal["person", "representative", "child"] = Field(alias="for")
    id: str
    version: int
    language: str
    sha256: str
    title: str
    text: str


class WantedOut(BaseModel):
    """One datum that the recipient's rules ask for: what to ask the person about, one by one."""

    field: str
    stage: str
    required: bool = Field(description="without it nothing can be sent there")
    recorded: bool = Field(description="something is written down that could be sent")


class AskingOut(BaseModel):
    """What to show or read before anybody answers, in this order."""

    decides: Literal["self", "guardians", "authority", "nobody"]
    lacking: list[str] = Field(description="codes of what has to be there beside a yes")
    until: str
    crossing: str | None = Field(None, description="that the data would leave the country: read it with the notices")
    notices: list[NoticeOut]
    wanted: list[WantedOut]


class ConsentOut(BaseModel):
    """A consent in a list: what was asked of the person and what became of it."""

    id: str
    receipt_id: str | None
    organization_id: str
    organization: str
    purpose: str
    state: str
    fields: list[dict[str, str]]
    given_by: str
    explained_by: str
    expires_at: str
    events: list[dict[str, str]]


class ReceiptOut(BaseModel):
    """A receipt in the fields of ISO/IEC TS 27560:2023."""

    schema_version: str
    record_id: str
    receipt_id: str
    pii_principal_id: str
    receipt_time: str
    pii_processing: dict[str, Any]
    party_identification: list[dict[str, Any]]
    events: list[dict[str, Any]]


class GoesOnIn(Body):
    """Whether a service that runs goes on without further data."""

    goes_on: bool


@router.post(
    "/cases/{case_id}/consents", response_model=Answered, status_code=201, summary="Write down what a person allows"
)
async def give(case_id: CaseId, said: AllowingIn, change: ChangeDep) -> Any:
    """Groups are expanded to fields now: a field added later is not covered. The wording must be translated."""
    return await change.answer(consents.give, case_id, Allowing(**said.model_dump()), status=201)


@router.get("/cases/{case_id}/consents", response_model=list[ConsentOut], summary="What a person was asked and said")
async def listed(case_id: CaseId, change: ChangeDep) -> Any:
    """The newest first, also what ended: for the person, and whoever may read the case. Field codes, never values."""
    circumstances = change.circumstances
    found = await change.network.read(held.of_case, case_id, actor=circumstances["actor"])
    rows = [
        {
            "id": row.consent.id,
            "receipt_id": row.consent.receipt_id,
            "organization_id": row.consent.organization_id,
            "organization": receipts.name_of(row.recipient, change.language),
            "purpose": row.consent.purpose,
            "state": row.consent.state(at=circumstances["at"]).value,
            "fields": [
                {"field": f.field, "stage": f.stage}
                for f in sorted(row.consent.fields, key=lambda f: (f.stage, f.field))
            ],
            "given_by": row.consent.given_by,
            "explained_by": row.consent.explained_by,
            "expires_at": row.consent.expires_at.isoformat(),
            "events": [{"state": e.state.value, "at": e.at.isoformat()} for e in row.consent.events],
        }
        for row in found
    ]
    return JSONResponse(rows, headers=PERSONAL)


@router.post("/cases/{case_id}/notices", response_model=AskingOut, summary="What to show or read before asking")
async def to_show(case_id: CaseId, said: AskingIn, change: ChangeDep) -> Any:
    """To the person; for a child, the notice a child can read, then the one for whoever represents them.

    Refused where nobody translated a wording into that language.
    """
    what = Asking(**said.model_dump())
    who = {name: change.circumstances[name] for name in ("actor", "at")}
    try:
        found = await change.network.read(asking.to_show, case_id, what, **who)
    except WrongValue as wrong:
        fault = Fault(pointer=f"/{wrong.field}", code="query.wrong-shape")
        raise Problem("invalid-request", faults=[fault]) from None
    if isinstance(found, Refusal):
        raise refused(found, change.language)
    told = {
        "decides": found.decides,
        "lacking": [denied.reason.value for denied in found.lacking],
        "until": found.until.isoformat(),
        "crossing": receipts.crossing(found.crossings, choose(what.language)) or None,
        "notices": filled(what, found),
        "wanted": [
            {"field": one.field, "stage": one.stage, "required": one.required, "recorded": one.is_recorded}
            for one in found.wanted
        ],
    }
    return JSONResponse(told, headers=PERSONAL)


@router.get("/consents/{consent_id}/receipt", response_model=ReceiptOut, summary="The receipt of a consent")
async def receipt(consent_id: PartId, change: ChangeDep) -> Any:
    """In your language, in the fields of ISO/IEC TS 27560:2023; printable at `/receipts/{receipt_id}`.

    For the person and whoever may read the case. What was allowed, by field, never a value.
    """
    circumstances = change.circumstances
    found = await change.network.read(held.read, consent_id, actor=circumstances["actor"])
    return JSONResponse(receipts.in_words(found, change.language, at=circumstances["at"]), headers=PERSONAL)


@router.post("/cases/{case_id}/refusals", response_model=Stopped, status_code=201, summary="Write down a person's no")
async def refuse(case_id: CaseId, said: AskedIn, change: ChangeDep) -> Any:
    """It wins over any permit, and changes nothing in the help that others give."""
    return await change.answer(consents.refuse, case_id, Asked(**said.model_dump()), status=201)


@router.post("/consents/{consent_id}/withdrawal", response_model=Stopped, summary="Take a consent back")
async def withdraw(consent_id: PartId, change: ChangeDep) -> Any:
    """From the answer on nothing more is sent or read. It lists what had already gone, and who opened it."""
    return await change.answer(consents.withdraw, consent_id)


@router.get("/cases/{case_id}/gone", response_model=list[Gone], summary="What has left of a case")
async def gone_list(case_id: CaseId, change: ChangeDep) -> Any:
    """Every copy, to whom, which fields, and every reading of it."""
    found = await change.network.read(gone.gone, case_id, actor=change.circumstances["actor"])
    return JSONResponse([row.model_dump(mode="json") for row in found], headers=PERSONAL)


@router.get("/cases/{case_id}/looks", response_model=list[Look], summary="Who looked at a case")
async def looks(case_id: CaseId, change: ChangeDep) -> Any:
    """Readings of the file, previews, searches by number and reviews, the newest first; field codes, never values.

    For the person and the team of the case.
    """
    found = await change.network.read(gone.looked, case_id, actor=change.circumstances["actor"])
    return JSONResponse([row.model_dump(mode="json") for row in found], headers=PERSONAL)


@router.put("/referrals/{referral_id}/goes-on", response_model=GoesOn, summary="Say whether a service goes on")
async def goes_on(referral_id: PartId, said: GoesOnIn, change: ChangeDep) -> Any:
    """The person's answer alone changes the state of a service in progress whose consent was withdrawn."""
    return await change.answer(stopping.answer_service_goes_on, referral_id, said.goes_on)


class NoticesOut(BaseModel):
    """The most urgent first."""

    stop_notices: list[StopNotice]
    next: str | None = Field(description="give it as `after` for what comes after these")


@router.get("/stop-notices", response_model=NoticesOut, summary="Stop notices your organisation has not seen")
async def notices(change: ChangeDep, after: After = None, limit: Limit = 50) -> Any:
    """The most urgent first. They name referrals, never a person."""
    who = change.circumstances["actor"]
    found = await change.network.read(stopping.notices_to, actor=who, after=after, limit=limit)
    page = NoticesOut(stop_notices=found, next=found[-1].id if len(found) == limit else None)
    return JSONResponse(page.model_dump(mode="json"), headers=PERSONAL)


@router.post("/stop-notices/{notice_id}/acknowledgement", response_model=Acknowledged, summary="Say it was seen")
async def acknowledge(notice_id: PartId, change: ChangeDep) -> Any:
    """Your organisation has seen it and stops. Said twice, the first time counts."""
    return await change.answer(stopping.acknowledge, notice_id)
