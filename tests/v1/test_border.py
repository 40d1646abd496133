"""Across a border: asked and matched before anybody is named, sent with consent for that border, and stopped whole. (R-42)"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from graph.model.enquiry import LIVES, Asked, Enquiry, EnquiryState
from graph.model.timer import Job
from graph.secrets import Secrets
from graph.server import Server
from graph.store import enquiries, timers
from graph.store.network import Network, Tx
from tests.cast import CLINIC, OTHER, OWNER, PROVIDER, STRANGER, TOWN
from tests.everybody import EVERYBODY, NOBODY, OTHER_PROVIDER, Callers, callers, set_the_house
from tests.sending import CANARY, CLINIC_SERVICE, PURPOSE, RECORD, TYPE, Patient

AWAY: Final = "US0601"
BECAUSE: Final = "where-the-person-goes"
AREAS: Final = """
    UNWIND $rows AS row
    MERGE (a:Area {code: row.code})
    SET a.level = row.level, a.lineage = row.lineage, a.touching = [], a.name = row.code
"""
SAID: Final = {
    "organization_id": CLINIC,
    "purpose": PURPOSE,
    "modality": "written",
    "fields": ["given_name", "health_condition", "telephone"],
}
ACROSS: Final = SAID | {"countries": ["GT"]}
JOURNEY: Final = {"to": "GT", "on": "2027-01-15", "receiver_id": CLINIC}


@pytest.fixture(scope="module")
async def house(server: Server, network: Network, secrets: Secrets) -> AsyncIterator[Callers]:
    await set_the_house(network, secrets)
    lines = [["US"], ["US06", "US"], [AWAY, "US06", "US"]]

    async def areas(tx: Tx) -> None:
        rows = [{"code": line[0], "level": len(line) - 1, "lineage": line} for line in lines]
        await (await tx.run(AREAS, rows=rows)).consume()

    await Patient.of(network).write(areas)
    async with callers(server, secrets) as asked:
        yield asked


async def kept_away(house: Callers, **data: Any) -> str:
    """A case of a host-country organisation: the person is still there."""
    return await house.opened(municipality=AWAY, **data)


async def allow(house: Callers, case: str, said: dict[str, Any]) -> str:
    given = await house.done(OWNER.id, "POST", f"/v1/cases/{case}/consents", said)
    return str(given["consent_id"])


async def drafted(house: Callers, case: str) -> str:
    """To the clinic on the other side, which is not the nearest: so with the reason."""
    said = {"need_id": await house.needed(case), "service_id": CLINIC_SERVICE, "chosen_because": BECAUSE}
    return str((await house.done(OWNER.id, "POST", f"/v1/cases/{case}/referrals", said))["referral_id"])


async def sending(house: Callers, case: str) -> tuple[str, Any]:
    referral = await drafted(house, case)
    return referral, await house.ask(OWNER.id, "POST", f"/v1/referrals/{referral}/send")


def why(answer: Any) -> list[str]:
    return [reason["code"] for reason in answer.json()["reasons"]]


async def test_before_departure_the_host_side_sees_who_fits_where_the_person_goes(house: Callers) -> None:
    case = await kept_away(house)
    need = await house.needed(case)
    at = f"/v1/cases/{case}/needs/{need}/suggestions"
    here = await house.done(OWNER.id, "GET", at)
    there = await house.done(OWNER.id, "POST", at, {"area": TOWN})
    assert CLINIC_SERVICE not in [one["service"]["id"] for one in here["suggested"]]
    assert CLINIC_SERVICE in [one["service"]["id"] for one in there["suggested"]]
    unknown = await house.ask(OWNER.id, "POST", at, {"area": "XX99"})
    assert unknown.status_code in (404, 422), unknown.text
    for by in (STRANGER.id, PROVIDER.id, NOBODY):
        assert (await house.ask(by, "POST", at, {"area": TOWN})).status_code in (401, 404)


async def test_nothing_crosses_without_a_consent_that_names_this_border(house: Callers) -> None:
    case = await kept_away(house)
    _, none = await sending(house, case)
    assert (none.status_code, why(none)) == (409, ["consent-missing"])
    await allow(house, case, SAID)
    await allow(house, case, SAID | {"countries": ["MX"]})
    _, at_home = await sending(house, case)
    assert (at_home.status_code, why(at_home)) == (409, ["consent-not-across-border"])
    consent = await allow(house, case, ACROSS)
    receipt = await house.done(OWNER.id, "GET", f"/v1/consents/{consent}/receipt")
    (purpose,) = receipt["pii_processing"]["purposes"]
    assert purpose["crossings"] == [{"from": "US", "to": "GT"}] and "Guatemala" in purpose["crossings_label"]
    _, sent = await sending(house, case)
    assert sent.status_code == 200, sent.text


async def test_to_write_down_that_the_person_lives_there_now_moves_no_border(house: Callers) -> None:
    """What is recorded is still kept in the host country: it crosses, wherever the person is."""
    case = await kept_away(house)
    await allow(house, case, SAID)
    revised = (await house.ask(OWNER.id, "GET", f"/v1/cases/{case}")).headers["etag"]
    moved = await house.ask(
        OWNER.id, "PATCH", f"/v1/cases/{case}/record", {"data": {"municipality": TOWN}}, {"If-Match": revised}
    )
    assert moved.is_success, moved.text
    _, still = await sending(house, case)
    assert (still.status_code, why(still)) == (409, ["consent-not-across-border"])
    await allow(house, case, ACROSS)
    _, sent = await sending(house, case)
    assert sent.status_code == 200, sent.text


async def test_the_asking_says_that_data_leave_the_country(house: Callers) -> None:
    case = await kept_away(house)
    wish = {"organization_id": CLINIC, "purpose": PURPOSE, "language": "en"}
    at = f"/v1/cases/{case}/notices"
    assert (await house.done(OWNER.id, "POST", at, wish))["crossing"] is None
    there = await house.done(OWNER.id, "POST", at, wish | {"countries": ["GT"]})
    assert "United States" in there["crossing"] and "Guatemala" in there["crossing"]


async def test_a_child_crosses_only_with_who_stands_for_it_and_its_best_interests_in_both_countries(
    house: Callers,
) -> None:
    case = await kept_away(house, age_band="6-11")
    at = f"/v1/cases/{case}"

    async def guardian(*countries: str) -> str:
        said = {"kind": "parent", "countries": list(countries), "document": "birth-certificate"}
        return str((await house.done(OWNER.id, "POST", f"{at}/guardians", said))["id"])

    async def best(country: str) -> None:
        said = {"country": country, "conclusion": "con su madre"}
        await house.done(OWNER.id, "POST", f"{at}/best-interests", said)

    async def allowed_by(guardian_id: str) -> None:
        await allow(house, case, ACROSS | {"given_by": "guardian", "guardian_id": guardian_id})

    here = await guardian("US")
    await house.done(OWNER.id, "POST", f"{at}/child-views", {"agrees": True})
    await best("US")
    await allowed_by(here)
    _, refused = await sending(house, case)
    lacking = why(refused)
    assert {"authority-needed", "best-interests-missing"} <= set(lacking), lacking
    await best("GT")
    _, refused = await sending(house, case)
    assert "best-interests-missing" not in why(refused) and "authority-needed" in why(refused)
    there = await guardian("GT")
    _, refused = await sending(house, case)
    assert why(refused) == ["consent-not-across-border"], "who stands for it there has not been asked"
    await allowed_by(there)
    _, sent = await sending(house, case)
    assert sent.status_code == 200, sent.text


async def test_both_sides_say_that_it_happened(house: Callers) -> None:
    case = await kept_away(house)
    at = f"/v1/cases/{case}/departure"
    unasked = await house.ask(OWNER.id, "POST", at, JOURNEY)
    assert (unasked.status_code, why(unasked)) == (409, ["consent-not-across-border"])
    same = await house.ask(OWNER.id, "POST", at, JOURNEY | {"to": "US"})
    assert why(same) == ["same-country"]
    consent = await allow(house, case, ACROSS)
    planned = await house.done(OWNER.id, "POST", at, JOURNEY)
    id = planned["departure"]["id"]
    assert (planned["departure"]["leaves"], planned["departure"]["state"]) == ("US", "planned")
    assert why(await house.ask(OWNER.id, "POST", at, JOURNEY)) == ["departure-planned"]
    expected = await house.ask(PROVIDER.id, "GET", "/v1/arrivals")
    assert id in [row["id"] for row in expected.json()] and case not in expected.text
    confirm = f"/v1/arrivals/{id}/confirmation"
    for by in (OTHER_PROVIDER.id, STRANGER.id, OWNER.id, f"person:{case}"):
        assert (await house.ask(by, "POST", confirm)).status_code == 404, by
        assert id not in (await house.ask(by, "GET", "/v1/arrivals")).text
    arrived = await house.done(PROVIDER.id, "POST", confirm)
    assert (arrived["departure"]["state"], arrived["departure"]["confirmed_by_both"]) == ("arrived", False)
    assert why(await house.ask(OWNER.id, "POST", f"{at}/word", {"word": "did-not-depart"})) == ["departure-not-open"]
    departed = await house.done(OWNER.id, "POST", f"{at}/word", {"word": "departed"})
    assert departed["departure"]["confirmed_by_both"] is True
    assert [e["entry"]["body"]["kind"] for e in (planned, arrived, departed)] == [
        "departure-planned", "arrived", "departed",
    ]  # fmt: skip
    assert arrived["entry"]["body"]["actor"] == PROVIDER.id
    mine = await house.done(f"person:{case}", "GET", at)
    assert [row["id"] for row in mine] == [id]
    for by in (*EVERYBODY, "person:another", NOBODY):
        granted = (await house.ask(by, "GET", at)).is_success
        assert granted is (by == OWNER.id), by
    await house.done(OWNER.id, "POST", f"/v1/consents/{consent}/withdrawal")
    assert id not in (await house.ask(PROVIDER.id, "GET", "/v1/arrivals")).text, "nothing is left to be known of"


async def test_who_was_turned_back_on_the_way_did_not_depart(house: Callers) -> None:
    """Else nothing could be stopped any more, and no other journey be planned."""
    case = await kept_away(house)
    at = f"/v1/cases/{case}/departure"
    await allow(house, case, ACROSS)
    id = (await house.done(OWNER.id, "POST", at, JOURNEY))["departure"]["id"]
    await house.done(OWNER.id, "POST", f"{at}/word", {"word": "departed"})
    assert why(await house.ask(OWNER.id, "POST", at, JOURNEY)) == ["departure-planned"]
    halted = await house.done(OWNER.id, "POST", f"{at}/word", {"word": "did-not-depart"})
    assert (halted["departure"]["state"], len(halted["consent_ids"])) == ("did-not-depart", 1)
    assert (await house.ask(PROVIDER.id, "POST", f"/v1/arrivals/{id}/confirmation")).status_code == 404
    assert why(await house.ask(OWNER.id, "POST", f"{at}/word", {"word": "departed"})) == ["departure-not-open"]
    await allow(house, case, ACROSS)
    assert (await house.done(OWNER.id, "POST", at, JOURNEY))["departure"]["state"] == "planned"


async def asked(network: Network, case: str, need: str, service: str, organization: str) -> str:
    """A question to a service, as it stands once it was asked."""
    at = datetime.now(UTC)
    question = Enquiry(
        id=f"question-{service}-{case}",
        case_id=case,
        need_id=need,
        service_id=service,
        organization_id=organization,
        asked=Asked(service_type=TYPE, area="GT09"),
        asked_at=at,
        asked_by=OWNER.id,
        expires_at=at + LIVES,
    )
    await network.write(enquiries.create, question)
    return question.id


async def places(house: Callers) -> tuple[int, int]:
    """How many are free at the clinic, and how many held."""
    found = await house.done(PROVIDER.id, "GET", f"/v1/services/{CLINIC_SERVICE}/capacity")
    return found["available"], found["leased"] + found["in_use"]


async def test_who_did_not_depart_leaves_nothing_open_on_the_other_side(house: Callers, network: Network) -> None:
    seen = await house.done(OWNER.id, "GET", f"/v1/services/{CLINIC_SERVICE}/capacity")
    said = {"change": "set", "number": 7}
    version = {"If-Match": f'"{seen["version"] if seen else 0}"'}
    await house.done(PROVIDER.id, "PUT", f"/v1/services/{CLINIC_SERVICE}/capacity", said, version)
    free, held = await places(house)
    case = await kept_away(house)
    need = await house.needed(case)
    over_there = await asked(network, case, need, CLINIC_SERVICE, CLINIC)
    at = f"/v1/cases/{case}/departure"
    await allow(house, case, ACROSS)
    elsewhere = await allow(house, case, SAID | {"organization_id": OTHER})
    referral, sent = await sending(house, case)
    assert sent.status_code == 200
    waiting = await drafted(house, case)
    started, _ = await sending(house, case)
    for step in ("accept", "start"):
        await house.done(PROVIDER.id, "POST", f"/v1/referrals/{started}/steps", {"step": step})
    opened = await house.done(PROVIDER.id, "POST", f"/v1/received/{referral}/opening")
    assert opened["payload"]["given_name"] == RECORD["given_name"]
    id = (await house.done(OWNER.id, "POST", at, JOURNEY))["departure"]["id"]

    assert await places(house) == (free - 2, held + 2)
    key = {"Idempotency-Key": "0123456789abcdef-stop"}
    halted = await house.done(OWNER.id, "POST", f"{at}/word", {"word": "did-not-depart"}, key)
    assert halted == await house.done(OWNER.id, "POST", f"{at}/word", {"word": "did-not-depart"}, key)
    assert sorted(halted["cancelled"]) == sorted([referral, waiting, started])
    assert len(halted["closed"]) == 2 and len(halted["consent_ids"]) == 1 and len(halted["stop_notice_ids"]) == 1
    assert CANARY not in str(halted)
    assert await places(house) == (free, held), "both places are free again"
    assert halted["enquiries"] == [over_there]
    assert (await network.read(enquiries.get, over_there)).state(at=datetime.now(UTC)) is EnquiryState.NOT_NEEDED
    for one in (referral, waiting, started):
        stands = await house.done(OWNER.id, "GET", f"/v1/referrals/{one}")
        assert (stands["status"], stands["reason"]) == ("cancelled", "did-not-depart")
        assert (await house.ask(PROVIDER.id, "POST", f"/v1/received/{one}/opening")).status_code in (404, 409)
    _, late = await sending(house, case)
    assert (late.status_code, why(late)) == (409, ["consent-invalidated"])
    states = {row["id"]: row["state"] for row in await house.done(OWNER.id, "GET", f"/v1/cases/{case}/consents")}
    assert states[elsewhere] == "given" and sorted(states.values()) == ["given", "invalidated"]
    notices = (await house.done(PROVIDER.id, "GET", "/v1/stop-notices"))["stop_notices"]
    (notice,) = [n for n in notices if n["id"] in halted["stop_notice_ids"]]
    assert sorted(notice["referral_ids"]) == sorted([referral, started])
    until = datetime.fromisoformat(notice["acknowledge_by"])
    due = [t for t in await network.read(timers.waiting, until=until) if t.subject_id == notice["id"]]
    assert [(t.job, t.due_at) for t in due] == [(Job.STOP_LATE, until)], "nobody acknowledges it, and somebody is told"
    assert id not in (await house.ask(PROVIDER.id, "GET", "/v1/arrivals")).text
    assert (await house.ask(PROVIDER.id, "POST", f"/v1/arrivals/{id}/confirmation")).status_code == 404
    again = await house.ask(OWNER.id, "POST", at, JOURNEY)
    assert why(again) == ["consent-not-across-border"], "for another journey the person is asked anew"
    await allow(house, case, ACROSS)
    _, anew = await sending(house, case)
    assert anew.status_code == 200
