"""What others wrote is shown as text; what is sealed is shown nowhere. (R-26)"""

from __future__ import annotations

from fastapi.testclient import TestClient

from tests.small_network import HOSTILE, HOSTILE_TEXT, SECRET_STREET
from tests.ui.pages import Page, get, send

HIDDEN = (SECRET_STREET, "Casa Sin Letrero")


def answer_to(client: TestClient, need: str) -> str:
    form = get(client, "/suggestions").forms[-1]
    response = send(client, form, need=need, department="GT09")
    assert response.status_code == 200
    return str(response.text)


def test_a_service_named_like_a_script_is_only_a_name(client: TestClient) -> None:
    shown = [
        answer_to(client, "social.health"),
        client.get("/services/s-hostile").text,
        client.get("/services/s-hostile/places").text,
        client.get("/places?of=o-house").text,
        client.get("/places?q=script alert").text,
    ]
    for text in shown:
        assert HOSTILE not in text
        assert "&lt;script&gt;" in text
    assert HOSTILE_TEXT not in shown[1]
    assert "{{ 7 * 7 }}" in shown[1], "a text is no template"


def test_what_is_searched_for_is_shown_as_text(client: TestClient) -> None:
    response = client.get("/places", params={"q": '"><script>x</script>'})
    assert "<script>" not in response.text
    assert ("input", "q", '"><script>x</script>') in [
        (tag, has.get("name"), has.get("value")) for tag, has in Page(response).tags
    ]


def test_of_a_sealed_place_nothing_is_told_but_that_it_is_there(client: TestClient) -> None:
    page = client.get("/services/s-shelter").text
    assert "Dirección reservada" in page
    for text in (
        page,
        answer_to(client, "social.housing"),
        client.get("/services/s-shelter/places").text,
        client.get("/places?of=o-house").text,
    ):
        assert not any(hidden in text for hidden in HIDDEN)


def test_of_a_sealed_place_nobody_who_looks_reads_how_many_places_are_free(client: TestClient) -> None:
    """That would tell when somebody is sent there. Here who is at the machine may say places: their form shows them."""
    pages = [client.get("/services/s-shelter").text, client.get("/places?of=o-house").text]
    for page in (*pages, answer_to(client, "social.housing")):
        assert "Lista de espera, según" not in page
    assert "no se publican" in page
    assert 'class="places"' in client.get("/services/s-rent").text
    assert "lista de espera" not in pages[0].partition("<h2>Cupos</h2>")[2].partition("</section>")[0]


def test_an_open_place_has_its_address(client: TestClient) -> None:
    assert "Parque Central, local 4" in client.get("/services/s-rent").text
