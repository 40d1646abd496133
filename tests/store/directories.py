"""A directory of values as an import folder, and a whole graph as one value: for the tests of import and export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from consent.release import release_location, release_organization, release_service
from graph.exchange import hsds_write as write
from graph.exchange.files import write_adjacency, write_areas
from graph.model.base import Model
from graph.store.mapping import native
from graph.store.network import Network, Tx
from tests.exchange.networks import PAIRS, Directory

NODES: Final = """
    MATCH (n)
    WHERE n:Area OR n:Organization OR n:Service OR n:Location OR n:Sop OR n:ServiceCapacity OR n:Program
       OR n:Agreement OR n:Mechanism OR n:Suspension
    RETURN labels(n)[0] AS label, properties(n) AS properties
"""

EDGES: Final = """
    MATCH (a)-[r]->(b)
    WHERE NOT type(r) IN ['KIND_OF']
    RETURN labels(a)[0] + ' ' + coalesce(a.id, a.code) AS from, type(r) AS type,
           labels(b)[0] + ' ' + coalesce(b.id, b.code, b.key) AS to
"""

Graph = tuple[dict[str, dict[str, Any]], list[str]]


async def graph(network: Network) -> Graph:
    """All nodes of the directory by label and key, and all edges: twice the same edge stands there twice."""

    async def read(tx: Tx) -> Graph:
        nodes = {}
        async for row in await tx.run(NODES):
            found = {name: native(value) for name, value in row["properties"].items()}
            key = found.get("id") or found["code"]
            for text in ("carried", "translations"):
                if isinstance(found.get(text), str):
                    found[text] = json.loads(found[text])
            nodes[f"{row['label']} {key}"] = {
                n: v for n, v in found.items() if n not in ("terms", "capacity_lock", "checksum")
            }
        edges = sorted([f"{row['from']} {row['type']} {row['to']}" async for row in await tx.run(EDGES)])
        return nodes, edges

    return await network.read(read, deadline=60.0)


def apart(one: Graph, other: Graph) -> list[str]:
    """What stands in one graph only, or otherwise."""
    found = []
    for key in sorted(one[0].keys() | other[0].keys()):
        mine, theirs = one[0].get(key, {}), other[0].get(key, {})
        names = sorted(mine.keys() | theirs.keys())
        found += [f"{key}.{n}: {mine.get(n)!r} | {theirs.get(n)!r}" for n in names if mine.get(n) != theirs.get(n)]
    return found + sorted(set(one[1]) ^ set(other[1])) + ([] if len(one[1]) == len(other[1]) else ["edges twice"])


def folder(found: Directory, path: Path, *, geography: bool = True) -> Path:
    """The directory as its own house states it: sealed places and influence too, which no export would tell."""
    path.mkdir(parents=True, exist_ok=True)
    programs = {program.id: program for program in found.programs}
    organizations = [
        write.organization_document(
            organization,
            agreements=[a for a in found.agreements if a.parties[0] == organization.id],
            programs=[p for p in found.programs if p.organization_id == organization.id],
            suspensions=[x for x in found.suspensions if x.subject_id == organization.id],
        )
        | {n: v for n in ("influence", "interest") if (v := getattr(organization, n))}
        for organization in found.organizations
    ]
    owners = {document["id"]: document for document in organizations}
    services = [
        write.service_document(
            service,
            organization={n: owners[service.organization_id][n] for n in ("id", "name")},
            programs=programs,
            sops=[p for p in found.sops if p.service_id == service.id],
            capacities=[c for c in found.capacities if c.service_id == service.id],
            suspensions=[x for x in found.suspensions if x.subject_id == service.id],
        )
        for service in found.services
    ]
    if geography:
        with (path / "areas.csv").open("w", encoding="utf-8") as out:
            write_areas(out, found.areas)
        with (path / "area-adjacency.csv").open("w", encoding="utf-8") as out:
            write_adjacency(out, sorted(PAIRS))
    put(path / "organizations.json", organizations)
    put(path / "services.json", services)
    put(path / "mechanisms.json", [write.mechanism_document(m) for m in found.mechanisms])
    stops = [write.suspension_document(x) for x in found.suspensions if x.subject == "area"]
    put(path / "suspensions.json", stops)
    return path


def put(path: Path, rows: Any) -> Path:
    """Write JSON, also into a folder that is not there yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    return path


def released(found: Directory) -> Directory:
    """The directory as everybody may know it."""
    sealed = {x.id for service in found.services for x in service.locations if x.sealed}
    services = tuple(release_service(service, sealed=sealed) for service in found.services)
    assert all(release_location(x) == x for service in services for x in service.locations)
    organizations = tuple(release_organization(o, sealed=sealed) for o in found.organizations)
    return Directory(
        organizations,
        services,
        found.sops,
        found.capacities,
        found.programs,
        found.agreements,
        found.mechanisms,
        found.suspensions,
    )


def content(path: Path) -> dict[str, bytes]:
    """The files of a folder."""
    return {file.name: file.read_bytes() for file in sorted(path.iterdir())}


def by_id(models: tuple[Model, ...]) -> dict[str, Any]:
    """Models by their id."""
    return {getattr(model, "id", ""): model for model in models}
