"""The log on a page: looked through by what was done, when, by whom and for whom; an entry and a receipt checked. (R-14, R-21)

Questions stand in the address, so that a search can be kept and gone back to: they are codes and days, and no person.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError

from api.actions import entries, listing, watching
from api.actions.entries import Search
from api.dependencies import LanguageDep, NetworkDep, NowDep, SecretsDep
from api.identity import OfficerDep
from api.texts import text
from api.ui.forms import form_of
from api.ui.oversight import shown
from api.ui.render import FRESH, page
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
    request: Request,
    network: NetworkDep,
    now: NowDep,
    language: LanguageDep,
    officer: OfficerDep,
    after: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """The newest first, fifty at a time; without a question, of the last thirty days."""
    said = {name: value for name in ASKED if (value := request.query_params.get(name, "").strip())}
    wish, faults = _wish(said, language)
    found = entries.Page(entries=(), next=None)
    if wish is not None:
        try:
            found = await network.read(entries.search, wish, actor=officer, at=now, after=after, limit=PER_PAGE)
        except WrongValue:
            faults = {"first": text("log.fault.page", language)}
    return page(
        request,
        "officer/log.html",
        now=now,
        status=422 if faults else 200,
        headers=FRESH,
        found=found,
        said=said,
        faults=faults,
        following=f"/officer/log?{urlencode({**said, 'after': found.next})}" if found.next else None,
        is_first=after is None,
        **await _choices(network, language),
    )


def _wish(said: Mapping[str, str], language: Language) -> tuple[Search | None, dict[str, str]]:
    try:
        wish = Search.model_validate(said)
    except ValidationError as error:
        return None, {str(one["loc"][0]): text("log.fault.value", language) for one in error.errors()}
    if wish.first and wish.last and wish.first > wish.last:
        return None, {"last": text("log.fault.days", language)}
    return wish, {}


async def _choices(network: NetworkDep, language: LanguageDep) -> dict[str, Any]:
    offered = await network.read(listing.providers)
    names = await network.read(watching.named, [one.id for one in offered])
    said = shown(names, language)
    return said | {
        "kinds": sorted(((k.value, said["kind"](k.value)) for k in Kind), key=lambda pair: pair[1].casefold()),
        "organizations": sorted(((id, said["org"](id)) for id in names), key=lambda pair: pair[1].casefold()),
        "purposes": [(code, one.label(language)) for code, one in purposes().items()],
        "bases": [(code, said["basis"](code)) for code in BASES],
        "functions": [(code, said["role"](code)) for code in (*(r.value for r in Role), *OTHERS)],
    }


@router.get("/officer/log/receipt")
async def ask(request: Request, now: NowDep, officer: OfficerDep) -> Response:
    """Where a receipt that somebody holds is put in."""
    return page(request, "officer/receipt.html", now=now, headers=FRESH, checked=None, typed="", faults={})


@router.post("/officer/log/receipt")
async def hold_against(
    request: Request, network: NetworkDep, now: NowDep, language: LanguageDep, secrets: SecretsDep, officer: OfficerDep
) -> Response:
    """Whether this house signed it, and the log holds this very entry in its place."""
    form = await form_of(request)
    typed = str(form.get("receipt", ""))[:LONGEST_RECEIPT].strip()
    told: dict[str, Any] = {"typed": typed, "faults": {}, "checked": None}
    try:
        receipt = Entry.model_validate_json(typed)
    except ValidationError:
        told["faults"] = {"receipt": text("log.fault.receipt", language)}
        return page(request, "officer/receipt.html", now=now, status=422, headers=FRESH, **told)
    told["checked"] = await network.read(entries.check_receipt, receipt, actor=officer, signer=secrets.signer)
    return page(request, "officer/receipt.html", now=now, headers=FRESH, **told)


@router.get("/officer/log/{stream}")
async def one(
    request: Request,
    stream: Id,
    network: NetworkDep,
    now: NowDep,
    language: LanguageDep,
    secrets: SecretsDep,
    officer: OfficerDep,
    n: Annotated[int, Query(ge=1, le=2**53 - 1)] = 1,
) -> Response:
    """One entry with all it says, and whether it is as it was signed."""
    entry, checked = await network.read(entries.check, stream, n, actor=officer, signer=secrets.signer)
    names = await network.read(watching.named, {entry.body.organization, entry.body.recipient})
    told = shown(names, language) | {"entry": entry, "checked": checked, "on": date.fromisoformat(entry.body.at[:10])}
    return page(request, "officer/entry.html", now=now, headers=FRESH, **told)
