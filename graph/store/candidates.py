"""Recall: every service that could bear on a need, found by structure in one statement. (R-05, R-06)

Found wide on purpose: what Cypher drops in silence nobody can explain. `matching` judges. The terms text that it
reads is kept current by `graph.store.terms` (docs/decisions/0005).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from pydantic import TypeAdapter

from graph.model.catchment import UNSTATED
from graph.model.directory import CapacityState
from graph.model.need import Need
from graph.model.offer import Offer, Period, Places, Reach, Stop, Terms
from graph.model.order import Holding
from graph.store.network import Tx

TERMS: Final = TypeAdapter(Terms)

FIND: Final = """
    MATCH (a:Area {code: $area})
    OPTIONAL MATCH (all:Catchment {key: '+|' + $service_type})
    WITH a, COUNT { (all)<-[:REACHES]-() } AS of_type
    CALL () {
        MATCH (x:Suspension)
        WHERE x.valid_from <= $on AND (x.valid_to IS NULL OR x.valid_to >= $on)
        RETURN collect([x.subject_id, x.subject, x.reason, toString(x.valid_from), toString(x.valid_to)]) AS stops
    }
    CALL () {
        MATCH (m:Mechanism)-[:ORDERS_BY]->(y:Order)
        WHERE y.valid_from <= $on AND (y.valid_to IS NULL OR y.valid_to >= $on)
        RETURN collect([m.id, m.area, y.policy, y.policy_version]) AS orders
    }
    CALL (a) {
        UNWIND a.lineage + a.touching + [$area + '/', '*'] AS code
        MATCH (:Catchment {key: code + '|' + $service_type})<-[:REACHES]-(s:Service)
        WITH code, collect([s.terms, [(s)-[:HAS]->(c:ServiceCapacity) |
            [c.id, c.state, c.available, c.maximum, c.unit, toString(c.updated), c.half_life_days,
         toString(c.paused_until), c.declines]],
            toString(s.to_verify_since)]) AS services
        OPTIONAL MATCH (b:Area {code: code})
        RETURN collect([code, b.name, services]) AS found
    }
    RETURN a.lineage AS lineage, a.touching AS touching, of_type, stops, orders, found
"""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is the same for all service types at one place on one day."""

    lineage: tuple[str, ...]
    """The area itself and the areas above it."""
    codes: tuple[str, ...]
    """The areas of the keys under which services are found."""
    stops: Mapping[str, tuple[Stop, ...]]
    """Suspensions in force by what they stop: a service, an organisation or an area."""
    orders: tuple[Holding, ...] = ()
    """The orders of suggestions in force, of every mechanism that has one."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """What the graph found for a need."""

    offers: tuple[Offer, ...]
    elsewhere: int
    """Services of the type that neither cover the area nor touch it."""
    areas: Mapping[str, str]
    """Names of the areas by which the offers were found, by code."""
    surroundings: Surroundings


async def find(tx: Tx, need: Need) -> Recalled | None:
    """Services of the type (and below) that cover the area, a part of it or a touching one, or do not say where.

    None when there is no such area. (R-05, R-06)
    """
    record = await (await tx.run(FIND, area=need.area, service_type=need.service_type, on=need.on)).single()
    if record is None:
        return None
    lineage = tuple(record["lineage"])
    codes = (*lineage, *record["touching"], f"{need.area}/", "*")
    here = Surroundings(lineage, codes, _stops(record["stops"]), tuple(Holding(*row) for row in record["orders"]))
    offers = _offers(here, [(code, services) for code, _, services in record["found"]])
    names = {code: name for code, name, _ in record["found"]}
    areas = {offer.via_area: names[offer.via_area] for offer in offers if offer.via_area}
    return Recalled(offers, max(0, record["of_type"] - len(offers)), areas, here)


FIND_STEPS: Final = """
    UNWIND $service_types AS service_type
    UNWIND $codes AS code
    MATCH (:Catchment {key: code + '|' + service_type})<-[:REACHES]-(s:Service)
    RETURN service_type, code, collect([s.terms, [(s)-[:HAS]->(c:ServiceCapacity) |
        [c.id, c.state, c.available, c.maximum, c.unit, toString(c.updated), c.half_life_days,
         toString(c.paused_until), c.declines]],
        toString(s.to_verify_since)]) AS services
"""


async def find_steps(tx: Tx, here: Surroundings, service_types: Iterable[str]) -> dict[str, tuple[Offer, ...]]:
    """For each of these types the services that `find` would find at the same place on the same day. (R-40)"""
    found: dict[str, list[tuple[str, list[Any]]]] = {service_type: [] for service_type in sorted(service_types)}
    async for record in await tx.run(FIND_STEPS, codes=here.codes, service_types=list(found)):
        found[record["service_type"]].append((record["code"], record["services"]))
    return {service_type: _offers(here, services) for service_type, services in found.items()}


SEEN: Final = """
    MATCH (s:Service {id: $service_id})
    CALL () {
        MATCH (x:Suspension)
        WHERE x.valid_from <= $on AND (x.valid_to IS NULL OR x.valid_to >= $on)
        RETURN collect([x.subject_id, x.subject, x.reason, toString(x.valid_from), toString(x.valid_to)]) AS stops
    }
    RETURN s.terms AS terms, [(s)-[:REACHES]->(k:Catchment) | k.key] AS keys, stops,
           toString(s.to_verify_since) AS doubted, [(s)-[:HAS]->(c:ServiceCapacity) |
        [c.id, c.state, c.available, c.maximum, c.unit, toString(c.updated), c.half_life_days,
         toString(c.paused_until), c.declines]] AS places
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """One service, to be looked at from several places."""

    text: str
    keys: frozenset[str]
    places: list[Any]
    stops: Mapping[str, tuple[Stop, ...]]
    doubted: str | None

    @property
    def offer(self) -> Offer:
        """The service as such, from nowhere in particular."""
        terms = TERMS.validate_json(self.text)
        places = _public(terms, self.places)
        return Offer(terms, Reach.ELSEWHERE, places=places, to_verify_since=_since(self.doubted))


async def see(tx: Tx, service_id: str, *, on: date) -> Seen | None:
    """One service as recall would find it, from wherever it may be asked for. None: there is none. (R-36)"""
    record = await (await tx.run(SEEN, service_id=service_id, on=on)).single()
    if record is None or record["terms"] is None:
        return None
    return Seen(
        record["terms"], frozenset(record["keys"]), record["places"], _stops(record["stops"]), record["doubted"]
    )


AROUND: Final = """
    UNWIND $areas AS code
    MATCH (a:Area {code: code})
    RETURN code, a.lineage AS lineage, a.touching AS touching
"""


async def offers_from(tx: Tx, seen: Seen, areas: Iterable[str], service_type: str) -> dict[str, Offer]:
    """The service as it lies to each of these areas: just what `find` would say there, whatever else there is. (R-36)"""
    found = {}
    async for record in await tx.run(AROUND, areas=sorted(set(areas))):
        lineage, area = tuple(record["lineage"]), record["code"]
        here = Surroundings(lineage, (*lineage, *record["touching"], f"{area}/", UNSTATED), seen.stops)
        row = [[seen.text, seen.places, seen.doubted]]
        offers = _offers(here, [(code, row) for code in here.codes if f"{code}|{service_type}" in seen.keys])
        found[area] = offers[0] if offers else seen.offer
    return found


def _offers(here: Surroundings, found: Iterable[tuple[str, list[Any]]]) -> tuple[Offer, ...]:
    """The offers of one type; one that is found by several keys counts by the nearest."""
    best: dict[str, tuple[tuple[int, int, str], Reach, list[Any], str | None]] = {}
    for code, services in found:
        reach, distance = _reach(code, here.lineage)
        rank = (_NEARER.index(reach), distance or 0, code)
        for text, places, doubted in services:
            if text not in best or rank < best[text][0]:
                best[text] = (rank, reach, places, doubted)
    stopped_here = tuple(stop for code in here.lineage for stop in here.stops.get(code, ()))
    offers = []
    for text, ((_, distance, code), reach, places, doubted) in best.items():
        terms = TERMS.validate_json(text)
        offers.append(
            Offer(
                terms,
                reach,
                via_area=code if reach in (Reach.COVERS, Reach.TOUCHES) else None,
                distance=distance if reach is Reach.COVERS else None,
                places=_public(terms, places),
                stops=(
                    *here.stops.get(terms.service_id, ()),
                    *here.stops.get(terms.organization_id, ()),
                    *stopped_here,
                ),
                to_verify_since=_since(doubted),
            )
        )
    return tuple(offers)


_NEARER: Final = (Reach.COVERS, Reach.NOT_STATED, Reach.PART, Reach.TOUCHES)
"""From the nearest to the farthest."""


def _reach(code: str, lineage: Sequence[str]) -> tuple[Reach, int | None]:
    if code in lineage:
        return Reach.COVERS, lineage.index(code)
    if code == "*":
        return Reach.NOT_STATED, None
    return (Reach.PART, None) if code.endswith("/") else (Reach.TOUCHES, None)


def _public(terms: Terms, places: list[Any]) -> Places | None:
    """The places that whoever looks may know of: none of a sealed service, or they would tell when somebody is sent there."""
    return _places(min(places)) if places and not terms.sealed else None


def _places(row: list[Any]) -> Places:
    _, state, available, maximum, unit, updated, half_life_days, paused_until, declines = row
    said = datetime.fromisoformat(updated.split("[")[0])
    if said.tzinfo is None:  # the embedded engine writes a stored instant in UTC, without saying so
        said = said.replace(tzinfo=UTC)
    there = (CapacityState(state), available, maximum, unit, said, half_life_days)
    return Places(*there, paused_until=_day(paused_until), declines=declines or 0)


def _stops(rows: Iterable[list[Any]]) -> dict[str, tuple[Stop, ...]]:
    found: dict[str, tuple[Stop, ...]] = {}
    for subject_id, subject, reason, valid_from, valid_to in rows:
        stop = Stop(subject, reason, Period(_day(valid_from), _day(valid_to)))
        found[subject_id] = (*found.get(subject_id, ()), stop)
    return found


def _since(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


ELSEWHERE: Final = """
    MATCH (:Catchment {key: '+|' + $service_type})<-[:REACHES]-(s:Service)
    WHERE NOT s.id IN $found
    RETURN s.terms AS terms ORDER BY s.id SKIP $skip LIMIT $limit
"""


async def elsewhere(tx: Tx, need: Need, found: Iterable[str], *, skip: int = 0, limit: int = 1000) -> list[Offer]:
    """Services of the type that neither cover the area nor touch it: listed on demand only. (R-07)"""
    result = await tx.run(ELSEWHERE, service_type=need.service_type, found=sorted(found), skip=skip, limit=limit)
    return [Offer(TERMS.validate_json(record["terms"]), Reach.ELSEWHERE) async for record in result]
