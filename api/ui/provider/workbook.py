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
from api.dependencies import GazetteerDep
from api.identity import ProposerDep, not_allowed
from api.problems import Problem
from api.texts import text
from api.ui.change import PageChangeDep, Visit, VisitDep
from api.ui.provider.entry import Words
from api.ui.render import FRESH, onward
from graph.exchange import workbook
from graph.model.refusal import Reason
from graph.seed.catalogue import WrongValue

router = APIRouter()

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STATED: Final = TypeAdapter(Stated)
MOST_TOLD: Final = 200
"""Faults that are listed; the file is mended in several goes where it has more."""
PATIENCE: Final = 60.0


@router.get("/entry/workbook")
async def show(visit: VisitDep, actor: ProposerDep) -> Response:
    """What the workbook is, the button to have it and the form to send it back."""
    return visit.page("provider/workbook.html", services=len(await _mine(visit)), **NOTHING)


@router.get("/entry/workbook/file")
async def download(visit: VisitDep, gazetteer: GazetteerDep, actor: ProposerDep) -> Response:
    """My services as they stand in the directory, with lists to choose from."""
    services = await _mine(visit)
    areas = [a.code for c in gazetteer.countries for a in (c, *gazetteer.below(c.code))]
    content = entry_workbook.write(services, area_name=gazetteer.called, areas=areas)
    told = {"Content-Disposition": 'attachment; filename="enlace-servicios.xlsx"'}
    return Response(content, media_type=XLSX, headers=FRESH | told)


@router.post("/entry/workbook")
async def look(visit: VisitDep, gazetteer: GazetteerDep, actor: ProposerDep) -> Response:
    """What the file would change, and what is wrong in it by row and column. Nothing is written."""
    language = visit.language
    services = {service.id: service for service in await _mine(visit)}
    shown: dict[str, Any] = dict(NOTHING)
    try:
        sheet = await uploaded.sheet_of(await _sent(visit.request))
    except workbook.Refusal as refusal:
        shown["faults_of_file"] = {"file": text(f"workbook.refused.{refusal.why.value}", language)}
        return visit.page("provider/workbook.html", status=422, services=len(services), **shown)
    words = Words(language, gazetteer)
    found = entry_workbook.read(sheet, services, area_name=gazetteer.called, area_meant=words.area_meant)
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
    return visit.page("provider/workbook.html", services=len(services), **shown)


@router.post("/entry/workbook/proposals")
async def confirm(change: PageChangeDep, actor: ProposerDep) -> Response:
    """What was looked at becomes proposals, all of them or none."""
    try:
        asked = [STATED.validate_json(row) for row in change.form.getlist("row") if isinstance(row, str)]
    except ValidationError:
        raise Problem("invalid-request") from None
    if not asked or len(asked) > proposals.MOST_AT_ONCE:
        raise Problem("invalid-request")
    try:
        await change.made(proposals.propose_all, asked, source="workbook", deadline=PATIENCE)
    except WrongValue:
        raise Problem("invalid-request") from None
    return onward("/entry?said=proposed")


NOTHING: Final[dict[str, Any]] = {"faults_of_file": {}, "reading": None, "rows": (), "told": (), "words": None}


async def _mine(visit: Visit) -> list[Any]:
    """The services of whoever keeps an entry; anybody else is told that it is not theirs."""
    if not my_entry.keeps_an_entry(visit.actor):
        raise not_allowed(Reason.ACCESS_ROLE.value, visit.language)
    return await visit.network.read(my_entry.all_services, actor=visit.actor)


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
