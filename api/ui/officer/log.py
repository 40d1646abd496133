"""The log on a page: looked through by what was done, when, by whom and for whom; an entry and a receipt checked. (R-14, R-21)

Questions stand in the address, so that a search can be kept and gone back to: they are codes and days, and no person.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from pydantic import ValidationError

from api.actions import entries, listing, watching
from api.actions.entries import Search
from api.identity import OfficerDep
from api.texts import text
from api.ui.change import PageChangeDep, Visit, VisitDep
from api.ui.oversight import shown
from graph.model.actor import Role
from graph.model.base import Language
from graph.model.log import Entry, Kind
from graph.seed.catalogue import WrongValue
from graph.seed.purposes import purposes

router = APIRouter()

ASKED: Final = ("first", "last", "kind", "organization", "purpose", "basis", "role", "stream", "actor")
BASES: Final = ("consent", "life-in-danger")
OTHERS: Final = ("clock", "complainant")
"""In which functions an entry is written beside the roles of people."""
PER_PAGE: Final = 50
LONGEST_RECEIPT: Final = 20_000

Id = Annotated[str, Path(min_length=1, max_length=120)]


@router.get("/officer/log")
async def look(
    visit: VisitDep, officer: OfficerDep, after: Annotated[str | None, Query(max_length=200)] = None
) -> Response:
    """The newest first, fifty at a time; without a question, of the last thirty days."""
    language = visit.language
    said = {name: value for name in ASKED if (value := visit.request.query_params.get(name, "").strip())}
    wish, faults = _wish(said, language)
    found = entries.Page(entries=(), next=None)
    if wish is not None:
        try:
            found = await visit.network.read(
                entries.search, wish, actor=officer, at=visit.now, after=after, limit=PER_PAGE
            )
        except WrongValue:
            faults = {"first": text("log.fault.page", language)}
    return visit.page(
        "officer/log.html",
        status=422 if faults else 200,
        found=found,
        said=said,
        faults=faults,
        following=f"/officer/log?{urlencode({**said, 'after': found.next})}" if found.next else None,
        is_first=after is None,
        **await _choices(visit),
    )


def _wish(said: Mapping[str, str], language: Language) -> tuple[Search | None, dict[str, str]]:
    try:
        wish = Search.model_validate(said)
    except ValidationError as error:
        return None, {str(one["loc"][0]): text("log.fault.value", language) for one in error.errors()}
    if wish.first and wish.last and wish.first > wish.last:
        return None, {"last": text("log.fault.days", language)}
    return wish, {}


async def _choices(visit: Visit) -> dict[str, Any]:
    language = visit.language
    offered = await visit.network.read(listing.providers)
    names = await visit.network.read(watching.named, [one.id for one in offered])
    said = shown(names, language)
    return said | {
        "kinds": sorted(((k.value, said["kind"](k.value)) for k in Kind), key=lambda pair: pair[1].casefold()),
        "organizations": sorted(((id, said["org"](id)) for id in names), key=lambda pair: pair[1].casefold()),
        "purposes": [(code, one.label(language)) for code, one in purposes().items()],
        "bases": [(code, said["basis"](code)) for code in BASES],
        "functions": [(code, said["role"](code)) for code in (*(r.value for r in Role), *OTHERS)],
    }


@router.get("/officer/log/receipt")
async def ask(visit: VisitDep, officer: OfficerDep) -> Response:
    """Where a receipt that somebody holds is put in."""
    return visit.page("officer/receipt.html", checked=None, typed="", faults={})


@router.post("/officer/log/receipt")
async def hold_against(change: PageChangeDep, officer: OfficerDep) -> Response:
    """Whether this house signed it, and the log holds this very entry in its place."""
    typed = str(change.form.get("receipt", ""))[:LONGEST_RECEIPT].strip()
    told: dict[str, Any] = {"typed": typed, "faults": {}, "checked": None}
    try:
        receipt = Entry.model_validate_json(typed)
    except ValidationError:
        told["faults"] = {"receipt": text("log.fault.receipt", change.language)}
        return change.page("officer/receipt.html", status=422, **told)
    signer = change.secrets.signer
    told["checked"] = await change.network.read(entries.check_receipt, receipt, actor=officer, signer=signer)
    return change.page("officer/receipt.html", **told)


@router.get("/officer/log/{stream}")
async def one(
    stream: Id, visit: VisitDep, officer: OfficerDep, n: Annotated[int, Query(ge=1, le=2**53 - 1)] = 1
) -> Response:
    """One entry with all it says, and whether it is as it was signed."""
    entry, checked = await visit.network.read(entries.check, stream, n, actor=officer, signer=visit.secrets.signer)
    names = await visit.network.read(watching.named, {entry.body.organization, entry.body.recipient})
    told = shown(names, visit.language) | {
        "entry": entry,
        "checked": checked,
        "on": date.fromisoformat(entry.body.at[:10]),
    }
    return visit.page("officer/entry.html", **told)
