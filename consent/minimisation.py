"""What leaves: asked for by the SOP at this stage ∩ permitted ∩ present, and nothing else. (R-10, R-20)

The only maker of a `Disclosure`, for the send and for its preview alike. A caller never supplies a payload: it hands
over the record, and gets back what of it may go. Whether it may at all is decided before (`consent.decision`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from consent.decision import Permit, asked_by
from graph.model.base import Code, Id
from graph.model.case import Record
from graph.model.consent import Stage
from graph.model.disclosure import Disclosure
from graph.model.referral import Referral, Status
from graph.model.refusal import Denied, Reason, Refusal
from graph.model.sop import Sop


def disclose(
    record: Record,
    sop: Sop,
    permit: Permit,
    *,
    referral: Referral,
    stage: Stage,
    id: Id,
    at: datetime,
    sendable: Collection[Code],
) -> Disclosure | Refusal:
    """The exact copy for one recipient, or why there can be none. (R-10)

    `sendable` are the fields of the catalogue that may ever leave. Preview and send differ only in what is done with
    the answer.
    """
    reasons = [*_not_its_permit(permit, referral, stage, at), *_not_its_sop(sop, referral, at)]
    asked = asked_by(sop, stage)
    everything = asked.required | asked.optional
    present = {code: value for code in everything if _is_recorded(value := record.get(code))}
    if permit.basis.kind == "life-in-danger":
        # whoever saves a life sends what there is: only what is marked, and nothing missing stops it
        leaving = permit.fields & asked.emergency & present.keys() & frozenset(sendable)
    else:
        leaving = everything & permit.fields & present.keys() & frozenset(sendable)
        reasons += _lacking(asked.required, permit, present, sendable)
    if not leaving and not reasons:
        reasons.append(Denied(reason=Reason.NOTHING_TO_SEND))
    if reasons or sop.version is None:
        return Refusal.of(reasons)
    order = dict.fromkeys(f.field for f in sop.fields if f.stage == stage)
    return Disclosure(
        id=id,
        referral_id=referral.id,
        case_id=permit.case_id,
        organization_id=permit.organization_id,
        purpose=permit.purpose,
        stage=stage,
        basis=permit.basis,
        sop_id=sop.id,
        sop_version=sop.version,
        payload={code: present[code] for code in order if code in leaving},
        withheld=tuple(code for code in order if code not in permit.fields),
        sent_at=at,
        readable_until=permit.until,
    )


def _not_its_permit(permit: Permit, referral: Referral, stage: Stage, at: datetime) -> list[Denied]:
    """A permit serves the referral, the stage and the instant it was decided for: none is kept for later."""
    reasons = []
    mine = (permit.case_id, permit.organization_id, permit.purpose, permit.stage)
    if mine != (referral.case_id, referral.responder_id, referral.purpose, stage):
        reasons.append(Denied(reason=Reason.PERMIT_OF_ANOTHER))
    if permit.decided_at != at or at >= permit.until:
        reasons.append(Denied(reason=Reason.PERMIT_OUT_OF_TIME))
    return reasons


def _not_its_sop(sop: Sop, referral: Referral, at: datetime) -> list[Denied]:
    """The SOP of the service, in force; a referral already sent keeps the version it was sent under. (R-03, R-10)"""
    reasons = []
    kept = referral.sop_id is not None and referral.status is not Status.DRAFT
    if sop.service_id != referral.service_id or (kept and sop.id != referral.sop_id):
        reasons.append(Denied(reason=Reason.SOP_OF_ANOTHER))
    if not kept and not sop.is_in_force(on=at.date()):
        reasons.append(Denied(reason=Reason.SOP_NOT_IN_FORCE))
    if sop.version is None:
        reasons.append(Denied(reason=Reason.SOP_WITHOUT_VERSION))
    return reasons


def _lacking(
    required: frozenset[Code], permit: Permit, present: Mapping[Code, Any], sendable: Collection[Code]
) -> list[Denied]:
    """Required, but never to leave, not permitted, or not recorded: each named. (R-10, R-11)"""
    able = frozenset(sendable)
    return [
        Denied(reason=reason, places={"fields": tuple(sorted(fields))})
        for reason, fields in (
            (Reason.SOP_ASKS_UNSENDABLE, required - able),
            (Reason.REQUIRED_NOT_PERMITTED, (required & able) - permit.fields),
            (Reason.REQUIRED_NOT_RECORDED, (required & able & permit.fields) - present.keys()),
        )
        if fields
    ]


def _is_recorded(value: Any) -> bool:
    """False and 0 are answers; nothing, and empty text or list, are none."""
    return value is not None and value not in ("", [], (), {})
