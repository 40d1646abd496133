"""Where the link of a mail leads: to signing in, and then to what is awaited. (R-12, R-21)

The address says nothing. Without signing in the page is the same whichever link was followed; whoever may not see the
referral finds nothing there.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from api import conventions
from api.actions import outbox, referral_view
from api.actions.referral_view import ReferralView
from api.dependencies import LanguageDep, NetworkDep, NowDep
from api.identity import WhoeverDep
from api.texts import text
from api.ui.render import FRESH, country_of, page
from api.ui.way_back import sign_in_first
from graph.model.actor import Actor, Role
from graph.model.referral import Side

router = APIRouter()


def _page_of(found: ReferralView, reader: Actor) -> str:
    """The page on which somebody of either side goes on; the person reads it on their own."""
    if Role.PERSON in reader.roles:
        return "/mine"
    return f"/referrals/{found.id}" if Side.REQUESTER in found.sides else f"/received/{found.id}"


@router.get("/r/{message_id}", name="letter-page")
async def letter(
    request: Request,
    message_id: Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")],
    network: NetworkDep,
    now: NowDep,
    language: LanguageDep,
    caller: WhoeverDep,
) -> Response:
    """For either side of the referral that the mail was about: where it stands, and which answers are awaited by when."""
    if not isinstance(caller, Actor):
        return sign_in_first(f"/r/{message_id}")
    referral_id, listed = await network.read(outbox.subject, message_id, actor=caller)
    if referral_id is None:
        return page(request, "letter.html", now=now, headers=FRESH, listed=listed, found=None, state="", awaited=[])
    found = await network.read(referral_view.view, referral_id, actor=caller, at=now)
    locale = conventions.locale_of(language, country_of(request))
    awaited = [
        text(
            "clocks.link.late" if one.is_late else "clocks.link.due",
            language,
            what=text(f"clocks.awaited.{one.clock.value}", language),
            at=conventions.moment(one.due_at, locale),
        )
        for one in found.clocks
    ]
    return page(
        request,
        "letter.html",
        now=now,
        headers=FRESH,
        listed=None,
        found=found,
        leads_to=_page_of(found, caller),
        state=text(f"clocks.state.{found.status.value}", language),
        awaited=awaited,
    )
