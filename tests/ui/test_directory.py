"""The directory is searched by words that forgive, by type, place, language and free places; each entry tells its age. (R-02)"""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from tests.small_network import HOSTILE, SECRET_STREET
from tests.ui.pages import Page, get


def names(page: Page) -> list[str]:
    return [" ".join(words.split()) for level, words in page.headings if level == "h3"]


@pytest.mark.parametrize("typed", ["alquiler", "ALQUILÉR", "alqiler", "rent three", "ventanilla alquiler"])
def test_accents_capitals_slips_and_the_other_language_are_forgiven(client: TestClient, typed: str) -> None:
    assert names(get(client, f"/directory?q={typed}"))[0] == "Tres meses de alquiler"


def test_without_words_all_are_there_and_nothing_asks_for_script(client: TestClient) -> None:
    page = get(client, "/directory")
    assert page.h1 == "Directorio de servicios"
    assert len(names(page)) == 10
    form = next(f for f in page.forms if f.action == "/directory")
    assert form.method == "get"


def test_filters_stand_in_the_address_and_are_shown_as_chosen(client: TestClient) -> None:
    page = get(client, "/directory?type=social.housing&area=Quetzaltenango&language=quc")
    form = next(f for f in page.forms if f.action == "/directory")
    assert {("type", "social.housing"), ("language", "quc")} <= set(form.values)
    assert set(names(page)) == {"Tres meses de alquiler", "Casa de acogida para mujeres"}


def test_a_place_is_told_by_how_it_lies(client: TestClient) -> None:
    page = get(client, "/directory?area=GT0901")
    text = " ".join(page.text.split())
    assert "Atiende en todo: Quetzaltenango" in text and "Atiende en todo: Guatemala" in text
    assert "Al lado: atiende en Huehuetenango" in text
    assert "No consta dónde atiende" in text
    assert "Atiende en una parte: Quetzaltenango" in " ".join(get(client, "/directory?area=GT").text.split())
    order = names(page)
    assert order.index("Mediación familiar") > order.index("Tres meses de alquiler"), "the nearer first"


def test_a_place_that_could_be_two_is_asked_back(client: TestClient) -> None:
    page = get(client, "/directory?area=Santa Barbara")
    assert "¿Quiso decir uno de estos?" in page.text
    assert "/directory?area=GT1320" in page.links and "/directory?area=HN16" in page.links
    assert "Ese tipo de servicio no existe" in get(client, "/directory?type=nothing.at.all").text


def test_free_places_are_those_that_are_believed(client: TestClient) -> None:
    free = names(get(client, "/directory?free=yes"))
    assert "Tres meses de alquiler" in free
    assert "Aprendizaje en taller" not in free, "what was said there is too old to be believed"
    assert "Casa de acogida para mujeres" not in free, "of a sealed place nobody who looks learns what is free (R-26)"


def test_each_entry_says_when_it_was_edited_and_apart_from_that_whether_it_was_verified(client: TestClient) -> None:
    text = " ".join(get(client, "/directory?q=alquiler").text.split())
    assert "No consta cuándo se editó · sin verificar" in text


def test_what_is_sealed_or_hostile_stays_so(client: TestClient) -> None:
    response = client.get("/directory")
    assert SECRET_STREET not in response.text
    assert HOSTILE not in response.text and "&lt;script&gt;" in response.text


def test_nothing_found_says_what_to_try(client: TestClient) -> None:
    page = get(client, "/directory?q=astronauta&free=yes&language=spa")
    assert "No se encontró nada" in page.text
    assert "/directory?q=astronauta&language=spa" in page.links
    assert "/suggestions" in page.links


def test_the_script_gets_the_results_alone(client: TestClient) -> None:
    whole = client.get("/directory?q=alquiler")
    part = client.get("/directory?q=alquiler", headers={"HX-Request": "true"})
    assert "<html" in whole.text and "<html" not in part.text
    assert part.text.strip().startswith('<section id="found"') and "Tres meses de alquiler" in part.text


def test_in_english_too(client: TestClient) -> None:
    page = Page(client.get("/directory?q=alquiler&lang=en"))
    assert page.h1 == "Directory of services" and names(page)[0] == "Three months of rent"
    client.cookies.clear()
