"""The committee's list of gaps over HTTP: who takes care, what was decided, what should have been looked at again. (R-07)"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.actions import gap_list
from graph.log.entry import verify
from graph.model.log import Entry
from graph.secrets import Secrets
from graph.server import Server
from graph.store import gap_list as kept
from graph.store.errors import NotFound
from graph.store.network import Network
from tests.cast import CLINIC, DEPARTMENT, HOME, TOWN
from tests.everybody import COMMITTEE, DEPARTMENTAL, EVERYBODY, NOBODY, Callers, callers, set_the_house
from tests.sending import Patient

AT = "/v1/committee/gaps"
TODAY = datetime.now(UTC).date()


@pytest.fixture(scope="module")
async def house(network: Network, server: Server, secrets: Secrets) -> AsyncIterator[Callers]:
    await set_the_house(network, secrets)
    async with callers(server, secrets) as house:
        house.app.state.network = Patient.of(house.app.state.network)
        yield house


def gap(service_type: str, **more: Any) -> dict[str, Any]:
    on = (TODAY + timedelta(days=30)).isoformat()
    said = {"remedy": "find-provider", "owner_id": CLINIC, "re_check_on": on, "words": "Hablar con la clínica"}
    return {"service_type": service_type, "department": DEPARTMENT} | said | more


def decision(version: int, **more: Any) -> dict[str, Any]:
    return {key: value for key, value in gap("").items() if key not in ("service_type", "department")} | {
        "version": version,
        **more,
    }


async def test_a_gap_is_taken_up_decided_anew_and_closed_and_every_word_stays(house: Callers, secrets: Secrets) -> None:
    made = await house.done(COMMITTEE.id, "POST", AT, gap("economic.finance"))
    entry = Entry.model_validate(made["entry"])
    assert verify(entry, secrets.signer.public_key)
    assert (entry.body.kind, entry.body.stream, entry.body.reasons) == ("gap-decided", "mechanism", ("find-provider",))
    (listed,) = await house.done(COMMITTEE.id, "GET", AT)
    assert (listed["id"], listed["owner"], listed["overdue"], listed["version"]) == (made["gap_id"], CLINIC, False, 1)

    at = f"{AT}/{made['gap_id']}/decisions"
    await house.done(COMMITTEE.id, "POST", at, decision(1, remedy="funds", owner_id=HOME))
    (listed,) = await house.done(COMMITTEE.id, "GET", AT)
    assert (listed["owner"], [d["remedy"] for d in listed["decisions"]]) == (HOME, ["find-provider", "funds"])

    await house.done(COMMITTEE.id, "POST", at, decision(2, remedy="other-way", closes=True))
    assert await house.done(COMMITTEE.id, "GET", AT) == []
    (closed,) = await house.done(COMMITTEE.id, "GET", f"{AT}?closed=true")
    assert closed["closed"] and len(closed["decisions"]) == 3
    again = await house.ask(COMMITTEE.id, "POST", at, decision(3))
    assert again.status_code == 409 and again.json()["reasons"][0]["code"] == "gap-changed"


async def test_whoever_read_an_older_version_does_not_overwrite(house: Callers) -> None:
    made = await house.done(COMMITTEE.id, "POST", AT, gap("economic.skills"))
    at = f"{AT}/{made['gap_id']}/decisions"
    await house.done(COMMITTEE.id, "POST", at, decision(1, remedy="watch"))
    late = await house.ask(COMMITTEE.id, "POST", at, decision(1, remedy="funds"))
    assert late.status_code == 409 and late.json()["reasons"][0]["code"] == "gap-changed"


async def test_one_need_in_one_department_is_on_the_list_once(house: Callers) -> None:
    await house.done(COMMITTEE.id, "POST", AT, gap("social.housing"))
    twice = await house.ask(COMMITTEE.id, "POST", AT, gap("social.housing"))
    assert twice.status_code == 409 and twice.json()["reasons"][0]["code"] == "gap-listed"


async def test_two_who_take_the_same_gap_up_at_once_put_it_on_the_list_once(
    house: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, both = kept.open_for, asyncio.Barrier(2)

    async def together(*args: Any) -> Any:
        found = await look(*args)
        with contextlib.suppress(TimeoutError, asyncio.BrokenBarrierError):
            await asyncio.wait_for(both.wait(), 3)
        return found

    monkeypatch.setattr(kept, "open_for", together)
    said = gap("economic.employment")
    done = await asyncio.gather(*(house.ask(COMMITTEE.id, "POST", AT, said) for _ in range(2)))
    assert sorted(one.status_code for one in done) == [201, 409]


async def test_what_should_have_been_looked_at_again_is_said_and_stands_first(house: Callers, network: Network) -> None:
    made = await house.done(COMMITTEE.id, "POST", AT, gap("social.education", re_check_on=TODAY.isoformat()))
    on = TODAY + timedelta(days=1)
    first, *others = await Patient.of(network).read(gap_list.listed, actor=COMMITTEE, on=on)
    assert (first.listed.gap.id, first.overdue) == (made["gap_id"], True)
    assert not any(other.overdue for other in others)
    today = await Patient.of(network).read(gap_list.listed, actor=COMMITTEE, on=TODAY)
    assert not any(one.overdue for one in today), "on the day itself there is still time"


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("service_type", "no-such-type"),
        ("department", "XX99"),
        ("owner_id", "nobody"),
        ("re_check_on", (TODAY - timedelta(days=1)).isoformat()),
        ("re_check_on", (TODAY + timedelta(days=3000)).isoformat()),
    ],
)
async def test_what_does_not_fit_is_named(house: Callers, field: str, bad: str) -> None:
    refused = await house.ask(COMMITTEE.id, "POST", AT, gap("social.legal") | {field: bad})
    assert refused.status_code == 422 and refused.json()["errors"][0]["pointer"] == f"/{field}"


async def test_the_committee_alone_keeps_the_list(house: Callers) -> None:
    made = await house.done(COMMITTEE.id, "POST", AT, gap("psychosocial.peer-support"))
    for by in (NOBODY, *EVERYBODY):
        if by in (COMMITTEE.id, DEPARTMENTAL.id):
            continue
        for method, at, body in (
            ("GET", AT, None),
            ("POST", AT, gap("social.legal")),
            ("POST", f"{AT}/{made['gap_id']}/decisions", decision(1)),
        ):
            answer = await house.ask(by, method, at, body)
            assert answer.status_code == (401 if by == NOBODY else 403), (by, method)


async def test_a_departmental_committee_reads_what_lies_in_its_department_and_nothing_else(
    house: Callers, network: Network
) -> None:
    """Another department's gap is not there for it, and it decides about none. (R-52)"""
    made = await house.done(COMMITTEE.id, "POST", AT, gap("psychosocial.substance-use"))
    town = await house.done(COMMITTEE.id, "POST", AT, gap("psychosocial.substance-use", department=TOWN))
    ours, theirs = DEPARTMENTAL.model_copy(update={"department": DEPARTMENT}), DEPARTMENTAL
    read = Patient.of(network).read
    seen = {one.listed.gap.id for one in await read(gap_list.listed, actor=ours, on=TODAY)}
    assert seen == {one["id"] for one in await house.done(COMMITTEE.id, "GET", AT)} >= {made["gap_id"], town["gap_id"]}
    assert await house.done(theirs.id, "GET", AT) == []
    for id in (made["gap_id"], town["gap_id"]):
        assert (await read(gap_list.one, id, actor=ours, on=TODAY)).listed.gap.id == id
        with pytest.raises(NotFound):
            await read(gap_list.one, id, actor=theirs, on=TODAY)
    for method, at, body in (
        ("POST", AT, gap("social.legal")),
        ("POST", f"{AT}/{made['gap_id']}/decisions", decision(1)),
    ):
        assert (await house.ask(theirs.id, method, at, body)).status_code == 403


@pytest.mark.parametrize("words", ["a\x00b", "\U0001f600", "'; MATCH (n) DETACH DELETE n //", "[1]", "{", "x" * 500])
async def test_words_are_kept_as_they_were_written(house: Callers, words: str) -> None:
    made = await house.ask(COMMITTEE.id, "POST", AT, gap("social.departure", words=words))
    assert made.status_code in (201, 422), made.text
    if made.status_code == 201:
        listed = await house.done(COMMITTEE.id, "GET", AT)
        (mine,) = [one for one in listed if one["id"] == made.json()["gap_id"]]
        assert mine["decisions"][0]["words"] == words
        closing = decision(1, closes=True)
        await house.done(COMMITTEE.id, "POST", f"{AT}/{mine['id']}/decisions", closing)
