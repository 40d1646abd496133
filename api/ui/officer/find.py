"""Finding who holds a person's case, by the exact number of a document: the officer alone, written down each time. (R-21, R-25)"""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.actions import persons
from api.dependencies import LanguageDep, NetworkDep, NowDep, SecretsDep
from api.identity import PersonFinderDep
from api.texts import text
from api.ui.forms import form_of
from api.ui.render import FRESH, page
from graph.model.base import Language
from graph.seed.catalogue import fields

router = APIRouter()

LONGEST: Final = 200


@router.get("/officer/find")
async def ask(request: Request, now: NowDep, language: LanguageDep, officer: PersonFinderDep) -> Response:
    """The form."""
    return page(request, "officer/find.html", now=now, headers=FRESH, **_form(language))


@router.post("/officer/find")
async def find(
    request: Request,
    network: NetworkDep,
    now: NowDep,
    language: LanguageDep,
    secrets: SecretsDep,
    officer: PersonFinderDep,
) -> Response:
    """Numbers of cases and who holds them; what was sought is not shown again."""
    form = await form_of(request)
    field, value = str(form.get("field", "")), str(form.get("value", ""))[:LONGEST].strip()
    told = _form(language) | {"field": field}
    faults = {}
    if field not in dict(told["choices_of"]):
        faults["field"] = text("officer.find.field.missing", language)
    if not value:
        faults["value"] = text("officer.find.value.missing", language)
    if faults:
        told["faults"] = faults
        return page(request, "officer/find.html", now=now, status=422, headers=FRESH, **told)
    told["found"] = await network.write(persons.find, field, value, actor=officer, at=now, secrets=secrets)
    return page(request, "officer/find.html", now=now, headers=FRESH, **told)


def _form(language: Language) -> dict[str, Any]:
    sought = [(code, field.label(language)) for code, field in fields().items() if field.blind]
    return {"choices_of": sought, "field": "", "faults": {}, "found": None}
