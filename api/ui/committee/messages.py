"""Mails to organisations: which left, which wait, which could not go and why. (R-12)"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.actions import outbox, watching
from api.dependencies import LanguageDep, NetworkDep, NowDep
from api.identity import MessageReaderDep
from api.ui.oversight import shown
from api.ui.render import FRESH, page

router = APIRouter()

PER_PAGE: Final = 50


@router.get("/committee/messages")
async def listed(
    request: Request,
    network: NetworkDep,
    now: NowDep,
    language: LanguageDep,
    actor: MessageReaderDep,
    after: Annotated[str | None, Query(max_length=120)] = None,
) -> Response:
    """The newest first; an organisation that states no address is a gap of the directory and marked."""
    found = await network.read(outbox.read, actor=actor, after=after, limit=PER_PAGE)
    following = f"/committee/messages?after={found[-1].id}" if len(found) == PER_PAGE else None
    told = shown(await network.read(watching.named, {one.organization_id for one in found}), language)
    told |= {"found": found, "following": following, "missing": sum(one.failed_because is not None for one in found)}
    return page(request, "committee/messages.html", now=now, headers=FRESH, **told)
