"""Finding who holds a person's case, by the exact number of a document: the officer alone, written down each time. (R-21, R-25)"""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import Response

from api.actions import persons
from api.identity import PersonFinderDep
from api.texts import text
from api.ui.change import PageChangeDep, VisitDep
from graph.model.base import Language
from graph.seed.catalogue import fields

router = APIRouter()

LONGEST: Final = 200


@router.get("/officer/find")
async def ask(visit: VisitDep, officer: PersonFinderDep) -> Response:
    """The form."""
    return visit.page("officer/find.html", **_form(visit.language))


@router.post("/officer/find")
async def find(change: PageChangeDep, officer: PersonFinderDep) -> Response:
    """Numbers of cases and who holds them; what was sought is not shown again."""
    form, language = change.form, change.language
    field, value = str(form.get("field", "")), str(form.get("value", ""))[:LONGEST].strip()
    told = _form(language) | {"field": field}
    faults = {}
    if field not in dict(told["choices_of"]):
        faults["field"] = text("officer.find.field.missing", language)
    if not value:
        faults["value"] = text("officer.find.value.missing", language)
    if faults:
        told["faults"] = faults
        return change.page("officer/find.html", status=422, **told)
    told["found"] = await change.network.write(persons.find, field, value, **change.held)
    return change.page("officer/find.html", **told)


def _form(language: Language) -> dict[str, Any]:
    sought = [(code, field.label(language)) for code, field in fields().items() if field.blind]
    return {"choices_of": sought, "field": "", "faults": {}, "found": None}
