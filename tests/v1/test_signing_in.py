"""Signing in, on real engines through the real routes: what opens, what does not, and what ends at once. (R-21, R-25)"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pyotp
import pytest
from fastapi.testclient import TestClient

from api.actions import accounts, api_tokens, sign_in
from api.actions.accounts import OPERATOR
from consent.access import Deed
from graph.model.account import ABSOLUTE, IDLE
from graph.model.actor import Role
from graph.model.refusal import Reason, Refusal
from graph.secrets import open_secrets
from graph.server import Server
from graph.store import log
from graph.store.network import Network
from tests.accounts import PASSWORD, House, forget_attempts
from tests.cast import CLINIC, DEPARTMENT, HOME, TOWN, set_the_stage
from tests.served import HERE, OURS

LOGIN: Final = "canaria.xiomara"
AWAY: Final = ("192.0.2.9", 50000)


@pytest.fixture(scope="module")
def house(server: Server, tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(server, open_secrets(tmp_path_factory.mktemp("keys of accounts") / "keys")).staged(set_the_stage)


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    with house.client() as client:
        yield client


def test_the_right_password_and_number_open_once(house: House, client: TestClient) -> None:
    house.add("owner.one", Role.CASE_MANAGER)
    assert client.get("/v1/me").json()["code"] == "not-signed-in"
    body = house.body("owner.one")
    answer = client.post("/v1/sessions", json=body)
    assert answer.status_code == 201 and answer.headers["cache-control"] == "no-store"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("enlace=") and "HttpOnly" in cookie and "samesite=lax" in cookie.lower()
    assert "Secure" not in cookie
    assert client.get("/v1/me").json()["roles"] == ["case-manager"]
    assert len(client.get("/v1/sessions").json()) == 1
    assert client.post("/v1/sessions", json=body).json()["code"] == "sign-in-failed", "a number counts once"
    assert client.delete("/v1/sessions/current").status_code == 204
    assert client.get("/v1/me").status_code == 401


def test_wrong_unknown_and_disabled_are_one_and_the_same_no(house: House, client: TestClient) -> None:
    gone = house.add("owner.gone", Role.CASE_MANAGER)
    house.add("owner.two", Role.CASE_MANAGER)
    house.run(lambda n: n.write(accounts.disable, gone.id, actor=OPERATOR, at=datetime.now(UTC), secrets=house.secrets))
    tried = [
        house.body("owner.two", password="not the password"),
        house.body("owner.two", code="000000" if house.body("owner.two")["code"] != "000000" else "111111"),
        house.body("owner.two", login="nobody.here"),
        house.body("owner.gone"),
        house.body("owner.two", login="...", password="x"),
    ]
    answers = [client.post("/v1/sessions", json=body) for body in tried]
    assert {(a.status_code, a.text) for a in answers} == {(401, answers[0].text)}
    assert answers[0].json()["code"] == "sign-in-failed"
    assert not any("set-cookie" in a.headers for a in answers)


def test_too_many_attempts_wait_and_known_and_unknown_alike(house: House, client: TestClient) -> None:
    house.add("owner.slow", Role.CASE_MANAGER)
    for login in ("owner.slow", "nobody.slow"):
        bodies = [house.body("owner.slow", login=login, password="wrong") for _ in range(6)]
        answers = [client.post("/v1/sessions", json=body) for body in bodies]
        assert [a.status_code for a in answers] == [401] * 5 + [429]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 62
    assert client.post("/v1/sessions", json=house.body("owner.slow")).status_code == 429, "the right one waits too"
    other = TestClient(client.app, base_url=OURS, client=("127.0.0.2", 1), headers={"Sec-Fetch-Site": "same-origin"})
    other.portal = client.portal
    assert other.post("/v1/sessions", json=house.body("owner.slow")).status_code == 201, "nobody is shut out"


def test_a_session_ends_when_idle_and_after_twelve_hours_however_busy(house: House) -> None:
    house.add("owner.idle", Role.CASE_MANAGER)
    start = datetime.now(UTC)

    async def work(network: Network) -> None:
        code = pyotp.TOTP(house.totp["owner.idle"]).at(start)
        begun = await sign_in.sign_in(network, "owner.idle", PASSWORD, code, at=start, secrets=house.secrets)
        assert begun is not None
        early = start + IDLE - timedelta(milliseconds=1)
        at = start
        while (at := at + timedelta(minutes=19)) < start + ABSOLUTE:
            assert await sign_in.by_session(network, begun.token, at=at) is not None
        assert await sign_in.by_session(network, begun.token, at=start + ABSOLUTE) is None
        code = pyotp.TOTP(house.totp["owner.idle"]).at(start + timedelta(minutes=2))
        later = start + timedelta(minutes=2)
        idle = await sign_in.sign_in(network, "owner.idle", PASSWORD, code, at=later, secrets=house.secrets)
        assert idle is not None
        assert await sign_in.by_session(network, idle.token, at=later + IDLE) is None
        assert early < later + IDLE and await sign_in.by_session(network, idle.token, at=early) is not None

    house.run(work)


def test_disabling_ends_sessions_and_tokens_at_once_and_is_signed(house: House, client: TestClient) -> None:
    house.add("admin.one", Role.ADMIN)
    target = house.add("owner.three", Role.CASE_MANAGER)
    house.signed_in(client, "owner.three")
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    secret = client.post("/v1/tokens", json={"scopes": ["directory-read"], "valid_to": until}).json()["secret"]
    with house.client() as admin:
        house.signed_in(admin, "admin.one")
        own = next(a for a in admin.get("/v1/accounts").json() if a["actor_id"] == house.ids["admin.one"].actor_id)
        assert admin.post(f"/v1/accounts/{own['id']}/disabling").json()["reasons"][0]["code"] == "own-account"
        done = admin.post(f"/v1/accounts/{target.id}/disabling")
        assert done.status_code == 200 and done.json()["entry"]["body"]["kind"] == "role-change"
        assert admin.post(f"/v1/accounts/{target.id}/disabling").status_code == 404
    assert client.get("/v1/me").status_code == 401
    assert client.get("/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    entries = house.run(lambda n: n.read(log.read, log.MECHANISM))
    assert entries[-1].body.basis_ids == (target.actor_id,)
    assert [e.body.n for e in entries] == list(range(1, len(entries) + 1))


def test_changed_roles_bite_at_the_next_request(house: House, client: TestClient) -> None:
    house.add("admin.two", Role.ADMIN)
    other = house.add("admin.three", Role.ADMIN)
    house.signed_in(client, "admin.three")
    assert client.get("/v1/accounts").status_code == 200
    with house.client() as admin:
        house.signed_in(admin, "admin.two")
        assert admin.put(f"/v1/accounts/{other.id}/roles", json={"roles": ["provider"]}).status_code == 200
    answer = client.get("/v1/accounts")
    assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
    assert answer.json()["reasons"][0]["code"] == "access-role"


def test_a_token_reaches_as_far_as_its_scopes_and_until_it_is_revoked(house: House, client: TestClient) -> None:
    house.add("admin.four", Role.ADMIN)
    house.signed_in(client, "admin.four")
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    narrow = client.post("/v1/tokens", json={"scopes": ["directory-read"], "valid_to": until}).json()
    wide = client.post("/v1/tokens", json={"scopes": ["account-manage"], "valid_to": until}).json()
    assert "secret" not in str(client.get("/v1/tokens").json()) and len(client.get("/v1/tokens").json()) == 2
    too_long = client.post("/v1/tokens", json={"scopes": ["log-read"], "valid_to": "2099-01-01T00:00:00Z"})
    assert too_long.json()["reasons"][0]["code"] == "token-too-long"
    assert client.post("/v1/tokens", json={"scopes": ["everything"], "valid_to": until}).status_code == 422
    with house.client() as program:
        held, other = ({"Authorization": f"Bearer {t['secret']}"} for t in (wide, narrow))
        assert program.get("/v1/accounts", headers=held).status_code == 200
        refused = program.get("/v1/accounts", headers=other)
        assert refused.status_code == 403 and refused.json()["reasons"][0]["code"] == "access-scope"
        more = program.post("/v1/tokens", headers=held, json={"scopes": ["log-read"], "valid_to": until})
        assert more.status_code == 403, "no token issues another"
        assert client.delete(f"/v1/tokens/{wide['id']}").status_code == 204
        assert program.get("/v1/accounts", headers=held).status_code == 401
        assert program.get("/v1/me", headers={"Authorization": "Basic eDp5"}).status_code == 401
    assert client.get("/v1/me", headers={"Authorization": "Bearer wrong"}).status_code == 401, "no cookie mends it"


def test_a_token_ends_at_its_instant(house: House) -> None:
    new = house.add("owner.four", Role.CASE_MANAGER)
    at = datetime.now(UTC)

    async def work(network: Network) -> None:
        from graph.store import actors

        actor = await network.read(actors.get, new.actor_id)
        until = at + timedelta(hours=1)
        issued = await api_tokens.issue(network, [Deed.CASE_READ], until, actor=actor, at=at)
        assert not isinstance(issued, Refusal)
        before = await sign_in.by_token(network, issued.secret, at=until - timedelta(milliseconds=1))
        assert before is not None and before.scopes == frozenset({"case-read"})
        assert await sign_in.by_token(network, issued.secret, at=until) is None
        narrow = await api_tokens.issue(network, [Deed.CASE_READ], until, actor=before, at=at)
        assert isinstance(narrow, Refusal) and narrow.reasons[0].reason is Reason.ACCESS_SCOPE

    house.run(work)


def test_a_credential_needs_two_administrators_neither_the_holder(house: House, client: TestClient) -> None:
    holder = house.add("professional", Role.PROFESSIONAL, Role.ADMIN, organization=CLINIC)
    house.add("admin.five", Role.ADMIN)
    house.add("admin.six", Role.ADMIN)
    until = (datetime.now(UTC) + timedelta(days=90)).isoformat()
    wish = {"actor_id": holder.actor_id, "kind": "mental-health", "valid_to": until}
    house.signed_in(client, "admin.five")
    with house.client() as second, house.client() as own:
        house.signed_in(second, "admin.six")
        house.signed_in(own, "professional")
        assert own.post("/v1/credentials", json=wish).json()["reasons"][0]["code"] == "credential-badly-issued"
        proposed = client.post("/v1/credentials", json=wish)
        assert proposed.status_code == 201
        there = f"/v1/credentials/{proposed.json()['id']}"
        for alone in (client, own):
            assert alone.post(f"{there}/issue").status_code == 409
        issued = second.post(f"{there}/issue").json()["entry"]["body"]
        assert issued["kind"] == "credential-issued"
        assert second.post(f"{there}/issue").status_code == 404
        assert client.post(f"{there}/revocation").json()["entry"]["body"]["kind"] == "credential-revoked"


def test_cookies_over_https_and_no_sign_in_over_foreign_http(house: House) -> None:
    house.add("owner.five", Role.CASE_MANAGER)
    with house.client("https://enlace.example.org", AWAY) as away:
        answer = away.post("/v1/sessions", json=house.body("owner.five"))
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-enlace=") and "Secure" in cookie and "HttpOnly" in cookie
        assert "Path=/" in cookie and "domain" not in cookie.lower() and "samesite=lax" in cookie.lower()
        assert away.get("/v1/me").status_code == 200
    token = cookie.partition("=")[2].partition(";")[0]
    for base, peer in [("http://enlace.example.org", AWAY), ("http://enlace.example.org", HERE), (OURS, AWAY)]:
        with house.client(base, peer) as plain:
            refused = plain.post("/v1/sessions", json=house.body("owner.five"))
            assert (refused.status_code, refused.json()["code"]) == (403, "unencrypted")
            for name in ("enlace", "__Host-enlace"):
                assert plain.get("/v1/me", headers={"Cookie": f"{name}={token}"}).status_code == 401
            assert plain.get("/sign-in").status_code == 403


def test_a_session_that_was_there_before_signing_in_opens_nothing_afterwards(house: House, client: TestClient) -> None:
    """Nobody can be given a session beforehand, and two people at one browser do not share one. (R-21)"""
    house.add("owner.planted", Role.CASE_MANAGER)
    house.add("owner.after", Role.CASE_MANAGER)
    planted = {"Cookie": "enlace=planted-by-somebody-else"}
    tokens = []
    for begun in (
        client.post("/v1/sessions", json=house.body("owner.planted"), headers=planted),
        client.post("/sign-in", data=house.body("owner.after"), headers=planted),
    ):
        assert begun.status_code in (201, 303)
        tokens.append(begun.headers["set-cookie"].partition("=")[2].partition(";")[0])
        client.cookies.clear()
    assert "planted-by-somebody-else" not in tokens and {len(token) for token in tokens} == {43}
    house.add("owner.next", Role.CASE_MANAGER)
    held = {"Cookie": f"enlace={tokens[0]}"}
    assert client.get("/v1/me", headers=held).status_code == 200
    assert client.post("/v1/sessions", json=house.body("owner.next"), headers=held).status_code == 201
    client.cookies.clear()
    assert client.get("/v1/me", headers=held).status_code == 401


def test_a_foreign_page_signs_nobody_in_or_out(house: House, client: TestClient) -> None:
    house.add("owner.six", Role.CASE_MANAGER)
    house.signed_in(client, "owner.six")
    foreign = {"Sec-Fetch-Site": "cross-site"}
    body = house.body("owner.six")
    assert client.post("/v1/sessions", json=body, headers=foreign).json()["code"] == "foreign-origin"
    assert client.post("/sign-in", data=body, headers=foreign).status_code == 403
    assert client.post("/sign-out", headers=foreign).status_code == 403
    assert client.delete("/v1/sessions", headers=foreign).status_code == 403
    assert client.get("/v1/me").status_code == 200


def test_another_s_session_cannot_be_ended_and_all_of_one_s_own_can(house: House, client: TestClient) -> None:
    house.add("owner.seven", Role.CASE_MANAGER)
    house.add("owner.eight", Role.CASE_MANAGER)
    house.signed_in(client, "owner.seven")
    id = client.get("/v1/sessions").json()[0]["id"]
    with house.client() as other:
        house.signed_in(other, "owner.eight")
        assert other.delete(f"/v1/sessions/{id}").status_code == 404
    assert client.delete("/v1/sessions").status_code == 204
    with house.client() as again:
        again.cookies = client.cookies
        assert again.get("/v1/me").status_code == 401


def test_an_account_is_taken_over_by_its_owner(house: House, client: TestClient) -> None:
    house.add("admin.seven", Role.ADMIN)
    house.signed_in(client, "admin.seven")
    added = client.post("/v1/accounts", json={"login": LOGIN, "organization_id": HOME, "roles": ["provider"]}).json()
    taken = client.post("/v1/accounts", json={"login": LOGIN.upper(), "organization_id": HOME, "roles": ["admin"]})
    assert taken.json()["reasons"][0]["code"] == "login-taken"
    one_time = added["one_time_password"]
    with house.client() as owner:
        early = {"login": LOGIN, "password": one_time, "code": "123456"}
        assert owner.post("/v1/sessions", json=early).status_code == 401, "a one-time password opens nothing"
        said = {"login": LOGIN, "one_time_password": one_time, "password": PASSWORD}
        secret = owner.post("/v1/accounts/activation", json=said).json()["secret"]
        assert owner.post("/v1/accounts/activation", json=said).status_code == 401
        house.totp[LOGIN] = secret
        now = datetime.now(UTC)
        before = pyotp.TOTP(secret).at(now - timedelta(seconds=30))
        assert owner.post("/v1/sessions", json=house.body(LOGIN)).status_code == 401, "not confirmed yet"
        forget_attempts(owner)
        assert owner.post("/v1/accounts/confirmation", json=house.body(LOGIN, code=before)).status_code == 204
        forget_attempts(owner)
        house.signed_in(owner, LOGIN)
        change = {"old": PASSWORD, "new": PASSWORD + "-2"}
        assert owner.put("/v1/accounts/mine/password", json=change | {"old": "wrong"}).status_code == 401
        assert owner.put("/v1/accounts/mine/password", json=change).status_code == 204
        assert owner.get("/v1/me").status_code == 401


def test_neither_login_nor_password_is_repeated_anywhere(
    house: House, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said = {"login": "canaria.oculta", "password": "canaria-secreta", "code": "canari"}
    answers = [
        client.post("/v1/sessions", json=said),
        client.post("/v1/sessions", json=said | {"more": "canaria"}),
        client.post("/v1/sessions", json=said | {"code": ["canaria"]}),
        client.post("/sign-in", data=said),
        client.post("/sign-in", data=said | {"login": "canaria" * 100}),
        client.post("/v1/accounts/activation", json={"login": "canaria", "password": "canaria"}),
    ]
    for answer in answers:
        assert answer.status_code >= 400
        assert "canari" not in answer.text + str(answer.headers) + str(answer.url)
    assert "canari" not in caplog.text

    async def everything(tx: Any) -> str:
        return str([r.data() async for r in await tx.run("MATCH (n) RETURN properties(n) AS p")])

    stored = house.run(lambda n: n.read(everything))
    for secret in (PASSWORD, LOGIN, "owner.one", *house.totp.values()):
        assert secret not in stored


def test_the_pages_sign_in_and_out_and_show_the_rights(house: House, client: TestClient) -> None:
    house.add("owner.page", Role.CASE_MANAGER)
    house.add("admin.page", Role.ADMIN)
    assert 'name="password"' in client.get("/sign-in").text
    assert client.post("/sign-in", data=house.body("owner.page", password="no")).status_code == 401
    assert client.post("/sign-in", data=house.body("owner.page")).headers["location"] == "/"
    assert "Case manager" in client.get("/sign-in?lang=en").text
    assert client.post("/sign-out").status_code == 303
    assert client.get("/v1/me").status_code == 401
    for path in ("/access?lang=es", "/access?lang=en", "/sign-in?left=1"):
        shown = client.get(path)
        assert shown.status_code == 200 and "identity." not in shown.text
    assert HOME in client.get("/access").text, "who administers is named, as an organisation"


def test_rights_in_words_are_those_of_the_table(client: TestClient) -> None:
    from consent.access import TABLE

    for language in ("es", "en"):
        shown = client.get("/v1/access", headers={"Accept-Language": language}).json()
        said = {(role["code"], right["code"]) for role in shown["roles"] for right in role["rights"]}
        assert said == {(role.value, deed.value) for role, row in TABLE.items() for deed in row if row[deed]}
        assert "identity." not in str(shown) and "relation." not in str(shown)


def test_a_departmental_committee_has_its_department_and_is_nothing_else(house: House, client: TestClient) -> None:
    """Made by an administrator; known again by its session and by its token. (R-52)"""
    house.add("admin.departments", Role.ADMIN)
    other = house.add("owner.other", Role.PROVIDER)
    mine = house.add("owner.department", Role.DEPARTMENT_COMMITTEE, department=DEPARTMENT)
    role = Role.DEPARTMENT_COMMITTEE.value
    said = {"login": "owner.nine", "organization_id": HOME, "roles": [role]}
    with house.client() as admin:
        house.signed_in(admin, "admin.departments")
        for wrong in (
            {},
            {"roles": [role, "provider"], "department": DEPARTMENT},
            {"roles": ["provider"], "department": DEPARTMENT},
        ):
            answer = admin.post("/v1/accounts", json=said | wrong)
            assert (answer.status_code, answer.json()["reasons"][0]["code"]) == (409, "department-alone"), wrong
        for nowhere in (TOWN, "XX99"):
            assert admin.post("/v1/accounts", json=said | {"department": nowhere}).status_code == 404, nowhere
        assert admin.post("/v1/accounts", json=said | {"department": DEPARTMENT}).status_code == 201
        for id, roles in ((mine.id, [role, "provider"]), (other.id, [role])):
            answer = admin.put(f"/v1/accounts/{id}/roles", json={"roles": roles})
            assert (answer.status_code, answer.json()["reasons"][0]["code"]) == (409, "department-alone")
        listed = {account["id"]: account["department"] for account in admin.get("/v1/accounts").json()}
        assert (listed[mine.id], listed[other.id]) == (DEPARTMENT, None)
    house.signed_in(client, "owner.department")
    assert client.get("/v1/committee/gaps").json() == []
    assert client.get("/v1/indicators").json()["department"] == DEPARTMENT
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    secret = client.post("/v1/tokens", json={"scopes": ["indicators-read"], "valid_to": until}).json()["secret"]
    with house.client() as program:
        held = {"Authorization": f"Bearer {secret}"}
        assert program.get("/v1/indicators", headers=held).json()["department"] == DEPARTMENT
        assert program.get("/v1/committee/gaps", headers=held).status_code == 403
