"""Front door, one service, gaps, problems: pages that are only read. (R-02, R-03, R-07, R-10)"""

from __future__ import annotations

import gzip
import re
from itertools import pairwise

import pytest
from fastapi.testclient import TestClient

from api.problems import STATUS
from api.texts import text
from tests.ui.pages import Page, get

PAGES = ["/", "/suggestions", "/places", "/gaps", "/problems", "/services/s-rent", "/services/s-rent/places"]


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_stands_on_its_feet(client: TestClient, path: str, language: str) -> None:
    page = get(client, path, **{"Accept-Language": language})
    assert page.h1
    assert ("html", {"lang": language}) in page.tags
    assert "#content" in page.links
    assert "content" in page.ids
    assert "GeoNames, CC BY 4.0" in page.text
    assert any(link.endswith(f"lang={'en' if language == 'es' else 'es'}") for link in page.links)
    levels = [int(level[1]) for level, _ in page.headings]
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    assert not re.search(r"\bpages\.[a-z]", page.text), "a text that nobody wrote"


@pytest.mark.parametrize("path", PAGES)
def test_every_field_has_its_label(client: TestClient, path: str) -> None:
    page = get(client, path)
    labelled = {has["for"] for tag, has in page.tags if tag == "label" and has.get("for")}
    for tag, has in page.tags:
        if tag in {"input", "select"} and has.get("type") not in {"hidden", "radio", "checkbox"}:
            assert has.get("id") in labelled


def test_the_front_door_counts_the_network(client: TestClient) -> None:
    page = get(client, "/")
    assert {"/suggestions", "/places", "/gaps"} <= set(page.links)
    assert re.search(r"servicios\s*10\b", page.text)


def test_a_first_visit_is_light(client: TestClient) -> None:
    """Sixty kilobytes are ten seconds on a bad line."""
    for path in ("/", "/suggestions"):
        body = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert body.headers["content-encoding"] == "gzip"
        sheet = client.get("/static/enlace.css").content
        total = (
            int(body.headers["content-length"])
            + len(gzip.compress(sheet))
            + len(client.get("/static/enlace.svg").content)
        )
        assert total < 60_000
        assert len(sheet) <= 15_000


def test_the_page_of_a_service_tells_all_six_elements(client: TestClient) -> None:
    page = get(client, "/services/s-rent")
    for element in (
        "Datos que se le envían",
        "Cómo se presta y cómo se pide el consentimiento",
        "Primer contacto",
        "Seguimiento",
        "Documentos que guarda",
        "Quién paga",
    ):
        assert ("h3", element) in page.headings
    words = " ".join(page.text.split())
    assert "de lunes a viernes, de 08:00 a 16:00 h" in words
    assert "lunes y martes" in words
    assert "Responde en 2 días." in words
    assert "Comunidad de acogida" in words
    assert "Versión 2, del 1 de enero de 2020 al 31 de diciembre de 2099" in words
    assert "Español, K’iche’" in words
    assert "todas las personas" in words


def test_what_a_service_does_not_state_is_said_to_be_unstated(client: TestClient) -> None:
    page = get(client, "/services/s-nowhere")
    assert "No hay procedimiento acordado" in page.text
    assert "No se indica." in page.text


def test_an_agreement_that_ended_says_so(client: TestClient) -> None:
    assert "terminado" in get(client, "/services/s-shelter").text
    assert "terminado" not in get(client, "/services/s-rent").text


def test_the_gaps_of_a_country_are_a_table_and_a_list(client: TestClient) -> None:
    page = get(client, "/gaps?country=GT")
    assert {"/gaps?country=GT", "/gaps?country=HN"} <= set(page.links)
    headers = [has for tag, has in page.tags if tag == "th"]
    assert all(has.get("scope") in {"row", "col"} for has in headers)
    for title in ("Servicios sin procedimiento vigente", "Convenios terminados", "Cupos que nadie ha confirmado"):
        assert any(words.startswith(title) for level, words in page.headings if level == "h3")
    assert "/services/s-stale" in page.links
    assert "Memorando viejo" in page.text
    assert get(client, "/gaps?country=HN").h1 == page.h1


def test_gaps_hide_small_counts(client: TestClient) -> None:
    for n in range(7):
        need = {"service_type": "economic.finance.grant", "area": "GT0901" if n else "GT1301"}
        client.post("/v1/suggestions", json=need, headers={"Enlace-Need": f"gaps-page-{n:016d}"})
    page = get(client, "/gaps?country=GT")
    assert re.search(r"Financiación\s*5\+\s*F\s*·\s*F\s*(·|5\+)\s", page.text), "total, Huehuetenango, Quetzaltenango"
    assert not re.search(r"\s(<5|0\+)\s", page.text), (
        "nothing is told as fewer than five, or as a little more than nothing"
    )
    assert {"/gaps/file?country=GT&kind=xlsx", "/gaps/file?country=GT&kind=csv"} <= set(page.links)


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_problem_is_explained(client: TestClient, language: str) -> None:
    page = get(client, "/problems", **{"Accept-Language": language})
    assert set(STATUS) <= page.ids
    for code in STATUS:
        assert text(f"problem.{code}", "es" if language == "es" else "en") in page.text


@pytest.mark.parametrize("path", ["/nothing", "/services/none", "/gaps?country=XX", "/static/none.css"])
def test_what_is_not_there_is_a_page_with_a_way_back(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    page = Page(response)
    assert page.h1 == text("problem.not-found", "es")
    assert "/" in page.links
    assert "/problems#not-found" in page.links


def test_a_method_that_is_none_is_a_page_too(client: TestClient) -> None:
    assert client.delete("/suggestions").status_code == 405
    assert Page(client.put("/")).h1 == text("problem.method-not-allowed", "es")


def test_the_problem_type_leads_to_its_explanation(client: TestClient) -> None:
    kind = client.get("/v1/nothing").json()["type"]
    path, _, anchor = kind.partition("#")
    assert anchor in get(client, path).ids
