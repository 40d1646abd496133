"""People with accounts of their own, signing in through the real routes: for tests of what that opens. (R-25)"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final, Self, TypeVar

import pyotp
from fastapi.testclient import TestClient

from api import identity
from api.actions import accounts, passwords
from api.actions.accounts import OPERATOR, NewAccount
from api.app import create_app
from graph.log.entry import verify
from graph.model.actor import Role
from graph.model.log import Entry
from graph.secrets import Secrets
from graph.server import Server
from graph.store.migrate import migrate
from graph.store.network import Network
from tests.cast import HOME
from tests.conftest import wipe
from tests.served import HERE, OURS

T = TypeVar("T")
PASSWORD: Final = "canaria-clave-7731"


class House:
    """The application, its keys and its people; every person has a fresh number for every sign-in."""

    def __init__(self, server: Server, secrets: Secrets) -> None:
        self.server, self.secrets = server, secrets
        self.totp: dict[str, str] = {}
        self.ids: dict[str, NewAccount] = {}

    def run(self, work: Callable[[Network], Awaitable[T]]) -> T:
        async def run() -> T:
            async with Network.open(self.server) as network:
                return await work(network)

        return asyncio.run(run())

    def add(self, login: str, *roles: Role, organization: str = HOME, department: str | None = None) -> NewAccount:
        async def work(network: Network) -> NewAccount:
            secret = pyotp.random_base32(32)
            kept = await passwords.hashed(PASSWORD)
            new = NewAccount(
                organization_id=organization,
                roles=frozenset(roles),
                department=department,
                login=login,
                password_hash=kept,
                totp_secret=secret,
            )
            at = datetime.now(UTC)
            written = await network.write(accounts.add, new, actor=OPERATOR, at=at, secrets=self.secrets)
            assert isinstance(written, Entry) and verify(written, self.secrets.signer.public_key)
            self.totp[login], self.ids[login] = secret, new
            return new

        return self.run(work)

    def staged(self, stage: Callable[[Network], Awaitable[object]], *people: tuple[str, Role, str]) -> Self:
        """On a clean graph with what `stage` writes; people by login, role and organisation."""

        async def work(network: Network) -> None:
            await wipe(network)
            await migrate(network)
            await stage(network)

        self.run(work)
        for login, role, organization in people:
            self.add(login, role, organization=organization)
        return self

    def body(self, of: str, /, **other: str) -> dict[str, str]:
        return {"login": of, "password": PASSWORD, "code": pyotp.TOTP(self.totp[of]).now()} | other

    def client(self, base: str = OURS, peer: tuple[str, int] = HERE) -> TestClient:
        own = {"Sec-Fetch-Site": "same-origin"}
        app = create_app(self.server, secrets=self.secrets, hosts=None)  # one event loop each
        return TestClient(app, base_url=base, client=peer, follow_redirects=False, headers=own)

    def signed_in(self, client: TestClient, login: str) -> None:
        answer = client.post("/v1/sessions", json=self.body(login))
        assert answer.status_code == 201, answer.text


def forget_attempts(client: TestClient) -> None:
    client.app.state.throttle = identity.Throttle()  # type: ignore[attr-defined]  # Starlette types it as any ASGI app
