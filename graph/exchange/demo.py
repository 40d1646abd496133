"""The demo network as documents, and as a folder that an import reads like any other. (R-02)

What the network consists of is decided in `graph.seed.demo`. Influence and interest stand here, and only here: they
never leave by an export, but a fictional network may bring them along. (R-33)
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from graph.exchange.hsds_write import (
    Document,
    mechanism_document,
    organization_document,
    service_document,
    suspension_document,
)
from graph.seed.demo.build import DemoNetwork, Member, network

GEOGRAPHY: Final = ("areas.csv", "area-adjacency.csv")


@dataclass(frozen=True, slots=True)
class DemoDocuments:
    """The lists of the folder's files."""

    organizations: tuple[Document, ...]
    mechanisms: tuple[Document, ...]
    suspensions: tuple[Document, ...]


def documents(today: date) -> DemoDocuments:
    """The demo network as HSDS documents with our profile, as it looks on a day."""
    demo: DemoNetwork = network(today)
    return DemoDocuments(
        organizations=tuple(document_of(member) for member in demo.members),
        mechanisms=tuple(mechanism_document(mechanism) for mechanism in demo.mechanisms),
        suspensions=tuple(suspension_document(stop) for stop in demo.suspensions),
    )


def write(folder: Path, today: date) -> Path:
    """Write the demo network and the geography it stands on into a folder, and name it: it is ready to import."""
    folder.mkdir(parents=True, exist_ok=True)
    carried = files("graph.seed.areas")
    for name in GEOGRAPHY:
        (folder / name).write_text(carried.joinpath(name).read_text(encoding="utf-8"), encoding="utf-8")
    demo = documents(today)
    _write(folder / "organizations.json", demo.organizations)
    _write(folder / "mechanisms.json", demo.mechanisms)
    _write(folder / "suspensions.json", demo.suspensions)
    return folder


def document_of(member: Member) -> Document:
    """An organisation in full form, its services nested."""
    document = organization_document(
        member.organization,
        agreements=member.agreements,
        memberships=member.memberships,
        programs=member.programs,
        suspensions=member.suspensions,
    )
    document["influence"] = member.organization.influence
    document["interest"] = member.organization.interest
    programs = {program.id: program for program in member.programs}
    document["services"] = [
        _nested(
            service_document(
                offered.service,
                organization=document,
                programs=programs,
                sops=offered.sops,
                capacities=offered.capacities,
                suspensions=offered.suspensions,
            )
        )
        for offered in member.services
    ]
    return document


def _nested(service: Document) -> Document:
    """A service inside its organisation need not say whose it is."""
    return {name: value for name, value in service.items() if name not in ("organization", "organization_id")}


def _write(path: Path, rows: tuple[dict[str, Any], ...]) -> None:
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
