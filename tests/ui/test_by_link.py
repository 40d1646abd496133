"""The pages behind a link: what they show, that looking changes nothing, and that the secret stands nowhere else. (R-12)"""

from __future__ import annotations

import asyncio
import io
import logging
import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx2
import pytest
from httpx2 import ASGITransport, AsyncClient, Response

from api.cli.serving import listen, server_of
from graph.secrets import Secrets
from graph.server import Server
from graph.store.network import Network, Tx
from tests.asking import add_clinics
from tests.cast import CLINIC, OWNER, TOWN
from tests.everybody import OTHER_PROVIDER, Callers, callers, set_the_house
from tests.sending import CANARY, OTHER_SERVICE, PURPOSE, Patient
from tests.served import OURS
from tests.ui.pages import Page

OPENER = "ZZOPENERZZ Quien Abre"


@pytest.fixture(scope="module")
async def house(server: Server, network: Network, secrets: Secrets) -> AsyncIterator[Callers]:
    await set_the_house(network, secrets)
    await add_clinics(network)
    async with callers(server, secrets) as asked:
        yield asked


async def referred(house: Callers) -> str:
    """A referral that was sent to the clinic."""
    case = await house.opened(languages=["spa"])
    need = await house.needed(case)
    said = {"organization_id": CLINIC, "purpose": PURPOSE, "modality": "written",
            "fields": ["given_name", "health_condition"]}  # fmt: skip
    await house.done(OWNER.id, "POST", f"/v1/cases/{case}/consents", said)
    referral = await house.drafted(case, need)
    await house.done(OWNER.id, "POST", f"/v1/referrals/{referral}/send")
    return referral


async def link_to(house: Callers, path: str, *, by: str = OWNER.id) -> str:
    """The path of a link that was made."""
    return str(urlsplit((await house.done(by, "POST", f"{path}/answer-link"))["link"]).path)


def browser(house: Callers) -> AsyncClient:
    """Somebody's browser on our own pages, who is nobody here."""
    transport = ASGITransport(app=house.app, client=("127.0.0.1", 50000))
    headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}
    return AsyncClient(transport=transport, base_url=OURS, headers=headers, follow_redirects=True)


async def pressed(client: AsyncClient, page: Response, action: str, **said: str) -> Response:
    """A form of the page, sent as a browser does."""
    form = next(f for f in Page(page).forms if f.action == action)
    return await client.post(action, data=dict(form.values) | said)


async def where(house: Callers, referral: str) -> tuple[str, int]:
    found = await house.done(OWNER.id, "GET", f"/v1/referrals/{referral}")
    return found["status"], found["version"]


async def test_a_provider_without_an_account_accepts_and_opens_with_a_code(house: Callers) -> None:
    referral = await referred(house)
    path = await link_to(house, f"/v1/referrals/{referral}")
    async with browser(house) as client:
        page = await client.get(path)
        assert page.status_code == 200
        assert urlsplit(str(page.url)).path == "/answer"
        assert Page(page).h1 == "A referral awaits your answer"
        for private in (CANARY, referral, path.rpartition("/")[2], TOWN):
            assert private not in page.text
        done = await pressed(client, page, "/answer", say="accept")
        assert "Your answer has been noted" in done.text
        assert Page(done).h1 == "Nothing left to answer"
        assert (await where(house, referral))[0] == "accepted"
        made = await house.done(OWNER.id, "POST", f"/v1/referrals/{referral}/opening-code")
        assert re.fullmatch(r"\d{8}", made["code"])
        wrong = await pressed(client, done, "/answer/opening", name=OPENER, code="12")
        assert wrong.status_code == 422
        opened = await pressed(client, done, "/answer/opening", name=OPENER, code=made["code"])
        assert opened.status_code == 200 and opened.headers["cache-control"] == "no-store"
        assert f"{CANARY} Nombre" in opened.text and "telephone" not in opened.text.lower().replace("telephone.", "")
        again = await pressed(client, done, "/answer/opening", name=OPENER, code=made["code"])
        assert again.status_code == 409 and CANARY not in again.text
        by_address = await client.get("/answer/opening")
        assert by_address.status_code == 200 and urlsplit(str(by_address.url)).path == "/answer", "it is still let in"
        assert CANARY not in by_address.text
    (shown,) = await house.done(OWNER.id, "GET", f"/v1/referrals/{referral}/opening-code")
    assert (shown["opener"], shown["opens"]) == (OPENER, False)


async def test_a_decline_needs_a_reason_and_says_so_in_words(house: Callers) -> None:
    referral = await referred(house)
    path = await link_to(house, f"/v1/referrals/{referral}")
    async with browser(house) as client:
        page = await client.get(path)
        none = await pressed(client, page, "/answer", say="reject")
        assert none.status_code == 409 and "Choose a reason." in none.text
        done = await pressed(client, page, "/answer", say="reject", reason="full-now")
        assert done.status_code == 200 and "has been noted" in done.text
        after = await pressed(client, page, "/answer", say="accept")
        assert after.status_code == 409 and "answered by already" in after.text
    assert (await where(house, referral))[0] == "rejected"


@pytest.mark.parametrize(("method", "times"), [("GET", 100), ("HEAD", 10), ("OPTIONS", 10)])
async def test_a_scanner_that_follows_every_link_changes_nothing(house: Callers, method: str, times: int) -> None:
    referral = await referred(house)
    path = await link_to(house, f"/v1/referrals/{referral}")
    before, entries = await where(house, referral), await graph_of(house)
    async with browser(house) as client:
        for to in [path] * times + ["/answer", "/answer/opening", f"{path}?say=accept"]:
            assert (await client.request(method, to)).status_code < 500
    assert await where(house, referral) == before
    assert await graph_of(house) == entries


async def graph_of(house: Callers) -> list[tuple[str, int]]:
    """What is in the graph that a link could change."""

    async def count(tx: Tx) -> list[tuple[str, int]]:
        rows = await tx.run("MATCH (n) UNWIND labels(n) AS label RETURN label, count(*) AS n ORDER BY label")
        found = [(str(row["label"]), int(row["n"])) async for row in rows]
        used = await (await tx.run("MATCH (l:AnswerLink) WHERE l.used_at IS NOT NULL RETURN count(l) AS n")).single()
        return [*found, ("used", int(used["n"]) if used else 0)]

    counted: list[tuple[str, int]] = await house.app.state.network.read(count)
    return counted


async def test_only_the_links_own_page_answers(house: Callers) -> None:
    first, second = await referred(house), await referred(house)
    mine, other = await link_to(house, f"/v1/referrals/{first}"), await link_to(house, f"/v1/referrals/{second}")
    async with browser(house) as client:
        page = await client.get(mine)
        await client.get(other)  # another tab: the browser now holds the other link
        for said in ({}, {"confirm": ""}, {"confirm": "0" * 64}):
            assert (await client.post("/answer", data={"say": "accept"} | said)).status_code == 403
        stale = await pressed(client, page, "/answer", say="accept")
        assert stale.status_code == 403
        foreign = {"Sec-Fetch-Site": "cross-site"}
        form = Page(await client.get("/answer")).forms[0]
        answer = await client.post("/answer", data=dict(form.values) | {"say": "accept"}, headers=foreign)
        assert answer.status_code == 403
    async with browser(house) as client:
        assert (await client.get("/answer")).status_code == 404
        assert (await client.post("/answer", data={"say": "accept"})).status_code == 403
    for referral in (first, second):
        assert (await where(house, referral))[0] == "requested"


async def test_what_is_no_link_and_what_was_one_look_the_same(house: Callers) -> None:
    referral = await referred(house)
    path = await link_to(house, f"/v1/referrals/{referral}")

    async def over(tx: Tx) -> None:
        await (
            await tx.run("MATCH (l:AnswerLink) WHERE l.subject_id = $id SET l.expires_at = l.made_at", id=referral)
        ).consume()

    await Patient.of(house.app.state.network).write(over)
    seen = []
    for to in (path, "/answer/" + "A" * 43, "/answer/short"):
        async with browser(house) as client:
            page = await client.get(to)
            seen.append((page.status_code, page.text))
    assert seen[0][0] == 404 and len(set(seen)) == 1


async def test_the_cookie_is_for_these_pages_alone(house: Callers) -> None:
    referral = await referred(house)
    path = await link_to(house, f"/v1/referrals/{referral}")
    async with browser(house) as client:
        let_in = await client.get(path, follow_redirects=False)
    assert (let_in.status_code, let_in.headers["location"]) == (303, "/answer")
    assert let_in.headers["referrer-policy"] == "no-referrer" and let_in.headers["cache-control"] == "no-store"
    cookie = let_in.headers["set-cookie"].lower()
    assert "httponly" in cookie and "path=/answer" in cookie and "samesite=lax" in cookie and "max-age=1800" in cookie


async def test_places_and_a_question_are_answered_by_link(house: Callers) -> None:
    path = await link_to(house, f"/v1/services/{OTHER_SERVICE}", by=OTHER_PROVIDER.id)
    async with browser(house) as client:
        page = await client.get(path)
        done = await pressed(client, page, "/answer", say="waiting-list")
        assert done.status_code == 200 and "Waiting list" in done.text
        again = await pressed(client, page, "/answer", say="set", number="3")
        assert again.status_code == 422, "a number is said with an account"


async def test_a_repeat_under_the_same_key_shows_no_secret_and_makes_no_second_link(house: Callers) -> None:
    referral = await referred(house)
    for part, told in (("answer-link", "link"), ("opening-code", "code")):
        headers = {"Idempotency-Key": f"k-{part}-{referral}"[:60]}
        at = f"/v1/referrals/{referral}/{part}"
        first = await house.done(OWNER.id, "POST", at, headers=headers)
        again = await house.done(OWNER.id, "POST", at, headers=headers)
        assert first[told] and again == first | {told: None}


async def test_the_secret_stands_in_no_log_and_no_referer(
    house: Callers, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """On a real server that logs as loudly as it can: neither the path nor what is posted."""
    caplog.set_level(logging.DEBUG)
    referral = await referred(house)
    path = await link_to(house, f"/v1/referrals/{referral}")
    secret = path.rpartition("/")[2]
    code = (await house.done(OWNER.id, "POST", f"/v1/referrals/{referral}/opening-code"))["code"]
    caplog.clear()
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    served = server_of(house.app)
    served.config.lifespan = "off"
    heard = io.StringIO()
    ear = logging.StreamHandler(heard)
    logging.getLogger("uvicorn.access").addHandler(ear)
    task = asyncio.create_task(served.serve(sockets=[listener]))
    try:
        while not served.started:  # noqa: ASYNC110 - uvicorn tells it by a flag
            await asyncio.sleep(0.05)
        address = f"http://127.0.0.1:{port}"
        headers = {"Sec-Fetch-Site": "same-origin"}
        async with httpx2.AsyncClient(base_url=address, headers=headers, follow_redirects=True) as client:
            page = await client.get(path)
            assert page.status_code == 200 and secret not in page.text and secret not in str(page.url)
            done = await pressed(client, page, "/answer/opening", name=OPENER, code=code)
            assert done.status_code == 200 and secret not in done.text
    finally:
        served.should_exit = True
        await task
        logging.getLogger("uvicorn.access").removeHandler(ear)
    ours = [r for r in caplog.records if not r.name.startswith(("httpx", "httpcore"))]
    told = heard.getvalue() + "".join(capfd.readouterr()) + "".join(str(r.__dict__) + r.getMessage() for r in ours)
    for private in (secret, OPENER, code, CANARY):
        assert private not in told, private
