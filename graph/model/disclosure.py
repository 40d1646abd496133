"""A disclosure: the exact copy that left, for whom, on which basis. Only `consent.minimisation` makes one. (R-10)

Receivers read disclosures, never cases. The payload is encrypted under the person's key before it is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from graph.model.base import Code, Id, Model
from graph.model.consent import Ground, Stage


class Basis(Model):
    """On what the copy was allowed to leave."""

    kind: Literal["consent", "life-in-danger"]
    consent_ids: tuple[Id, ...] = ()
    attestation_id: Id | None = None
    ground: Ground | None = None


class Disclosure(Model):
    """What one recipient received: field codes and their values, frozen at the instant of sending."""

    id: Id
    referral_id: Id
    case_id: Id
    organization_id: Id
    purpose: Code
    stage: Stage
    basis: Basis
    sop_id: Id
    sop_version: int
    payload: Mapping[Code, Any]
    withheld: tuple[Code, ...] = ()
    """Optional fields the person did not allow: their names, for the sender only."""
    sent_at: datetime
    readable_until: datetime
