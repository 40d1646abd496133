"""A provider reads its entry with the age of each fact and proposes changes; the committee decides; both see it. (R-02)"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from httpx2 import Response

from graph.server import Server
from tests.directory_people import People, people
from tests.small_network import SECRET_STREET
from tests.ui.pages import Form, Page, get, send

RENT = "/entry/services/s-rent"


@pytest.fixture(scope="module")
def who(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with people(server, tmp_path_factory.mktemp("entry")) as found:
        yield found


def form_to(page: Page, action: str) -> Form:
    return next(f for f in page.forms if f.action == action)


def decision(page: Page, end: str) -> Form:
    return next(f for f in page.forms if f.action.endswith(end))


def proposed(who: People, login: str = "desk", path: str = RENT, **changed: str) -> Response:
    client = who(login)
    filled = form_to(get(client, path), path)
    texts = {t["name"]: None for tag, t in get(client, path).tags if tag == "textarea"}
    assert "description" in texts
    return send_whole(who, login, path, filled, **changed)


def send_whole(who: People, login: str, path: str, form: Form, **changed: str) -> Response:
    """As a browser: everything that the form shows, the long fields too."""
    client = who(login)
    return send(client, form, path, **changed)


def test_whoever_is_not_signed_in_is_led_there_and_back(who: People) -> None:
    for path in ("/entry", RENT, "/entry/proposals", "/entry/workbook"):
        response = who("nobody").get(path)
        assert response.status_code == 303 and response.headers["location"].startswith("/sign-in?to=%2Fentry")


def test_my_entry_shows_each_fact_with_its_age_and_whether_it_was_verified(who: People) -> None:
    page = get(who("desk"), "/entry")
    assert "Ventanilla Municipal de Retorno (demo)" in page.text
    assert "Tres meses de alquiler" in page.text and "Sin verificar" in page.text
    assert "Casa de acogida" not in page.text, "another's service is not mine"
    form = get(who("desk"), RENT)
    assert "no consta" in form.text
    client = who("desk")
    key = form_to(get(client, RENT), f"{RENT}/verification")
    assert send(client, key).headers["location"] == "/entry?said=verified"
    page = get(client, "/entry?said=verified")
    assert "Verificada por el proveedor" in page.text and "Queda verificada" in page.text
    assert "no consta" in get(client, RENT).text, "verified is not edited"


def test_a_change_is_proposed_approved_by_somebody_else_and_both_see_what_became_of_it(who: People) -> None:
    before = get(who("nobody"), "/services/s-rent").text
    response = proposed(who, phone="+502 7761 5555", opens_at="07:30")
    assert response.status_code == 303 and response.headers["location"] == "/entry?said=proposed"
    assert "+502 7761 5555" not in get(who("nobody"), "/services/s-rent").text
    mine = get(who("desk"), "/entry")
    assert "Por decidir" in mine.text and "Una propuesta espera" in mine.text
    assert "Un cambio propuesto espera su decisión" in get(who("committee"), "/").text
    english = who("committee").get("/entry/proposals", headers={"Accept-Language": "en"}).text
    assert "proposed from Municipal Return Desk (demo)" in english, "names in the reader's language"
    assert "espera su decisión" not in get(who("desk"), "/").text, "not to whoever proposed it"
    waiting = get(who("committee"), "/entry/proposals")
    text = " ".join(waiting.text.split())
    assert "Teléfono" in text and "+502 7761 5555" in text and "07:30" in text
    assert "Qué ofrece" not in text, "only what differs is proposed"
    client = who("committee")
    assert send(client, decision(waiting, "/approval")).headers["location"] == "/entry/proposals?said=approved"
    card = get(who("nobody"), "/services/s-rent")
    assert "+502 7761 5555" in card.text and card.text != before
    assert "(editado hace un momento)" in " ".join(card.text.split())
    assert "Aprobada" in get(who("desk"), "/entry").text
    client = who("committee")
    undoing = decision(get(client, "/entry/proposals"), "/undoing")
    assert send(client, undoing).status_code == 303
    assert "+502 7761 5555" not in get(who("nobody"), "/services/s-rent").text


def test_a_no_is_told_with_its_reason(who: People) -> None:
    proposed(who, email="nueva@example.org")
    client = who("committee")
    page = get(client, "/entry/proposals")
    without = send(client, decision(page, "/rejection"))
    assert without.status_code == 422 and "Elija por qué no." in without.text
    assert send(client, decision(page, "/rejection"), reason="not-so", note="Rebota.").status_code == 303
    mine = get(who("desk"), "/entry")
    assert "Se comprobó que no es así." in mine.text and "Rebota." in mine.text


def test_a_proposal_sent_twice_counts_once_and_can_be_withdrawn(who: People) -> None:
    client = who("desk")
    form = form_to(get(client, RENT), RENT)
    for _ in range(2):
        assert send(client, form, RENT, email="dos@example.org").status_code == 303
    page = get(client, "/entry")
    withdrawals = [f for f in page.forms if f.action.endswith("/withdrawal")]
    assert len(withdrawals) == 1
    assert send(client, withdrawals[0]).headers["location"] == "/entry?said=withdrawn"
    assert "Retirada" in get(client, "/entry").text


def test_what_cannot_be_so_stands_beside_its_field_with_what_was_typed(who: People) -> None:
    response = proposed(who, email="no es un correo", minimum_age="cien", languages="klingon")
    assert response.status_code == 422
    page = Page(response)
    assert {"#email", "#minimum_age", "#languages"} <= set(page.links)
    assert {"email-fault", "minimum_age-fault", "languages-fault"} <= page.ids
    assert "no es un correo" in response.text and "klingon" in response.text
    nothing = proposed(who)
    assert nothing.status_code == 409 and "ya está así" in nothing.text


def test_words_of_lists_are_taken_in_both_languages_and_by_code(who: People) -> None:
    response = proposed(who, languages="Spanish\nmam\nK’iche’ (quc)", areas="Huehuetenango\nGT0901")
    assert response.status_code == 303, response.text
    client = who("committee")
    text = " ".join(get(client, "/entry/proposals").text.split())
    assert "Mam" in text and "Huehuetenango" in text
    send(client, decision(get(client, "/entry/proposals"), "/rejection"), reason="incomplete")


def test_somebody_else_may_suggest_and_the_organisation_decides(who: People) -> None:
    assert proposed(who, "manager", url="https://example.org/alquiler").status_code == 303
    client = who("desk")
    page = get(client, "/entry/proposals")
    assert "https://example.org/alquiler" in page.text
    assert send(client, decision(page, "/approval")).status_code == 303
    assert "https://example.org/alquiler" in get(who("nobody"), "/services/s-rent").text


def test_what_is_not_mine_to_decide_is_not_there(who: People) -> None:
    proposed(who, email="tres@example.org")
    action = decision(get(who("committee"), "/entry/proposals"), "/approval").action
    missing = "/entry/proposals/none/approval"
    for login in ("desk", "house"):
        one, other = (who(login).post(path, data={"key": ""}) for path in (action, missing))
        assert (one.status_code, one.text.replace(action, "")) == (404, other.text.replace(missing, ""))
    assert who("officer").post(action, data={"key": ""}).status_code == 403
    assert who("officer").get("/entry").status_code == 403


def test_a_sealed_place_is_no_part_of_the_entry(who: People) -> None:
    response = who("house").get("/entry/services/s-shelter")
    assert response.status_code == 200 and SECRET_STREET not in response.text
    assert response.headers["cache-control"] == "no-store"


def test_my_organisation_too(who: People) -> None:
    client = who("house")
    form = form_to(get(client, "/entry/organization"), "/entry/organization")
    assert send(client, form, "/entry/organization", website="https://casa.example.org").status_code == 303
    client = who("committee")
    page = get(client, "/entry/proposals")
    assert "/entry" not in page.links, "whoever decides has no entry there: the name leads to the directory"
    assert any(link.startswith("/directory?q=Casa") for link in page.links)
    (one,) = [f for f in page.forms if f.action.endswith("/approval") and "casa.example.org" in page.text][-1:]
    assert send(client, one).status_code == 303
    assert "https://casa.example.org" in get(who("house"), "/entry").text


@pytest.mark.parametrize("path", ["/entry", RENT, "/entry/organization", "/entry/proposals"])
def test_in_english_too(who: People, path: str) -> None:
    response = who("desk").get(f"{path}?lang=en")
    assert response.status_code == 200 and 'lang="en"' in response.text
    assert Page(response).h1
