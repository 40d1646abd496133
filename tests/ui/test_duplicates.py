"""The committee sees entries that may be one side by side, joins them or tells them apart, and takes it back. (R-02)"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from graph.server import Server
from graph.store.network import Network, Tx
from tests.directory_people import People, people
from tests.ui.pages import Form, Page, get, send

TWINS = """
    CREATE (:Organization {id: 'o-twin', name: 'CASA ABIERTA ONG', email: 'casa@example.org'})
    WITH 1 AS one
    MATCH (o:Organization {id: 'o-desk'})
    CREATE (o)-[:OFFERS]->(:Service {id: 's-twin', name: 'Tres Meses de Alquiler', organization_id: 'o-desk',
        status: 'active', service_types: ['social.housing.rent'], areas: ['GT09']})
"""


def twins_in(found: People) -> None:
    """An organisation and a service that are there twice."""

    async def twins(network: Network) -> None:
        async def work(tx: Tx) -> None:
            await (await tx.run(TWINS)).consume()

        await network.write(work)

    found.house.run(twins)


@pytest.fixture(scope="module")
def who(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with people(server, tmp_path_factory.mktemp("duplicates")) as found:
        twins_in(found)
        yield found


def said(page: Page, what: str, kept: str) -> Form:
    return next(f for f in page.forms if {("what", what), ("kept", kept)} <= set(f.values))


def test_two_spellings_stand_side_by_side_with_what_speaks_for_it(who: People) -> None:
    page = get(who("committee"), "/duplicates")
    text = " ".join(page.text.split())
    assert "¿Son lo mismo «Casa Abierta (demo)» y «CASA ABIERTA ONG»?" in text
    assert "mismo nombre" in text and "casa@example.org" in text and "Un par parecido" in text
    assert "Registro Ciudadano" not in text


def test_joined_shown_as_one_and_parted_again(who: People) -> None:
    client = who("committee")
    form = said(get(client, "/duplicates"), "merge", "o-twin")
    for _ in range(2):  # sent twice counts once
        assert send(client, form).headers["location"] == "/duplicates?of=organization&said=merged"
    page = get(client, "/duplicates")
    assert "No hay fichas que parezcan repetidas" in page.text and "está unida a" in page.text
    assert "la misma organización que CASA ABIERTA ONG" in get(who("nobody"), "/directory?q=acogida").text
    assert "la misma organización que CASA ABIERTA ONG" in get(who("nobody"), "/services/s-shelter").text
    client = who("committee")
    undoing = next(f for f in get(client, "/duplicates").forms if f.action.endswith("/undoing"))
    assert send(client, undoing).headers["location"].endswith("said=undone")
    assert "¿Son lo mismo" in get(client, "/duplicates").text
    fresh = next((f for f in get(client, "/duplicates").forms if f.action.endswith("/undoing")), None)
    assert fresh is None


def test_a_joined_service_leads_to_the_other(who: People) -> None:
    client = who("committee")
    page = get(client, "/duplicates?of=service")
    assert send(client, said(page, "merge", "s-rent")).status_code == 303
    card = get(who("nobody"), "/services/s-twin")
    assert "Esta ficha se unió a otra" in card.text and "/services/s-rent" in card.links
    found = get(who("nobody"), "/directory?q=alquiler").links
    assert "/services/s-rent" in found and "/services/s-twin" not in found
    client = who("committee")
    again = send(client, said(page, "merge", "s-twin"))
    assert again.status_code == 409 and "ya está unida a otra" in again.text


def test_not_the_same_is_remembered(who: People) -> None:
    client = who("committee")
    assert send(client, said(get(client, "/duplicates"), "distinct", "o-house")).status_code == 303
    page = get(client, "/duplicates")
    assert "¿Son lo mismo" not in page.text and "no son la misma" in page.text


def test_only_who_may_merge_sees_it(who: People) -> None:
    for login in ("desk", "manager", "officer"):
        assert who(login).get("/duplicates").status_code == 403
        assert who(login).post("/duplicates", data={"subject": "service"}).status_code == 403
    assert who("nobody").get("/duplicates").headers["location"].startswith("/sign-in?to=%2Fduplicates")
    bad = who("committee").post("/duplicates", data={"subject": "person", "what": "merge"})
    assert bad.status_code == 422


def test_in_english_too(who: People) -> None:
    response = who("committee").get("/duplicates?of=service&lang=en")
    assert Page(response).h1 == "Entries that look alike"
