"""The person with an account of their own: what is known, what left, who looked, and taking back. (R-20, R-21, R-41)

Everybody here signs in for real. The officer's search for a person stands beside it: it leaves what the person reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest

from graph.model.actor import Role
from graph.model.log import Entry, Kind
from graph.secrets import open_secrets
from graph.server import Server
from graph.store import log
from tests.accounts import House
from tests.cast import CLINIC, HOME, OTHER
from tests.desk import Desk
from tests.sending import CANARY, PURPOSE, RECORD, set_the_clinic
from tests.ui.pages import Page

ALLOWED: Final = {"given_name", "health_condition"}
NUMBER: Final = "9988 77665 0901"
MISSING: Final = "0" * 32


@pytest.fixture(scope="module")
def house(server: Server, tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(server, open_secrets(tmp_path_factory.mktemp("keys of persons") / "keys")).staged(
        set_the_clinic,
        ("the.manager", Role.CASE_MANAGER, HOME),
        ("the.colleague", Role.CASE_MANAGER, HOME),
        ("the.stranger", Role.CASE_MANAGER, OTHER),
        ("the.clinic", Role.PROVIDER, CLINIC),
        ("the.officer", Role.DATA_PROTECTION_OFFICER, HOME),
        ("the.admin", Role.ADMIN, HOME),
    )


@pytest.fixture(scope="module")
def desk(house: House) -> Iterator[Desk]:
    desk = Desk(house)
    yield desk
    desk.close()


@dataclass
class Story:
    case: str
    consent: str
    referral: str


@pytest.fixture(scope="module")
def story(desk: Desk) -> Story:
    """A case whose data was previewed, sent and opened; its person signed in."""
    case = desk.opened(document_number=NUMBER)
    need = desk.needed(case)
    consent = desk.allowed(case, *sorted(ALLOWED))
    referral = desk.drafted(case, need)
    desk.done("the.manager", "GET", f"/referrals/{referral}/preview")
    desk.done("the.manager", "POST", f"/referrals/{referral}/send")
    desk.done("the.clinic", "POST", f"/received/{referral}/opening")
    desk.moved_in(case, "the.person")
    desk.enter("the.person")
    return Story(case, consent, referral)


def test_the_person_reads_their_file_what_left_who_read_it_and_who_looked(desk: Desk, story: Story) -> None:
    me = desk.done("the.person", "GET", "/me")
    assert (me["roles"], me["case_id"], me["organization_id"]) == (["person"], story.case, None)
    file = desk.done("the.person", "GET", f"/cases/{story.case}")
    assert {"field": "given_name", "of": None, "value": RECORD["given_name"]} in file["record"]
    (gone,) = desk.done("the.person", "GET", f"/cases/{story.case}/gone")
    assert (gone["organization_id"], set(gone["fields"]), len(gone["opened"])) == (CLINIC, ALLOWED, 1)
    looks = desk.done("the.person", "GET", f"/cases/{story.case}/looks")
    assert [look["kind"] for look in looks] == ["previewed"]
    assert looks[0]["organization_id"] == HOME and set(looks[0]["fields"]) == ALLOWED
    desk.done("the.manager", "GET", f"/cases/{story.case}")
    looks = desk.done("the.person", "GET", f"/cases/{story.case}/looks")
    assert [look["kind"] for look in looks] == ["case-read", "previewed"], "the newest first; one's own are none"
    (consent,) = desk.done("the.person", "GET", f"/cases/{story.case}/consents")
    assert (consent["id"], consent["state"]) == (story.consent, "given")


def test_the_persons_page_says_it_in_words_in_both_languages(desk: Desk, story: Story) -> None:
    person = desk["the.person"]
    for language, title, allergies in (
        ("es", "Lo que se sabe de usted", "Alergias"),
        ("en", "What is known about you", "Allergies"),
    ):
        answer = person.get(f"/mine?lang={language}")
        page = Page(answer)
        assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
        assert [h for h in page.headings if h[0] == "h1"] == [("h1", title)]
        for words in (RECORD["given_name"], allergies, CLINIC, HOME):
            assert words in page.text
        assert all((has.get("src") or "").startswith("/static/") for tag, has in page.tags if tag == "script")
        assert not re.search(r"\b(mine|consent|role|deed)\.[a-z-]+", page.text), "a text is missing"
    assert "/mine" in Page(person.get("/sign-in")).links
    assert person.get("/mine?lang=es").headers["content-language"] == "es"


def test_who_has_no_case_of_their_own_has_no_such_page(desk: Desk, house: House) -> None:
    with house.client() as nobody:
        answer = nobody.get("/mine")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?to=%2Fmine")
        assert nobody.post(f"/mine/consents/{MISSING}/withdrawal").status_code == 401
    for login in ("the.manager", "the.officer", "the.admin"):
        assert desk[login].get("/mine").status_code == 404


def test_others_cases_answer_the_person_as_ones_that_are_not_there(desk: Desk, story: Story) -> None:
    other = desk.opened()
    for method, part, body in (
        ("GET", "", None), ("GET", "/gone", None), ("GET", "/looks", None), ("GET", "/consents", None),
        ("POST", "/person-account", {"login": "somebody.else"}), ("DELETE", "/person-account", None),
    ):  # fmt: skip
        answers = [desk["the.person"].request(method, f"/v1/cases/{c}{part}", json=body) for c in (other, MISSING)]
        assert [a.status_code for a in answers] == [404, 404] and answers[0].content == answers[1].content, part
    for path in (f"/v1/referrals/{story.referral}/preview", f"/v1/referrals/{story.referral}/send"):
        answer = desk["the.person"].request("GET" if path.endswith("preview") else "POST", path)
        assert answer.status_code == 404, "one's own, and still not theirs to send"


def test_only_the_team_hands_an_account_over_and_only_to_who_decides(desk: Desk) -> None:
    case, child = desk.opened(), desk.opened(age_band="6-11")
    for login in ("the.stranger", "the.clinic", "the.officer", "the.admin"):
        for method, body in (("POST", {"login": "some.person"}), ("DELETE", None)):
            answers = [desk[login].request(method, f"/v1/cases/{c}/person-account", json=body) for c in (case, MISSING)]
            assert [a.status_code for a in answers] == [404, 404] and answers[0].content == answers[1].content
    colleague = desk["the.colleague"].post(f"/v1/cases/{case}/person-account", json={"login": "some.person"})
    assert colleague.status_code == 409 and colleague.json()["reasons"][0]["code"] == "access-relation"
    no = desk.done("the.manager", "POST", f"/cases/{child}/person-account", {"login": "some.child"}, 409)
    assert no["reasons"][0]["code"] == "person-does-not-decide" and no["reasons"][0]["ask"]
    taken = desk.done("the.manager", "POST", f"/cases/{case}/person-account", {"login": "the.manager"}, 409)
    assert taken["reasons"][0]["code"] == "login-taken"
    desk.done("the.manager", "POST", f"/cases/{case}/person-account", {"login": "…"}, 422)
    desk.done("the.manager", "DELETE", f"/cases/{case}/person-account", status=404)


def test_a_new_account_ends_the_one_before_and_the_team_ends_it_at_once(desk: Desk) -> None:
    case = desk.opened()
    desk.moved_in(case, "person.before")
    before = desk.enter("person.before")
    assert before.get("/v1/me").json()["case_id"] == case
    desk.moved_in(case, "person.after")
    assert before.get("/v1/me").status_code == 401
    after = desk.enter("person.after")
    assert after.get(f"/v1/cases/{case}").status_code == 200
    ended = desk.done("the.manager", "DELETE", f"/cases/{case}/person-account")
    assert (ended["entry"]["body"]["kind"], ended["entry"]["body"]["reasons"]) == ("person-account", ["ended"])
    assert after.get(f"/v1/cases/{case}").status_code == 401


def test_administrators_learn_no_case_and_make_nothing_else_of_a_person(desk: Desk, story: Story) -> None:
    rows = desk.done("the.admin", "GET", "/accounts")
    persons = [row for row in rows if row["roles"] == ["person"] and not row["disabled"]]
    assert persons and story.case not in str(rows)
    for roles in (["case-manager"], ["person", "case-manager"], []):
        no = desk.done("the.admin", "PUT", f"/accounts/{persons[0]['id']}/roles", {"roles": roles}, 409)
        assert no["reasons"][0]["code"] == "access-role"


def test_the_person_takes_back_what_they_allowed_on_their_page(desk: Desk) -> None:
    case = desk.opened()
    allowed = {"organization_id": CLINIC, "purpose": PURPOSE, "modality": "written", "fields": sorted(ALLOWED)}
    consent = desk.done("the.manager", "POST", f"/cases/{case}/consents", allowed, 201)["consent_id"]
    desk.moved_in(case, "person.changes")
    person = desk.enter("person.changes")
    (form,) = [f for f in Page(person.get("/mine")).forms if "withdrawal" in f.action]
    assert form.action == f"/mine/consents/{consent}/withdrawal" and form.method == "post"
    for id in (MISSING, desk.done("the.manager", "GET", f"/cases/{case}/consents")[0]["id"][::-1]):
        assert person.post(f"/mine/consents/{id}/withdrawal").status_code == 404
    answer = person.post(form.action)
    assert (answer.status_code, answer.headers["location"]) == (303, "/mine?said=1")
    page = Page(person.get("/mine"))
    assert "Retirado por la persona" in page.text and not [f for f in page.forms if "withdrawal" in f.action]
    assert person.post(form.action).status_code == 303, "said twice, it stays taken back"
    (row,) = desk.done("the.manager", "GET", f"/cases/{case}/consents")
    assert row["state"] == "withdrawn"


def test_the_officer_alone_finds_a_person_everywhere_and_it_is_written_down(desk: Desk, house: House) -> None:
    number = "7755 33110 0404"
    open_, restricted = desk.opened(document_number=number), desk.opened(document_number=number)
    desk.done("the.manager", "PUT", f"/cases/{restricted}/restriction", {"restricted": True})

    def sought() -> list[Entry]:
        found = house.run(lambda n: n.read(log.read, log.MECHANISM))
        return [e for e in found if e.body.kind is Kind.PERSON_SOUGHT]

    before = len(sought())
    said = {"field": "document_number", "value": number.replace(" ", "-")}
    found = desk.done("the.officer", "POST", "/persons/find", said)
    assert [(row["case_id"], row["organization_id"]) for row in found] == [(open_, HOME)], "never who is restricted"
    assert desk.done("the.officer", "POST", "/persons/find", said | {"value": "1"}) == []
    entries = sought()[before:]
    assert len(entries) == 2 and all(e.body.fields == ("document_number",) for e in entries)
    assert number not in str(entries) and open_ not in str(entries)
    assert [x["kind"] for x in desk.done("the.manager", "GET", f"/cases/{open_}/looks")] == ["person-sought"]
    assert desk.done("the.manager", "GET", f"/cases/{restricted}/looks") == []
    name = desk["the.officer"].post("/v1/persons/find", json={"field": "given_name", "value": CANARY})
    assert name.status_code == 422 and CANARY not in name.text, "nobody is searched by name"
    for login in ("the.manager", "the.stranger", "the.clinic", "the.admin"):
        desk.done(login, "POST", "/persons/find", said, 403)
    assert len(sought()) == before + 2
