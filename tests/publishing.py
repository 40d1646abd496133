"""Two persons of the committee, a provider who drafts, and steps of publishing: for tests of rules that two persons make."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

from api.actions import amendments, difference
from api.actions.amendments import Amended, Draft
from graph.model.actor import Actor, Role
from graph.model.difference import Difference
from graph.model.refusal import Refusal
from graph.model.sop import Sop, SopField
from graph.secrets import Secrets
from graph.store.network import Network
from tests.cast import CLINIC, HOME, NOW, OTHER
from tests.sending import CLINIC_SERVICE, Patient, sop_of

DRAFTER: Final = Actor(id="a-clinic-drafts", organization_id=CLINIC, roles=frozenset({Role.PROVIDER}))
ONE: Final = Actor(id="a-committee-one", organization_id=OTHER, roles=frozenset({Role.COMMITTEE}))
TWO: Final = Actor(id="a-committee-two", organization_id=HOME, roles=frozenset({Role.COMMITTEE}))
BOTH: Final = Actor(id="a-clinic-drafts", organization_id=CLINIC, roles=frozenset({Role.PROVIDER, Role.COMMITTEE}))
"""The drafter under another role."""

TODAY: Final = NOW.date()
ADDRESS: Final = SopField(
    field="address", stage="first-contact", required=True, why_needed="Para la visita a domicilio"
)


def rules(*more: SopField, service: str = CLINIC_SERVICE, **changes: Any) -> Sop:
    """The clinic's rules as a draft says them, with more fields or otherwise."""
    stated = sop_of(service).model_copy(update={"id": "draft", "version": None, "valid_from": None})
    return stated.model_copy(update={"valid_to": None, "fields": (*stated.fields, *more)} | changes)


def draft(sop: Sop | None = None, *, starts_on: date = TODAY, **changes: Any) -> Draft:
    """A draft of the clinic's next version, unless it is of an order."""
    said = {"sop": sop, "starts_on": starts_on, "reason": "review"} | changes
    return Draft.model_validate(said)


class Desk:
    """One amendment on its way, each step a minute after the one before."""

    def __init__(self, network: Network, secrets: Secrets, *, at: datetime = NOW + timedelta(hours=3)) -> None:
        self.network, self.secrets, self.at = Patient.of(network), secrets, at
        self.id, self.revision = "", 1

    def by(self, actor: Actor) -> dict[str, Any]:
        self.at += timedelta(minutes=1)
        return {"actor": actor, "at": self.at, "secrets": self.secrets}

    def _after(self, done: Amended | Refusal) -> Amended | Refusal:
        if isinstance(done, Amended):
            self.id, self.revision = done.amendment_id, done.revision
        return done

    async def drafted(
        self, said: Draft, *, by: Actor = DRAFTER, service: str = CLINIC_SERVICE, mechanism: str = ""
    ) -> Amended | Refusal:
        if mechanism:
            return self._after(await self.network.write(amendments.draft_order, mechanism, said, **self.by(by)))
        return self._after(await self.network.write(amendments.draft_sop, service, said, **self.by(by)))

    async def changed(self, said: Draft, *, by: Actor = DRAFTER) -> Amended | Refusal:
        return self._after(await self.network.write(amendments.change, self.id, said, self.revision, **self.by(by)))

    async def submitted(self, *, by: Actor = DRAFTER) -> Amended | Refusal:
        return self._after(await self.network.write(amendments.submit, self.id, self.revision, **self.by(by)))

    async def withdrawn(self, *, by: Actor = DRAFTER) -> Amended | Refusal:
        return self._after(await self.network.write(amendments.withdraw, self.id, **self.by(by)))

    async def worked_out(self, *, by: Actor = ONE) -> Difference:
        return await difference.work_out(self.network, self.id, actor=by, at=self.at)

    async def published(self, *, by: Actor = ONE) -> Amended | Refusal:
        return self._after(await self.network.write(amendments.publish, self.id, self.revision, **self.by(by)))

    async def ready(
        self, said: Draft, *, by: Actor = DRAFTER, mechanism: str = "", service: str = CLINIC_SERVICE
    ) -> Desk:
        """Drafted, handed in and worked out."""
        assert isinstance(done := await self.drafted(said, by=by, mechanism=mechanism, service=service), Amended), done
        assert isinstance(await self.submitted(by=by), Amended)
        await self.worked_out()
        return self
