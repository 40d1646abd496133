"""One's own account on its pages: taken over with what was handed over, signed in here and there, changed. (R-25)"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyotp
import pytest
from fastapi.testclient import TestClient

from graph.model.actor import Role
from graph.secrets import open_secrets
from graph.server import Server
from graph.store.network import Tx
from tests.accounts import PASSWORD, House, forget_attempts
from tests.cast import CLINIC, HOME
from tests.sending import set_the_clinic
from tests.ui.pages import Page, get, send

NEW = "otra-clave-larga-9"
EN = {"Accept-Language": "en"}


@pytest.fixture(scope="module")
def house(server: Server, tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(server, open_secrets(tmp_path_factory.mktemp("keys of accounts") / "keys")).staged(
        set_the_clinic,
        ("the.admin", Role.ADMIN, HOME),
        ("second.admin", Role.ADMIN, HOME),
        ("the.clinic", Role.PROVIDER, CLINIC),
    )


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    """A browser, of nobody yet; English is what it prefers."""
    with house.client() as client:
        client.headers["Accept-Language"] = "en"
        yield client


@pytest.fixture
def admin(house: House, client: TestClient) -> TestClient:
    """The administrator, signed in by the next number: each counts once."""
    return entered(house, client, "the.admin")


def entered(house: House, client: TestClient, login: str, password: str = PASSWORD) -> TestClient:
    """Signed in by the form. A number counts once; that is forgotten here, so that nobody waits for the next."""

    async def forget(tx: Tx) -> None:
        await (await tx.run("MATCH (a:Account) WHERE a.confirmed SET a.last_totp_step = 0")).consume()

    forget_attempts(client)
    house.run(lambda network: network.write(forget))
    code = pyotp.TOTP(house.totp[login]).now()
    answer = client.post("/sign-in", data={"login": login, "password": password, "code": code})
    assert answer.status_code == 303, answer.text[:500]
    return client


def test_somebody_takes_an_account_over_with_the_sign_or_the_key_in_text(house: House, client: TestClient) -> None:
    one_time = handed_over(house, "new.person")
    form = get(client, "/activate").forms[-1]
    assert form.action == "/activate"
    short = send(client, form, login="new.person", one_time=one_time, password="corta", again="corta")
    assert short.status_code == 422 and "#password" in Page(short).links and one_time not in short.text
    unlike = send(client, form, login="new.person", one_time=one_time, password=PASSWORD, again=NEW)
    assert unlike.status_code == 422 and "#again" in Page(unlike).links
    forget_attempts(client)
    wrong = send(client, form, login="new.person", one_time="nothing", password=PASSWORD, again=PASSWORD)
    nobody = send(client, form, login="no.such.body", one_time="nothing", password=PASSWORD, again=PASSWORD)
    assert (wrong.status_code, nobody.status_code) == (422, 422)
    assert wrong.text.replace("new.person", "") == nobody.text.replace("no.such.body", "")
    told = send(client, form, login="new.person", one_time=one_time, password=PASSWORD, again=PASSWORD)
    assert told.status_code == 200 and told.headers["cache-control"] == "no-store" and "<svg" in told.text
    assert PASSWORD not in told.text and one_time not in told.text
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", told.text)
    assert secret
    second = Page(told).forms[-1]
    forget_attempts(client)
    bad = send(client, second, password=PASSWORD, code="000000")
    assert bad.status_code == 422 and "#code" in Page(bad).links and "<svg" in bad.text, "the sign stands there still"
    house.totp["new.person"] = secret[1].replace(" ", "")
    good = send(client, second, password=PASSWORD, code=pyotp.TOTP(house.totp["new.person"]).now())
    assert (good.status_code, good.headers["location"]) == (303, "/activate?done=1")
    assert get(client, "/activate?done=1").h1 == "The account is yours"
    entered(house, client, "new.person")
    assert get(client, "/").h1 == "Today"


def handed_over(house: House, login: str) -> str:
    """An account that waits for its owner, as an administrator adds one."""
    with house.client() as client:
        entered(house, client, "second.admin")
        said = {"login": login, "organization_id": HOME, "roles": ["committee"]}
        answer = client.post("/v1/accounts", json=said)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["one_time_password"])


def test_sessions_are_listed_and_ended_one_or_all(house: House, client: TestClient) -> None:
    with house.client() as elsewhere:
        entered(house, elsewhere, "the.clinic")
        entered(house, client, "the.clinic")
        found = get(client, "/sessions")
        ends = [f for f in found.forms if f.action.endswith("/ending")]
        assert len(ends) == 1 and "this one" in found.text
        done = send(client, ends[0])
        assert done.status_code == 303 and elsewhere.get("/sessions").status_code == 303, "signed out there"
        assert client.post("/sessions/nothing/ending").status_code == 404
        assert get(client, "/sessions?ended=1").text.count("Since") == 1
    out = client.post("/sessions")
    assert out.status_code == 303 and client.get("/account").headers["location"].startswith("/sign-in")


def test_the_password_is_changed_with_the_one_that_holds(house: House, client: TestClient) -> None:
    entered(house, client, "the.clinic")
    form = next(f for f in get(client, "/account").forms if f.action == "/account/password")
    wrong = send(client, form, old="not this one", new=NEW, again=NEW)
    assert wrong.status_code == 422 and "#old" in Page(wrong).links and NEW not in wrong.text
    forget_attempts(client)
    done = send(client, form, old=PASSWORD, new=NEW, again=NEW)
    assert done.status_code == 303
    entered(house, client, "the.clinic", password=NEW)
    forget_attempts(client)
    assert send(client, form, old=NEW, new=PASSWORD, again=PASSWORD).status_code == 303


def test_a_token_is_shown_once_works_within_its_scopes_and_is_revoked(house: House, admin: TestClient) -> None:
    form = next(f for f in get(admin, "/account").forms if f.action == "/account/tokens")
    assert "account-manage" in form.options["scopes"] and "case-read" not in form.options["scopes"]
    none = send(admin, form)
    assert none.status_code == 422 and "#scopes" in Page(none).links
    far = send(admin, form, scopes=["account-manage"], valid_to="2099-01-01")
    assert far.status_code == 422 and "#valid_to" in Page(far).links
    made = send(admin, form, scopes=["account-manage"])
    token = re.search(r"<code>([A-Za-z0-9_-]{43})</code>", made.text)
    assert token and made.headers["cache-control"] == "no-store"
    with house.client() as program:
        program.headers["Authorization"] = f"Bearer {token[1]}"
        assert program.get("/v1/accounts").status_code == 200
        assert program.get("/account").status_code == 403, "one's account is no token's business"
        shown = get(admin, "/account")
        assert token[1] not in shown.text
        revoke = next(f for f in shown.forms if f.action.endswith("/revocation"))
        assert send(admin, revoke).status_code == 303
        assert program.get("/v1/accounts").status_code == 401
    assert admin.post("/account/tokens/nothing/revocation").status_code == 404


def test_an_administrator_adds_changes_and_disables_an_account(house: House, admin: TestClient) -> None:
    form = next(f for f in get(admin, "/accounts").forms if f.action == "/accounts")
    none = send(admin, form, login="x")
    assert none.status_code == 422 and {"#login", "#organization_id", "#roles"} <= set(Page(none).links)
    made = send(admin, form, login="fresh.person", organization_id=CLINIC, roles=["professional"])
    code = re.search(r"<code>([A-Za-z0-9_-]{24})</code>", made.text)
    assert code and made.status_code == 200 and made.headers["cache-control"] == "no-store"
    shown = get(admin, "/accounts")
    assert code[1] not in shown.text and "fresh.person" not in shown.text, "neither is ever read back"
    again = send(admin, form, login="fresh.person", organization_id=CLINIC, roles=["professional"])
    assert again.status_code == 409 and "<code>" not in again.text
    (account,) = [a for a in admin.get("/v1/accounts").json() if a["roles"] == ["professional"]]
    roles = f"/accounts/{account['id']}/roles"
    assert admin.post(roles, data={"roles": ["professional", "provider"]}).status_code == 303
    (account,) = [a for a in admin.get("/v1/accounts").json() if a["id"] == account["id"]]
    assert sorted(account["roles"]) == ["professional", "provider"]
    propose = next(f for f in get(admin, "/accounts").forms if f.action == "/accounts/credentials")
    bad = send(admin, propose, valid_to="never")
    assert bad.status_code == 422 and {"#actor_id", "#kind", "#valid_to"} <= set(Page(bad).links)
    assert send(admin, propose, actor_id="x" * 180, kind="mental-health").status_code == 422
    done = send(admin, propose, actor_id=account["actor_id"], kind="mental-health")
    assert done.status_code == 303
    waiting = admin.get("/v1/credentials").json()["proposed"]
    (mine,) = [one for one in waiting if one["actor_id"] == account["actor_id"]]
    issue = f"/accounts/credentials/{mine['id']}/issue"
    assert issue not in [f.action for f in get(admin, "/accounts").forms], "the second word is another's"
    assert admin.post(issue, data={"sure": "yes"}).status_code == 409
    with house.client() as second:
        entered(house, second, "second.admin")
        form = next(f for f in get(second, "/accounts").forms if f.action == issue)
        assert send(second, form).status_code == 303
        revoke = f"/accounts/credentials/{mine['id']}/revocation"
        form = next(f for f in get(second, "/accounts").forms if f.action == revoke)
        assert send(second, form).status_code == 303
    off = f"/accounts/{account['id']}/disabling"
    assert send(admin, next(f for f in get(admin, "/accounts").forms if f.action == off)).status_code == 303
    assert off not in [f.action for f in get(admin, "/accounts").forms]


def test_accounts_are_the_administrators_page(house: House, client: TestClient) -> None:
    assert client.get("/accounts").headers["location"] == "/sign-in?to=%2Faccounts"
    entered(house, client, "the.clinic")
    for method, path in (
        ("GET", "/accounts"),
        ("POST", "/accounts"),
        ("POST", "/accounts/x/disabling"),
        ("GET", "/attest"),
    ):
        answer = client.request(method, path, data={"sure": "yes"} if method == "POST" else None)
        assert answer.status_code == 403, path
