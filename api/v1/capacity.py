"""Places of a service: what was said last, and saying it anew under the version that was read (ETag, If-Match)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.actions import capacity
from api.dependencies import LanguageDep, NetworkDep, NowDep
from api.identity import WhoeverDep, not_allowed
from api.problems import Problem
from graph.model.directory import CapacityState, ServiceCapacity
from graph.model.places import RELATIVE, Change, OutOfRange
from graph.model.refusal import Refusal

router = APIRouter(prefix="/services", tags=["capacity"])

ServiceId = Annotated[str, Path(min_length=1, max_length=120)]
Side = Literal["provider", "case-manager", "committee", "admin"]


class CapacityIn(BaseModel):
    """What is said about places. `number` is how many there are (set) or how many more or fewer (plus, minus)."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    change: Change
    number: int | None = Field(None, ge=0, le=1_000_000)
    maximum: int | None = Field(None, ge=0, le=1_000_000)
    unit: str | None = Field(None, min_length=1, max_length=80)
    by: Side | None = Field(None, description="which of your sides says so; left out: the one nearest to the service")


class CapacityOut(BaseModel):
    """Places as last stated: how many, who said so and when."""

    service_id: str
    state: CapacityState
    available: int | None
    maximum: int | None
    unit: str
    turnover: str
    keeps_waiting_list: bool
    half_life_days: int
    updated: str
    updated_by: str
    version: int


def etag(capacity: ServiceCapacity | None) -> str:
    """The strong ETag of a version; `"0"` where nothing was ever stated."""
    return f'"{capacity.version if capacity else 0}"'


def expected_version(if_match: str | None, change: Change) -> int | None:
    """The version that If-Match names; None for `*`, which only a relative change may say. Problem otherwise."""
    if if_match is None:
        raise Problem("version-required")
    if if_match.strip() == "*":
        if change in RELATIVE:
            return None
        raise Problem("version-required")
    number = if_match.strip().strip('"')
    if not number.isascii() or not number.isdigit() or len(number) > MOST_DIGITS:
        raise Problem("edit-conflict")
    return int(number)


MOST_DIGITS = 12


@router.get("/{service_id}/capacity", response_model=CapacityOut | None, summary="Places as last stated")
async def read(service_id: ServiceId, network: NetworkDep) -> Any:
    """What was last said about the places of a service, with its version as ETag; null when nobody ever did."""
    found = await network.read(capacity.read, service_id)
    return JSONResponse(_out(found), headers={"ETag": etag(found), "Cache-Control": "no-cache"})


@router.put("/{service_id}/capacity", response_model=CapacityOut, summary="Say how many places there are")
async def change(
    service_id: ServiceId,
    said: CapacityIn,
    network: NetworkDep,
    actor: WhoeverDep,
    now: NowDep,
    language: LanguageDep,
    if_match: Annotated[str | None, Header()] = None,
) -> Any:
    """For the organisation that offers the service, the committee and administrators; suggestions change at once.

    `If-Match` names the version you read; `*` is allowed for plus and minus. Another's service is answered like one
    that is not there (403), and `updated_by` is the role that let you speak. Two who speak at the same time lose nothing: the second is told (412), or is added to the first (plus, minus).
    """
    if capacity.must_sign_in(actor):
        raise Problem("not-signed-in")
    expected = expected_version(if_match, said.change)
    try:
        after = await network.write(
            capacity.change,
            service_id,
            said.change,
            actor=actor,
            by=said.by,
            at=now,
            expected=expected,
            number=said.number,
            maximum=said.maximum,
            unit=said.unit,
        )
    except OutOfRange:
        raise Problem("places-out-of-range") from None
    if isinstance(after, Refusal):
        raise not_allowed(after.reasons[0].reason.value, language)
    return JSONResponse(_out(after), headers={"ETag": etag(after), "Cache-Control": "no-cache"})


def _out(found: ServiceCapacity | None) -> dict[str, Any] | None:
    return None if found is None else found.model_dump(mode="json", include=set(CapacityOut.model_fields))
