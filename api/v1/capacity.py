"""Places of a service: what was said last, and saying it anew under the version that was read (ETag, If-Match)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.actions import capacity
from api.dependencies import LanguageDep, NetworkDep, NowDep
from api.identity import WhoeverDep, not_allowed
from api.problems import Problem
from api.query import Fault
from graph.model.directory import CapacityState
from graph.model.places import RELATIVE, Change, OutOfRange
from graph.model.refusal import Refusal
from graph.model.stock import Stock

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
    until: date | None = Field(None, description="with `pause`: the last day on which no place is given")
    by: Side | None = Field(None, description="which of your sides says so; left out: the one nearest to the service")


THEIRS = "; null for whoever may not say the places: it would tell when somebody is sent there"


class CapacityOut(BaseModel):
    """Places as last stated: how many are free now, who said so and when; and what stands beside them."""

    service_id: str
    state: CapacityState
    available: int | None = Field(description="free now, beside what is held and in use")
    leased: int | None = Field(description="held for referrals on which the provider has not decided" + THEIRS)
    in_use: int | None = Field(description="given to people who were referred here" + THEIRS)
    declines: int | None = Field(
        description="referrals declined for want of places since somebody stated them" + THEIRS
    )
    maximum: int | None
    unit: str
    turnover: str
    keeps_waiting_list: bool
    half_life_days: int
    paused_until: date | None = Field(
        description="the last day on which no place is given; after it what is stated holds"
    )
    updated: str
    updated_by: str
    version: int


def etag(stock: Stock | None) -> str:
    """The strong ETag of a version; `"0"` where nothing was ever stated. A place that is taken makes a new one."""
    return f'"{stock.capacity.version if stock else 0}"'


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
async def read(service_id: ServiceId, network: NetworkDep, actor: WhoeverDep) -> Any:
    """What was last said about the places of a service, with its version as ETag; null when nobody ever did.

    How many are held or given is for whoever may say the places.
    """
    found, is_theirs = await network.read(capacity.read_as, service_id, actor=actor)
    headers = {"ETag": etag(found), "Cache-Control": "no-store" if is_theirs else "no-cache"}
    return JSONResponse(_out(found, whole=is_theirs), headers=headers)


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
    that is not there (403), and `updated_by` is the role that let you speak. Two who speak at the same time lose nothing:
    the second is told (412), or is added to the first (plus, minus). What is said is what is free now: places that are
    held or in use stand beside it, and all together are never more than the maximum (409).
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
            until=said.until,
        )
    except OutOfRange:
        raise _impossible(said, now) from None
    if isinstance(after, Refusal):
        raise not_allowed(after.reasons[0].reason.value, language)
    return JSONResponse(_out(after, whole=True), headers={"ETag": etag(after), "Cache-Control": "no-cache"})


def _impossible(said: CapacityIn, now: datetime) -> Problem:
    """What is missing where a number or a day is; else that there cannot be that many."""
    needed = {Change.SET: ("/number", said.number), Change.PAUSE: ("/until", said.until)}.get(said.change)
    if needed is not None and needed[1] is None:
        return Problem("invalid-request", faults=[Fault(pointer=needed[0], code="query.missing")])
    if said.change is not Change.PAUSE and said.until is not None:
        return Problem("invalid-request", faults=[Fault(pointer="/until", code="query.unknown-key")])
    if said.change is Change.PAUSE:
        places = {"expected": "day-from", "n": now.date().isoformat()}
        return Problem("invalid-request", faults=[Fault(pointer="/until", code="query.wrong-shape", places=places)])
    return Problem("places-out-of-range")


def _out(found: Stock | None, *, whole: bool) -> dict[str, Any] | None:
    if found is None:
        return None
    said = found.capacity.model_dump(mode="json", include=set(CapacityOut.model_fields))
    counts = found.model_dump(mode="json", include={"leased", "in_use", "declines"})
    return said | (counts if whole else dict.fromkeys(counts))
