"""What of the network's supply hangs by a thread: sole providers, agreements about to end, no SOP, old words. (R-02, R-03, R-06)

About organisations and services alone, which the directory tells everybody: no person is counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from api.actions.allowed import must_ever
from api.actions.gaps import LISTED
from consent.access import Deed
from graph.model.actor import Actor
from graph.model.area import Area
from graph.model.base import Code
from graph.model.catchment import covers
from graph.seed.vocabulary import terms
from graph.store import division, gaps, organizations, upkeep
from graph.store.network import Tx

SOON: Final = timedelta(days=180)
OLD: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Sole:
    """One organisation is the only one that offers something in all of these departments."""

    service_type: Code
    organization_id: str
    organization: str
    departments: tuple[Area, ...]


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What needs care, of one country where it says so."""

    country: str
    sole: tuple[Sole, ...]
    ending: list[dict[str, Any]]
    ended: list[dict[str, Any]]
    without_sop: list[dict[str, Any]]
    stale_places: list[dict[str, Any]]
    old_entries: list[dict[str, Any]]


async def read(tx: Tx, country: str, *, actor: Actor, at: datetime) -> Upkeep:
    """Sole providers of one country; agreements, rules and words of the whole network. NotFound for an unknown country."""
    must_ever(actor, Deed.GAP_DECIDE)
    departments = await division.below(tx, country)
    on = at.date()
    return Upkeep(
        country=country,
        sole=await _sole(tx, country, departments),
        ending=await upkeep.ending(tx, on=on, until=on + SOON, limit=LISTED),
        ended=await gaps.ended_agreements(tx, until=on, limit=LISTED),
        without_sop=await gaps.without_sop(tx, on=on, limit=LISTED),
        stale_places=await gaps.stale_places(tx, at=at, limit=LISTED),
        old_entries=await upkeep.old(tx, before=at - OLD, limit=LISTED),
    )


async def _sole(tx: Tx, country: str, departments: list[Area]) -> tuple[Sole, ...]:
    """Where exactly one organisation covers a whole department with a type of service, of the finest there are."""
    types = finest()
    keys = [covers(area, t) for area in (country, *(d.code for d in departments)) for t in types]
    found = await upkeep.offerers(tx, keys)
    alone: defaultdict[tuple[str, str], list[Area]] = defaultdict(list)
    for service_type in types:
        everywhere = found.get(covers(country, service_type), frozenset())
        for department in departments:
            there = everywhere | found.get(covers(department.code, service_type), frozenset())
            if len(there) == 1:
                alone[service_type, next(iter(there))].append(department)
    names: Mapping[str, str] = await organizations.names(tx)
    order = {service_type: n for n, service_type in enumerate(types)}
    return tuple(
        Sole(service_type, organization, names.get(organization, organization), tuple(areas))
        for (service_type, organization), areas in sorted(alone.items(), key=lambda one: (order[one[0][0]], one[0][1]))
    )


def finest() -> tuple[Code, ...]:
    """The types of service that have no finer ones below them, in the order of the vocabulary."""
    parents = {term.parent for term in terms("service-types").values()}
    return tuple(code for code in terms("service-types") if code not in parents)
