"""Who reads a page and where they work, known before its route begins: its head offers their own ways, its numbers are
written as they are used to. (R-25)

It opens nothing: what a route shows is decided by its action. Where the network is out, nobody is known.
"""

from __future__ import annotations

import asyncio

from fastapi import Depends, Request
from fastapi.params import Depends as Dependency

from api import identity
from api.actions import division
from api.dependencies import REMEMBERED, network_of
from api.problems import Unavailable
from graph.model.actor import Actor


async def notice(request: Request) -> None:
    """Remember who reads for `api.ui.render`."""
    try:
        whoever = await identity.whoever(request)
    except Unavailable:
        return
    request.state.reader = whoever if isinstance(whoever, Actor) else None
    if isinstance(whoever, Actor) and whoever.organization_id is not None:
        request.state.country = await _country(request, whoever.organization_id)


async def _country(request: Request, organization_id: str) -> str | None:
    """Where an organisation works, read anew once a minute at most."""
    clock = asyncio.get_running_loop().time()
    state = request.app.state
    if not hasattr(state, "countries"):
        state.countries = {}
    known: dict[str, tuple[float, str | None]] = state.countries
    held = known.get(organization_id)
    if held is None or clock - held[0] >= REMEMBERED:
        found = await network_of(request).read(division.country_of, organization_id)
        held = known[organization_id] = (clock, found)
    return held[1]


KNOWN: Dependency = Depends(notice)
