"""A desk that people with accounts of their own work at through the real routes: how tests set a case up. (R-25)"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import pyotp
from fastapi.testclient import TestClient

from tests.accounts import PASSWORD, House, forget_attempts
from tests.cast import CLINIC, TOWN
from tests.sending import CLINIC_SERVICE, PURPOSE, RECORD, TYPE


@dataclass
class Desk:
    """Clients that are signed in, by login; new people sign in with what they were handed."""

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

    def moved_in(self, case: str, login: str) -> TestClient:
        """The person takes their account over with what they were handed, and signs in."""
        given = self.done("the.manager", "POST", f"/cases/{case}/person-account", {"login": login}, 201)
        client = self.house.client()
        client.__enter__()
        forget_attempts(client)
        taken = {"login": login, "one_time_password": given["one_time_password"], "password": PASSWORD}
        secret = client.post("/v1/accounts/activation", json=taken).json()["secret"]
        self.house.totp[login] = secret
        confirmed = {"login": login, "password": PASSWORD, "code": pyotp.TOTP(secret).now()}
        assert client.post("/v1/accounts/confirmation", json=confirmed).status_code == 204
        self.clients[login] = client
        return client

    def enter(self, login: str) -> TestClient:
        """Signing in with the next number: the one of the confirmation counted already."""
        client = self.clients[login]
        code = pyotp.TOTP(self.house.totp[login]).at(time.time() + 30)
        answer = client.post("/v1/sessions", json={"login": login, "password": PASSWORD, "code": code})
        assert answer.status_code == 201, answer.text
        return client
