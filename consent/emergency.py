"""The one door without consent: life is in danger, and a registered professional who is not the sender says so. (R-22)

No flag, no override, no other door: `permit_without_consent` answers with a permit, or with every reason why not.
That the person is told, the register and the review are the action's duties, not decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from consent.capacity import can_decide, who_decides
from consent.decision import Permit, Request, refused_by, standing
from graph.model.actor import Credential, CredentialKind
from graph.model.base import Id
from graph.model.consent import Attestation, Consent, Ground
from graph.model.disclosure import Basis
from graph.model.refusal import Denied, Reason, Refusal

VALID_FOR: Final = timedelta(hours=72)
"""How long an attestation opens the door, from the assessment on."""

MENTAL_HEALTH: Final[frozenset[CredentialKind]] = frozenset({"mental-health"})
ASSESSORS: Final[Mapping[Ground, frozenset[CredentialKind]]] = {
    Ground.SUICIDE_RISK: MENTAL_HEALTH,
    Ground.MENTAL_DISABILITY: MENTAL_HEALTH,
    Ground.OTHER_DANGER_TO_LIFE: frozenset({"mental-health", "health", "protection"}),
}
"""Who may assess which ground. The first two belong to mental-health professionals alone. (R-22)"""


def permit_without_consent(
    request: Request,
    attestation: Attestation | None,
    credential: Credential | None,
    *,
    sender_id: Id,
    at: datetime,
    consents: Iterable[Consent],
) -> Permit | Refusal:
    """First-contact fields marked for emergencies, for 72 hours, on a professional's word. (R-22)

    `consents` are those of the case: a refusal by somebody who can decide stands against the ground that leaves them
    able to decide, *other danger to life*. The other two grounds say that they cannot.
    """
    reasons = standing(request, at=at)
    if request.stage != "first-contact":
        reasons.append(Denied(reason=Reason.EMERGENCY_FIRST_CONTACT_ONLY))
    if attestation is None:
        return Refusal.of([*reasons, Denied(reason=Reason.ATTESTATION_MISSING)])
    reasons += _flaws_of_attestation(attestation, request, sender_id=sender_id, at=at)
    reasons += _flaws_of_credential(credential, attestation, at=at)
    if attestation.ground is Ground.OTHER_DANGER_TO_LIFE and can_decide(request.case, at=at):
        decider = who_decides(request.case, purpose=request.purpose, countries=request.everywhere, at=at)
        reasons += refused_by(consents, request, decider, at=at)
    fields = (request.required | request.optional) & request.emergency
    if not fields:
        reasons.append(Denied(reason=Reason.EMERGENCY_NO_FIELDS))
    if reasons:
        return Refusal.of(reasons)
    return Permit(
        case_id=request.case.id,
        organization_id=request.organization_id,
        purpose=request.purpose,
        stage=request.stage,
        fields=fields,
        basis=Basis(kind="life-in-danger", attestation_id=attestation.id, ground=attestation.ground),
        decided_at=at,
        until=attestation.assessed_at + VALID_FOR,
    )


def _flaws_of_attestation(
    attestation: Attestation, request: Request, *, sender_id: Id, at: datetime
) -> Iterable[Denied]:
    """For this case and recipient, of these three days, not by the sender, and nobody else to ask."""
    if attestation.case_id != request.case.id:
        yield Denied(reason=Reason.ATTESTATION_OTHER_CASE)
    if attestation.organization_id != request.organization_id:
        yield Denied(reason=Reason.ATTESTATION_OTHER_RECIPIENT)
    if attestation.assessed_at > at:
        yield Denied(reason=Reason.ATTESTATION_NOT_YET)
    if at >= attestation.assessed_at + VALID_FOR:
        yield Denied(reason=Reason.ATTESTATION_EXPIRED)
    if attestation.assessor_id == sender_id:
        yield Denied(reason=Reason.ATTESTED_BY_SENDER)
    if attestation.representative_reachable:
        yield Denied(reason=Reason.REPRESENTATIVE_REACHABLE)
    if attestation.requested_by == "relative" and attestation.relation is None:
        yield Denied(reason=Reason.RELATIVE_NOT_STATED)


def _flaws_of_credential(credential: Credential | None, attestation: Attestation, *, at: datetime) -> Iterable[Denied]:
    """The assessor's own, of the right kind, issued by two others, in force when assessed and still now. (R-22, R-25)"""
    if credential is None:
        yield Denied(reason=Reason.CREDENTIAL_MISSING)
        return
    if credential.id != attestation.credential_id or credential.actor_id != attestation.assessor_id:
        yield Denied(reason=Reason.CREDENTIAL_OF_ANOTHER)
    if credential.kind not in ASSESSORS[attestation.ground]:
        yield Denied(reason=Reason.CREDENTIAL_WRONG_KIND, places={"ground": attestation.ground.value})
    if not (credential.holds(at=attestation.assessed_at) and credential.holds(at=at)):
        yield Denied(reason=Reason.CREDENTIAL_NOT_IN_FORCE)
    if len(set(credential.issued_by)) < 2 or credential.actor_id in credential.issued_by:
        yield Denied(reason=Reason.CREDENTIAL_BADLY_ISSUED)
