"""The cast of the tests of cases: who acts, from which organisation, and where. Nobody here is a real person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from api.actions.case_change import Changed
from api.actions.cases import Opening, open_case
from graph.model.actor import Actor, Role
from graph.secrets import Secrets
from graph.store.network import Network, Tx

NOW: Final = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
SOON: Final = NOW + timedelta(minutes=5)

HOME: Final = "org-home-demo"
OTHER: Final = "org-other-demo"
CLINIC: Final = "org-clinic-demo"

OWNER: Final = Actor(id="a-owner", organization_id=HOME, roles=frozenset({Role.CASE_MANAGER}))
COLLEAGUE: Final = Actor(id="a-colleague", organization_id=HOME, roles=frozenset({Role.CASE_MANAGER}))
STRANGER: Final = Actor(id="a-stranger", organization_id=OTHER, roles=frozenset({Role.CASE_MANAGER}))
PROVIDER: Final = Actor(id="a-provider", organization_id=CLINIC, roles=frozenset({Role.PROVIDER}))
ADMIN: Final = Actor(id="a-admin", organization_id=HOME, roles=frozenset({Role.ADMIN}))
OFFICER: Final = Actor(id="a-officer", organization_id=HOME, roles=frozenset({Role.DATA_PROTECTION_OFFICER}))
PROFESSIONAL: Final = Actor(id="a-professional", organization_id=CLINIC, roles=frozenset({Role.PROFESSIONAL}))
CAST: Final = (OWNER, COLLEAGUE, STRANGER, PROVIDER, ADMIN, OFFICER, PROFESSIONAL)

COUNTRY, DEPARTMENT, TOWN, NEXT_TOWN, QUARTER = "GT", "GT09", "GT0901", "GT0902", "GT0901-03"

STAGE: Final = """
    UNWIND $areas AS row
    MERGE (a:Area {code: row.code})
    SET a.level = row.level, a.lineage = row.lineage, a.touching = [], a.name = row.code
    WITH count(*) AS areas
    UNWIND $actors AS row
    MERGE (o:Organization {id: row.organization})
    SET o.name = row.organization, o.translations = '{}'
    MERGE (x:Actor {id: row.id})
    SET x.roles = row.roles
    MERGE (x)-[:WORKS_FOR]->(o)
"""


async def set_the_stage(network: Network) -> None:
    """Areas, organisations and actors."""
    lines = [[COUNTRY], [DEPARTMENT, COUNTRY], [TOWN, DEPARTMENT, COUNTRY], [NEXT_TOWN, DEPARTMENT, COUNTRY]]
    lines.append([QUARTER, TOWN, DEPARTMENT, COUNTRY])

    async def stage(tx: Tx) -> None:
        areas = [{"code": line[0], "level": len(line) - 1, "lineage": line} for line in lines]
        actors = [{"id": a.id, "organization": a.organization_id, "roles": sorted(a.roles)} for a in CAST]
        await (await tx.run(STAGE, areas=areas, actors=actors)).consume()

    await network.write(stage)


def person_of(case_id: str) -> Actor:
    """The person themselves, signed in to their own case."""
    return Actor(id="a-person", roles=frozenset({Role.PERSON}), case_id=case_id)


async def opened(network: Network, secrets: Secrets, *, actor: Actor = OWNER, **data: Any) -> Changed:
    """A case, opened by the owner with an age band and a town unless told otherwise."""
    told = {"municipality": TOWN, "age_band": "26-59"} | data
    told = {field: value for field, value in told.items() if value is not None}
    return await network.write(open_case, Opening(data=told), actor=actor, at=NOW, secrets=secrets)
