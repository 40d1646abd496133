"""My services go down as a workbook and come back as proposals, after a look that writes nothing. (R-02)"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from httpx2 import Response
from openpyxl import load_workbook

from api.entry_workbook import COLUMNS, FIRST
from graph.server import Server
from tests.directory_people import People, people
from tests.small_network import SECRET_STREET
from tests.ui.pages import Page, get, send

AT = "/entry/workbook"


@pytest.fixture(scope="module")
def who(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with people(server, tmp_path_factory.mktemp("workbook")) as found:
        yield found


def down(who: People, login: str = "desk") -> Any:
    response = who(login).get(f"{AT}/file")
    assert response.status_code == 200 and "enlace-servicios.xlsx" in response.headers["content-disposition"]
    return load_workbook(io.BytesIO(response.content))


def row_of(book: Any, service: str) -> int:
    return next(int(row[0].row) for row in book["Servicios"].iter_rows(min_row=FIRST) if row[0].value == service)


def cell(book: Any, service: str, code: str) -> Any:
    return book["Servicios"].cell(row_of(book, service), COLUMNS.index(code) + 1)


def up(who: People, book: Any, login: str = "desk") -> Response:
    to = io.BytesIO()
    book.save(to)
    return sent(who, to.getvalue(), login)


def sent(who: People, content: bytes, login: str = "desk", name: str = "x.xlsx") -> Response:
    answer: Response = who(login).post(AT, files={"file": (name, content)})
    return answer


def waiting(who: People) -> str:
    return get(who("committee"), "/entry/proposals").text


def test_the_sheet_has_lists_headers_in_two_languages_and_my_services_alone(who: People) -> None:
    book = down(who)
    sheet = book["Servicios"]
    assert [c.value for c in sheet[2]][1] == "Nombre" and [c.value for c in sheet[3]][1] == "Name"
    assert {row[0].value for row in sheet.iter_rows(min_row=FIRST) if row[0].value} == {
        "s-rent",
        "s-counsel",
        "s-job",
        "s-stale",
    }
    lists = {rule.formula1: rule for rule in sheet.data_validations.dataValidation}
    assert len(lists) == 5 and all(formula.startswith("=Listas!") for formula in lists)
    assert "Español · Spanish (spa)" in [c.value for column in book["Listas"].columns for c in column]
    assert sheet.row_dimensions[1].hidden


def test_nothing_in_it_is_reckoned_by_a_spreadsheet(who: People) -> None:
    book = down(who, "house")
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]
    assert cells and all(c.data_type == "s" for c in cells)
    assert SECRET_STREET not in str([c.value for c in cells]), "a sealed place is no part of it (R-26)"


def test_what_came_down_goes_up_and_changes_nothing(who: People) -> None:
    for login in ("desk", "house"):
        page = Page(up(who, down(who, login), login))
        assert "0 filas con cambios" in page.text and "0 errores" in page.text


def test_a_change_is_shown_first_and_proposed_only_when_confirmed(who: People) -> None:
    book = down(who)
    cell(book, "s-rent", "phone").value = "+502 7761 4444"
    cell(book, "s-rent", "languages.3").value = "mam"
    cell(book, "s-rent", "days").value = "lunes a sábado · Monday to Saturday"
    cell(book, "s-rent", "opens_at").value = "8:30"
    cell(book, "s-counsel", "areas").value = "Huehuetenango; GT0901"
    cell(book, "s-counsel", "description").value = "=1+1 no es una cuenta"
    cell(book, "s-counsel", "description").data_type = "s"
    response = up(who, book)
    page = Page(response)
    assert response.status_code == 200 and "2 filas con cambios" in page.text
    assert "+502 7761 4444" in page.text and "Mam" in page.text and "sábado" in page.text
    assert "+502 7761 4444" not in waiting(who), "a look writes nothing"
    client = who("desk")
    form = next(f for f in page.forms if f.action == f"{AT}/proposals")
    for _ in range(2):  # on a bad line
        assert send(client, form).headers["location"] == "/entry?said=proposed"
    text = waiting(who)
    assert text.count("+502 7761 4444") == 1 and "por hoja de cálculo" in text and "=1+1 no es una cuenta" in text
    client = who("committee")
    for _ in range(2):
        page = get(client, "/entry/proposals")
        send(client, next(f for f in page.forms if f.action.endswith("/approval")))
    card = get(who("nobody"), "/services/s-rent").text
    assert "+502 7761 4444" in card
    again = down(who)
    assert cell(again, "s-counsel", "description").data_type == "s", "also when it comes down again"
    assert cell(again, "s-counsel", "description").quotePrefix
    assert "Una fila sin cambios" not in Page(up(who, again)).text


def test_each_fault_stands_with_its_row_and_column(who: People) -> None:
    book = down(who)
    row = row_of(book, "s-job")
    cell(book, "s-job", "email").value = "no es un correo"
    cell(book, "s-job", "languages.1").value = "klingon"
    cell(book, "s-stale", "fees_description").value = "=1+1"
    cell(book, "s-rent", "name").value = "Alquiler (demo)"
    sheet = book["Servicios"]
    sheet.append(["s-shelter", "De otra organización"])
    sheet.append(["", "Servicio nuevo"])
    sheet.append(["s-rent", "Dos veces"])
    response = up(who, book)
    told = without_space(Page(response).text)
    letter = sheet.cell(1, COLUMNS.index("email") + 1).column_letter
    for said in (
        f"{row} {letter} · Correo No se entiende lo que está escrito.",
        "Idiomas Alguna palabra no está en la lista.",
        "Cuánto cuesta Hay una fórmula. Escriba el valor.",
        "Ningún servicio suyo tiene este código.",
        "Falta el código del servicio.",
        "Este servicio ya está en otra fila.",
        "Una fila con cambios",  # good rows can be taken
        "6 errores",
    ):
        assert without_space(said) in told, said
    english = Page(who("desk").post(f"{AT}?lang=en", files={"file": ("x.xlsx", book_bytes(book))}))
    assert "There is a formula. Write the value." in english.text


def without_space(text: str) -> str:
    return "".join(text.split())


def book_bytes(book: Any) -> bytes:
    to = io.BytesIO()
    book.save(to)
    return to.getvalue()


def test_what_is_refused_says_why_and_where(who: People) -> None:
    response = sent(who, b"esto no es un libro", name="lista.xlsm")
    assert response.status_code == 422
    page = Page(response)
    assert "#file" in page.links and "file-fault" in page.ids
    assert "que se pueda leer" in response.text
    assert who("desk").post(AT, data={"x": "y"}).status_code == 422


def test_five_megabytes_are_taken_here_and_nowhere_else(who: People) -> None:
    two = b"PK\x03\x04" + b"\0" * (2 * 1024 * 1024)
    assert sent(who, two).status_code == 422, "it was read, and is no workbook"
    assert sent(who, two * 3).status_code == 413
    assert who("desk").post("/entry/organization", files={"file": ("x", two)}).status_code == 413
    assert who("desk").post("/v1/suggestions", content=two).status_code == 413


def test_only_who_keeps_an_entry_has_a_workbook(who: People) -> None:
    for login in ("manager", "committee", "officer"):
        for path in (AT, f"{AT}/file"):
            expected = 403 if login != "committee" else (403, 200)
            status = who(login).get(path).status_code
            assert status == expected or (isinstance(expected, tuple) and status in expected)
    assert who("nobody").get(AT).status_code == 303
    assert sent(who, b"x", "officer").status_code == 403


def test_what_comes_back_is_looked_at_anew(who: People) -> None:
    client = who("desk")
    forged = ['{"subject":"service","subject_id":"s-rent","stated":{"influence":"high"}}', "no es nada"]
    for row in forged:
        assert client.post(f"{AT}/proposals", data={"row": row}).status_code == 422
    assert client.post(f"{AT}/proposals", data={"key": "x"}).status_code == 422
