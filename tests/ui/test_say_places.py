"""A provider finds its service and says how many places there are. (R-06)"""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from tests.ui.pages import Form, Page, get, send

RENT = "/services/s-rent/places"


def press(client: TestClient, button: str, form: Form | None = None, path: str = RENT) -> Page:
    """Press one button of the form and follow where it leads."""
    form = form or get(client, path).forms[0]
    response = send(client, form, path, change=button)
    assert response.status_code == 303, response.text[:600]
    return get(client, response.headers["location"])


def number(page: Page) -> str:
    return " ".join(page.text.split("Fuente:")[0].split())[-60:]


def test_the_number_is_there_with_who_said_it_and_when(client: TestClient) -> None:
    page = get(client, RENT)
    assert page.h1.endswith("Tres meses de alquiler")
    assert "5 hogares" in page.text
    assert "Fuente: El proveedor, hace 3 días" in page.text


def test_each_button_does_what_it_says(client: TestClient) -> None:
    assert "6 hogares" in press(client, "plus").text
    assert "5 hogares" in press(client, "minus").text
    assert "0 hogares" in press(client, "full").text
    assert "Lista de espera" in number(press(client, "waiting-list"))
    assert "Se valora primero" in number(press(client, "assess-first"))
    assert "Se valora primero" in number(press(client, "still-true"))


def test_a_number_is_set_and_thanked_for(client: TestClient) -> None:
    form = get(client, RENT).forms[1]
    response = send(client, form, RENT, number=7)
    page = get(client, response.headers["location"])
    assert "7 hogares" in page.text
    assert "Gracias. Queda dicho" in page.text
    assert "Gracias" not in get(client, RENT).text


def test_a_pause_is_said_shown_and_ended(client: TestClient) -> None:
    form = get(client, RENT).forms[2]
    response = send(client, form, RENT, until="2099-12-31")
    assert response.status_code == 303
    assert "En pausa hasta el 31 de diciembre de 2099" in get(client, RENT).text
    response = send(client, get(client, RENT).forms[2], RENT, until="mañana")
    assert response.status_code == 422
    assert "Escriba el último día de la pausa" in response.text
    old = get(client, RENT).forms[2]
    press(client, "waiting-list")
    assert "En pausa" not in get(client, RENT).text
    page = Page(send(client, old, RENT, until="2099-12-30"))
    assert "Pausa hasta el 30 de diciembre de 2099" in " ".join(page.text.split())
    assert send(client, page.forms[0], RENT).status_code == 303
    assert "En pausa hasta el 30 de diciembre de 2099" in get(client, RENT).text
    send(client, get(client, RENT).forms[1], RENT, number=5)


def test_a_button_pressed_twice_on_a_bad_line_counts_once(client: TestClient) -> None:
    form = get(client, RENT).forms[0]
    before = client.get("/v1/services/s-rent/capacity").json()["available"]
    press(client, "plus", form)
    press(client, "plus", form)
    assert client.get("/v1/services/s-rent/capacity").json()["available"] == before + 1


def test_plus_holds_whatever_somebody_else_said_meanwhile(client: TestClient) -> None:
    send(client, get(client, RENT).forms[1], RENT, number=2)
    old = get(client, RENT).forms[0]
    send(client, get(client, RENT).forms[1], RENT, number=6)
    assert "7 hogares" in press(client, "plus", old).text


def test_when_somebody_else_spoke_both_are_shown_and_one_decides(client: TestClient) -> None:
    old = get(client, RENT).forms[0]
    press(client, "waiting-list")
    response = send(client, old, RENT, change="full")
    assert response.status_code == 412
    page = Page(response)
    assert page.h1 == "Alguien más habló mientras tanto"
    assert "Lista de espera" in page.text
    assert "Sin cupo" in page.text
    assert RENT in page.links
    decided = send(client, page.forms[0], RENT)
    assert decided.status_code == 303
    assert "0 hogares" in get(client, RENT).text


def test_a_number_one_wanted_to_say_can_still_be_said_after_a_conflict(client: TestClient) -> None:
    old = get(client, RENT).forms[1]
    press(client, "waiting-list")
    page = Page(send(client, old, RENT, number=4))
    assert "Hay 4" in page.text
    send(client, page.forms[0], RENT)
    assert "4 hogares" in get(client, RENT).text


@pytest.mark.parametrize("typed", ["", "-1", "eleven", "999999", "1.5", "١"])
def test_a_number_that_cannot_be_is_asked_for_again(client: TestClient, typed: str) -> None:
    response = send(client, get(client, RENT).forms[1], RENT, number=typed)
    assert response.status_code == 422
    assert "Escriba un número entero" in response.text


def test_one_cannot_add_to_what_nobody_counted(client: TestClient) -> None:
    path = "/services/s-nowhere/places"
    page = get(client, path)
    assert "Nadie ha dicho cuántos cupos hay" in page.text
    assert ("change", "plus") not in page.forms[0].buttons
    assert send(client, page.forms[0], path, change="plus").status_code == 422
    assert send(client, page.forms[1], path, number=3).status_code == 303
    assert "3 cupos" in get(client, path).text


def test_an_unknown_change_or_service_is_a_problem(client: TestClient) -> None:
    form = get(client, RENT).forms[0]
    assert send(client, form, RENT, change="explode").status_code == 422
    assert send(client, form, RENT, change="full", version="x").status_code == 428
    assert client.get("/services/none/places").status_code == 404
    assert client.post("/services/none/places", data=dict(form.values) | {"change": "full"}).status_code == 404


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize("typed", ["alquiler", "ALQILER", "tres mezes", "ventaniya retorno", "three months"])
def test_a_provider_finds_its_service_in_whatever_language_it_reads(client: TestClient, typed: str, lang: str) -> None:
    page = get(client, f"/places?q={typed}", **{"Accept-Language": lang})
    assert RENT in page.links


def test_a_name_that_nobody_has_is_said_to_be_nobodys(client: TestClient) -> None:
    assert "Ningún servicio se llama así" in get(client, "/places?q=zzzzqqqq").text


def test_organisations_lead_to_their_services(client: TestClient) -> None:
    page = get(client, "/places")
    assert "/places?of=o-desk" in page.links
    assert RENT in get(client, "/places?of=o-desk").links


def test_what_is_too_old_is_not_told_as_if_it_were_so(client: TestClient) -> None:
    text = get(client, "/places?of=o-desk").text
    assert text.count("Ya no se sabe") == 1 and re.search(r"Ya no se sabe: Hay cupo: 2 de 6", text)
