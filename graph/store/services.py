"""Services and their edges: type, areas, locations, prerequisites, programmes, catchment. (R-02, R-06, R-30)"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from graph.model.catchment import keys_of
from graph.model.directory import Location, Service
from graph.seed.vocabulary import lineage
from graph.store.content import KEPT, records, rows, run
from graph.store.mapping import from_properties
from graph.store.network import Tx

CHECKSUMS: Final = """
    UNWIND $ids AS id
    MATCH (s:Service {id: id})
    RETURN s.id AS id, s.checksum AS checksum
"""


async def checksums(tx: Tx, ids: Iterable[str]) -> dict[str, str]:
    """What the content of these services was when it was last written; missing: no such service."""
    return {row["id"]: row[KEPT] or "" for row in await records(tx, CHECKSUMS, ids=list(ids))}


EXIST: Final = "UNWIND $ids AS id MATCH (s:Service {id: id}) RETURN s.id AS id"


async def existing(tx: Tx, ids: Iterable[str]) -> set[str]:
    """Which of these services there are."""
    return {row["id"] for row in await records(tx, EXIST, ids=list(ids))}


GET: Final = """
    UNWIND $ids AS id
    MATCH (s:Service {id: id})
    RETURN properties(s) AS service, [(s)-[:DELIVERED_AT]->(l:Location) | properties(l)] AS locations
"""


async def get(tx: Tx, ids: Iterable[str]) -> dict[str, Service]:
    """These services by id, with their locations as they are now, sealed ones too."""
    found = [_service(row) for row in await records(tx, GET, ids=list(ids))]
    return {service.id: service for service in found}


PAGE: Final = """
    MATCH (s:Service)
    WHERE s.id > $after
    WITH s ORDER BY s.id LIMIT $limit
    RETURN properties(s) AS service, [(s)-[:DELIVERED_AT]->(l:Location) | properties(l)] AS locations
    ORDER BY s.id
"""


async def page(tx: Tx, *, after: str = "", limit: int = 500) -> list[Service]:
    """Services in the order of their ids, with their locations as they are now, sealed ones too."""
    return [_service(row) for row in await records(tx, PAGE, after=after, limit=limit)]


def _service(row: dict[str, Any]) -> Service:
    service = from_properties(Service, row["service"])
    now = {node["id"]: from_properties(Location, node) for node in row["locations"]}
    order = [x.id for x in service.locations]
    return service.model_copy(update={"locations": tuple(now[id] for id in order if id in now)})


CREATE: Final = """
    UNWIND $rows AS row
    MATCH (o:Organization {id: row.organization_id})
    CREATE (o)-[:OFFERS]->(s:Service {id: row.id})
    SET s += row.properties
"""

UPDATE: Final = """
    UNWIND $rows AS row
    MATCH (s:Service {id: row.id})
    SET s += row.properties
"""


async def create(tx: Tx, services: Iterable[Service]) -> None:
    """Write services that were not there, each offered by its organisation."""
    found = [bare(service) for service in services]
    pairs = zip(found, rows(found), strict=True)
    await run(tx, CREATE, rows=[{**row, "organization_id": service.organization_id} for service, row in pairs])


async def update(tx: Tx, services: Iterable[Service]) -> None:
    """Write services anew."""
    await run(tx, UPDATE, rows=rows(bare(service) for service in services))


def bare(service: Service) -> Service:
    """A service as its own node tells it: of its locations the ids, because they are nodes and some are sealed. (R-26)"""
    places = tuple(Location(id=x.id, location_type=x.location_type) for x in service.locations)
    return service.model_copy(update={"locations": places})


UNLINK: Final = """
    UNWIND $ids AS id
    MATCH (:Service {id: id})-[r:OF_TYPE|COVERS|DELIVERED_AT|REQUIRES|IN_PROGRAM|REACHES]->()
    DELETE r
"""

UNLINK_ORGANIZATION: Final = """
    UNWIND $ids AS id
    MATCH (:Organization)-[r:OFFERS]->(:Service {id: id})
    DELETE r
"""

OFFERS: Final = """
    UNWIND $rows AS row
    MATCH (o:Organization {id: row.organization_id})
    MATCH (s:Service {id: row.id})
    CREATE (o)-[:OFFERS]->(s)
"""

OF_TYPE: Final = """
    UNWIND $rows AS row
    MATCH (s:Service {id: row.id})
    MATCH (t:ServiceType {code: row.to})
    CREATE (s)-[:OF_TYPE]->(t)
"""

REQUIRES: Final = """
    UNWIND $rows AS row
    MATCH (s:Service {id: row.id})
    MATCH (t:ServiceType {code: row.to})
    CREATE (s)-[:REQUIRES]->(t)
"""

COVERS: Final = """
    UNWIND $rows AS row
    MATCH (s:Service {id: row.id})
    MATCH (a:Area {code: row.to})
    CREATE (s)-[:COVERS]->(a)
"""

DELIVERED_AT: Final = """
    UNWIND $rows AS row
    MATCH (s:Service {id: row.id})
    MATCH (l:Location {id: row.to})
    CREATE (s)-[:DELIVERED_AT]->(l)
"""

IN_PROGRAM: Final = """
    UNWIND $rows AS row
    MATCH (s:Service {id: row.id})
    MATCH (p:Program {id: row.to})
    CREATE (s)-[:IN_PROGRAM]->(p)
"""


async def unlink(tx: Tx, ids: Iterable[str]) -> None:
    """Take away the edges that follow from the content of these services."""
    await run(tx, UNLINK, ids=list(ids))


async def unlink_organizations(tx: Tx, ids: Iterable[str]) -> None:
    """Leave these services without a provider for now."""
    await run(tx, UNLINK_ORGANIZATION, ids=list(ids))


async def link_organizations(tx: Tx, services: Iterable[Service]) -> None:
    """Each service is offered by its organisation."""
    await run(tx, OFFERS, rows=[{"id": s.id, "organization_id": s.organization_id} for s in services])


async def link_types(tx: Tx, services: Iterable[Service]) -> None:
    """What each service is for. (R-30)"""
    await run(tx, OF_TYPE, rows=_pairs((s.id, s.service_types) for s in services))


async def link_required(tx: Tx, services: Iterable[Service]) -> None:
    """What must come before each service."""
    await run(tx, REQUIRES, rows=_pairs((s.id, s.requires or ()) for s in services))


async def link_areas(tx: Tx, services: Iterable[Service]) -> None:
    """Which areas each service covers, with all below them. (R-06)"""
    await run(tx, COVERS, rows=_pairs((s.id, s.areas or ()) for s in services))


async def link_locations(tx: Tx, services: Iterable[Service]) -> None:
    """Where each service is delivered."""
    await run(tx, DELIVERED_AT, rows=_pairs((s.id, [x.id for x in s.locations]) for s in services))


async def link_programs(tx: Tx, services: Iterable[Service]) -> None:
    """Under which programmes each service is delivered. (R-43)"""
    await run(tx, IN_PROGRAM, rows=_pairs((s.id, s.programs) for s in services))


def _pairs(found: Iterable[tuple[str, Iterable[str]]]) -> list[dict[str, str]]:
    return [{"id": id, "to": other} for id, others in found for other in dict.fromkeys(others)]


CATCHMENTS: Final = "UNWIND $keys AS key MERGE (:Catchment {key: key})"


async def ensure_catchments(tx: Tx, keys: Iterable[str]) -> None:
    """These keys are there."""
    await run(tx, CATCHMENTS, keys=sorted(keys))


UNREACH: Final = """
    UNWIND $ids AS id
    MATCH (:Service {id: id})-[r:REACHES]->()
    DELETE r
"""

REACHES: Final = """
    UNWIND $rows AS row
    MATCH (s:Service {id: row.id})
    WHERE NOT EXISTS { (s)-[:MERGED_INTO]->(:Service) }
    UNWIND row.keys AS key
    MATCH (k:Catchment {key: key})
    CREATE (s)-[:REACHES]->(k)
"""


async def unlink_catchments(tx: Tx, ids: Iterable[str]) -> None:
    """Let these services be found from nowhere for now."""
    await run(tx, UNREACH, ids=list(ids))


async def link_catchments(tx: Tx, keys: dict[str, frozenset[str]]) -> None:
    """Under which keys each service is found; see `graph.model.catchment`. One that was merged is found by none."""
    await run(tx, REACHES, rows=[{"id": id, "keys": sorted(found)} for id, found in keys.items()])


OF_TYPES: Final = """
    UNWIND $codes AS code
    MATCH (:ServiceType {code: code})<-[:OF_TYPE]-(s:Service)
    RETURN DISTINCT s.id AS id
"""


async def of_types(tx: Tx, codes: Iterable[str]) -> list[str]:
    """The ids of the services of one of these types itself: their catchment follows from what stands above it."""
    return [row["id"] for row in await records(tx, OF_TYPES, codes=list(codes))]


def catchment_of(service: Service, area_lineage: Callable[[str], tuple[str, ...]]) -> frozenset[str]:
    """Where a service can be found from. (R-06)"""
    return keys_of(
        service.areas,
        service.service_types,
        area_lineage=area_lineage,
        type_lineage=lambda code: lineage("service-types", code),
    )
