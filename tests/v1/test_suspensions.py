"""Suspending over HTTP: the committee stops an area, an organisation or a service, and lifts it. (R-26)"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from graph.log.entry import verify
from graph.model.log import Entry
from graph.secrets import Secrets
from graph.server import Server
from graph.store.network import Network
from tests.cast import CLINIC, DEPARTMENT, OWNER
from tests.everybody import COMMITTEE, EVERYBODY, NOBODY, RECEIVER, Callers, callers, set_the_house
from tests.sending import CLINIC_SERVICE, PURPOSE, Patient

SUBJECTS = {"service": CLINIC_SERVICE, "organization": CLINIC, "area": DEPARTMENT}
AT = "/v1/suspensions"
ALLOWED = ["given_name", "health_condition"]


@pytest.fixture(scope="module")
async def house(network: Network, server: Server, secrets: Secrets) -> AsyncIterator[Callers]:
    await set_the_house(network, secrets)
    async with callers(server, secrets) as house:
        house.app.state.network = Patient.of(house.app.state.network)
        yield house


@pytest.fixture(autouse=True)
async def nothing_is_left_suspended(house: Callers) -> AsyncIterator[None]:
    yield
    for one in await house.done(COMMITTEE.id, "GET", AT):
        await house.done(COMMITTEE.id, "POST", f"{AT}/{one['id']}/lifting")


async def suspended(house: Callers, subject: str, **more: Any) -> Any:
    said = {"subject": subject, "subject_id": SUBJECTS[subject], "reason": "security-conditions"} | more
    return await house.done(COMMITTEE.id, "POST", AT, said)


@pytest.mark.parametrize("subject", SUBJECTS)
async def test_sends_and_openings_stop_at_once_and_begin_again(house: Callers, secrets: Secrets, subject: str) -> None:
    case = await house.opened()
    allowed = {"organization_id": CLINIC, "purpose": PURPOSE, "modality": "written", "fields": ALLOWED}
    await house.done(OWNER.id, "POST", f"/v1/cases/{case}/consents", allowed)
    need = await house.needed(case)
    early, late = await house.drafted(case, need), await house.drafted(case, need)
    await house.done(OWNER.id, "POST", f"/v1/referrals/{early}/send")
    copy = f"/v1/received/{early}/opening"

    stopped = await suspended(house, subject)
    entry = Entry.model_validate(stopped["entry"])
    assert verify(entry, secrets.signer.public_key)
    assert (entry.body.kind, entry.body.stream) == ("suspension", "mechanism")
    assert entry.body.reasons == ("security-conditions",) and entry.body.actor == COMMITTEE.id
    assert stopped["taken_back"] >= 1, "it had left in the same moment"
    refused = await house.ask(OWNER.id, "POST", f"/v1/referrals/{late}/send")
    assert refused.status_code == 409
    assert f"{subject}-suspended" in {why["code"] for why in refused.json()["reasons"]}
    assert (await house.ask(RECEIVER, "POST", copy)).status_code == 409

    listed = await house.done(COMMITTEE.id, "GET", AT)
    assert [(x["id"], x["subject"], x["until"]) for x in listed] == [(stopped["id"], subject, None)]
    lifted = await house.done(COMMITTEE.id, "POST", f"{AT}/{stopped['id']}/lifting")
    assert lifted["entry"]["body"]["kind"] == "suspension-lifted"
    assert await house.done(COMMITTEE.id, "GET", AT) == []
    assert (await house.ask(OWNER.id, "POST", f"/v1/referrals/{late}/send")).status_code == 200


async def test_only_the_committee_suspends_lifts_and_lists(house: Callers) -> None:
    stopped = await suspended(house, "service")
    said = {"subject": "service", "subject_id": CLINIC_SERVICE, "reason": "disaster"}
    for by in (NOBODY, *EVERYBODY):
        if by == COMMITTEE.id:
            continue
        expected = 401 if by == NOBODY else 403
        for method, path, body in (
            ("POST", AT, said),
            ("GET", AT, None),
            ("POST", f"{AT}/{stopped['id']}/lifting", None),
            ("POST", f"{AT}/nothing/lifting", None),
        ):
            assert (await house.ask(by, method, path, body)).status_code == expected, (by, path)


async def test_until_a_day_and_the_same_one_when_asked_again(house: Callers) -> None:
    key = {"Idempotency-Key": "una-clave-al-azar-0001"}
    until = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    said = {"subject": "area", "subject_id": DEPARTMENT, "reason": "disaster", "until": until}
    first = await house.done(COMMITTEE.id, "POST", AT, said, key)
    again = await house.done(COMMITTEE.id, "POST", AT, said, key)
    assert (first["id"], first["entry"]) == (again["id"], again["entry"])
    other = await house.ask(COMMITTEE.id, "POST", AT, said | {"reason": "no-staff"}, key)
    assert (other.status_code, other.json()["code"]) == (422, "key-reused")
    assert [x["until"] for x in await house.done(COMMITTEE.id, "GET", AT)] == [until]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"subject_id": "nothing-there"}, 404),
        ({"subject": "person"}, 422),
        ({"reason": "because"}, 422),
        ({"until": "2020-01-01"}, 422),
        ({"valid_from": "2020-01-01"}, 422),
    ],
)
async def test_what_is_not_there_or_not_a_reason_is_not_suspended(
    house: Callers, wrong: dict[str, str], status: int
) -> None:
    said = {"subject": "service", "subject_id": CLINIC_SERVICE, "reason": "no-staff"} | wrong
    assert (await house.ask(COMMITTEE.id, "POST", AT, said)).status_code == status
    assert await house.done(COMMITTEE.id, "GET", AT) == []
    assert (await house.ask(COMMITTEE.id, "POST", f"{AT}/nothing-there/lifting")).status_code == 404
