"""Opening a case under a pseudonym: where the person lives and how old they are; all else can wait. (R-21, R-40)"""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import Response

from api.actions import cases
from api.actions.cases import AREA, BAND, BIRTH, Opening
from api.dependencies import GazetteerDep
from api.gazetteer import Gazetteer
from api.identity import CaseManagerDep
from api.problems import NotFound
from api.texts import text
from api.ui.casework.fields import entries, stated
from api.ui.casework.of_case import fault_of
from api.ui.casework.place_of import Where, where_of
from api.ui.change import PageChangeDep, Visit, VisitDep
from api.ui.render import onward
from graph.seed.catalogue import CatalogueField, UnknownField, WrongValue, check, fields

router = APIRouter()

FIRST: Final = ("birth_date", "age_band", "gender", "languages")
"""What matching reads: asked first."""
THEN: Final = ("given_name", "family_name", "document_number", "telephone", "safe_contact_way", "nationality")
"""Who it is: encrypted, and asked where there is time for it."""


def _catalogue(codes: tuple[str, ...]) -> list[CatalogueField]:
    return [fields()[code] for code in codes]


@router.get("/cases/new")
async def ask(visit: VisitDep, gazetteer: GazetteerDep, actor: CaseManagerDep) -> Response:
    """The empty form."""
    return _form(visit, gazetteer, {}, Where(), False, {})


@router.post("/cases/new")
async def open_(change: PageChangeDep, gazetteer: GazetteerDep, actor: CaseManagerDep) -> Response:
    """A new case, and to its desk; or the form with what is wrong in it."""
    wanted = _catalogue(FIRST + THEN)
    said, _ = stated(change.form, wanted)
    area, where, faults = where_of(change.form, gazetteer, change.language)
    for code, value in said.items():
        try:
            check(code, value)
        except WrongValue as wrong:
            faults |= fault_of(wrong, change.language)
    if said[BIRTH] is None and said[BAND] is None:
        faults[BAND] = text("casework.fault.age", change.language)
    separated = change.form.get("separated") == "yes"
    if not faults and area is not None:
        told = {code: value for code, value in said.items() if value is not None} | {AREA: area.code}
        try:
            made = await change.make(cases.open_case, Opening(data=told, separated=separated))
            return onward(f"/cases/{made.case_id}?done=opened")
        except (WrongValue, UnknownField) as wrong:
            faults = fault_of(wrong, change.language)
        except NotFound:
            faults = {"municipality": text("pages.form.where-not-found", change.language)}
    return _form(change, gazetteer, said, where, separated, faults)


def _form(
    visit: Visit,
    gazetteer: Gazetteer,
    values: dict[str, Any],
    where: Where,
    separated: bool,
    faults: dict[str, str],
) -> Response:
    language = visit.language
    return visit.page(
        "casework/new.html",
        status=422 if faults else 200,
        where=where,
        gazetteer=gazetteer,
        faults=faults,
        separated=separated,
        labels={code: fields()[code].label(language) for code in FIRST + THEN},
        first=entries(_catalogue(FIRST), values, language),
        then=entries(_catalogue(THEN), values, language),
    )
