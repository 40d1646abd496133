"""State a need in the form and read the answer, without script. (R-05, R-06, R-07, R-20)"""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.ui.pages import Page, get, send


def ask(client: TestClient, *, lang: str = "es", status: int = 200, **told: Any) -> Page:
    form = get(client, "/suggestions").forms[-1]
    response = send(client, form, **told) if lang == "es" else client.post(f"/suggestions?lang={lang}", data=told)
    assert response.status_code == status, response.text[:600]
    assert response.headers["cache-control"] == "no-store"
    client.cookies.clear()
    return Page(response)


FITTING: dict[str, Any] = {
    "need": "social.housing.rent",
    "department": "GT09",
    "municipality": "salcaja",
    "age": "34",
    "gender": "female",
    "nationality": "GT",
    "languages_told": "these",
    "languages": ["spa", "quc"],
    "documents_told": "none",
    "factors_told": "none",
}


def test_the_answer_says_who_and_why(client: TestClient) -> None:
    page = ask(client, **FITTING)
    assert page.h1 == "Servicios sugeridos"
    assert ("h4", "Tres meses de alquiler") in page.headings
    assert "Salcajá, Quetzaltenango, Guatemala" in page.text
    assert "5 de 10 hogares" in page.text
    assert "hace 3 días" in page.text
    assert "cubre el lugar" in page.text
    assert "/services/s-rent" in page.links


def test_the_answer_speaks_english_too(client: TestClient) -> None:
    page = ask(client, lang="en", **FITTING)
    assert page.h1 == "Suggested services"
    assert ("h4", "Three months of rent") in page.headings
    assert "5 of 10 households" in page.text
    assert "3 days ago" in page.text


def test_the_form_keeps_what_was_told_and_can_be_sent_again(client: TestClient) -> None:
    form = ask(client, **FITTING).forms[-1]
    told = dict(form.values)
    assert told["need"] == "social.housing.rent"
    assert (told["department"], told["municipality"]) == ("GT09", "Salcajá")
    assert (told["age"], told["gender"], told["nationality"]) == ("34", "female", "GT")
    assert [v for n, v in form.values if n == "languages"] == ["spa", "quc"]
    assert (told["languages_told"], told["documents_told"], told["factors_told"]) == ("these", "none", "none")
    again = Page(send(client, form))
    assert ("h4", "Tres meses de alquiler") in again.headings
    assert dict(again.forms[-1].values)["reference"] == told["reference"]


def test_unknown_and_none_are_two_answers(client: TestClient) -> None:
    unknown = ask(client, need="economic.employment.job-placement", department="GT09")
    none = ask(client, need="economic.employment.job-placement", department="GT09", documents_told="none")
    assert "Documentos: no consta" in unknown.text
    assert "Preguntar a la persona si ya hizo ese paso." in unknown.text
    assert "Documentos: no tiene" in none.text
    assert "Caminos posibles" in none.text
    assert none.text.index("Inscripción y certificación de nacimiento") < none.text.index("Entonces se abre:")


def test_a_near_miss_says_what_would_change_it_and_who_can(client: TestClient) -> None:
    page = ask(client, need="psychosocial.family-mediation", department="GT09")
    assert ("h4", "Que el proveedor atienda también aquí, o que la persona pueda trasladarse.") in page.headings
    assert "Puede cambiarlo: el proveedor" in page.text


def test_when_nothing_fits_the_gap_is_said_kindly_and_counted(client: TestClient) -> None:
    page = ask(client, need="economic.finance", department="GT13")
    assert ("h3", "Hoy la red no tiene una respuesta para esta necesidad") in page.headings
    assert "/gaps?country=GT" in page.links
    for _ in range(3):
        page = Page(send(client, page.forms[-1]))
    counted = client.get("/v1/gaps", params={"country": "GT"}).json()
    row = next(r for r in counted["rows"] if r["service_type"] == "economic.finance")
    assert row["unmet"] == {"number": None, "at_least": False}, "counted, and too few to be told"


def test_what_lies_elsewhere_is_shown_on_demand_and_not_counted(client: TestClient) -> None:
    """Otherwise a look around would change why the need counts as unmet."""
    told: dict[str, Any] = {"need": "psychosocial.counselling", "department": "HN08"}
    page = ask(client, **told)
    assert "Ver 1 en otros lugares" in page.text
    assert "Acompañamiento emocional" not in page.text
    wider = Page(send(client, page.forms[-1], everywhere="1"))
    assert "Acompañamiento emocional" in wider.text
    assert "No cubre este lugar ni uno vecino." in wider.text


def test_several_needs_are_answered_together(client: TestClient) -> None:
    page = ask(client, need=["social.housing.rent", "psychosocial.counselling", "", ""], department="GT09")
    assert ("h2", "Las necesidades juntas") in page.headings
    assert "Una misma organización puede atender varias" in page.text
    assert re.search(r"Nadie ha hablado todavía de esta dimensión: Económica", page.text)
    assert [w for level, w in page.headings if level == "h2"][1:] == [
        "Ayuda para el alquiler",
        "Orientación y consejería",
    ]


@pytest.mark.parametrize(
    ("typed", "department", "found"),
    [
        ("Salcajá", "", "Salcajá, Quetzaltenango"),
        ("SALCAJA", "GT", "Salcajá, Quetzaltenango"),
        ("quetzaltenango", "GT09", "Quetzaltenango, Quetzaltenango"),
        ("GT0909", "", "San Martín Sacatepéquez, Quetzaltenango"),
        ("", "GT09", "Quetzaltenango, Guatemala"),
        ("", "HN", "Honduras"),
    ],
)
def test_a_place_is_found_however_it_is_written(client: TestClient, typed: str, department: str, found: str) -> None:
    page = ask(client, need="social.housing", municipality=typed, department=department)
    assert found in re.sub(r"\s+", " ", page.text)


@pytest.mark.parametrize(
    ("typed", "department", "offered"),
    [
        ("Santa Barbara", "", {"GT1320", "HN16"}),
        ("Quetzaltenango", "", {"GT09", "GT0901"}),
        ("Salcaxá", "GT09", {"GT0902"}),
        ("San Martin", "", {"GT0909"}),
        ("Salcajá", "GT13", {"GT0902"}),
    ],
)
def test_where_it_is_not_sure_which_place_is_meant_it_asks(
    client: TestClient, typed: str, department: str, offered: set[str]
) -> None:
    page = ask(client, status=422, need="social.housing", municipality=typed, department=department)
    form = page.forms[-1]
    assert offered <= set(form.options["area"])
    assert "#area-0" in page.links
    assert "area-0" in page.ids
    picked = Page(send(client, form, area=min(offered)))
    assert picked.h1 == "Servicios sugeridos"
    again = Page(send(client, picked.forms[-1]))
    assert again.h1 == "Servicios sugeridos", "a place picked once is not asked for again"


def test_what_is_wrong_is_said_at_the_top_and_beside_its_field(client: TestClient) -> None:
    page = ask(
        client,
        status=422,
        municipality="zzzzzz",
        age="old",
        on="2026-02-30",
        gender="nobody",
        languages_told="none",
        languages=["spa"],
        factors_told="these",
    )
    leads = [link.removeprefix("#") for link in page.links if link.startswith("#") and link != "#content"]
    assert leads == ["need", "municipality", "on", "age", "gender", "languages-none", "factors-these"]
    assert set(leads) <= page.ids
    assert {f"{field}-fault" for field in leads} <= page.ids
    described = {
        field
        for _, has in page.tags
        for field in (has.get("aria-describedby") or "").split()
        if field.endswith("-fault")
    }
    assert described == {f"{field}-fault" for field in leads}
    assert "Error:" in page.text
    person = [has for tag, has in page.tags if tag == "details" and has.get("class") == "person"]
    assert person and all("open" in has for has in person), "what is wrong in it is seen"


def test_more_needs_than_there_is_room_for_are_refused(client: TestClient) -> None:
    types = ["social.housing", "social.health", "social.legal", "economic", "psychosocial"]
    assert "#need" in ask(client, status=422, need=types, department="GT09").links


def test_every_type_and_every_level_of_it_can_be_chosen(client: TestClient) -> None:
    options = get(client, "/suggestions").forms[-1].options
    assert {"economic", "social.housing", "social.housing.rent"} <= set(options["need"])
    assert {"GT", "GT09", "HN16"} <= set(options["department"])
    assert "GT0901" not in options["department"]
