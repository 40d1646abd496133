"""Who reads a page, known before its route begins, so that its head offers their own ways. (R-25)

It opens nothing: what a route shows is decided by its action. Where the network is out, nobody is known.
"""

from __future__ import annotations

from fastapi import Depends, Request
from fastapi.params import Depends as Dependency

from api import identity
from api.problems import Unavailable
from graph.model.actor import Actor


async def notice(request: Request) -> None:
    """Remember who reads for `api.ui.render`."""
    try:
        whoever = await identity.whoever(request)
    except Unavailable:
        return
    request.state.reader = whoever if isinstance(whoever, Actor) else None


KNOWN: Dependency = Depends(notice)
