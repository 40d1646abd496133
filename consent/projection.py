"""What of a frozen copy is shown, and to whom: the one function that feeds every channel. (R-10, R-20, R-25)

A page, a document, a letter and a preview show what `project` answers and nothing beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from graph.model.base import Code, Id
from graph.model.disclosure import Disclosure
from graph.model.stock import Place


class Reader(StrEnum):
    """For whom a copy is shown."""

    SENDER = "sender"
    RECEIVER = "receiver"


@dataclass(frozen=True, slots=True)
class Packet:
    """A copy as its reader sees it."""

    disclosure_id: Id
    referral_id: Id
    organization_id: Id
    purpose: Code
    stage: Code
    basis: Code
    sop_id: Id
    sop_version: int
    sent_at: datetime
    readable_until: datetime
    payload: Mapping[Code, Any]
    withheld: tuple[Code, ...] | None
    """What the person did not allow, for the sender; None for the receiver, who never learns that there was more."""
    place: Place | None = None
    """Whether a send would hold a place, for the sender before it. (R-06)"""
    overlaps: tuple[Id, ...] | None = None
    """Referrals of the same case that are open already for such help, for the sender before a send."""


def project(disclosure: Disclosure, *, to: Reader, visible: Collection[Code], place: Place | None = None) -> Packet:
    """The fields of the copy that its reader may see at this instant, and never one that did not leave. (R-10)

    `visible` can only take away: fields of the catalogue that this reader may ever see, and are permitted still.
    """
    able = frozenset(visible)
    return Packet(
        disclosure_id=disclosure.id,
        referral_id=disclosure.referral_id,
        organization_id=disclosure.organization_id,
        purpose=disclosure.purpose,
        stage=disclosure.stage,
        basis=disclosure.basis.kind,
        sop_id=disclosure.sop_id,
        sop_version=disclosure.sop_version,
        sent_at=disclosure.sent_at,
        readable_until=disclosure.readable_until,
        payload={code: value for code, value in disclosure.payload.items() if code in able},
        withheld=disclosure.withheld if to is Reader.SENDER else None,
        place=place,
    )
