"""Everybody who may knock: one caller for each role and for nobody, and what they ask of the served application.

For tests that try every route as everyone. A caller is named in a header here, instead of by a session: who signs in
how is tested in `test_signing_in`, what somebody may do once known is what these tests are about.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from fastapi import FastAPI, Request
from httpx2 import ASGITransport, AsyncClient, Response

from api.actions import credentials
from api.actions.credentials import Proposal
from api.app import create_app
from api.dependencies import Identify
from graph.model.account import Account
from graph.model.actor import Actor, CredentialKind, Role
from graph.model.log import Entry
from graph.secrets import Secrets
from graph.server import Server
from graph.store import accounts
from graph.store.network import Network, Tx
from tests.cast import ADMIN, CAST, HOME, OTHER, OWNER, PROFESSIONAL, PROVIDER, STAGE, TOWN, person_of
from tests.sending import CLINIC_SERVICE, RECORD, TYPE, Patient, set_the_clinic
from tests.served import OURS

SECOND_ADMIN: Final = Actor(id="a-admin-2", organization_id=HOME, roles=frozenset({Role.ADMIN}))
COMMITTEE: Final = Actor(id="a-committee", organization_id=HOME, roles=frozenset({Role.COMMITTEE}))
DEPARTMENTAL: Final = Actor(
    id="a-departmental", organization_id=HOME, roles=frozenset({Role.DEPARTMENT_COMMITTEE}), department="GT13"
)
"""Of another department than the one in which everybody else works."""
OTHER_PROVIDER: Final = Actor(id="a-provider-other", organization_id=OTHER, roles=frozenset({Role.PROVIDER}))
OTHER_PROFESSIONAL: Final = Actor(
    id="a-professional-other", organization_id=OTHER, roles=frozenset({Role.PROFESSIONAL})
)
EVERYBODY: Final = {a.id: a for a in (*CAST, SECOND_ADMIN, COMMITTEE, DEPARTMENTAL, OTHER_PROVIDER, OTHER_PROFESSIONAL)}
NOBODY: Final = "nobody"
BY: Final = "x-test-actor"

RECEIVER: Final = PROVIDER.id
INSIDE: Final = frozenset({"a-owner", "a-colleague"})
"""Who works with the cases that the owner opens."""


async def set_the_house(network: Network, secrets: Secrets) -> None:
    """The clinic, everybody with an account of theirs, and professionals with credentials."""
    await set_the_clinic(network)
    at = datetime.now(UTC)

    async def stage(tx: Tx) -> None:
        told = [{"id": a.id, "organization": a.organization_id, "roles": sorted(a.roles)} for a in EVERYBODY.values()]
        await (await tx.run(STAGE, areas=[], actors=told)).consume()
        await (await tx.run(ACTORS, actors=told)).consume()
        for actor in EVERYBODY.values():
            await accounts.create(tx, account_of(actor, at=at))

    await Patient.of(network).write(stage)
    for professional in (PROFESSIONAL, OTHER_PROFESSIONAL):
        await give_credential(network, secrets, professional.id)


ACTORS: Final = """
    UNWIND $actors AS row
    MATCH (o:Organization {id: row.organization})
    MERGE (x:Actor {id: row.id})
    SET x.roles = row.roles
    MERGE (x)-[:WORKS_FOR]->(o)
"""


def account_of(actor: Actor, *, at: datetime) -> Account:
    """The account of one of them; nobody signs in by it."""
    return Account(
        id=f"account-{actor.id}", actor_id=actor.id, login=f"blind-{actor.id}", password_hash="-", created_at=at
    )


async def give_credential(
    network: Network, secrets: Secrets, holder: str, kind: CredentialKind = "mental-health", *, issued: bool = True
) -> str:
    """A credential by the word of two administrators; or only proposed."""
    at = datetime.now(UTC)
    proposal = Proposal(actor_id=holder, kind=kind, valid_to=at + timedelta(days=300))
    assert isinstance(await network.write(credentials.propose, proposal, actor=ADMIN, at=at, secrets=secrets), Entry)
    if issued:
        who: dict[str, Any] = {"actor": SECOND_ADMIN, "at": at, "secrets": secrets}
        assert isinstance(await network.write(credentials.issue, proposal.id, **who), Entry)
    return proposal.id


class Callers:
    """The application, asked by whoever is named."""

    def __init__(self, app: FastAPI, client: AsyncClient) -> None:
        self.app, self._client = app, client

    async def ask(
        self, by: str, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        """One request; a form where it goes to a page."""
        sent: dict[str, Any] = {} if body is None else {"json" if path.startswith("/v1/") else "data": body}
        return await self._client.request(method, path, headers={BY: by, **(headers or {})}, **sent)

    async def done(
        self, by: str, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        """What a request answers that must be granted."""
        answer = await self.ask(by, method, path, body, headers)
        assert answer.is_success, (method, path, answer.text)
        return answer.json()

    async def opened(self, *, by: str = OWNER.id, **data: Any) -> str:
        """A case with a record."""
        said = {"data": RECORD | {"municipality": TOWN, "age_band": "26-59"} | data}
        return str((await self.done(by, "POST", "/v1/cases", said))["case_id"])

    async def needed(self, case_id: str, *, by: str = OWNER.id) -> str:
        """An agreed need of a case."""
        need = str((await self.done(by, "POST", f"/v1/cases/{case_id}/needs", {"service_type": TYPE}))["id"])
        await self.done(by, "POST", f"/v1/cases/{case_id}/needs/{need}/agreement")
        return need

    async def drafted(self, case_id: str, need_id: str, *, by: str = OWNER.id, service: str = CLINIC_SERVICE) -> str:
        """A referral that was not sent."""
        draft = {"need_id": need_id, "service_id": service, "chosen_because": "person-prefers"}
        return str((await self.done(by, "POST", f"/v1/cases/{case_id}/referrals", draft))["referral_id"])


def named_in_header(people: Mapping[str, Actor] = EVERYBODY) -> Identify:
    """Who asks is who a header says: `person:<case>` is the person of that case."""

    async def identify(request: Request) -> Actor | None:
        said = request.headers.get(BY, "")
        return person_of(said.removeprefix("person:")) if said.startswith("person:") else people.get(said)

    return identify


@asynccontextmanager
async def callers(server: Server, secrets: Secrets, people: Mapping[str, Actor] = EVERYBODY) -> AsyncIterator[Callers]:
    """The application in this process, and a way to ask it as anybody."""
    app = create_app(server, secrets=secrets)
    app.state.identify = named_in_header(people)
    async with app.router.lifespan_context(app):
        transport = ASGITransport(app=app, client=("127.0.0.1", 50000))
        async with AsyncClient(transport=transport, base_url=OURS, headers={"Sec-Fetch-Site": "same-origin"}) as client:
            yield Callers(app, client)
