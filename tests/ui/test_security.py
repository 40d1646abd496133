"""Hosts, origins and headers: who may speak to the server from a browser, and what a page may do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.ui.security import ALWAYS
from tests.conftest import EMBEDDED
from tests.ui.pages import Page

pytestmark = EMBEDDED  # no engine has a say in it

PAGES = ["/", "/suggestions", "/places", "/gaps", "/problems", "/services/s-rent", "/services/s-rent/places"]
OTHERS = ["/nothing-here", "/v1/nothing", "/v1/vocabularies", "/static/enlace.css", "/services/none"]
PLUS = {"change": "plus"}


@pytest.mark.parametrize("path", PAGES + OTHERS)
def test_every_answer_is_guarded(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert {name: headers.get(name) for name in ALWAYS} == ALWAYS
    assert "cache-control" in headers


def test_a_page_may_run_nothing_that_is_not_ours(client: TestClient) -> None:
    policy = client.get("/").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("path", PAGES)
def test_no_page_holds_a_script_or_a_style_of_its_own(client: TestClient, path: str) -> None:
    text = client.get(path).text
    assert len(re.findall("<script", text)) == len(
        re.findall(r'<script src="/static/[a-z.]+\?v=[0-9a-f]{12}" defer></script>', text)
    )
    assert "<style" not in text
    assert " style=" not in text
    assert not re.search(r"<[^>]* on[a-z]+=", text)
    assert "//cdn" not in text


@pytest.mark.parametrize("host", ["localhost", "localhost:9", "127.0.0.1:8000", "[::1]:8000", "[::1]", "LOCALHOST"])
def test_this_machine_may_call_itself_by_its_names(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example", "192.168.1.4", ""]
)
@pytest.mark.parametrize("path", ["/", "/v1/vocabularies", "/static/enlace.css"])
def test_a_name_that_somebody_else_points_here_is_refused(client: TestClient, path: str, host: str) -> None:
    """A page on the web can make its own name point to this machine (DNS rebinding)."""
    response = client.get(path, headers={"Host": host})
    assert response.status_code == 421
    assert {name: response.headers.get(name) for name in ALWAYS} == ALWAYS
    if path.startswith("/v1"):
        assert response.json()["code"] == "foreign-host"


@pytest.mark.parametrize("path", ["/places/", "/sign-in/", "/v1/vocabularies/", "/services/s-rent/", "/static"])
def test_nobody_is_led_to_where_the_request_says_it_came_to(client: TestClient, path: str) -> None:
    """A slash too many led to the name in the Host header, over plain http."""
    answer = client.get(path, headers={"Host": "localhost:4711"}, follow_redirects=False)
    assert answer.status_code == 404
    assert "4711" not in str(answer.headers)


def places(client: TestClient, headers: dict[str, str]) -> int:
    """Send the places form with exactly these headers."""
    with_none = {"Sec-Fetch-Site": "", **headers}
    kept = {name: value for name, value in with_none.items() if value}
    request = client.build_request("POST", "/services/s-rent/places", data=PLUS, headers=kept)
    if "Sec-Fetch-Site" not in kept:
        del request.headers["Sec-Fetch-Site"]
    return int(client.send(request).status_code)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8000"}, 403),
        ({"Origin": "http://127.0.0.1:8000"}, 303),
        ({"Origin": "http://127.0.0.1:9000"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
def test_a_form_counts_only_from_our_own_page(client: TestClient, headers: dict[str, str], status: int) -> None:
    assert places(client, headers) == status


def _bare(client: TestClient, **headers: str) -> Any:
    request = client.build_request(
        "POST", "/v1/suggestions", json={"service_type": "social", "area": "GT"}, headers=headers
    )
    del request.headers["Sec-Fetch-Site"]
    return client.send(request)


def test_a_program_that_is_no_browser_may_call_the_api(client: TestClient) -> None:
    assert _bare(client).status_code == 200
    assert _bare(client, Origin="http://evil.example").json()["code"] == "foreign-origin"


def test_json_that_says_it_is_something_else_is_not_read(client: TestClient) -> None:
    """A foreign page can send text without asking first, but not JSON."""
    response = client.post(
        "/v1/suggestions",
        content=b'{"service_type": "social", "area": "GT"}',
        headers={"Content-Type": "text/plain"},
    )
    assert response.status_code == 422


def test_the_style_sheet_may_be_kept_for_ever_under_its_own_address(client: TestClient) -> None:
    page = client.get("/").text
    address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    assert "immutable" in client.get(address).headers["cache-control"]
    assert "immutable" not in client.get("/static/enlace.css").headers["cache-control"]


def test_nobody_leaves_the_static_folder(client: TestClient) -> None:
    for path in ("/static/../security.py", "/static/%2e%2e/security.py", "/static/..%2fsecurity.py", "/static/"):
        assert client.get(path).status_code in {404, 405}


def test_what_is_too_large_is_refused(client: TestClient) -> None:
    large = "x" * (2 * 1024 * 1024)
    response = client.post("/suggestions", data={"municipality": large})
    assert response.status_code == 413
    assert Page(response).h1 == "El envío es demasiado grande."
    assert {name: response.headers.get(name) for name in ALWAYS} == ALWAYS
    assert client.post("/v1/suggestions", json={"area": large}).json()["code"] == "too-large"


def test_what_does_not_say_how_large_it_is_is_refused_on_the_way(client: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        yield b'{"service_type": "'
        for _ in range(40):
            yield b"x" * 65536

    response = client.post("/v1/suggestions", content=endless(), headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["code"]) == (413, "too-large")
    response = client.post(
        "/suggestions", content=endless(), headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert response.status_code == 413


def test_a_body_that_is_no_form_is_a_problem(client: TestClient) -> None:
    for kind in ("text/plain", "application/json", "multipart/form-data", "multipart/form-data; boundary=x"):
        assert client.post("/suggestions", content=b"--", headers={"Content-Type": kind}).status_code == 422
    assert client.post("/suggestions", files={"need": ("x.txt", b"x")}).status_code == 422
    assert client.post("/suggestions", data={f"f{n}": "x" for n in range(2000)}).status_code == 422


def test_the_language_is_remembered_in_a_cookie_that_no_script_reads(client: TestClient) -> None:
    response = client.get("/?lang=en")
    assert '<html lang="en">' in response.text
    cookie = response.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert '<html lang="en">' in client.get("/places").text
    client.cookies.clear()
    assert '<html lang="es">' in client.get("/places").text


def test_the_language_of_the_browser_is_taken_and_said(client: TestClient) -> None:
    response = client.get("/", headers={"Accept-Language": "fr, en;q=0.8"})
    assert response.headers["content-language"] == "en"
    assert "Accept-Language" in response.headers["vary"]
    assert client.get("/", headers={"Accept-Language": "fr"}).headers["content-language"] == "es"
