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

from graph.model.directory import CapacityState
from graph.model.need import Need
from graph.model.offer import Offer, Period, Places, Reach, Stop, Terms
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
    CALL (a) {
        UNWIND a.lineage + a.touching + [$area + '/', '*'] AS code
        MATCH (:Catchment {key: code + '|' + $service_type})<-[:REACHES]-(s:Service)
        WITH code, collect([s.terms, [(s)-[:HAS]->(c:ServiceCapacity) |
            [c.id, c.state, c.available, c.maximum, c.unit, toString(c.updated), c.half_life_days]]]) AS services
        OPTIONAL MATCH (b:Area {code: code})
        RETURN collect([code, b.name, services]) AS found
    }
    RETURN a.lineage AS lineage, of_type, stops, found
"""


@dataclass(frozen=True, slots=True)
class Recalled:
    """What the graph found for a need."""

    offers: tuple[Offer, ...]
    elsewhere: int
    """Services of the type that neither cover the area nor touch it."""
    areas: Mapping[str, str]
    """Names of the areas by which the offers were found, by code."""


async def find(tx: Tx, need: Need) -> Recalled | None:
    """Services of the type (and below) that cover the area, a part of it or a touching one, or do not say where.

    None when there is no such area. (R-05, R-06)
    """
    record = await (await tx.run(FIND, area=need.area, service_type=need.service_type, on=need.on)).single()
    if record is None:
        return None
    offers = _offers(record["lineage"], record["stops"], [(code, services) for code, _, services in record["found"]])
    names = {code: name for code, name, _ in record["found"]}
    areas = {offer.via_area: names[offer.via_area] for offer in offers if offer.via_area}
    return Recalled(offers, max(0, record["of_type"] - len(offers)), areas)


FIND_STEPS: Final = """
    MATCH (a:Area {code: $area})
    CALL () {
        MATCH (x:Suspension)
        WHERE x.valid_from <= $on AND (x.valid_to IS NULL OR x.valid_to >= $on)
        RETURN collect([x.subject_id, x.subject, x.reason, toString(x.valid_from), toString(x.valid_to)]) AS stops
    }
    CALL (a) {
        UNWIND $service_types AS service_type
        UNWIND a.lineage + a.touching + [$area + '/', '*'] AS code
        MATCH (:Catchment {key: code + '|' + service_type})<-[:REACHES]-(s:Service)
        WITH service_type, code, collect([s.terms, [(s)-[:HAS]->(c:ServiceCapacity) |
            [c.id, c.state, c.available, c.maximum, c.unit, toString(c.updated), c.half_life_days]]]) AS services
        RETURN collect([service_type, code, services]) AS found
    }
    RETURN a.lineage AS lineage, stops, found
"""


async def find_steps(tx: Tx, need: Need, service_types: Iterable[str]) -> dict[str, tuple[Offer, ...]]:
    """For each of these types the services that `find` would find at the place and day of the need. (R-40)"""
    wanted = sorted(service_types)
    record = await (await tx.run(FIND_STEPS, area=need.area, service_types=wanted, on=need.on)).single(strict=True)
    found: dict[str, list[tuple[str, list[Any]]]] = {service_type: [] for service_type in wanted}
    for service_type, code, services in record["found"]:
        found[service_type].append((code, services))
    return {t: _offers(record["lineage"], record["stops"], services) for t, services in found.items()}


def _offers(
    lineage: Sequence[str], stopped: Iterable[list[Any]], found: Iterable[tuple[str, list[Any]]]
) -> tuple[Offer, ...]:
    """The offers of one type; one that is found by several keys counts by the nearest."""
    stops = [_stop(row) for row in stopped]
    best: dict[str, tuple[tuple[int, int, str], Reach, list[Any]]] = {}
    for code, services in found:
        reach, distance = _reach(code, lineage)
        rank = (_NEARER.index(reach), distance or 0, code)
        for text, places in services:
            if text not in best or rank < best[text][0]:
                best[text] = (rank, reach, places)
    offers = []
    for text, ((_, distance, code), reach, places) in best.items():
        terms = TERMS.validate_json(text)
        concerned = {terms.service_id, terms.organization_id, *lineage}
        offers.append(
            Offer(
                terms,
                reach,
                via_area=code if reach in (Reach.COVERS, Reach.TOUCHES) else None,
                distance=distance if reach is Reach.COVERS else None,
                places=_places(min(places)) if places else None,
                stops=tuple(stop for subject, stop in stops if subject in concerned),
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


def _places(row: list[Any]) -> Places:
    _, state, available, maximum, unit, updated, half_life_days = row
    said = datetime.fromisoformat(updated.split("[")[0])
    if said.tzinfo is None:  # the embedded engine writes a stored instant in UTC, without saying so
        said = said.replace(tzinfo=UTC)
    return Places(CapacityState(state), available, maximum, unit, said, half_life_days)


def _stop(row: list[Any]) -> tuple[str, Stop]:
    subject_id, subject, reason, valid_from, valid_to = row
    return subject_id, Stop(subject, reason, Period(_day(valid_from), _day(valid_to)))


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
