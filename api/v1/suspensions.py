"""Suspending an area, an organisation or a service, and lifting it: at once, by the committee, with a signed entry. (R-26)"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from api.actions import suspensions
from api.dependencies import NetworkDep, NowDep, SecretsDep
from api.identity import SuspenderDep
from api.problems import Problem
from api.query import Fault
from api.v1.changes import PERSONAL
from graph.seed.vocabulary import terms

router = APIRouter(prefix="/suspensions", tags=["suspensions"])

SuspensionId = Annotated[str, Path(min_length=1, max_length=120)]
KeyHeader = Annotated[
    str | None, Header(min_length=16, max_length=128, description="a random key of your own: a repeat is the same one")
]


class SuspensionIn(BaseModel):
    """What is suspended, why, and until when."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    subject: Literal["area", "organization", "service"]
    subject_id: str = Field(min_length=1, max_length=120, description="the code of an area, else an id")
    reason: str = Field(min_length=1, max_length=120, description="a code of the vocabulary `suspension-reasons`")
    until: date | None = Field(None, description="the last day; left out: until it is lifted")


class SuspendedOut(BaseModel):
    """The suspension, and what it took back. Referrals are counted, never named."""

    id: str
    entry: dict[str, Any] = Field(description="body, key_id and signature (Ed25519 over RFC 8785)")
    taken_back: int = Field(description="referrals that had been sent in the very same moment, and were cancelled")


class SuspensionOut(BaseModel):
    """A suspension that holds."""

    id: str
    subject: str
    subject_id: str
    reason: str
    since: date
    until: date | None


class LiftedOut(BaseModel):
    """The signed entry of the lifting."""

    entry: dict[str, Any]


@router.get("", response_model=list[SuspensionOut], summary="What is suspended")
async def standing(network: NetworkDep, actor: SuspenderDep, now: NowDep, response: Response) -> Any:
    """For the committee: what holds today or will hold later, with the id by which it is lifted."""
    response.headers.update(PERSONAL)
    found = await network.read(suspensions.standing, actor=actor, on=now.date())
    return [
        SuspensionOut(
            id=x.id, subject=x.subject, subject_id=x.subject_id, reason=x.reason, since=x.valid_from, until=x.valid_to
        )
        for x in found
    ]


@router.post("", response_model=SuspendedOut, status_code=201, summary="Suspend an area, an organisation or a service")
async def suspend(
    said: SuspensionIn,
    network: NetworkDep,
    actor: SuspenderDep,
    now: NowDep,
    secrets: SecretsDep,
    idempotency_key: KeyHeader = None,
) -> Any:
    """For the committee. When this is answered nothing is suggested, sent there or opened from there any more.

    An area stops all areas within it. What had left in the same moment without seeing the suspension is taken back.
    """
    if said.reason not in terms("suspension-reasons"):
        raise Problem("invalid-request", faults=[Fault(pointer="/reason", code="query.wrong-shape")])
    if said.until is not None and said.until < now.date():
        raise Problem("invalid-request", faults=[Fault(pointer="/until", code="query.wrong-shape")])
    key: dict[str, str] = {}
    id: str | None = None
    if idempotency_key is not None:
        hashed = hashlib.sha256(f"suspension|{actor.id}|{idempotency_key}".encode()).hexdigest()
        key = {"idempotency_key": hashed, "request_hash": hashlib.sha256(said.model_dump_json().encode()).hexdigest()}
        id = hashed[:32]
    about = {"subject": said.subject, "subject_id": said.subject_id, "reason": said.reason}
    suspension = suspensions.suspension_of(**about, at=now, until=said.until, id=id)
    done = await suspensions.stop(network, suspension, actor=actor, at=now, secrets=secrets, **key)
    return SuspendedOut(
        id=suspension.id,
        entry=done.entry.model_dump(mode="json", exclude_none=True),
        taken_back=len(done.taken_back),
    )


@router.post("/{suspension_id}/lifting", response_model=LiftedOut, summary="Lift a suspension")
async def lift(
    suspension_id: SuspensionId, network: NetworkDep, actor: SuspenderDep, now: NowDep, secrets: SecretsDep
) -> Any:
    """It holds no more from the next request on. What it cancelled stays cancelled; that it stood stays in the log."""
    written = await network.write(suspensions.lift, suspension_id, actor=actor, at=now, secrets=secrets)
    return LiftedOut(entry=written.model_dump(mode="json", exclude_none=True))
