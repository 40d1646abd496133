"""A provider that the story brings along: its procedure gives it one second to decide, and it never answers. (R-12)

It comes in by the ordinary import, as a document; the product knows no other clock than that of its procedure.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from graph.exchange.demo import document_of
from graph.model.sop import Clocks, SopContact
from graph.seed.demo.build import id_of, network

LIKE: Final = "gt-ixchel"
"""The clinic of the demo that it resembles."""

DESK: Final = "recepcion@silencio.example.org"
FOCAL_POINT: Final = "enlace@silencio.example.org"
COMMITTEE: Final = "comite@example.org"
SERVICE: Final = id_of("service", "story-silent")
CLOCKS: Final = Clocks(receive="P1M", decide="PT1S")


def write(folder: Path, today: date) -> Path:
    """The document of the silent provider, in a folder that is ready to import."""
    like = next(m for m in network(today).members if m.organization.id == id_of("organization", LIKE))
    organization = like.organization.model_copy(
        update={
            "id": id_of("organization", "story-silent"),
            "name": "Consultorio Silencio (demo)",
            "email": FOCAL_POINT,
            "translations": {"en": {"name": "Silence Practice (demo)"}},
        }
    )
    offered = like.services[0]
    service = offered.service.model_copy(
        update={"id": SERVICE, "organization_id": organization.id, "locations": (), "phones": (), "programs": ()}
    )
    newest = max(offered.sops, key=lambda sop: sop.version or 0)
    desk = SopContact(name="Recepción", channel="email", address=DESK)
    sop = newest.model_copy(
        update={"id": id_of("sop", "story-silent"), "service_id": SERVICE, "clocks": CLOCKS, "contacts": (desk,)}
    )
    silent = replace(
        like,
        organization=organization,
        agreements=(),
        programs=(),
        suspensions=(),
        services=(replace(offered, service=service, sops=(sop,), capacities=(), suspensions=()),),
    )
    folder.mkdir(parents=True)
    (folder / "organizations.json").write_text(json.dumps([document_of(silent)], ensure_ascii=False), encoding="utf-8")
    return folder
