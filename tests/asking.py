"""The cast of the tests of asking first: clinics of two organisations, and a crowd in which one person is not known."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from api.actions import enquiries, plans
from api.actions.enquiries import AskedOf, Asking
from api.actions.plans import StatedNeed
from graph.model.refusal import Refusal
from graph.secrets import Secrets
from graph.store.network import Network, Tx
from tests.cast import CLINIC, COUNTRY, OTHER, TOWN, opened
from tests.sending import CLINIC_SERVICE, LATER, SERVICES, TYPE, Patient, Walk, set_the_clinic

SECOND_SERVICE: Final = "s-second-clinic"
SECRET_SERVICE: Final = "s-secret-clinic"
SHELTER: Final = "s-shelter"
CROWD: Final = 10
"""As many as have to be possible where it is about health."""

SEALED: Final = """
    MATCH (s:Service {id: $service_id})
    MATCH (a:Area {code: $area})
    CREATE (s)-[:DELIVERED_AT]->(l:Location {id: $id, location_type: 'physical', sealed: true})-[:IN]->(a)
    SET s.locations = $locations
"""

PLAIN: Final = """
    UNWIND $rows AS row
    MATCH (s:Service {id: row.id})
    SET s.service_types = [row.type]
"""


async def set_the_clinics(network: Network) -> None:
    """Beside the clinic: one of another organisation, one whose place is secret, and protection from trafficking."""
    await set_the_clinic(network)
    await add_clinics(network)


async def add_clinics(network: Network) -> None:
    """The other ones, where the clinic is there already."""
    rows = [
        {"id": CLINIC_SERVICE, "organization": CLINIC, "type": TYPE},
        {"id": SECOND_SERVICE, "organization": OTHER, "type": TYPE},
        {"id": SECRET_SERVICE, "organization": OTHER, "type": TYPE},
        {"id": SHELTER, "organization": OTHER, "type": "psychosocial.trafficking"},
    ]

    async def more(tx: Tx) -> None:
        await (await tx.run(SERVICES, rows=rows, country=COUNTRY)).consume()
        await (await tx.run(PLAIN, rows=rows)).consume()
        secret: dict[str, Any] = {
            "id": "l-secret",
            "service_id": SECRET_SERVICE,
            "area": TOWN,
            "locations": '[{"id": "l-secret"}]',
        }
        await (await tx.run(SEALED, **secret)).consume()

    await Patient.of(network).write(more)


class Asker(Walk):
    """A case manager who asks before anybody is named, later than the crowd came."""

    def __init__(self, network: Network, secrets: Secrets, *, at: datetime = LATER + timedelta(hours=6)) -> None:
        super().__init__(network, secrets)
        self.at = at

    async def crowd(self, n: int = CROWD - 1, **data: Any) -> None:
        """Other people of the same town, band and language who seek help for the same."""
        told = {"municipality": TOWN, "age_band": "26-59", "languages": ["spa"]} | data
        for _ in range(n):
            done = await opened(self.network, self.secrets, **told)
            need = await self.network.write(
                plans.state_need, done.case_id, StatedNeed(service_type=TYPE), **self.later()
            )
            assert not isinstance(need, Refusal)
            await self.network.write(plans.agree_need, done.case_id, need.id, **self.later())

    async def ask(self, *services: str, language: str | None = "spa") -> AskedOf | Refusal:
        asking = Asking(service_ids=services or (CLINIC_SERVICE, SECOND_SERVICE), language=language)
        return await self.network.write(enquiries.ask, self.case_id, self.need_id, asking, **self.later())

    async def asked(self, *services: str) -> AskedOf:
        """What was asked, where it is known that it may be."""
        found = await self.ask(*services)
        assert isinstance(found, AskedOf), found
        return found
