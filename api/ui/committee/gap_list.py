"""The list of gaps: taken up, decided about, looked at again; what is overdue says so and stands first. (R-07)"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from api import rights
from api.actions import gap_list
from api.actions.case_change import new_id
from api.actions.gap_list import Deciding, OnList, Taking
from api.dependencies import LanguageDep, NetworkDep, NowDep, language_of
from api.identity import GapKeeperDep, GapListReaderDep
from api.refusals import refused
from api.sheets import Cell
from api.texts import text
from api.ui import forms, once
from api.ui.change import Change, PageChangeDep
from api.ui.downloads import Kind, as_file
from api.ui.oversight import called
from api.ui.render import FRESH, page
from graph.model.base import Language
from graph.model.gap import Remedy
from graph.model.refusal import Refusal
from graph.seed.catalogue import WrongValue
from graph.seed.vocabulary import label, terms

router = APIRouter()


@router.get("/committee/gaps")
async def listed(
    request: Request,
    network: NetworkDep,
    actor: GapListReaderDep,
    now: NowDep,
    closed: Annotated[bool, Query()] = False,
    need: Annotated[str, Query(max_length=100)] = "",
    department: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """The open gaps, or those that were closed; and the form by which one is taken up."""
    values = {"service_type": need, "department": department}
    return await _list(request, network, actor, now, closed=closed, values=values)


@router.post("/committee/gaps")
async def take_up(request: Request, change: PageChangeDep, network: NetworkDep, actor: GapKeeperDep) -> Response:
    """Put on the list; or the same page with what does not fit."""
    said = forms.read(change.form, Taking, change.language, id=new_id())
    if not isinstance(said, dict):
        outcome, said = await _made(change, gap_list.take_up, said)
        if outcome is not None and not isinstance(outcome, Refusal):
            return RedirectResponse(f"/committee/gaps/{outcome.gap_id}", status_code=303)
        if isinstance(outcome, Refusal):
            return await _list(request, network, actor, change.now, change=change, refusal=outcome)
    return await _list(request, network, actor, change.now, change=change, faults=said)


@router.get("/committee/gap-list/file")
async def file(
    network: NetworkDep, actor: GapListReaderDep, now: NowDep, language: LanguageDep, kind: Kind = Kind.XLSX
) -> Response:
    """The open gaps to be taken along."""
    found = await network.read(gap_list.listed, actor=actor, on=now.date())
    names = ("need", "department", "owner", "remedy", "words", "re-check", "overdue", "since")
    columns = [text(f"committee.gaps.column.{name}", language) for name in names]
    title = text("committee.gaps.title", language)
    org = await called(network, _owners(found), language)
    return as_file(kind, "enlace-gap-list", title, columns, [_row(one, org, language) for one in found])


@router.get("/committee/gaps/{gap_id}")
async def one(request: Request, gap_id: str, network: NetworkDep, actor: GapListReaderDep, now: NowDep) -> Response:
    """One gap: every decision about it, and the form for the next one."""
    return await _one(request, network, actor, now, gap_id)


@router.post("/committee/gaps/{gap_id}")
async def decide(
    request: Request, gap_id: str, change: PageChangeDep, network: NetworkDep, actor: GapKeeperDep
) -> Response:
    """Decided; or the same page with what does not fit, or with what somebody else decided meanwhile."""
    said = forms.read(change.form, Deciding, change.language)
    version = change.text("version", most=9)
    if not isinstance(said, dict):
        more = {"version": int(version) if version.isdecimal() else 0, "closes": change.form.get("closes") == "yes"}
        outcome, said = await _made(change, gap_list.decide, gap_id, said, **more)
        if outcome is not None and not isinstance(outcome, Refusal):
            return RedirectResponse("/committee/gaps" if more["closes"] else f"/committee/gaps/{gap_id}", 303)
        if isinstance(outcome, Refusal):
            return await _one(request, network, actor, change.now, gap_id, change=change, refusal=outcome)
    return await _one(request, network, actor, change.now, gap_id, change=change, faults=said)


async def _made(change: Change, action: Any, *args: Any, **more: Any) -> tuple[Any, dict[str, str]]:
    """What the action answers, or which field does not fit."""
    try:
        return await change.make(action, *args, **more), {}
    except WrongValue as wrong:
        return None, {wrong.field: text(f"committee.fault.{wrong.field}", change.language)}


async def _list(
    request: Request,
    network: Any,
    actor: Any,
    now: Any,
    *,
    closed: bool = False,
    values: dict[str, str] | None = None,
    change: Change | None = None,
    faults: dict[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    found = await network.read(gap_list.listed, closed=closed, actor=actor, on=now.date())
    org = await called(network, _owners(found), language_of(request))
    shown = await _form(request, network, actor, change, values or {}, faults or {}, refusal)
    return page(request, "committee/gaps.html", now=now, headers=FRESH, found=found, org=org, closed=closed, **shown)


async def _one(
    request: Request,
    network: Any,
    actor: Any,
    now: Any,
    gap_id: str,
    *,
    change: Change | None = None,
    faults: dict[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    found = await network.read(gap_list.one, gap_id, actor=actor, on=now.date())
    holds = found.listed.gap.holds
    values = {"owner_id": holds.owner_id, "remedy": holds.remedy.value, "words": holds.words or ""}
    org = await called(network, _owners([found]), language_of(request))
    shown = await _form(request, network, actor, change, values, faults or {}, refusal)
    return page(request, "committee/gap.html", now=now, headers=FRESH, one=found, org=org, **shown)


def _owners(found: Iterable[OnList]) -> set[str]:
    return {one.listed.gap.holds.owner_id for one in found}


async def _form(
    request: Request,
    network: Any,
    actor: Any,
    change: Change | None,
    values: dict[str, str],
    faults: dict[str, str],
    refusal: Refusal | None,
) -> dict[str, Any]:
    """What the form offers, and what was typed; nothing for whoever only reads."""
    if not rights.offers(actor, "gap-decide"):
        return {"keeps": False, "faults": {}, "reasons": []}
    language = language_of(request)
    offered = await network.read(gap_list.choices, actor=actor)
    org = await called(network, [id for id, _ in offered.owners], language)
    return {
        "keeps": True,
        "status": 409 if refusal else 422 if faults else 200,
        "faults": faults,
        "reasons": refused(refusal, language).members["reasons"] if refusal else [],
        "values": {**values, **(forms.typed(change.form) if change else {})},
        "key": once.again(change.form) if change else once.field(),
        "needs": [(code, label("service-types", code, language)) for code in terms("service-types")],
        "departments": [(area.code, f"{area.name} ({area.code[:2]})") for area in offered.departments],
        "owners": sorted(((id, org(id)) for id, _ in offered.owners), key=lambda one: one[1].casefold()),
        "remedies": [(remedy.value, text(f"committee.remedy.{remedy}", language)) for remedy in Remedy],
    }


def _row(one: OnList, org: Callable[[str], str], language: Language) -> list[Cell]:
    gap = one.listed.gap
    return [
        label("service-types", gap.service_type, language),
        one.listed.area,
        org(gap.holds.owner_id),
        text(f"committee.remedy.{gap.holds.remedy}", language),
        gap.holds.words,
        gap.holds.re_check_on.isoformat(),
        text("pages.yes" if one.overdue else "pages.no", language),
        gap.opened_at.date().isoformat(),
    ]
