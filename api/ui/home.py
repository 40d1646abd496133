"""The front door: what waits for whoever signed in, and doors for everybody else; and the page that explains every problem."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.actions import overview, today
from api.actions.outlook import DueItem
from api.actions.today import Today
from api.dependencies import LanguageDep, NetworkDep, NowDep, secrets_of
from api.identity import WhoeverDep
from api.problems import STATUS
from api.texts import text
from api.ui.render import FRESH, onward, page
from graph.model.actor import Actor, Role
from graph.model.base import Language
from graph.model.clock import Due
from graph.model.referral import Side

router = APIRouter()

CLOCKS: Final = frozenset(due.value for due in Due)
MOST: Final = 8
"""Lines of each group; the rest is where the group's link leads."""

LEADS_TO: Final = {
    "enquiries": "/enquiries",
    "arrivals": "/queue",
    "own-entry": "/entry",
    "to-verify": "/committee/to-verify",
    "proposals": "/entry/proposals",
    "messages": "/committee/messages",
    "exceptions": "/officer/exceptions",
    "attest": "/attest",
    "credentials": "/accounts#credentials",
    "unclaimed": "/accounts",
}
"""Where what is only counted is dealt with; what waits in cases, among the cases."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is due, in words."""

    what: str
    about: str
    address: str
    due_at: datetime | None
    is_late: bool


@router.get("/")
async def home(
    request: Request, network: NetworkDep, now: NowDep, language: LanguageDep, actor: WhoeverDep
) -> Response:
    """Today, for whoever signed in; for the person their own page; else what Enlace is, and a door for each who comes."""
    if not isinstance(actor, Actor):
        can_enter = request.app.state.secrets is not None
        return page(request, "home.html", now=now, found=await network.read(overview.read), can_enter=can_enter)
    if actor.roles == {Role.PERSON}:
        return onward("/mine")
    found = await network.read(today.read, actor=actor, at=now, secrets=secrets_of(request))
    due = _nearest(found.due)
    late = [_line(item, found, language) for item in due if item.is_late]
    mine = [_line(item, found, language) for item in due if item.waits_for_me and not item.is_late]
    others = [_line(item, found, language) for item in due if not item.waits_for_me and not item.is_late]
    return page(
        request,
        "today.html",
        now=now,
        headers=FRESH,
        found=found,
        groups=[("late", late), ("mine", mine), ("others", others)],
        most=MOST,
        more="/queue" if Role.PROVIDER in actor.roles else "/cases",
        leads_to=lambda what: leads_to(what, actor),
        stale=[own for own in found.places if own.is_stale],
        nothing=not (found.due or found.counted or any(own.is_stale for own in found.places)),
        first=next((role.value for role in Role if role in actor.roles), ""),
    )


def leads_to(what: str, actor: Actor) -> str:
    """The page on which what was counted is dealt with."""
    if what == "complaints":
        return "/committee/complaints" if Role.COMMITTEE in actor.roles else "/officer/complaints"
    return LEADS_TO.get(what, "/cases")


def _nearest(due: Iterable[DueItem]) -> list[DueItem]:
    """Of the answers that one referral owes only the next: the list is a day's, the referral's own page has them all."""
    seen: set[tuple[str, Side]] = set()
    kept = []
    for item in due:
        if item.referral_id is not None and item.what in CLOCKS:
            if (item.referral_id, item.side) in seen:
                continue
            seen.add((item.referral_id, item.side))
        kept.append(item)
    return kept


def _line(item: DueItem, found: Today, language: Language) -> Line:
    mine = "mine" if item.waits_for_me else "others"
    service = found.services.get(item.service_id or "")
    about = "" if service is None else service.translations.get(language, {}).get("name") or service.name
    number = (item.referral_id or "")[:6].upper()
    return Line(
        what=text(f"today.{mine}.{item.what}", language),
        about=" · ".join(str(part) for part in (about, number) if part),
        address=_address(item),
        due_at=item.due_at,
        is_late=item.is_late,
    )


def _address(item: DueItem) -> str:
    if item.referral_id is None:
        return "/queue"
    return f"/received/{item.referral_id}" if item.side is Side.RESPONDER else f"/referrals/{item.referral_id}"


@router.get("/problems")
async def problems(request: Request, now: NowDep) -> Response:
    """Every problem by its code: what it means and what to do. `type` of a problem document points here."""
    return page(request, "problems.html", now=now, problems=[(code, status.value) for code, status in STATUS.items()])
