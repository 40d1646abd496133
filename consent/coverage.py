"""Whether consents that are there would let what a SOP requires leave: what a drafted rule would mean for people. (R-10, R-11)

Asked of the same `decide` that every send asks. Nothing is sent here, and nobody is named.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from consent.decision import Asked, Permit, Request, asked_by, decide
from consent.small_numbers import Shown, part_shown
from graph.model.base import Code
from graph.model.case import Case
from graph.model.consent import Consent, Stage
from graph.model.refusal import Reason
from graph.model.sop import Sop

NOTHING: Final = Asked(frozenset(), frozenset(), frozenset())
FOR_WANT_OF_FIELDS: Final = frozenset({Reason.REQUIRED_NOT_PERMITTED, Reason.REQUIRED_AT_OTHER_STAGE})


def asked_of(sop: Sop | None, stage: Stage) -> Asked:
    """What a SOP asks for at a stage; without one, nothing."""
    return NOTHING if sop is None else asked_by(sop, stage)


def covered(
    case: Case,
    consents: Iterable[Consent],
    sop: Sop | None,
    *,
    organization_id: str,
    purpose: Code,
    stage: Stage,
    countries: frozenset[Code],
    at: datetime,
) -> bool | None:
    """Whether what is required may leave. None: it may not for another reason than the fields, or nobody said yes."""
    asked = asked_of(sop, stage)
    request = Request(
        case=case,
        organization_id=organization_id,
        purpose=purpose,
        stage=stage,
        countries=countries if case.home not in countries else frozenset({case.home}),
        required=asked.required,
        optional=asked.optional,
    )
    verdict = decide(request, tuple(consents), at=at)
    if isinstance(verdict, Permit):
        return True
    return False if set(verdict.codes) <= FOR_WANT_OF_FIELDS else None


def told(part: int, whole: int, k: int) -> Shown:
    """A part of a count of people, rounded down to a multiple of k: whoever reads it can ask again with another draft.

    Two drafts that differ in one field would else tell by subtraction how few people that field is about.
    """
    found = part_shown(part, whole, k)
    if found.number is None or found.number == 0:
        return found
    return Shown(found.number // k * k, at_least=True)
