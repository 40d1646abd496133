"""Once people have accounts, places and gaps ask who it is, and nobody loses what they typed on the way. (R-06, R-25)"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.ui.way_back import back_to
from graph.model.actor import Role
from graph.secrets import open_secrets
from graph.server import Server
from tests.accounts import House
from tests.conftest import EMBEDDED
from tests.served import HERE, OURS, filled
from tests.ui.pages import Page, get, send

pytestmark = EMBEDDED  # what engines have a say in is tested in tests/v1/test_capacity.py

RENT = "/services/s-rent/places"
SAID = "/v1/services/s-rent/capacity"
PEOPLE = {
    "proveedora": (Role.PROVIDER, "o-desk"),
    "gestora": (Role.CASE_MANAGER, "o-desk"),
    "ajena": (Role.PROVIDER, "o-house"),
    "comite": (Role.COMMITTEE, "o-house"),
    "admin": (Role.ADMIN, "o-house"),
    "protectora": (Role.DATA_PROTECTION_OFFICER, "o-desk"),
    "psicologa": (Role.PROFESSIONAL, "o-desk"),
}


@pytest.fixture(scope="module")
def house(server: Server, tmp_path_factory: pytest.TempPathFactory) -> House:
    filled(server, tmp_path_factory.mktemp("small network"))
    house = House(server, open_secrets(tmp_path_factory.mktemp("keys of the house") / "keys"))
    for login, (role, organization) in PEOPLE.items():
        house.add(login, role, organization=organization)
    house.add("de-la-pagina", Role.PROVIDER, organization="o-desk")
    house.add("del-comite", Role.COMMITTEE, organization="o-desk")
    return house


@pytest.fixture
def visitor(house: House) -> Iterator[TestClient]:
    with house.client() as client:
        yield client


@pytest.fixture(scope="module")
def signed_in(house: House) -> dict[str, dict[str, str]]:
    """Everybody's cookie, as a header."""
    found = {}
    with house.client() as client:
        for login in PEOPLE:
            house.signed_in(client, login)
            found[login] = {"Cookie": f"enlace={client.cookies['enlace']}"}
            client.cookies.clear()
    return found


def test_what_everybody_may_read_is_open(visitor: TestClient) -> None:
    need = {"service_type": "social.housing.rent", "area": "GT0901"}
    assert visitor.post("/v1/suggestions", json=need).status_code == 200
    for path in ("/", "/suggestions", "/places", "/services/s-rent", RENT, SAID, "/v1/areas?q=quetza", "/v1/access"):
        assert visitor.get(path).status_code == 200, path


def test_places_are_said_by_who_offers_them_the_committee_and_administrators(
    visitor: TestClient, signed_in: dict[str, dict[str, str]]
) -> None:
    """The same answer for another's service as for one that is not there. (R-06, R-25)"""
    there, elsewhere = SAID, "/v1/services/nothing/capacity"
    plus, any_version = {"change": "plus"}, {"If-Match": "*"}
    nobody = [visitor.put(path, json=plus, headers=any_version) for path in (there, elsewhere)]
    assert [a.status_code for a in nobody] == [401, 401] and nobody[0].json() == nobody[1].json()
    able = {"proveedora": "provider", "gestora": "case-manager", "comite": "committee", "admin": "admin"}
    for login, cookie in signed_in.items():
        answer = visitor.put(there, json=plus, headers=cookie | any_version)
        missing = visitor.put(elsewhere, json=plus, headers=cookie | any_version)
        if login in able:
            assert (answer.status_code, answer.json()["updated_by"]) == (200, able[login])
            continue
        assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
        assert (missing.status_code, missing.json()) == (403, answer.json())
    assert visitor.get(SAID).json()["available"] == 5 + len(able)


def test_nobody_speaks_for_a_side_that_is_not_theirs(visitor: TestClient, signed_in: dict[str, dict[str, str]]) -> None:
    said = {"change": "plus", "by": "committee"}
    answer = visitor.put(SAID, json=said, headers=signed_in["proveedora"] | {"If-Match": "*"})
    assert (answer.status_code, answer.json()["reasons"][0]["code"]) == (403, "access-role")
    assert visitor.put(SAID, json=said, headers=signed_in["comite"] | {"If-Match": "*"}).status_code == 200


def test_a_token_says_places_within_its_scope_only(house: House, visitor: TestClient) -> None:
    house.add("con-token", Role.PROVIDER, organization="o-desk")
    house.signed_in(visitor, "con-token")
    until = "2027-01-01T00:00:00Z"
    for scope, status in (("places-say", 200), ("directory-read", 403)):
        token = visitor.post("/v1/tokens", json={"scopes": [scope], "valid_to": until}).json()["secret"]
        with house.client() as program:
            held = {"Authorization": f"Bearer {token}", "If-Match": "*"}
            assert program.put(SAID, json={"change": "minus"}, headers=held).status_code == status


def test_gaps_are_read_by_the_committee_and_whoever_refers(
    visitor: TestClient, signed_in: dict[str, dict[str, str]]
) -> None:
    assert visitor.get("/v1/gaps?country=GT").json()["code"] == "not-signed-in"
    for login, cookie in signed_in.items():
        expected = 200 if login in {"comite", "gestora", "protectora"} else 403
        assert visitor.get("/v1/gaps?country=GT", headers=cookie).status_code == expected, login
        assert visitor.get("/gaps?country=GT", headers=cookie).status_code == expected, login


def test_whoever_wants_to_read_the_gaps_signs_in_and_is_back_at_the_same_country(
    house: House, visitor: TestClient
) -> None:
    sent = visitor.get("/gaps?country=HN")
    assert sent.status_code == 303
    page = get(visitor, sent.headers["location"])
    wrong = send(visitor, page.forms[0], **house.body("del-comite", password="no"))
    assert wrong.status_code == 401
    back = send(visitor, Page(wrong).forms[0], **house.body("del-comite"))
    assert (back.status_code, back.headers["location"]) == (303, "/gaps?country=HN")
    assert get(visitor, back.headers["location"]).h1


def test_what_was_typed_is_there_again_after_signing_in(house: House, visitor: TestClient) -> None:
    """A session ends after twenty idle minutes; the number on the screen must outlive it."""
    form = get(visitor, RENT)
    assert "/sign-in?to=%2Fservices%2Fs-rent%2Fplaces" in form.links
    sent = send(visitor, form.forms[1], RENT, number=4)
    assert sent.status_code == 303 and sent.headers["location"].startswith("/sign-in?to=")
    before = visitor.get(SAID).json()
    back = send(visitor, get(visitor, sent.headers["location"]).forms[0], **house.body("de-la-pagina"))
    page = get(visitor, back.headers["location"])
    with house.client() as nobody:  # who signed in reads more of it: what is held, too
        assert nobody.get(SAID).json() == before, "signing in says nothing by itself"
    assert "Hay 4" in page.text and ("number", "4") in page.forms[0].values
    done = send(visitor, page.forms[0], back.headers["location"])
    assert done.status_code == 303 and "Gracias" in get(visitor, done.headers["location"]).text
    assert visitor.get(SAID).json()["available"] == 4
    visitor.cookies.clear()
    for change in ("waiting-list", "plus"):
        sent = send(visitor, get(visitor, RENT).forms[0], RENT, change=change)
        assert f"wish%3D{change}" in sent.headers["location"]
    typed = send(visitor, get(visitor, RENT).forms[1], RENT, number="doce")
    assert "number%3Ddoce" in typed.headers["location"], "a slip is given back as well"


def test_another_organisation_s_places_are_shown_and_not_offered(
    visitor: TestClient, signed_in: dict[str, dict[str, str]]
) -> None:
    shown = visitor.get(RENT, headers=signed_in["ajena"])
    assert shown.status_code == 200 and "Con su cuenta no puede" in shown.text
    assert not [form for form in Page(shown).forms if form.method == "post"]
    said = visitor.post(RENT, data={"change": "plus"}, headers=signed_in["ajena"])
    assert said.status_code == 403 and "/access" in Page(said).links


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/",
        "//evil.example/gaps",
        "/\\evil.example",
        "/gaps\r\nSet-Cookie: a=b",
        "/gaps?country=<script>",
        "/services/../../places",
        "/gaps//evil.example",
        "/static/enlace.js",
        "javascript:alert(1)",
        "/v1/sessions",
        "/sign-out",
        "/gaps#x",
    ],
)
def test_signing_in_leads_nowhere_but_to_pages_of_ours(visitor: TestClient, to: str) -> None:
    assert back_to(to) == ""
    shown = visitor.get("/sign-in", params={"to": to})
    assert shown.status_code == 200 and 'name="to"' not in shown.text


def test_a_form_that_was_changed_leads_nowhere_either(house: House, visitor: TestClient) -> None:
    house.add("de-otra-parte", Role.PROVIDER, organization="o-desk")
    back = visitor.post("/sign-in", data=house.body("de-otra-parte", to="//evil.example/gaps"))
    assert (back.status_code, back.headers["location"]) == (303, "/")


def test_in_a_house_without_keys_this_machine_and_nobody_else_speaks(house: House) -> None:
    own = {"Sec-Fetch-Site": "same-origin", "If-Match": "*"}
    for peer, host, expected in [
        (HERE, OURS, 200),
        (("192.0.2.7", 1), OURS, 401),
        (HERE, "http://enlace.example.org", 401),
    ]:
        app = create_app(house.server, hosts=None)
        with TestClient(app, base_url=host, client=peer, headers=own) as client:
            assert client.put(SAID, json={"change": "plus"}).status_code == expected
            assert client.get("/v1/gaps?country=GT").status_code == expected
            assert client.get("/v1/accounts").status_code == 401
