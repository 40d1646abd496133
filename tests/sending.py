"""The cast of the tests of sending: a clinic with an SOP, a case with a consent, and steps as their actors do them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any, Final

from api.actions import consents, plans, referrals
from api.actions.consents import Allowing, Answered
from api.actions.plans import StatedNeed
from api.actions.referrals import Draft, Drafted, Sent
from graph.model.catchment import keys_of
from graph.model.refusal import Refusal
from graph.model.sop import Sop, SopField
from graph.secrets import Secrets
from graph.seed.vocabulary import lineage
from graph.store import sops, terms
from graph.store.network import Network, Tx
from tests.cast import CLINIC, COUNTRY, NOW, OTHER, OWNER, TOWN, opened, set_the_stage

CLINIC_SERVICE: Final = "s-clinic"
OTHER_SERVICE: Final = "s-other"
NO_SOP_SERVICE: Final = "s-clinic-unruled"
PURPOSE: Final = "health-care"
TYPE: Final = "social.health.care"
LATER: Final = NOW + timedelta(hours=1)
"""When the clinic's day begins: every step below is later than the one before."""

CANARY: Final = "ZZCANARYZZ"
RECORD: Final = {
    "given_name": f"{CANARY} Nombre",
    "telephone": f"{CANARY} 5550-0000",
    "health_condition": f"{CANARY} asma",
    "allergies": f"{CANARY} ninguna",
    "address": f"{CANARY} calle",
}

SERVICES: Final = """
    UNWIND $rows AS row
    MATCH (o:Organization {id: row.organization})
    MATCH (a:Area {code: $country})
    MATCH (t:ServiceType {code: row.type})
    MERGE (s:Service {id: row.id})
    SET s.status = 'active', s.name = row.id, s.organization_id = row.organization, s.service_types = [row.type],
        s.areas = [$country]
    MERGE (o)-[:OFFERS]->(s)
    MERGE (s)-[:COVERS]->(a)
    MERGE (s)-[:OF_TYPE]->(t)
    WITH s, row
    UNWIND row.keys AS key
    MERGE (k:Catchment {key: key})
    MERGE (s)-[:REACHES]->(k)
"""


def sop_of(service_id: str, **changes: Any) -> Sop:
    """What the clinic asks for: two fields it needs, one it would like; one of them even in an emergency."""
    return Sop(
        id=changes.pop("id", f"sop-{service_id}"),
        service_id=service_id,
        version=changes.pop("version", 1),
        valid_from=changes.pop("valid_from", date(2026, 1, 1)),
        valid_to=changes.pop("valid_to", date(2027, 12, 31)),
        fields=(
            SopField(field="given_name", stage="first-contact", required=True, emergency=True),
            SopField(field="health_condition", stage="first-contact", required=True),
            SopField(field="telephone", stage="first-contact", required=False, emergency=True),
            SopField(field="allergies", stage="follow-up", required=False),
        ),
        **changes,
    )


async def set_the_clinic(network: Network) -> None:
    """Areas, organisations and actors, and services with their rules."""
    await set_the_stage(network)

    async def services(tx: Tx) -> None:
        rows = [
            {"id": CLINIC_SERVICE, "organization": CLINIC, "type": TYPE},
            {"id": NO_SOP_SERVICE, "organization": CLINIC, "type": TYPE},
            {"id": OTHER_SERVICE, "organization": OTHER, "type": "social.housing.rent"},
        ]
        await (
            await tx.run(SERVICES, rows=[row | {"keys": keys_of_type(row["type"])} for row in rows], country=COUNTRY)
        ).consume()
        await sops.create(tx, [sop_of(CLINIC_SERVICE), sop_of(OTHER_SERVICE)])
        await terms.refresh(tx, [row["id"] for row in rows])

    await Patient.of(network).write(services)


def keys_of_type(service_type: str) -> list[str]:
    """Where a service of the whole country is found from."""
    above = partial(lineage, "service-types")
    return sorted(keys_of([COUNTRY], [service_type], area_lineage=lambda code: (code,), type_lineage=above))


class Patient(Network):
    """The network for tests: a shared machine that plans its first statements is slow, and that is no failure."""

    async def read(self, action: Any, *args: Any, deadline: float = 60.0, **kwargs: Any) -> Any:
        return await super().read(action, *args, deadline=deadline, **kwargs)

    async def write(self, action: Any, *args: Any, deadline: float = 60.0, **kwargs: Any) -> Any:
        return await super().write(action, *args, deadline=deadline, **kwargs)

    @classmethod
    def of(cls, network: Network) -> Network:
        """The same network, with more patience."""
        patient = cls.__new__(cls)
        patient.__dict__ = network.__dict__
        return patient


class Walk:
    """One case on its way: each step as the case manager does it, a minute after the one before."""

    def __init__(self, network: Network, secrets: Secrets) -> None:
        self.network, self.secrets, self.at = Patient.of(network), secrets, LATER
        self.case_id = self.need_id = self.stream = ""

    def later(self) -> dict[str, Any]:
        """The circumstances of the next step."""
        self.at += timedelta(minutes=1)
        return {"actor": OWNER, "at": self.at, "secrets": self.secrets}

    async def begin(self, **record: Any) -> Walk:
        """A case with a record and one agreed need."""
        done = await opened(self.network, self.secrets, municipality=TOWN, **(RECORD | record))
        self.case_id, self.stream = done.case_id, done.entry.body.stream
        self.need_id = await self.need()
        return self

    async def need(self, *, agreed: bool = True) -> str:
        stated = await self.network.write(plans.state_need, self.case_id, StatedNeed(service_type=TYPE), **self.later())
        assert not isinstance(stated, Refusal)
        if agreed:
            await self.network.write(plans.agree_need, self.case_id, stated.id, **self.later())
        return stated.id

    async def allow(self, *fields: str, **changes: Any) -> Answered:
        """A consent for the clinic: what it needs, unless other fields are named."""
        asked = {"organization_id": CLINIC, "purpose": PURPOSE, "modality": "written"} | changes
        allowing = Allowing(fields=frozenset(fields or ("given_name", "health_condition")), **asked)
        given = await self.network.write(consents.give, self.case_id, allowing, **self.later())
        assert isinstance(given, Answered), given
        return given

    async def draft(self, service_id: str = CLINIC_SERVICE) -> Drafted:
        drafted = await self.network.write(
            referrals.draft,
            self.case_id,
            Draft(need_id=self.need_id, service_id=service_id, chosen_because="person-prefers"),
            **self.later(),
        )
        assert isinstance(drafted, Drafted), drafted
        return drafted

    async def send(self, referral_id: str) -> Sent | Refusal:
        return await self.network.write(referrals.send, referral_id, **self.later())

    async def sent(self) -> Sent:
        """A draft that was sent, with whatever was allowed before."""
        sent = await self.send((await self.draft()).referral_id)
        assert isinstance(sent, Sent), sent
        return sent
