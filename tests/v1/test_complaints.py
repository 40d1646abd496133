"""A complaint, from the first word to the answer, and nothing of it for those complained about. (R-50)"""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from babel.dates import format_date

from api.actions import complaints
from graph.model.actor import Actor, Role
from graph.model.directory import Mechanism
from graph.secrets import Secrets, open_secrets
from graph.seed.status_reasons import status_reasons
from graph.server import Server
from graph.store import accounts, mechanisms
from graph.store.network import Network, Tx
from tests.cast import CLINIC, HOME, OFFICER, OTHER, OWNER, PROVIDER, STAGE, STRANGER
from tests.everybody import ACTORS, COMMITTEE, EVERYBODY, NOBODY, Callers, account_of, callers, set_the_house
from tests.routes import routes
from tests.sending import CANARY, CLINIC_SERVICE, PURPOSE, Patient

WORDS: Final = f"{CANARY} me gritaron en la puerta"
ANSWER: Final = f"{CANARY} lo sentimos"


def of(name: str, organization: str, role: Role) -> Actor:
    return Actor(id=name, organization_id=organization, roles=frozenset({role}))


OTHERS_COMMITTEE: Final = of("a-committee-other", OTHER, Role.COMMITTEE)
OTHERS_OFFICER: Final = of("a-officer-other", OTHER, Role.DATA_PROTECTION_OFFICER)
AT_THE_CLINIC: Final = tuple(of(f"a-clinic-{role.value}", CLINIC, role) for role in Role if role is not Role.PERSON)
PEOPLE: Final = EVERYBODY | {a.id: a for a in (OTHERS_COMMITTEE, OTHERS_OFFICER, *AT_THE_CLINIC)}
MISSING: Final = "0" * 32


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Secrets:
    return open_secrets(tmp_path_factory.mktemp("secrets") / "keys")


@pytest.fixture(scope="module")
async def house(server: Server, network: Network, secrets: Secrets) -> AsyncIterator[Callers]:
    await set_the_house(network, secrets)

    async def more(tx: Tx) -> None:
        new = [a for a in PEOPLE.values() if a.id not in EVERYBODY]
        told = [{"id": a.id, "organization": a.organization_id, "roles": sorted(a.roles)} for a in new]
        await (await tx.run(STAGE, areas=[], actors=told)).consume()
        await (await tx.run(ACTORS, actors=told)).consume()
        for actor in new:
            await accounts.create(tx, account_of(actor, at=datetime.now(UTC)))
        lead = Mechanism(id="mechanism-demo", name="Mecanismo", scope="national", lead_organization_id=OTHER)
        await mechanisms.upsert(tx, [lead])

    await Patient.of(network).write(more)
    async with callers(server, secrets, PEOPLE) as asked:
        yield asked


def grievance(about: str = CLINIC, kind: str = "quality", **more: Any) -> dict[str, Any]:
    return {"about_id": about, "kind": kind, "words": WORDS} | more


async def complained(
    house: Callers, by: str, about: str = CLINIC, kind: str = "quality", **more: Any
) -> dict[str, Any]:
    done: dict[str, Any] = await house.done(by, "POST", "/v1/complaints", grievance(about, kind, **more))
    assert CANARY not in str(done)
    return done


async def seen_by(house: Callers, by: str, id: str) -> bool:
    """Whether somebody finds it; the list and the thing itself say the same."""
    listed = await house.ask(by, "GET", "/v1/complaints")
    one = await house.ask(by, "GET", f"/v1/complaints/{id}")
    found = id in [row["id"] for row in listed.json()] if listed.is_success else False
    assert found == one.is_success and one.status_code in (200, 401, 404), (by, one.text)
    assert found or id not in listed.text
    return found


async def test_a_complaint_is_made_taken_read_answered_and_told(house: Callers) -> None:
    person = f"person:{await house.opened()}"
    made = await complained(house, person)
    id, stands = made["complaint"]["id"], made["complaint"]
    assert (stands["state"], stands["office"], stands["late"]) == ("made", "committee", False)
    days = datetime.fromisoformat(stands["answer_by"]) - datetime.fromisoformat(stands["made_at"])
    assert timedelta(days=21) <= days <= timedelta(days=30), "fifteen working days, with weekends and holidays between"
    assert format_date(datetime.fromisoformat(stands["answer_by"]), "long", locale="es") in stands["says"]
    assert (made["entry"]["body"]["stream"], made["entry"]["body"]["actor"]) == ("mechanism", "unnamed")

    at = f"/v1/complaints/{id}"
    too_soon = await house.ask(COMMITTEE.id, "POST", f"{at}/answer", {"remedy": "apology"})
    assert too_soon.status_code == 409 and too_soon.json()["reasons"][0]["code"] == "complaint-not-open"
    assert (await house.ask(person, "POST", f"{at}/told")).status_code == 409
    taken = await house.done(COMMITTEE.id, "POST", f"{at}/taking")
    assert taken["complaint"]["taken_by"] == COMMITTEE.id
    assert (await house.done(COMMITTEE.id, "POST", f"{at}/reading"))["words"] == WORDS
    mine = await house.done(person, "GET", at)
    assert mine["state"] == "taken" and mine["taken_by"] is None, "who of the office, is the office's affair"
    other = await house.ask(OTHERS_COMMITTEE.id, "POST", f"{at}/answer", {"remedy": "apology"})
    assert other.status_code == 409, "only whoever took it answers"
    await house.done(OTHERS_COMMITTEE.id, "POST", f"{at}/taking")
    answered = await house.done(OTHERS_COMMITTEE.id, "POST", f"{at}/answer", {"remedy": "apology", "words": ANSWER})
    assert answered["complaint"]["remedy"] == "apology" and CANARY not in str(answered)
    told = await house.done(person, "POST", f"{at}/told")
    assert (told["answer"], told["complaint"]["state"]) == (ANSWER, "told")
    again = await house.ask(OTHERS_COMMITTEE.id, "POST", f"{at}/answer", {"remedy": "unfounded"})
    assert again.status_code == 409
    assert (await house.done(person, "GET", at))["remedy"] == "apology"


@pytest.mark.parametrize("kind", ["quality", "data-protection", "abuse-or-exploitation"])
async def test_whoever_works_for_the_organisation_complained_about_finds_nothing(house: Callers, kind: str) -> None:
    """Every role there is, on every route: to the byte what somebody gets who asks for a complaint that is not there."""
    person = f"person:{await house.opened()}"
    id = (await complained(house, person, CLINIC, kind))["complaint"]["id"]
    inside = [a.id for a in PEOPLE.values() if a.organization_id == CLINIC]
    assert len(inside) >= len(Role)
    tried = [route for route in routes(house.app) if "{complaint_id}" in route.path and route.is_api]
    assert len(tried) >= 5
    for by in inside:
        assert not await seen_by(house, by, id)
        for route in tried:
            body = {"remedy": "unfounded"} if route.path.endswith("answer") else None
            answers = [
                await house.ask(by, route.method, route.to({"complaint_id": which}), body) for which in (id, MISSING)
            ]
            assert [a.status_code for a in answers] == [404, 404], (by, str(route))
            assert answers[0].content == answers[1].content
    seen = {by for by in (*PEOPLE, NOBODY) if await seen_by(house, by, id)}
    handlers = {
        "quality": {COMMITTEE.id, OTHERS_COMMITTEE.id},
        "data-protection": {OFFICER.id, OTHERS_OFFICER.id},
        "abuse-or-exploitation": {OTHERS_COMMITTEE.id},
    }
    assert seen == handlers[kind] and await seen_by(house, person, id)


async def test_about_the_organisation_that_holds_the_case_the_team_never_learns(house: Callers) -> None:
    case = await house.opened()
    person = f"person:{case}"
    before = (await house.done(OWNER.id, "GET", f"/v1/cases/{case}")), await streams(house, case)
    id = (await complained(house, person, HOME, "data-protection"))["complaint"]["id"]
    about_services = (await complained(house, person, HOME))["complaint"]["id"]
    for by in (a.id for a in PEOPLE.values() if a.organization_id == HOME):
        assert not await seen_by(house, by, id) and not await seen_by(house, by, about_services), by
    assert await seen_by(house, OTHERS_OFFICER.id, id) and await seen_by(house, OTHERS_COMMITTEE.id, about_services)
    after = (await house.done(OWNER.id, "GET", f"/v1/cases/{case}")), await streams(house, case)
    assert after[0]["case"] == before[0]["case"], "the file shows nothing of it, not even that it was revised"
    assert after[1] == before[1] + 1, "the one new entry of the case's stream is the second reading of the file"
    log = await house.done(OFFICER.id, "GET", "/v1/log/mechanism?limit=200")
    entries = [e["body"] for e in log["entries"] if e["body"]["kind"].startswith("complaint")]
    assert entries
    told = str(entries)
    assert not [word for word in (id, about_services, case, HOME, "a-person", OWNER.id) if word in told]
    said = grievance(HOME, case_id=case)
    refused = await house.ask(OWNER.id, "POST", "/v1/complaints", said)
    assert refused.status_code == 409 and refused.json()["reasons"][0]["code"] == "complaint-about-own"


async def streams(house: Callers, case: str) -> int:
    """How many entries the case's own stream has."""

    async def count(tx: Tx) -> int:
        found = await tx.run("MATCH (c:Case {id: $id}) MATCH (s:Stream {id: c.stream}) RETURN s.n AS n", id=case)
        return int((await found.single(strict=True))["n"])

    return int(await house.app.state.network.read(count))


async def test_abuse_goes_to_the_lead_at_once_says_so_and_is_everybodys_when_late(
    house: Callers, network: Network
) -> None:
    made = await complained(house, f"person:{await house.opened()}", CLINIC, "abuse-or-exploitation")
    stands = made["complaint"]
    assert stands["office"] == "committee-lead" and "dirección" in stands["says"]
    days = datetime.fromisoformat(stands["answer_by"]) - datetime.fromisoformat(stands["made_at"])
    assert days <= timedelta(days=10)
    late = datetime.fromisoformat(stands["answer_by"]) + timedelta(seconds=1)
    for at, expected in ((late - timedelta(seconds=2), False), (late, True)):
        rows = await network.read(complaints.listed, actor=COMMITTEE, at=at)
        assert (stands["id"] in [row.id for row in rows]) is expected
    rows = await network.read(complaints.listed, actor=OTHERS_COMMITTEE, at=late)
    assert [(row.late, row.next) for row in rows if row.id == stands["id"]] == [(True, "late")]


async def test_a_case_manager_writes_it_down_and_the_rest_of_the_team_does_not_see_it(house: Callers) -> None:
    case = await house.opened()
    made = await complained(house, OWNER.id, CLINIC, case_id=case)
    id = made["complaint"]["id"]
    assert await seen_by(house, OWNER.id, id) and await seen_by(house, f"person:{case}", id)
    assert not await seen_by(house, "a-colleague", id) and not await seen_by(house, f"person:{MISSING}", id)
    for by in (STRANGER.id, "a-colleague", COMMITTEE.id):
        assert (await house.ask(by, "POST", "/v1/complaints", grievance(OTHER, case_id=case))).status_code == 404, by


async def test_left_without_a_name_it_is_nobodys(house: Callers, network: Network) -> None:
    person = f"person:{await house.opened()}"
    id = (await complained(house, person, HOME, unnamed=True))["complaint"]["id"]
    assert not await seen_by(house, person, id) and await seen_by(house, OTHERS_COMMITTEE.id, id)
    assert (await house.done(OTHERS_COMMITTEE.id, "POST", f"/v1/complaints/{id}/reading"))["words"] == WORDS
    whistle = (await complained(house, "a-clinic-provider", CLINIC, unnamed=True))["complaint"]["id"]
    assert not await seen_by(house, "a-clinic-provider", whistle)

    async def node(tx: Tx) -> str:
        text = "MATCH (k:Complaint {id: $id}) OPTIONAL MATCH (c:Case)-[r]->(k) RETURN properties(k) AS k, count(c) AS n"
        return str((await (await tx.run(text, id=whistle)).single(strict=True)).data())

    kept = await network.read(node)
    assert "a-clinic-provider" not in kept and "'n': 0" in kept
    named = await house.ask(person, "POST", "/v1/complaints", grievance(unnamed=True, case_id=person[7:]))
    assert named.status_code == 422


async def test_a_referral_that_is_named_is_ones_own_and_of_the_organisation(house: Callers) -> None:
    case = await house.opened()
    need = await house.needed(case)
    referral = await house.drafted(case, need, service=CLINIC_SERVICE)
    foreign = await house.opened()
    await complained(house, f"person:{case}", CLINIC, referral_id=referral)
    for by, about in ((f"person:{foreign}", CLINIC), (f"person:{case}", OTHER)):
        said = grievance(about, referral_id=referral)
        assert (await house.ask(by, "POST", "/v1/complaints", said)).status_code == 404
    gone = await house.ask(f"person:{case}", "POST", "/v1/complaints", grievance("nobody"))
    assert gone.status_code == 404 and CANARY not in gone.text


async def test_no_word_of_it_lies_open_in_the_graph(house: Callers, network: Network) -> None:
    await complained(house, f"person:{await house.opened()}")

    async def everything(tx: Tx) -> str:
        found = await tx.run("MATCH (n) WHERE n:Complaint OR n:LogEntry OR n:Idempotency RETURN properties(n) AS n")
        return str([row.data() async for row in found])

    assert CANARY not in await network.read(everything)


async def test_the_person_reads_what_became_of_it_and_why_in_words_for_them(house: Callers) -> None:
    case = await house.opened()
    person, referral = f"person:{case}", await house.drafted(case, await house.needed(case))
    said: dict[str, Any] = {"organization_id": CLINIC, "purpose": PURPOSE, "modality": "written"}
    said |= {"fields": ["given_name", "health_condition"]}
    await house.done(OWNER.id, "POST", f"/v1/cases/{case}/consents", said)
    await house.done(OWNER.id, "POST", f"/v1/referrals/{referral}/send")
    assert "todavía no han respondido" in (await house.ask(person, "GET", "/mine?lang=es")).text
    wish = {"step": "reject", "reason": "language-unavailable"}
    await house.done(PROVIDER.id, "POST", f"/v1/referrals/{referral}/steps", wish)
    for language in ("es", "en"):
        shown = await house.ask(person, "GET", f"/mine?lang={language}")
        words = status_reasons()["language-unavailable"].to_person(language)
        assert words in html.unescape(shown.text)


async def test_the_person_does_all_of_it_on_their_own_page(house: Callers) -> None:
    case = await house.opened()
    person = f"person:{case}"
    need = await house.needed(case)
    referral = await house.drafted(case, need)
    said: dict[str, Any] = {"organization_id": CLINIC, "purpose": PURPOSE, "modality": "written"}
    said |= {"fields": ["given_name", "health_condition"]}
    await house.done(OWNER.id, "POST", f"/v1/cases/{case}/consents", said)
    await house.done(OWNER.id, "POST", f"/v1/referrals/{referral}/send")
    for language, words in (("es", "Prefiero no decir"), ("en", "I would rather not say")):
        shown = await house.ask(person, "GET", f"/mine?lang={language}")
        assert shown.is_success and words in shown.text and f'value="{CLINIC}"' in shown.text
        assert not re.search(r"\b(mine|complaint)\.[a-z-]+\.?[a-z-]*", shown.text), "a text is missing"
    back = await house.ask(
        person,
        "POST",
        f"/mine/referrals/{referral}/feedback",
        {"helped": "no", "respected": "", "barrier": "affordability"},
    )
    assert (back.status_code, back.headers["location"]) == (303, "/mine?said=1")
    heard = await house.done(OWNER.id, "GET", f"/v1/referrals/{referral}/feedback")
    assert (heard["helped"], heard["respected"], heard["barrier"]) == ("no", None, "affordability")
    assert "Quedó guardado." in (await house.ask(person, "GET", "/mine?said=1&lang=es")).text
    made = await house.ask(person, "POST", "/mine/complaints", grievance(CLINIC, "delay"))
    assert made.status_code == 303
    (mine,) = await house.done(person, "GET", "/v1/complaints?lang=es")
    shown = await house.ask(person, "GET", "/mine?lang=es")
    assert mine["says"] in shown.text and CANARY not in re.sub(r"<dd>.*?</dd>", "", shown.text)
    at = f"/v1/complaints/{mine['id']}"
    await house.done(COMMITTEE.id, "POST", f"{at}/taking")
    await house.done(COMMITTEE.id, "POST", f"{at}/answer", {"remedy": "explanation", "words": ANSWER})
    assert f"/mine/complaints/{mine['id']}/answer" in (await house.ask(person, "GET", "/mine")).text
    read = await house.ask(person, "POST", f"/mine/complaints/{mine['id']}/answer", {})
    assert ANSWER in read.text and read.headers["cache-control"] == "no-store"
    for body in (grievance(CLINIC, "nothing"), grievance(words=" "), {}):
        wrong = await house.ask(person, "POST", "/mine/complaints", body)
        beside = re.sub(r"<dd>.*?</dd>|<textarea.*?</textarea>", "", wrong.text)
        assert wrong.status_code == 422 and CANARY not in beside, (
            "what they typed stands in its field again, nowhere else"
        )
    foreign = await house.ask("person:another", "POST", f"/mine/complaints/{mine['id']}/answer", {})
    assert foreign.status_code == 404 and ANSWER not in foreign.text
