"""Indicators of the network, of a department, of an organisation: the person's word first. (R-51, R-52, R-35)

All counts of one reader are one publication with one audit: departments, groups and totals share cells, and what is
kept back in one is not given away in another. Shares are made of what is told, never of what is not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from api.actions.allowed import within
from api.actions.gaps import department_in, first_month
from consent.access import Allowed, Deed, Relation, decide
from consent.small_numbers import HIDDEN, K_SENSITIVE, STEP, TOTAL, Shown, column_total, protect, row_total
from consent.worked_out import Cell, Sum
from graph.model.actor import Actor
from graph.model.base import Code
from graph.model.referral import Outcome, Status
from graph.store import division, indicators
from graph.store.errors import NotFound
from graph.store.network import Network, Tx
from matching.indicators import ENDED, Counts, End, Group, Life, Stretch, count, middle

K: Final = K_SENSITIVE
"""A referral may be for health: the larger k holds for all."""

FLOOR: Final = 0.8
"""A group stands below the floor when its share is less than four fifths of everybody's. (R-35)"""

STALE: Final = timedelta(days=28)
"""Two half-lives of a word on places, where nothing else was agreed."""


@dataclass(frozen=True, slots=True)
class GroupShare:
    """What became of it for one group."""

    group: Group
    ended: Shown
    confirmed: Shown
    share: int | None
    below_floor: bool


@dataclass(frozen=True, slots=True)
class Department:
    """One department: its referrals by what became of them."""

    code: str
    name: str
    sent: Shown
    ends: Mapping[End, Shown]
    share: int | None


@dataclass(frozen=True, slots=True)
class Indicators:
    """What a reader may know; a share is in per cent, in steps of five, None where it is not told."""

    organization_id: str | None
    """None: the whole network, or one department of it"""
    department: Department | None
    """What a departmental committee reads: its line of the network's publication, and nothing beside it. (R-52)"""
    since: str
    sent: Shown
    ends: Mapping[End, Shown]
    ended: Shown
    confirmed: Shown
    share: int | None
    """of what ended, how much the person confirmed: the headline"""
    against_data: Shown
    against_share: int | None
    without_consent: Shown
    days: Mapping[Stretch, int | None]
    notices: Shown
    notices_in_time: Shown
    notices_share: int | None
    places_age: int | None
    """median days since somebody said how many places there are"""
    places_stale: int | None
    """per cent of active services whose word is too old; of services, so nothing is hidden"""
    departments: tuple[Department, ...]
    groups: tuple[GroupShare, ...]


async def read(network: Network, *, actor: Actor, at: datetime) -> Indicators:
    """The whole network for the committee; an organisation reads its own. NotFound for everybody else. (R-52)

    Read in one transaction; which numbers may be told is worked out after it.
    """
    own = isinstance(decide(actor, Deed.INDICATORS_READ, Relation.OWN), Allowed)
    everything = isinstance(decide(actor, Deed.INDICATORS_READ, Relation.NONE), Allowed)
    is_organization = own and not everything
    if is_organization and actor.organization_id is None:
        raise NotFound
    organization_id = actor.organization_id if is_organization else None
    department = None if is_organization else within(actor, Deed.INDICATORS_READ)
    month = first_month(at.date())
    since = datetime.fromisoformat(f"{month}-01").replace(tzinfo=UTC)
    of: dict[str, Any] = {"organization_id": organization_id, "department": department}
    found = await network.read(gather, since=since, at=at, **of)
    counted, names = found.counted, found.departments
    told = await asyncio.to_thread(_told, counted, found.due, found.in_time, departments=not is_organization)
    ends = {end: told[column_total(end)] for end in End}
    share = share_of(ends[End.CONFIRMED], told[ENDED_ALL])
    ages = [max(0.0, (at - instant) / timedelta(days=1)) for instant in found.said]
    age = middle(ages)
    # A row of dots would say that there was somebody: only rows whose whole may be told are there.
    places = set[str]() if is_organization else {place for place, _ in counted.ends}
    every = [_department(code, names.get(code, code), told) for code in sorted(places, key=lambda c: names.get(c, c))]
    departments = tuple(one for one in every if not one.sent.is_hidden)
    if department is not None:
        return _of_department(month, department, names.get(department, department), departments)
    groups = [_group(group, told, share) for group in sorted({group for group, _ in counted.groups})]
    return Indicators(
        organization_id=organization_id,
        department=None,
        since=month,
        sent=told[TOTAL],
        ends=ends,
        ended=told[ENDED_ALL],
        confirmed=ends[End.CONFIRMED],
        share=share,
        against_data=told[AGAINST],
        against_share=share_of(told[AGAINST], ends[End.DECLINED]),
        without_consent=told[UNCONSENTED],
        days={stretch: _days(counted, stretch) for stretch in Stretch},
        notices=told[NOTICES],
        notices_in_time=told[IN_TIME],
        notices_share=share_of(told[IN_TIME], told[NOTICES]),
        places_age=None if age is None else round(age),
        places_stale=round(100 * sum(a > STALE.days for a in ages) / len(ages)) if ages else None,
        departments=departments,
        groups=tuple(one for one in groups if not one.ended.is_hidden),
    )


def _of_department(month: str, code: Code, name: str, departments: tuple[Department, ...]) -> Indicators:
    """The line of one department as the network's publication tells it; without one, nothing is told. (R-52)

    Groups, days and promises of a department would be further tables over the same people: they are the network's alone.
    """
    nothing = Department(code, name, HIDDEN, dict.fromkeys(End, HIDDEN), None)
    line = next((one for one in departments if one.code == code), nothing)
    return Indicators(
        organization_id=None,
        department=line,
        since=month,
        sent=line.sent,
        ends=line.ends,
        ended=HIDDEN,
        confirmed=line.ends[End.CONFIRMED],
        share=line.share,
        against_data=HIDDEN,
        against_share=None,
        without_consent=HIDDEN,
        days={},
        notices=HIDDEN,
        notices_in_time=HIDDEN,
        notices_share=None,
        places_age=None,
        places_stale=None,
        departments=() if line.sent.is_hidden else (line,),
        groups=(),
    )


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the graph says, exact and without anybody's id: nothing of it is told before `read` has looked at it."""

    counted: Counts
    due: int
    in_time: int
    said: list[datetime]
    departments: Mapping[str, str]


async def gather(
    tx: Tx, *, since: datetime, at: datetime, organization_id: str | None, department: str | None
) -> Gathered:
    """Referrals, notices and words on places of the network or of one organisation, counted."""
    rows = await indicators.lives(tx, since=since, organization_id=organization_id)
    counted = count(
        (_life(row) for row in rows), until=at.replace(day=1, hour=0, minute=0, second=0, microsecond=0), step=STEP
    )
    due, in_time = await indicators.notices(tx, since=since, at=at, organization_id=organization_id)
    said = await indicators.places_said(tx, organization_id=organization_id)
    places = {place for place, _ in counted.ends}
    names = await division.names(tx, places if department is None else {*places, department})
    return Gathered(counted, due, in_time, said, names)


def _life(row: dict[str, Any]) -> Life:
    word = row.pop("person_outcome")
    return Life(
        department=department_in(row.pop("lineage")),
        status=Status(row.pop("status")),
        person_outcome=Outcome(word) if word else None,
        **row,
    )


ENDED_ALL: Final[Cell] = ("", "ended", "of-ends")
AGAINST: Final[Cell] = ("", "declined", "against-data")
NOT_AGAINST: Final[Cell] = ("", "declined", "otherwise")
UNCONSENTED: Final[Cell] = ("", "basis", "without-consent")
CONSENTED: Final[Cell] = ("", "basis", "consent")
NOTICES: Final[Cell] = ("", "notices", "due")
IN_TIME: Final[Cell] = ("", "notices", "in-time")
LATE: Final[Cell] = ("", "notices", "late")
UNTOLD: Final = (NOT_AGAINST, CONSENTED, LATE)


def _told(counted: Counts, due: int, in_time: int, *, departments: bool) -> Mapping[Cell, Shown]:
    """Every count as it may be told, with all that adds up to another in one audit; hidden altogether if that fails. (R-21)"""
    cells: dict[Cell, int] = {}
    sums: list[Sum] = []

    def adds_up(total: Cell, parts: Mapping[Cell, int]) -> None:
        cells.update(parts)
        cells[total] = sum(parts.values())
        sums.append((total, tuple(parts)))

    by_end = {end: sum(n for (_, e), n in counted.ends.items() if e is end) for end in End}
    adds_up(TOTAL, {column_total(end): n for end, n in by_end.items()})
    adds_up(ENDED_ALL, {column_total(end): by_end[end] for end in ENDED})
    declined = by_end[End.DECLINED]
    adds_up(column_total(End.DECLINED), {AGAINST: counted.against_data, NOT_AGAINST: declined - counted.against_data})
    adds_up(TOTAL, {UNCONSENTED: counted.without_consent, CONSENTED: sum(by_end.values()) - counted.without_consent})
    adds_up(NOTICES, {IN_TIME: in_time, LATE: due - in_time})
    if departments:
        places = sorted({department for department, _ in counted.ends})
        for place in places:
            adds_up(row_total(place), {(place, end): counted.ends[place, end] for end in End})
        if places:
            adds_up(TOTAL, {row_total(place): cells[row_total(place)] for place in places})
            for end in End:
                adds_up(column_total(end), {(place, end): counted.ends[place, end] for place in places})
    for kind in sorted({kind for (kind, _), _ in counted.groups}):
        codes = sorted({code for (k, code), _ in counted.groups if k == kind})
        for code in codes:
            yes, no = counted.groups[(kind, code), True], counted.groups[(kind, code), False]
            adds_up(_of(kind, code, "ended"), {_of(kind, code, "confirmed"): yes, _of(kind, code, "rest"): no})
        adds_up(ENDED_ALL, {_of(kind, code, "ended"): cells[_of(kind, code, "ended")] for code in codes})
        adds_up(
            column_total(End.CONFIRMED),
            {_of(kind, code, "confirmed"): cells[_of(kind, code, "confirmed")] for code in codes},
        )
    untold = frozenset({*UNTOLD, *(cell for cell in cells if cell[-1] == "rest")})
    ks = tuple(sorted((cell, K) for cell in cells))
    told = protect(tuple(sorted(cells.items())), tuple(sums), ks, untold)
    return told if told is not None else dict.fromkeys(cells, HIDDEN)


def _of(kind: str, code: str, what: str) -> Cell:
    return (kind, code, what)


def share_of(part: Shown, whole: Shown) -> int | None:
    """Per cent in steps of five, made of two told counts and nothing else: the middle of their steps. None: not told."""
    if part.number is None or not whole.number:
        return None
    middle_of = [told.number + 2 if told.number and told.at_least else told.number or 0 for told in (part, whole)]
    return min(100, round(20 * middle_of[0] / middle_of[1]) * 5)


def _days(counted: Counts, stretch: Stretch) -> int | None:
    """The median in whole days, where it was measured on at least k referrals."""
    measured, days = counted.days.get(stretch, (0, 0.0))
    return round(days) if measured >= K else None


def _department(code: str, name: str, told: Mapping[Cell, Shown]) -> Department:
    ends = {end: told[code, end] for end in End}
    whole = _sum([ends[end] for end in ENDED])
    return Department(code, name, told[row_total(code)], ends, share_of(ends[End.CONFIRMED], whole))


def _sum(parts: list[Shown]) -> Shown:
    """The sum of what is told; not told where a part is not."""
    if any(part.number is None for part in parts):
        return HIDDEN
    return Shown(sum((part.number or 0) + (2 if part.at_least else 0) for part in parts))


def _group(group: Group, told: Mapping[Cell, Shown], everybody: int | None) -> GroupShare:
    ended, confirmed = told[_of(*group, "ended")], told[_of(*group, "confirmed")]
    share = share_of(confirmed, ended)
    below = share is not None and everybody is not None and share < FLOOR * everybody
    return GroupShare(group, ended, confirmed, share, below)
