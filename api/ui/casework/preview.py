"""Before anything leaves: exactly what would, to whom, for what and until when; or every reason why not. (R-10, R-11, R-22)"""

from __future__ import annotations

from typing import Any, Final, Literal

from fastapi import APIRouter
from fastapi.responses import Response

from api.actions import exceptions, referral_page, referrals, waiting
from api.actions.exceptions import Plea
from api.actions.referral_page import Followed, Professional
from api.dependencies import GazetteerDep
from api.gazetteer import Gazetteer
from api.identity import CaseManagerDep
from api.refusals import why
from api.texts import text
from api.ui.casework.of_case import PartId
from api.ui.change import Change, PageChangeDep, Visit, VisitDep
from api.ui.forms import read, typed
from api.ui.recorded import in_words
from api.ui.render import onward, own
from graph.model.base import Code, Id, Language, Model
from graph.model.referral import Status
from graph.model.refusal import Reason, Refusal
from graph.seed.catalogue import fields
from graph.seed.purposes import purposes

router = APIRouter()

LISTABLE: Final = frozenset({Reason.WAITING_LIST_ONLY.value, Reason.PLACES_FULL_LIST.value})
"""Want of places where a list is kept: the person may say that they would wait."""

RELATIVES: Final = ("parent", "partner", "child", "sibling", "other-relative")


@router.get("/referrals/{referral_id}/preview")
async def preview(referral_id: PartId, visit: VisitDep, gazetteer: GazetteerDep, actor: CaseManagerDep) -> Response:
    """Computed as the send computes it. That somebody looked is written down, and the person can read that."""
    found = await visit.network.read(referral_page.read, referral_id, actor=actor, at=visit.now)
    if found.view.status is not Status.DRAFT:
        return onward(f"/referrals/{referral_id}")
    if found.together_id is not None:
        return onward(f"/referrals/together/{found.together_id}")
    packet = await visit.network.write(referrals.preview, referral_id, **visit.held)
    if isinstance(packet, Refusal):
        return await _page(visit, found, gazetteer, reasons=why(packet, visit.language))
    return await _page(visit, found, gazetteer, packet=packet)


@router.post("/referrals/{referral_id}/send")
async def send(referral_id: PartId, change: PageChangeDep, gazetteer: GazetteerDep, actor: CaseManagerDep) -> Response:
    """Judged and frozen anew: what the page showed is what leaves, or nothing does."""
    outcome = await change.make(referrals.send, referral_id)
    return await _after(change, referral_id, outcome, gazetteer, leads_to=f"/referrals/{referral_id}?done=sent")


@router.post("/referrals/{referral_id}/waiting-list")
async def wait(referral_id: PartId, change: PageChangeDep, gazetteer: GazetteerDep, actor: CaseManagerDep) -> Response:
    """The person would rather wait: the draft may go as a request for the waiting list, and is looked at anew. (R-06)"""
    outcome = await change.make(waiting.accept, referral_id)
    return await _after(change, referral_id, outcome, gazetteer, leads_to=f"/referrals/{referral_id}/preview")


async def _after(change: Change, referral_id: str, outcome: object, gazetteer: Gazetteer, *, leads_to: str) -> Response:
    """Onward when it is done; the same page with every reason when it was refused."""
    if not isinstance(outcome, Refusal):
        return onward(leads_to)
    found = await change.network.read(referral_page.read, referral_id, actor=change.actor, at=change.now)
    return await _page(change, found, gazetteer, status=409, reasons=why(outcome, change.language))


class Pleading(Model):
    """Whom to ask, and on whose wish."""

    assessor: Id
    requested_by: Literal["organisation", "relative"]
    relation: Code | None = None


@router.post("/referrals/{referral_id}/exception")
async def plead(referral_id: PartId, change: PageChangeDep, gazetteer: GazetteerDep, actor: CaseManagerDep) -> Response:
    """Ask a named professional whether life is in danger. It sends nothing and opens nothing by itself. (R-22)"""
    said = read(change.form, Pleading, change.language)
    faults, reasons = ({}, []) if isinstance(said, Pleading) else (said, [])
    if isinstance(said, Pleading):
        plea = Plea(assessor_id=said.assessor, requested_by=said.requested_by, relation=said.relation)
        outcome = await change.make(exceptions.request, referral_id, plea)
        if not isinstance(outcome, Refusal):
            return onward(f"/referrals/{referral_id}?done=pleaded")
        reasons = why(outcome, change.language)
    found = await change.network.read(referral_page.read, referral_id, actor=actor, at=change.now)
    told: dict[str, Any] = {"reasons": reasons, "faults": faults, "said": dict(typed(change.form))}
    return await _page(change, found, gazetteer, status=409 if reasons else 422, **told)


async def _page(
    visit: Visit,
    found: Followed,
    gazetteer: Gazetteer,
    *,
    packet: Any = None,
    reasons: Any = (),
    status: int = 200,
    faults: dict[str, str] | None = None,
    said: dict[str, str] | None = None,
) -> Response:
    language = visit.language
    asked: tuple[Professional, ...] = ()
    if reasons or faults:
        asked = await visit.network.read(referral_page.professionals, found.view.id, actor=visit.actor, at=visit.now)
    return visit.page(
        "casework/preview.html",
        status=status,
        view=found.view,
        base=f"/cases/{found.view.case_id}/needs/{found.view.need_id}",
        packet=packet,
        rows=rows_of(packet.payload, language, gazetteer) if packet else [],
        withheld=[fields()[code].label(language) for code in (packet.withheld or ()) if code in fields()]
        if packet
        else [],
        reasons=reasons,
        may_wait=bool({one["code"] for one in reasons} & LISTABLE),
        plea=found.pleas[0] if found.pleas else None,
        faults=faults or {},
        said=said or {},
        professionals=[
            (
                one.actor_id,
                text(
                    "follow.professional",
                    language,
                    kind=", ".join(text(f"follow.credential.{kind}", language) for kind in one.kinds),
                    organization=own(language, one.organization, "name") if one.organization else "",
                    id=one.actor_id[:8],
                ),
            )
            for one in asked
        ],
        relatives=[(code, text(f"follow.relative.{code}", language)) for code in RELATIVES],
        **names_of(found, language),
    )


def rows_of(payload: Any, language: Language, gazetteer: Gazetteer) -> list[tuple[str, str]]:
    """Every field that would leave, with its value, in words."""
    known = fields()
    return [(known[c].label(language), in_words(known[c], value, language, gazetteer)) for c, value in payload.items()]


def names_of(found: Followed, language: Language) -> dict[str, Any]:
    """The names of a referral, in the reader's language."""
    view = found.view
    names = {id: own(language, one, "name") for id, one in found.organizations.items()}
    offered = {id: own(language, one, "name") for id, one in found.services.items()}
    return {
        "recipient": names.get(view.responder_id, view.responder_id),
        "sender": names.get(view.requester_id, view.requester_id),
        "service": offered.get(view.service_id, view.service_id),
        "proposed": offered.get(view.proposed_service_id or "", view.proposed_service_id),
        "purpose": purposes()[view.purpose].label(language),
    }
