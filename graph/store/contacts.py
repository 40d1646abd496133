"""Whom to tell when a provider does not answer: addresses of functions, as SOP, directory and mechanism state them. (R-12)"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from graph.model.sop import SopContact
from graph.model.timer import Rung
from graph.store.content import records
from graph.store.mapping import nested
from graph.store.network import Tx

MAIL: Final = "email"
FOCAL_POINT: Final = "focal-point"
NEAREST: Final = ("local", "national", "international")


@dataclass(frozen=True, slots=True)
class Told:
    """An organisation that is to be told, and its address where one is stated."""

    organization_id: str | None
    to: str | None


OF: Final = """
    MATCH (o:Organization {id: $organization_id})
    OPTIONAL MATCH (s:Service {id: $service_id})
    OPTIONAL MATCH (s)-[:GOVERNED_BY]->(p:Sop {id: $sop_id})
    RETURN o.email AS email, s.email AS service_email, p.contacts AS contacts,
           [(o)-[:MEMBER_OF]->(m:Mechanism) | {id: m.id, scope: m.scope, lead: m.lead_organization_id}] AS mechanisms
"""

EMAIL: Final = "MATCH (o:Organization {id: $id}) RETURN o.email AS email"


async def of(
    tx: Tx, *, organization_id: str, service_id: str | None, sop_id: str | None, committee: str | None
) -> dict[Rung, Told]:
    """Each rung of the ladder: the SOP's contact, the organisation, who leads its nearest mechanism, the committee."""
    found = await records(tx, OF, organization_id=organization_id, service_id=service_id, sop_id=sop_id)
    row: dict[str, Any] = found[0] if found else {"email": None, "service_email": None, "contacts": None}
    stated = [SopContact.model_validate(one) for one in nested(row["contacts"]) or ()]
    mailed = [c for c in stated if c.channel == MAIL and c.address and "@" in c.address]
    focal = next((c.address for c in mailed if c.role == FOCAL_POINT), None)
    provider = next((c.address for c in mailed if c.role != FOCAL_POINT), None)
    lead = _lead(row.get("mechanisms") or [])
    return {
        Rung.PROVIDER: Told(organization_id, provider or row["service_email"]),
        Rung.FOCAL_POINT: Told(organization_id, focal or row["email"]),
        Rung.LEAD: Told(lead, await email_of(tx, lead) if lead else None),
        Rung.COMMITTEE: Told(None, committee),
    }


async def email_of(tx: Tx, organization_id: str) -> str | None:
    """The address of an organisation, where it states one."""
    found = await records(tx, EMAIL, id=organization_id)
    return found[0]["email"] if found else None


def _lead(mechanisms: list[dict[str, Any]]) -> str | None:
    """Who leads the nearest mechanism that says who leads it."""
    led = [m for m in mechanisms if m["lead"]]
    led.sort(key=lambda m: (NEAREST.index(m["scope"]) if m["scope"] in NEAREST else len(NEAREST), m["id"]))
    return str(led[0]["lead"]) if led else None
