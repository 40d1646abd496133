"""Entries of the directory that providers' answers speak against, and saying that one was verified, and how. (R-02)"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from api.actions import verifying, watching
from api.actions.verifying import How, ToVerify
from api.dependencies import LanguageDep, NetworkDep, NowDep
from api.identity import VerifierDep
from api.problems import Problem
from api.sheets import Cell
from api.texts import text
from api.ui.change import PageChangeDep
from api.ui.downloads import NOT_TOLD, Kind, as_file
from api.ui.oversight import shown
from api.ui.render import FRESH, onward, own, page
from graph.model.base import Language
from graph.seed.status_reasons import status_reasons
from graph.seed.vocabulary import label

router = APIRouter()

ServiceId = Annotated[str, Path(min_length=1, max_length=120)]


@router.get("/committee/to-verify")
async def listed(
    request: Request,
    network: NetworkDep,
    now: NowDep,
    language: LanguageDep,
    actor: VerifierDep,
    after: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """Service by service, what stands against its entry, with a form each; and what was declined though it fitted."""
    found = await network.read(verifying.listed, actor=actor, at=now, after=after)
    by_service: dict[str, list[ToVerify]] = {}
    for one in found.entries:
        by_service.setdefault(one.service_id, []).append(one)
    services = await network.read(verifying.services_named, by_service)
    names = await network.read(watching.named, {service.organization_id for service in services.values()})
    told: dict[str, Any] = shown(names, language) | {"by_service": by_service, "services": services, "found": found}
    told["because"] = _because(language)
    told |= {"hows": [how.value for how in How], "thanks": "said" in request.query_params}
    return page(request, "committee/to_verify.html", now=now, headers=FRESH, **told)


@router.get("/committee/entries/file")
async def file(
    network: NetworkDep,
    now: NowDep,
    language: LanguageDep,
    actor: VerifierDep,
    table: Literal["entries", "declined"] = "entries",
    kind: Kind = Kind.XLSX,
) -> Response:
    """One of the two lists to be taken along, whole."""
    first = await network.read(verifying.listed, actor=actor, at=now)
    if table == "declined":
        columns = [text(f"toverify.{name}", language) for name in ("type", "declined.n")]
        counted: list[tuple[Cell, ...]] = [
            (label("service-types", one.service_type, language), NOT_TOLD if one.declined is None else one.declined)
            for one in first.declined_though_eligible
        ]
        return as_file(kind, "enlace-declined", text("toverify.declined", language), columns, counted)
    found, after = list(first.entries), first.next
    while after:
        more = await network.read(verifying.listed, actor=actor, at=now, after=after)
        found, after = [*found, *more.entries], more.next
    services = await network.read(verifying.services_named, {one.service_id for one in found})
    names = await network.read(watching.named, {service.organization_id for service in services.values()})
    org, because = shown(names, language)["org"], _because(language)
    columns = [text(f"toverify.{name}", language) for name in ("service", "organization", "reason", "n", "day")]
    rows: list[tuple[Cell, ...]] = [
        (
            own(language, service, "name") if (service := services.get(one.service_id)) else one.service_id,
            org(service.organization_id) if service else None,
            because(one.reason),
            NOT_TOLD if one.count is None else one.count,
            one.since.date().isoformat(),
        )
        for one in found
    ]
    return as_file(kind, "enlace-to-verify", text("toverify.title", language), columns, rows)


def _because(language: Language) -> Callable[[str], str]:
    reasons = status_reasons()
    return lambda code: reasons[code].label(language) if code in reasons else code


@router.post("/committee/to-verify/{service_id}")
async def verify(service_id: ServiceId, change: PageChangeDep, actor: VerifierDep) -> Response:
    """Somebody made sure: what stood against the entry is cleared."""
    how = change.text("how")
    if how not in {one.value for one in How}:
        raise Problem("invalid-request")
    await change.made(verifying.verify, service_id, How(how))
    return onward("/committee/to-verify?said=1")
