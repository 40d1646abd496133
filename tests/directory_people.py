"""The small network with people who keep its directory, signed in by their own accounts: for pages and routes. (R-02)"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi.testclient import TestClient

from graph.model.actor import Role
from graph.secrets import open_secrets
from graph.server import Server
from tests.accounts import House, forget_attempts
from tests.served import filled

PEOPLE = {
    "desk": ("o-desk", Role.PROVIDER),
    "house": ("o-house", Role.PROVIDER),
    "manager": ("o-registry", Role.CASE_MANAGER),
    "committee": ("o-registry", Role.COMMITTEE),
    "officer": ("o-registry", Role.DATA_PROTECTION_OFFICER),
}


class People:
    """One browser for each of them, and one for nobody."""

    def __init__(self, house: House, client: TestClient) -> None:
        self.house, self._client = house, client
        self._cookies: dict[str, dict[str, str]] = {"nobody": {}}

    def __call__(self, login: str) -> TestClient:
        """The client as this person: signed in the first time they are named."""
        self._client.cookies.clear()
        if login not in self._cookies:
            forget_attempts(self._client)
            self.house.signed_in(self._client, login)
            self._cookies[login] = dict(self._client.cookies)
        self._client.cookies.clear()
        for name, value in self._cookies[login].items():
            self._client.cookies.set(name, value)
        return self._client


@contextmanager
def people(server: Server, folder: Path) -> Iterator[People]:
    """The house with the small network and these people."""
    filled(server, folder / "small network")
    house = House(server, open_secrets(folder / "keys"))
    for login, (organization, role) in PEOPLE.items():
        house.add(login, role, organization=organization)
    with house.client() as client:
        yield People(house, client)
