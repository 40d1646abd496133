"""My services as a workbook: down to fill in, up to look at what it would change, and then to propose it. (R-02)

A file gets no more right than a form: what it says becomes proposals, and somebody else decides. Nothing of an uploaded
file is kept: what it would change travels in the page that shows it, and is looked at anew when it comes back.
"""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import UploadFile

from api import entry_workbook, uploaded
from api.actions import my_entry, proposals
from api.actions.proposals import Stated
from api.dependencies import GazetteerDep, LanguageDep, NowDep, network_of
from api.gazetteer import Gazetteer
from api.identity import ProposerDep, not_allowed
from api.problems import Problem
from api.refusals import refused
from api.texts import text
from api.ui.change import PageChangeDep
from api.ui.provider.entry import Words
from api.ui.render import FRESH, onward, page
from graph.exchange import workbook
from graph.model.actor import Actor
from graph.model.base import Language
from graph.model.refusal import Reason, Refusal
from graph.seed.catalogue import WrongValue

router = APIRouter()

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STATED: Final = TypeAdapter(Stated)
MOST_TOLD: Final = 200
"""Faults that are listed; the file is mended in several goes where it has more."""
PATIENCE: Final = 60.0


@router.get("/entry/workbook")
async def show(request: Request, now: NowDep, language: LanguageDep, actor: ProposerDep) -> Response:
    """What the workbook is, the button to have it and the form to send it back."""
    services = await _mine(request, actor, language)
    return page(request, "provider/workbook.html", now=now, headers=FRESH, services=len(services), **NOTHING)


@router.get("/entry/workbook/file")
async def download(request: Request, language: LanguageDep, gazetteer: GazetteerDep, actor: ProposerDep) -> Response:
    """My services as they stand in the directory, with lists to choose from."""
    services = await _mine(request, actor, language)
    areas = [a.code for c in gazetteer.countries for a in (c, *gazetteer.below(c.code))]
    content = entry_workbook.write(services, area_name=_named(gazetteer), areas=areas)
    told = {"Content-Disposition": 'attachment; filename="enlace-servicios.xlsx"'}
    return Response(content, media_type=XLSX, headers=FRESH | told)


@router.post("/entry/workbook")
async def look(
    request: Request,
    now: NowDep,
    language: LanguageDep,
    gazetteer: GazetteerDep,
    actor: ProposerDep,
) -> Response:
    """What the file would change, and what is wrong in it by row and column. Nothing is written."""
    services = {service.id: service for service in await _mine(request, actor, language)}
    shown: dict[str, Any] = dict(NOTHING)
    try:
        sheet = await uploaded.sheet_of(await _sent(request))
    except workbook.Refusal as refusal:
        shown["faults_of_file"] = {"file": text(f"workbook.refused.{refusal.why.value}", language)}
        return page(
            request, "provider/workbook.html", now=now, status=422, headers=FRESH, services=len(services), **shown
        )
    words = Words(language, gazetteer)
    found = entry_workbook.read(sheet, services, area_name=_named(gazetteer), area_meant=words.area_meant)
    shown["reading"] = found
    shown["rows"] = [
        STATED.dump_json(Stated(subject="service", subject_id=c.service.id, stated=dict(c.values))).decode()
        for c in found.changes[: proposals.MOST_AT_ONCE]
    ]
    shown["told"] = [
        (f.row, f.column, entry_workbook.header(f.field, language), text(f"workbook.wrong.{f.what}", language))
        for f in found.faults[:MOST_TOLD]
    ]
    shown["words"] = words
    return page(request, "provider/workbook.html", now=now, headers=FRESH, services=len(services), **shown)


@router.post("/entry/workbook/proposals")
async def confirm(request: Request, change: PageChangeDep, actor: ProposerDep) -> Response:
    """What was looked at becomes proposals, all of them or none."""
    try:
        asked = [STATED.validate_json(row) for row in change.form.getlist("row") if isinstance(row, str)]
    except ValidationError:
        raise Problem("invalid-request") from None
    if not asked or len(asked) > proposals.MOST_AT_ONCE:
        raise Problem("invalid-request")
    try:
        outcome = await change.make(proposals.propose_all, asked, source="workbook", deadline=PATIENCE)
    except WrongValue:
        raise Problem("invalid-request") from None
    if isinstance(outcome, Refusal):
        raise refused(outcome, change.language)
    return onward("/entry?said=proposed")


NOTHING: Final[dict[str, Any]] = {"faults_of_file": {}, "reading": None, "rows": (), "told": (), "words": None}


async def _mine(request: Request, actor: Actor, language: Language) -> list[Any]:
    """The services of whoever keeps an entry; anybody else is told that it is not theirs."""
    if not my_entry.keeps_an_entry(actor):
        raise not_allowed(Reason.ACCESS_ROLE.value, language)
    return await network_of(request).read(my_entry.all_services, actor=actor)


def _named(gazetteer: Gazetteer) -> Any:
    return lambda code: gazetteer.by_code[code].name if code in gazetteer.by_code else code


async def _sent(request: Request) -> bytes:
    """The file of the form, no larger than may be; the guard has counted the bytes as they came."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise workbook.Refusal(workbook.Refused.NO_WORKBOOK)
    form = await request.form(max_files=1, max_fields=10, max_part_size=64 * 1024)
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise workbook.Refusal(workbook.Refused.NO_WORKBOOK)
        return await file.read(workbook.MOST_BYTES + 1)
    finally:
        await form.close()
