"""A household is referred together: who comes and to whom, what would leave of each, and all of it or nothing. (R-11, R-20, R-24)"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from api.actions import case_suggestions, household_desk, together, waiting
from api.actions.case_change import new_id
from api.actions.household_desk import HouseholdDesk
from api.actions.suggestions import Answer
from api.actions.together import DraftTogether, Member, Seen
from api.dependencies import GazetteerDep
from api.gazetteer import Gazetteer
from api.identity import CASE_MANAGER
from api.refusals import why
from api.texts import text
from api.ui.casework.need import base_of, in_words
from api.ui.casework.of_case import CaseId, Done, PartId
from api.ui.casework.parts import NOTHING, Shown, again
from api.ui.casework.preview import rows_of
from api.ui.change import PageChangeDep, Visit, VisitDep
from api.ui.render import onward
from api.ui.render import own as named
from graph.model.base import Language
from graph.model.referral import Status
from graph.model.refusal import Reason, Refusal
from graph.seed.catalogue import fields
from graph.seed.purposes import purposes
from graph.seed.vocabulary import label, terms

router = APIRouter(dependencies=[Depends(CASE_MANAGER)])

OFFERED: Final = 20
"""Suggestions that can be chosen for everybody."""
DONE: Final = frozenset({"drafted", "sent", "listed"})
ASKABLE: Final = frozenset({Reason.WAITING_LIST_ONLY, Reason.PLACES_FULL_LIST, Reason.PLACES_TOO_FEW})
"""Want of places for which a waiting list may be the answer."""


@router.get("/cases/{case_id}/together")
async def begin(case_id: CaseId, visit: VisitDep, need: Annotated[str, Query(max_length=160)] = "") -> Response:
    """For which need of this person, and which service; the others of the household with a need of their own."""
    return await _form(visit, case_id, need, NOTHING)


@router.post("/cases/{case_id}/together")
async def draft(case_id: CaseId, change: PageChangeDep) -> Response:
    """A draft for each who comes, or none. Who may be named is who stands on the page: nothing else that is sent is read."""
    home: HouseholdDesk = await change.network.read(household_desk.read, case_id, actor=change.actor, at=change.now)
    need = change.text("need", most=160)
    service, because = change.text("service", most=120), change.text("because", most=60)
    needs = {case_id: need} | {m.case_id: change.text(f"need-{m.case_id}", most=160) for m in home.members[1:]}
    coming = {id: wanted for id, wanted in needs.items() if wanted}
    theirs = {m.case_id: {n.id for n in m.needs} for m in home.members}
    faults = {}
    if not service:
        faults["service"] = text("together.fault.service", change.language)
    if len(coming) < 2 or any(wanted not in theirs[id] for id, wanted in coming.items()):
        faults["members"] = text("together.fault.members", change.language)
    if because and because not in terms("choice-reasons"):
        faults["because"] = text("casework.fault.choose", change.language)
    if faults:
        return await _form(change, case_id, need, again(change.form, faults=faults))
    wish = DraftTogether(
        service_id=service,
        needs=coming,
        chosen_because=because or None,
        waiting=change.text("waiting") == "yes",
        ids={id: new_id() for id in coming},
    )
    outcome = await change.make(together.draft, wish)
    if isinstance(outcome, Refusal):
        return await _form(change, case_id, need, again(change.form, reasons=why(outcome, change.language)))
    return onward(f"/referrals/together/{outcome.together_id}?done=drafted")


async def _form(visit: Visit, case_id: str, need: str, shown: Shown) -> Response:
    home: HouseholdDesk = await visit.network.read(household_desk.read, case_id, actor=visit.actor, at=visit.now)
    own = home.members[0].needs
    wanted = need if need in {one.id for one in own} else (own[0].id if own else "")
    offered: list[tuple[str, str]] = []
    out: list[tuple[str, str]] = []
    kind = ""
    if wanted:
        found: Answer | Refusal = await visit.network.read(case_suggestions.suggest, case_id, wanted, **visit.held)
        kind = next(one.service_type for one in own if one.id == wanted)
        if isinstance(found, Answer):
            said = in_words(found, visit.language, now=visit.now).answer
            offered, out = _named(said["suggested"]), _named(said["ruled_out"])
    return visit.page(
        "casework/together.html",
        status=shown.status,
        case_id=case_id,
        home=home,
        own=[(one.id, label("service-types", one.service_type, visit.language)) for one in own],
        wanted=wanted,
        kind=kind,
        offered=offered[:OFFERED],
        out=out[: OFFERED * 5],
        others=[_other(member.case_id, member.needs, kind, shown, visit.language) for member in home.members[1:]],
        because=[
            (code, label("choice-reasons", code, visit.language))
            for code in terms("choice-reasons")
            if code != "redirected"
        ],
        again=shown,
    )


def _named(found: Any) -> list[tuple[str, str]]:
    return [(one["service"]["id"], f"{one['service']['name']} · {one['organization']['name']}") for one in found]


def _other(
    case_id: str, needs: Any, kind: str, shown: Shown, language: Language
) -> tuple[str, list[tuple[str, str]], str]:
    """One of the others: their case, what they agreed to, and what is chosen for them: the same kind of help, if any."""
    same = next((one.id for one in needs if one.service_type == kind), "")
    chosen = shown.said.get(f"need-{case_id}", same)
    return case_id, [(one.id, label("service-types", one.service_type, language)) for one in needs], chosen


@router.get("/referrals/together/{together_id}")
async def look(together_id: PartId, visit: VisitDep, gazetteer: GazetteerDep, done: Done = "") -> Response:
    """What would leave of each, computed as the send computes it; that somebody looked stands in each one's own log."""
    found: Seen = await visit.network.write(together.preview, together_id, **visit.held)
    members = [_shown(member, found, visit.language, gazetteer) for member in found.members]
    drafts = [one for one in members if one.member.status is Status.DRAFT and one.member.is_family]
    ready = [one for one in drafts if not one.reasons]
    codes = {code for one in drafts if isinstance(one.member.packet, Refusal) for code in one.member.packet.codes}
    gone = [one for one in members if one.member.is_family and one.member.status is not Status.DRAFT]
    whole = len(ready) == len(drafts) and not gone
    return visit.page(
        "casework/going_together.html",
        found=found,
        members=members,
        done=done if done in DONE else "",
        drafts=len(drafts),
        ready=len(ready),
        can_send=bool(ready) and (whole or not found.stays_together),
        broken=bool(gone) and bool(drafts) and found.stays_together,
        may_wait=not found.waiting and bool(codes & ASKABLE),
        purpose=purposes()[found.purpose].label(visit.language),
        recipient=named(visit.language, found.organization, "name") if found.organization else found.service_id,
        service=named(visit.language, found.service, "name") if found.service else found.service_id,
    )


@router.post("/referrals/together/{together_id}/send")
async def send(together_id: PartId, change: PageChangeDep) -> Response:
    """Each judged anew: who stays together goes together or not at all. A no opens no envelope: it says its reasons alone."""
    await change.made(together.send, together_id)
    return onward(f"/referrals/together/{together_id}?done=sent")


@router.post("/referrals/together/{together_id}/waiting-list")
async def wait(together_id: PartId, change: PageChangeDep) -> Response:
    """All of them would wait: the drafts may go as a request for the waiting list."""
    await change.made(waiting.accept_together, together_id)
    return onward(f"/referrals/together/{together_id}?done=listed")


@dataclass(frozen=True, slots=True)
class Going:
    """One of those who go together, in words."""

    member: Member
    rows: list[tuple[str, str]]
    withheld: list[str]
    reasons: Any
    ask: str
    """Where the person is asked for what is missing."""


def _shown(member: Member, found: Seen, language: Language, gazetteer: Gazetteer) -> Going:
    packet = member.packet
    ask = f"{base_of(member.case_id, member.need_id)}/choose?service={found.service_id}"
    if packet is None or isinstance(packet, Refusal):
        return Going(member, [], [], why(packet, language) if packet else [], ask)
    withheld = [fields()[code].label(language) for code in packet.withheld or () if code in fields()]
    return Going(member, rows_of(packet.payload, language, gazetteer), withheld, [], ask)
