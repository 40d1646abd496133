"""The letter of a referral to print and hand over: a code instead of a name, and a sign that leads to signing in. (R-12, R-21)"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response
from markupsafe import Markup

from api.actions import printing
from api.identity import CaseManagerDep
from api.receipts import sign
from api.refusals import why
from api.ui.casework.consents import labels_of
from api.ui.casework.of_case import PartId
from api.ui.change import VisitDep
from api.ui.provider.words import short
from api.ui.render import own
from graph.model.refusal import Refusal
from graph.seed.purposes import purposes

router = APIRouter()


@router.get("/referrals/{referral_id}/letter")
async def letter(referral_id: PartId, visit: VisitDep, actor: CaseManagerDep) -> Response:
    """To show it is to give it out of hand: every showing is an entry that the person can read."""
    language = visit.language
    found = await visit.network.write(printing.letter, referral_id, **visit.held)
    if isinstance(found, Refusal):
        reasons = why(found, language)
        return visit.page("casework/letter.html", status=409, found=None, reasons=reasons, referral_id=referral_id)
    address = str(visit.request.url_for("referral-page", referral_id=referral_id))
    return visit.page(
        "casework/letter.html",
        found=found,
        reasons=[],
        referral_id=referral_id,
        number_of=short(referral_id),
        sender=own(language, found.sender, "name"),
        recipient=own(language, found.recipient, "name"),
        service=own(language, found.service, "name"),
        purpose=purposes()[found.referral.purpose].label(language),
        shared=[(stage, labels_of(codes, language)) for stage, codes in found.shared],
        sign=Markup(sign(address)),  # noqa: S704 - drawn by us from an address of ours
    )
