"""Asking several services before anybody is named, over HTTP: the queue, the answers, the choice, the person's page. (R-10)"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from graph.secrets import Secrets, open_secrets
from graph.server import Server
from graph.store.network import Network
from tests.asking import CROWD, SECOND_SERVICE, add_clinics
from tests.cast import CLINIC, OTHER, OWNER, PROFESSIONAL, PROVIDER, STRANGER
from tests.everybody import COMMITTEE, NOBODY, OTHER_PROVIDER, Callers, callers, set_the_house
from tests.sending import CANARY, CLINIC_SERVICE, TYPE

BOTH: Final = [CLINIC_SERVICE, SECOND_SERVICE]
PLACES: Final = f"/v1/services/{CLINIC_SERVICE}/capacity"


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Secrets:
    return open_secrets(tmp_path_factory.mktemp("secrets") / "keys")


@pytest.fixture(scope="module")
async def house(server: Server, network: Network, secrets: Secrets) -> AsyncIterator[Callers]:
    """Two clinics that can be asked, and others who seek the same, so that a question could be about several people."""
    await set_the_house(network, secrets)
    await add_clinics(network)
    async with callers(server, secrets) as asked:
        for _ in range(CROWD):
            await asked.needed(await asked.opened(languages=["spa"]))
        yield asked


async def asked_of(house: Callers, *services: str) -> tuple[str, str, list[str]]:
    """A case, a need of it, and the questions that were asked about it."""
    case = await house.opened(languages=["spa"])
    need = await house.needed(case)
    said = {"service_ids": list(services or BOTH), "language": "spa"}
    done = await house.done(OWNER.id, "POST", f"/v1/cases/{case}/needs/{need}/enquiries", said)
    assert len(done["entries"]) == len(done["enquiries"]) == len(said["service_ids"])
    assert (done["asked"]["service_type"], done["asked"]["language"]) == (TYPE, "spa")
    return case, need, [question["id"] for question in done["enquiries"]]


async def queue(house: Callers, by: str) -> dict[str, Any]:
    found = (await house.done(by, "GET", "/v1/enquiries?limit=200"))["enquiries"]
    return {row["id"]: row for row in found}


async def test_the_queue_says_what_is_sought_and_never_whose_it_is(house: Callers) -> None:
    case, need, (first, second) = await asked_of(house)
    for by, mine, others in ((PROVIDER.id, first, second), (OTHER_PROVIDER.id, second, first)):
        answer = await house.ask(by, "GET", "/v1/enquiries")
        assert answer.headers["cache-control"] == "no-store"
        assert mine in answer.text and others not in answer.text
        for private in (case, need, CANARY, OWNER.id):
            assert private not in answer.text
    for by in (OWNER.id, COMMITTEE.id, PROFESSIONAL.id, f"person:{case}"):
        assert await queue(house, by) == {}
    assert (await house.ask(NOBODY, "GET", "/v1/enquiries")).status_code == 401
    page = await house.done(PROVIDER.id, "GET", "/v1/enquiries?limit=1")
    assert len(page["enquiries"]) == 1 and page["next"] == page["enquiries"][0]["id"]


async def test_an_answer_is_seen_by_the_case_manager_and_counted_once(house: Callers) -> None:
    case, need, (first, second) = await asked_of(house)
    at = f"/v1/enquiries/{first}/answer"
    for wrong in ({"answer": "cannot"}, {"answer": "can", "reason": "full-now"}, {"answer": "cannot", "reason": "x"}):
        assert (await house.ask(PROVIDER.id, "POST", at, wrong)).status_code == 409
    assert (await house.ask(PROVIDER.id, "POST", at, {"answer": "perhaps"})).status_code == 422
    once = {"Idempotency-Key": "the-answer-of-the-clinic"}
    said = [await house.done(PROVIDER.id, "POST", at, {"answer": "can"}, once) for _ in range(2)]
    assert said[0] == said[1] and said[0]["state"] == "answered"
    assert (await house.ask(OTHER_PROVIDER.id, "POST", at, {"answer": "can"})).status_code == 404
    found = await house.done(OWNER.id, "GET", f"/v1/cases/{case}/needs/{need}/enquiries")
    assert {row["id"]: (row["state"], row["answer"]) for row in found} == {
        first: ("answered", "can"),
        second: ("open", None),
    }
    for by in (STRANGER.id, PROVIDER.id, COMMITTEE.id):
        assert (await house.ask(by, "GET", f"/v1/cases/{case}/needs/{need}/enquiries")).status_code == 404


async def test_the_chosen_one_becomes_a_draft_and_the_others_see_that_they_are_no_longer_needed(house: Callers) -> None:
    case, _, (first, second) = await asked_of(house)
    at = f"/v1/enquiries/{first}/choice"
    early = await house.ask(OWNER.id, "POST", at)
    assert (early.status_code, early.json()["reasons"][0]["code"]) == (409, "nothing-to-choose")
    await house.done(PROVIDER.id, "POST", f"/v1/enquiries/{first}/answer", {"answer": "can"})
    for by in (PROVIDER.id, STRANGER.id, OTHER_PROVIDER.id, f"person:{case}"):
        assert (await house.ask(by, "POST", at)).status_code == 404
    chosen = await house.done(OWNER.id, "POST", at)
    assert chosen["no_longer_needed"] == [second]
    draft = await house.done(OWNER.id, "GET", f"/v1/referrals/{chosen['referral_id']}")
    assert (draft["status"], draft["service_id"]) == ("draft", CLINIC_SERVICE)
    assert chosen["referral_id"] not in (await house.ask(PROVIDER.id, "GET", "/v1/received")).text
    assert (await queue(house, OTHER_PROVIDER.id))[second]["state"] == "no-longer-needed"
    late = await house.ask(OTHER_PROVIDER.id, "POST", f"/v1/enquiries/{second}/answer", {"answer": "can"})
    assert (late.status_code, late.json()["reasons"][0]["code"]) == (409, "enquiry-ended")


async def test_a_no_for_want_of_places_is_believed(house: Callers) -> None:
    """Full: there are none. A waiting list only: what was said of places is believed less. Another reason: nothing."""

    async def places() -> tuple[str, int | None, int]:
        found = await house.done(PROVIDER.id, "GET", PLACES)
        return found["state"], found["available"], found["declines"]

    put = await house.ask(PROVIDER.id, "GET", PLACES)
    headers = {"If-Match": put.headers.get("etag", '"0"')}
    await house.done(PROVIDER.id, "PUT", PLACES, {"change": "set", "number": 3}, headers)
    before = await places()
    assert before[1:] == (3, 0)
    for reason, after in (
        ("not-eligible-age", before),
        ("waiting-list-only", (before[0], 3, 1)),
        ("full-now", ("none", 0, 2)),
    ):
        _, _, (enquiry,) = await asked_of(house, CLINIC_SERVICE)
        said = {"answer": "cannot", "reason": reason}
        for _ in range(2):
            await house.done(PROVIDER.id, "POST", f"/v1/enquiries/{enquiry}/answer", said)
        assert await places() == after, reason


async def test_the_person_reads_what_was_asked_on_their_page(house: Callers) -> None:
    case, _, (first, _) = await asked_of(house)
    await house.done(PROVIDER.id, "POST", f"/v1/enquiries/{first}/answer", {"answer": "cannot", "reason": "full-now"})
    none = await house.opened()
    for lang, title, nothing in (
        ("es", "Lo que se preguntó sin decir quién es usted", "No se ha preguntado nada."),
        ("en", "What was asked without saying who you are", "Nothing has been asked."),
    ):
        page = (await house.ask(f"person:{case}", "GET", f"/mine?lang={lang}")).text
        asked = page.partition(title)[2].partition("<h2")[0]
        assert asked and CLINIC in asked and OTHER in asked and nothing not in asked
        other = (await house.ask(f"person:{none}", "GET", f"/mine?lang={lang}")).text
        assert nothing in other.partition(title)[2].partition("<h2")[0]


async def test_who_may_not_ask_finds_no_case_and_a_service_twice_is_no_question(house: Callers) -> None:
    case = await house.opened(languages=["spa"])
    need = await house.needed(case)
    at = f"/v1/cases/{case}/needs/{need}/enquiries"
    said = {"service_ids": [CLINIC_SERVICE]}
    for by in (STRANGER.id, PROVIDER.id, COMMITTEE.id, f"person:{case}"):
        assert (await house.ask(by, "POST", at, said)).status_code == 404
    for wrong in ([CLINIC_SERVICE] * 2, [], [f"s-{n}" for n in range(11)]):
        assert (await house.ask(OWNER.id, "POST", at, {"service_ids": wrong})).status_code == 422
    assert (await house.ask(OWNER.id, "POST", at, {"service_ids": ["s-nowhere"]})).status_code == 404
    foreign = await house.ask(OWNER.id, "POST", at, said | {"language": "quc"})
    assert (foreign.status_code, foreign.json()["reasons"][0]["code"]) == (409, "language-not-theirs")
