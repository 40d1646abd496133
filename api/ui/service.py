"""The page of one service in the directory."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse

from api.actions import directory_view
from api.actions.directory_view import Covered
from api.dependencies import NetworkDep, NowDep
from api.ui.render import page
from graph.model.directory import Location

router = APIRouter()

ServiceId = Annotated[str, Path(min_length=1, max_length=120)]


@router.get("/services/{service_id}")
async def service(request: Request, service_id: ServiceId, network: NetworkDep, now: NowDep) -> HTMLResponse:
    """What a directory tells of a service: what, where, for whom, under which rules, with which places."""
    found = (await network.read(directory_view.service, service_id, on=now.date())).for_others()
    return page(
        request,
        "service.html",
        now=now,
        found=found,
        service=found.service,
        today=now.date(),
        is_stale=found.places_are_unknown(at=now),
        areas=_by_what_they_lie_in(found.areas),
        addresses=[(_named(x, found.place_names), _address(x)) for x in found.locations],
        required=[f for f in found.sop.fields if f.required] if found.sop else [],
        optional=[f for f in found.sop.fields if not f.required] if found.sop else [],
    )


def _by_what_they_lie_in(areas: tuple[Covered, ...] | None) -> list[tuple[str | None, list[str]]]:
    grouped: dict[str | None, list[str]] = {}
    for area in areas or ():
        grouped.setdefault(area.within, []).append(area.name)
    return list(grouped.items())


def _named(location: Location, names: Any) -> str:
    return location.name or names.get(location.area or "") or ""


def _address(location: Location) -> str:
    """The postal address as HSDS carries it."""
    for address in location.carried.get("addresses") or ():
        if isinstance(address, dict):
            lines = (address.get(name) for name in ("address_1", "address_2", "city", "region", "state_province"))
            return ", ".join(dict.fromkeys(line for line in lines if isinstance(line, str) and line))
    return ""
