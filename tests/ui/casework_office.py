"""The office of the tests of case work: a manager, colleagues, a stranger and others, signed in as a browser is. (R-25)"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from graph.model.actor import Role
from graph.model.log import Entry
from graph.secrets import open_secrets
from graph.server import Server
from graph.store import cases, log
from graph.store.migrate import migrate
from graph.store.network import Network, Tx
from tests.accounts import House
from tests.cast import CLINIC, HOME, OTHER, TOWN
from tests.conftest import wipe
from tests.sending import CLINIC_SERVICE, PURPOSE, RECORD, TYPE, set_the_clinic
from tests.ui.pages import Form, Page, send

PEOPLE: Final = (
    ("the.manager", Role.CASE_MANAGER, HOME),
    ("the.colleague", Role.CASE_MANAGER, HOME),
    ("the.leaver", Role.CASE_MANAGER, HOME),
    ("the.stranger", Role.CASE_MANAGER, OTHER),
    ("the.clinic", Role.PROVIDER, CLINIC),
    ("the.officer", Role.DATA_PROTECTION_OFFICER, HOME),
    ("the.doctor", Role.PROFESSIONAL, CLINIC),
)
MISSING: Final = "0000-0000-0000-0000"


@dataclass
class Office:
    """Clients that are signed in, by login; pages as they read them, and the JSON face where a test sets something up."""

    house: House
    clients: dict[str, TestClient] = field(default_factory=dict)

    def __getitem__(self, login: str) -> TestClient:
        if login not in self.clients:
            client = self.house.client()
            client.__enter__()
            self.clients[login] = client
            self.house.signed_in(client, login)
        return self.clients[login]

    def close(self) -> None:
        for client in self.clients.values():
            client.__exit__(None, None, None)

    def done(self, by: str, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = self[by].request(method, f"/v1{path}", json=body)
        assert answer.status_code == status, (path, answer.text)
        return answer.json() if answer.content else None

    def opened(self, *, by: str = "the.manager", **data: Any) -> str:
        told = RECORD | {"municipality": TOWN, "age_band": "26-59"} | data
        told = {code: value for code, value in told.items() if value is not None}
        return str(self.done(by, "POST", "/cases", {"data": told}, 201)["case_id"])

    def needed(self, case: str, *, agreed: bool = True, service_type: str = TYPE) -> str:
        stated = self.done("the.manager", "POST", f"/cases/{case}/needs", {"service_type": service_type})
        if agreed:
            self.done("the.manager", "POST", f"/cases/{case}/needs/{stated['id']}/agreement")
        return str(stated["id"])

    def allowed(self, case: str, *fields: str) -> str:
        body = {"organization_id": CLINIC, "purpose": PURPOSE, "modality": "written"}
        body |= {"fields": list(fields or ("given_name", "health_condition"))}  # type: ignore[dict-item]
        return str(self.done("the.manager", "POST", f"/cases/{case}/consents", body, 201)["consent_id"])

    def drafted(self, case: str, need: str) -> str:
        draft = {"need_id": need, "service_id": CLINIC_SERVICE, "chosen_because": "person-prefers"}
        return str(self.done("the.manager", "POST", f"/cases/{case}/referrals", draft, 201)["referral_id"])

    def sent(self, case: str, need: str) -> str:
        referral = self.drafted(case, need)
        self.done("the.manager", "POST", f"/referrals/{referral}/send")
        return referral

    def run_log(self, case: str) -> list[tuple[str, list[str]]]:
        """Kind and field codes of every entry of a case, the oldest first."""

        async def read(network: Network) -> list[Entry]:
            async def stream(tx: Tx) -> list[Entry]:
                found = await cases.unseen(tx, case)
                return await log.read(tx, found.stream)

            return await network.read(stream)

        return [(str(entry.body.kind), list(entry.body.fields)) for entry in self.house.run(read)]

    def page(self, path: str, by: str = "the.manager", lang: str = "es", status: int = 200) -> Page:
        answer = self[by].get(path, headers={"Accept-Language": lang})
        assert answer.status_code == status, (path, answer.status_code, answer.text[-600:])
        return Page(answer)

    def sends(
        self, path: str, action: str, said: dict[str, Any] | None = None, *, by: str = "the.manager", status: int = 303
    ) -> Response:
        """Fill in the form of a page that goes to this address, and send it."""
        (form, *_) = [form for form in self.page(path, by).forms if form.action == action]
        return self.posts(form, said, by=by, status=status)

    def posts(
        self, form: Form, said: dict[str, Any] | None = None, *, by: str = "the.manager", status: int = 303
    ) -> Response:
        answer = send(self[by], form, **(said or {}))
        assert answer.status_code == status, (form.action, answer.status_code, Page(answer).text[-1500:])
        assert answer.headers["cache-control"] == "no-store"
        return answer


@pytest.fixture(scope="module")
def office(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    house = House(server, open_secrets(tmp_path_factory.mktemp("keys of an office") / "keys"))

    async def stage(network: Network) -> None:
        await wipe(network)
        await migrate(network)
        await set_the_clinic(network)

    house.run(stage)
    for login, role, organization in PEOPLE:
        house.add(login, role, organization=organization)
    office = Office(house)
    yield office
    office.close()
