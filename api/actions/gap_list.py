"""The committee takes up a gap, decides about it, and sees what should have been looked at again. (R-07)

Every decision is an entry of the mechanism's stream. Nothing about a person stands here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from pydantic import Field

from api.actions.allowed import must_ever, within
from consent.access import Deed
from graph.model.actor import Actor, Role
from graph.model.area import Area
from graph.model.base import Code, Id, Model
from graph.model.gap import Gap, GapDecision, Remedy
from graph.model.log import Entry, Kind
from graph.model.refusal import Denied, Reason, Refusal
from graph.secrets import Secrets
from graph.seed.catalogue import WrongValue
from graph.seed.vocabulary import terms
from graph.store import division, gap_list, log, organizations
from graph.store.errors import NotFound
from graph.store.gap_list import ListedGap
from graph.store.network import Tx


class Deciding(Model):
    """What the committee decides about a gap."""

    remedy: Remedy
    owner_id: Id
    re_check_on: date
    words: str | None = Field(None, max_length=500)


class Taking(Deciding):
    """A gap that is taken up, with the first decision about it."""

    id: Id
    service_type: Code
    department: Code


class GapDecided(Model):
    """That a decision stands, and the version a form may now name."""

    gap_id: Id
    version: int
    entry: Entry


LATEST: Final = 2 * 366
"""Days within which a gap is looked at again."""


async def take_up(tx: Tx, taking: Taking, *, actor: Actor, at: datetime, secrets: Secrets) -> GapDecided | Refusal:
    """Put a gap on the list, with owner, decision and the day on which it is looked at again. (R-07)

    One need in one department is on the list once.
    """
    must_ever(actor, Deed.GAP_DECIDE)
    if taking.service_type not in terms("service-types"):
        raise WrongValue("service_type")
    if not await division.names(tx, [taking.department]):
        raise WrongValue("department")
    decision = await _decision(tx, taking, actor=actor, at=at)
    await gap_list.lock_place(tx, taking.department)
    if await gap_list.open_for(tx, taking.service_type, taking.department) is not None:
        return Refusal.of([Denied(reason=Reason.GAP_LISTED)])
    gap = Gap(
        id=taking.id,
        service_type=taking.service_type,
        department=taking.department,
        opened_at=at,
        decisions=(decision,),
    )
    await gap_list.create(tx, gap)
    return GapDecided(gap_id=gap.id, version=1, entry=await _entry(tx, gap, actor=actor, at=at, secrets=secrets))


async def decide(
    tx: Tx,
    gap_id: str,
    deciding: Deciding,
    *,
    version: int,
    closes: bool = False,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
) -> GapDecided | Refusal:
    """Decide anew, or close it; refused if somebody else decided since this version was read. (R-07)"""
    must_ever(actor, Deed.GAP_DECIDE)
    await gap_list.lock(tx, gap_id, at=at)
    before = await gap_list.get(tx, gap_id)
    if before.closed or before.version != version:
        return Refusal.of([Denied(reason=Reason.GAP_CHANGED)])
    decision = await _decision(tx, deciding, actor=actor, at=at)
    after = before.model_copy(
        update={
            "decisions": (*before.decisions, decision),
            "closed": closes,
            "closed_at": at if closes else None,
            "version": before.version + 1,
        }
    )
    await gap_list.save(tx, after)
    written = await _entry(tx, after, actor=actor, at=at, secrets=secrets)
    return GapDecided(gap_id=gap_id, version=after.version, entry=written)


async def _decision(tx: Tx, said: Deciding, *, actor: Actor, at: datetime) -> GapDecision:
    if not 0 <= (said.re_check_on - at.date()).days <= LATEST:
        raise WrongValue("re_check_on")
    if not await organizations.get(tx, [said.owner_id]):
        raise WrongValue("owner_id")
    return GapDecision(
        at=at,
        by=actor.id,
        remedy=said.remedy,
        owner_id=said.owner_id,
        re_check_on=said.re_check_on,
        words=said.words or None,
    )


async def _entry(tx: Tx, gap: Gap, *, actor: Actor, at: datetime, secrets: Secrets) -> Entry:
    return await log.append(
        tx,
        stream=log.MECHANISM,
        kind=Kind.GAP_DECIDED,
        actor=actor.id,
        role=Role.COMMITTEE,
        at=at,
        signer=secrets.signer,
        organization=actor.organization_id,
        recipient=gap.holds.owner_id,
        basis_ids=(gap.id,),
        reasons=(gap.holds.remedy.value, *(("closed",) if gap.closed else ())),
    )


@dataclass(frozen=True, slots=True)
class Choices:
    """Who may own a gap, and where one may be: what a form offers."""

    owners: tuple[tuple[str, str], ...]
    departments: tuple[Area, ...]


async def choices(tx: Tx, *, actor: Actor) -> Choices:
    """The organisations of the network by name, and all departments by country and name."""
    must_ever(actor, Deed.GAP_DECIDE)
    owners = await organizations.names(tx)
    departments = await division.of_level(tx, 1)
    return Choices(
        tuple(sorted(owners.items(), key=lambda one: (one[1].casefold(), one[0]))),
        tuple(sorted(departments, key=lambda area: (area.code[:2], area.name))),
    )


@dataclass(frozen=True, slots=True)
class OnList:
    """A gap as the committee's list shows it."""

    listed: ListedGap
    overdue: bool


async def listed(tx: Tx, *, closed: bool = False, actor: Actor, on: date) -> tuple[OnList, ...]:
    """What is open, with what should have been looked at again first; or what is closed, the last first. (R-07)

    A departmental committee reads what lies in its department. (R-52)
    """
    found = await gap_list.listed(tx, closed=closed, department=within(actor, Deed.GAP_LIST_READ))
    if closed:
        found = sorted(found, key=lambda one: (one.gap.holds.at, one.gap.id), reverse=True)
    else:
        found = sorted(found, key=lambda one: (one.gap.holds.re_check_on, one.gap.id))
    return tuple(OnList(one, one.gap.is_overdue(on=on)) for one in found)


async def one(tx: Tx, gap_id: str, *, actor: Actor, on: date) -> OnList:
    """One gap with all that was decided about it. NotFound for an unknown one, and for another department's. (R-52)"""
    department = within(actor, Deed.GAP_LIST_READ)
    gap = await gap_list.get(tx, gap_id)
    if department is not None and await division.department_of(tx, gap.department) != department:
        raise NotFound
    owners = await organizations.get(tx, [gap.holds.owner_id])
    areas = await division.names(tx, [gap.department])
    owner, area = owners.get(gap.holds.owner_id), areas.get(gap.department)
    if owner is None or area is None:
        raise NotFound
    return OnList(ListedGap(gap, owner.name, area, gap.department), gap.is_overdue(on=on))
