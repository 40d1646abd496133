"""Every page as every role: what is built, sent and shown, whoever reads and wherever a link leads. (R-21, R-25, R-35)

Pages come from the routes of the application, and then from every link on them. That what is foreign answers as what is
missing is held, page by page and to the byte, by `tests/v1/test_foreign_ids.py`.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from starlette.routing import Match

from api.app import create_app
from api.texts import text
from api.ui.maps import departments
from graph.seed.notices import Wording, notices
from graph.server import Server
from graph.store.content import records, run
from graph.store.mapping import nested
from graph.store.network import Network, Tx
from tests.canaries import MARKS
from tests.everybody import BY, named_in_header
from tests.routes import Route
from tests.sending import RECORD
from tests.served import HERE, OURS
from tests.ui.crawler import Read, faults_of, leads_to
from tests.ui.pseudo import Known, marked, pseudo, terms_in
from tests.ui.whole_house import READERS, Whole, furnished, pages

pytestmark = pytest.mark.parametrize(  # no engine has a say in how a page is built
    "server", [pytest.param("embedded", marks=pytest.mark.xdist_group("embedded"))], indirect=True
)

MOST_OF_A_PATH: Final = 8
"""How many questions behind the same path are followed: filters and pages of a list lead on and on."""
FIRST_VISIT: Final = 60_000
REQUESTS: Final = 6
STYLES: Final = 15_000

NO_PAGE: Final = {
    "GET /answer/{secret}": "lets in and leads on",
    "GET /answer": "behind a link from a mail (test_by_link)",
    "GET /answer/opening": "leads back",
    "GET /committee/publishing/order": "of a draft that nobody made in this world",
    "GET /committee/complaints/{complaint_id}": "this world's complaints are about where its readers work (test_committee_small)",
    "GET /officer/complaints/{complaint_id}": "this world's complaints are about where its readers work (test_officer)",
    "GET /officer/exceptions/{attestation_id}": "this world's attested drafts were not sent (test_officer)",
    "GET /referrals/{referral_id}/letter": "of what was sent and is open (test_referral_pages)",
    "GET /cases/{case_id}/needs/{need_id}/there": "leads back",
    "GET /services/{service_id}/candidates": "this world has no opening (test_casework_work)",
    "GET /cases/{case_id}/consents/{consent_id}/withdrawn": "after a form that takes back (test_casework_consents)",
}
"""What is no page for somebody who came without a link, or is about what this world has nothing of."""

TYPED: Final = {*RECORD.values(), "relato", "nothing", "a-owner", "a-profes", "a-strang"}
"""What somebody typed in this world, or is a name of its own: no words of ours."""

AS_WRITTEN: Final = {
    "GET /entry": "an entry as it is written, by who writes it",
    "GET /entry/services/{service_id}": "an entry as it is written, by who writes it",
    "GET /entry/proposals": "what an entry says and would say",
    "GET /duplicates": "what two entries say, side by side",
    "GET /cases/{case_id}/together": "a suggestion names the organisation as it was first named",
}
"""Pages on which an organisation may be called by its first name, and why."""

SEED: Final = Path(str(files("graph.seed")))

PERSONAL: Final = {
    "GET /cases/{case_id}/record": "the record itself, for who works with the case",
    "GET /referrals/together/{together_id}": "what would leave of each of a household, for who sends it",
    "GET /mine": "what is known about a person, for that person",
}
"""Pages that a value of a person has to stand on, and why."""


@pytest.fixture(scope="module")
def whole(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    return furnished(server, tmp_path_factory.mktemp("whole house"))


@pytest.fixture(scope="module")
def client(whole: Whole) -> Iterator[TestClient]:
    app = create_app(whole.server, secrets=whole.secrets)
    app.state.identify = named_in_header()
    own = {"Sec-Fetch-Site": "same-origin", "Accept-Encoding": "identity"}
    with TestClient(app, base_url=OURS, client=HERE, follow_redirects=False, headers=own) as client:
        yield client


def test_something_is_there_of_every_kind_that_a_page_is_about(client: TestClient, whole: Whole) -> None:
    unmade = whole.unmade(client.app)  # type: ignore[arg-type]
    assert unmade == [], "make things of this kind in tests/everything.py"


def get(client: TestClient, whole: Whole, reader: str, at: str, lang: str = "es", **more: str) -> Response:
    """A page as this reader's browser asks for it, with the cookie of who is signed in."""
    held = {} if reader == "nobody" else {"Cookie": "enlace=x"}
    client.cookies.clear()
    answer: Response = client.get(at, headers={BY: whole.named(reader), "Accept-Language": lang, **held, **more})
    return answer


def is_page(answer: Response) -> bool:
    return answer.headers.get("content-type", "").startswith("text/html")


def shape(address: str) -> str:
    """A path without the ids in it."""
    return re.sub(
        r"/(?:[0-9a-f]{32}|[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}|[sa]-[a-z0-9-]+)(?=/|$)", "/…", urlsplit(address).path
    )


def asks(client: TestClient, method: str, at: str) -> bool:
    """Whether the application takes this method at this path."""
    scope = {"type": "http", "method": method, "path": urlsplit(at).path, "root_path": "", "headers": []}
    return any(route.matches(scope)[0] is Match.FULL for route in client.app.routes)  # type: ignore[attr-defined]  # any ASGI app


Crawled = tuple[list[str], dict[str, Response]]


@pytest.fixture(scope="module")
def crawled(client: TestClient, whole: Whole) -> Callable[[str], Crawled]:
    """What each reader meets, looked for once."""
    return cache(lambda reader: crawl(client, whole, reader))


def crawl(client: TestClient, whole: Whole, reader: str) -> Crawled:
    """Everything wrong that a reader meets on their way; what they could read, or were led on from."""
    wrong: list[str] = []
    read: dict[str, Response] = {}
    waiting = deque((at, "") for _, at in whole.addresses(client.app))  # type: ignore[arg-type]  # Starlette types it as any ASGI app
    known = {at for at, _ in waiting}
    behind: dict[str, int] = {}
    while waiting:
        at, linked_from = waiting.popleft()
        answer = get(client, whole, reader, at)
        name = f"{reader}: {shape(at)}"
        if answer.status_code >= 500:
            wrong.append(f"{name} fails with {answer.status_code}")
            continue
        if linked_from and answer.status_code not in (200, 303):
            wrong.append(f"{name} is linked to from {linked_from} and answers {answer.status_code}")
        if answer.status_code == 303:
            onward = answer.headers["location"]
            if not onward.startswith("/sign-in"):
                read[at] = answer
            if onward.startswith("/") and onward not in known:
                known.add(onward)
                waiting.append((onward, linked_from and f"{linked_from} by way of {shape(at)}"))
            continue
        if not is_page(answer):
            if reader != "nobody" and not at.startswith(("/v1/openapi", "/static")):
                kept = answer.headers.get("cache-control", "")
                wrong += [] if "no-store" in kept else [f"{name} is kept by browsers: {kept}"]
            continue
        page = Read.of(answer.text)
        wrong += [f"{name}: {fault}" for fault in faults_of(page, answer, lang="es", signed_in=reader != "nobody")]
        if answer.status_code != 200:
            continue
        read[at] = answer
        for method, action in page.forms:
            if not asks(client, method, action or at):
                wrong.append(f"{name}: a form leads nowhere: {method} {shape(action)}")
        for link in leads_to(page, at):
            path = shape(link)
            behind[path] = behind.get(path, 0) + 1
            if link not in known and (behind[path] <= MOST_OF_A_PATH or "?" not in link):
                known.add(link)
                waiting.append((link, shape(at)))
    return sorted(set(wrong)), read


@pytest.mark.parametrize("reader", READERS)
def test_whoever_reads_every_page_is_whole_and_every_link_leads_somewhere(
    crawled: Callable[[str], Crawled], reader: str
) -> None:
    wrong, read = crawled(reader)
    assert not wrong, "\n".join(wrong)
    assert len(read) >= 6


def test_every_page_can_be_read_by_somebody(client: TestClient, crawled: Callable[[str], Crawled]) -> None:
    """A page that nobody in this world may see is a page that nobody looked at."""
    read = {urlsplit(at).path for reader in READERS for at in crawled(reader)[1]}
    unread = [str(r) for r in pages(client.app) if not any(path_of(r).fullmatch(path) for path in read)]  # type: ignore[arg-type]
    unread = [r for r in unread if r not in NO_PAGE and not r.endswith("/file")]
    assert not unread, "make what these pages are about in tests/everything.py: " + ", ".join(unread)


def path_of(route: Route) -> re.Pattern[str]:
    return re.compile(re.sub(r"{[^}]+}", "[^/]+", route.path))


@pytest.mark.parametrize("reader", READERS)
def test_values_of_a_person_stand_where_they_are_needed_and_nowhere_else(
    client: TestClient, whole: Whole, reader: str
) -> None:
    shown = set()
    for route, at in whole.addresses(client.app):  # type: ignore[arg-type]
        answer = get(client, whole, reader, at)
        page = Read.of(answer.text)
        assert not holds_canary(page.title + str(answer.headers)), f"{route}: in its title or a header"
        if holds_canary(answer.text):
            shown.add(str(route))
    unasked = sorted(shown - PERSONAL.keys())
    assert not unasked, "say why a value of a person has to stand here, or leave it out: " + ", ".join(unasked)


def holds_canary(text: str) -> bool:
    told = text.casefold()
    return any(mark.casefold() in told for mark in MARKS)


@pytest.mark.parametrize("reader", READERS)
def test_the_other_language_is_as_whole(client: TestClient, whole: Whole, reader: str) -> None:
    wrong = []
    for route, at in whole.addresses(client.app, each=2, missing=False):  # type: ignore[arg-type]
        answer = get(client, whole, reader, at, "en")
        if is_page(answer):
            page = Read.of(answer.text)
            found = faults_of(page, answer, lang="en", signed_in=reader != "nobody")
            wrong += [f"{reader}: {route}: {fault}" for fault in found]
    assert not wrong, "\n".join(sorted(set(wrong)))


@pytest.mark.parametrize("reader", ["committee", "case manager"])
def test_every_word_that_is_said_comes_from_the_catalogue_and_every_name_is_in_the_readers_language(
    client: TestClient, whole: Whole, reader: str
) -> None:
    """In a pseudo-locale, where the catalogue's texts stand between marks: so what code writes is found too."""
    names, first = asyncio.run(named_in_english(whole))
    client.app.state.directory = None  # type: ignore[attr-defined]  # remembers for a minute what was read before
    ours = names | TYPED | terms_in("en", SEED) | {words.title for words in wordings()}
    known, as_written = Known(ours), Known(ours | first)
    wrong: dict[str, set[str]] = {}
    with pseudo():
        said = text("reason.step-not-open", "en", status="draft", steps="")
        assert known.strange(f'<p title="Cerrar">{said} 3 × A1-b {marked("Save")}</p>') == ["Cerrar", "draft"]
        for route, at in whole.addresses(client.app, each=1, missing=False):  # type: ignore[arg-type]
            answer = get(client, whole, reader, at, "en")
            allowed = as_written if str(route) in AS_WRITTEN else known
            if is_page(answer) and answer.status_code == 200 and (strange := allowed.strange(answer.text)):
                wrong[str(route)] = set(strange)
    assert not wrong, "\n".join(f"{route}: {' '.join(sorted(said))}" for route, said in wrong.items())


async def named_in_english(whole: Whole) -> tuple[set[str], set[str]]:
    """What things are called for whoever reads English, and as they were first named; every organisation has both."""

    async def read(tx: Tx) -> tuple[set[str], set[str]]:
        named = (
            "MATCH (o:Organization) WHERE o.translations IS NULL OR o.translations = '{}' SET o.translations = $house"
        )
        await run(tx, named, house='{"en": {"name": "English House"}}')
        told = {department.name for country in ("GT", "HN") for department in departments(country).values()}
        first = set()
        for row in await records(tx, "MATCH (n) WHERE n.name IS NOT NULL RETURN properties(n) AS thing"):
            here = (nested(row["thing"].get("translations")) or {}).get("en", {})
            for name in ("name", "alternate_name", "description"):
                written = row["thing"].get(name) or ""
                told.add(here.get(name) or written)
                first.add(written)
        return told, first

    async with Network.open(whole.server) as network:
        return await network.write(read)


def wordings() -> Iterator[Wording]:
    """What people were shown, in whatever language that was."""
    for notice in notices().values():
        for version in notice.versions:
            yield from version.wordings.values()


@pytest.mark.parametrize("reader", READERS)
def test_a_first_visit_takes_few_bytes_and_few_requests(client: TestClient, whole: Whole, reader: str) -> None:
    """The page and all that it loads, as they travel: compressed, with nothing kept from before."""
    weights: dict[str, int] = {}

    def weight(at: str) -> int:
        if at not in weights:
            answer = get(client, whole, reader, at, **{"Accept-Encoding": "gzip"})
            weights[at] = int(answer.headers["content-length"])
        return weights[at]

    heavy = []
    for route, at in whole.addresses(client.app, each=2, missing=False):  # type: ignore[arg-type]
        answer = get(client, whole, reader, at)
        if is_page(answer) and answer.status_code == 200:
            assets = dict.fromkeys(Read.of(answer.text).assets)
            whole_weight = weight(at) + sum(map(weight, assets))
            if whole_weight > FIRST_VISIT or 1 + len(assets) > REQUESTS:
                heavy.append((str(route), whole_weight, len(assets)))
    assert heavy == []
