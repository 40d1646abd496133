"""Looking for entries in all streams: by what was done, by whom, for whom, when; and whether one is as it was signed. (R-14, R-21)"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from api.actions import entries
from api.actions.entries import Search, State
from graph.log.entry import Signer, canonical, sign
from graph.model.log import Entry, Kind
from graph.secrets import Secrets
from graph.seed.catalogue import WrongValue
from graph.store import log
from graph.store.content import run
from graph.store.errors import NotFound
from graph.store.migrate import schema_steps
from graph.store.network import Network
from tests.cast import CAST, CLINIC, HOME, NOW, OFFICER, OWNER
from tests.sending import Walk


@pytest.fixture
async def sent(walk: Walk) -> Walk:
    await walk.sent()
    return walk


async def found(network: Network, limit: int = 200, after: str | None = None, **said: Any) -> entries.Page:
    wish = Search(first=NOW.date(), last=NOW.date() + timedelta(days=1), **said)
    page: entries.Page = await network.read(entries.search, wish, actor=OFFICER, at=NOW, after=after, limit=limit)
    return page


async def test_each_question_finds_what_filtering_by_hand_finds(sent: Walk) -> None:
    network = sent.network
    whole = (await found(network)).entries
    assert {e.body.kind for e in whole} >= {Kind.TRANSFER, Kind.CONSENT_GIVEN, Kind.CASE_OPENED}
    questions: list[dict[str, Any]] = [
        {"kind": Kind.TRANSFER},
        {"stream": sent.stream},
        {"purpose": "health-care"},
        {"basis": "consent"},
        {"role": "case-manager"},
        {"actor": OWNER.id},
        {"kind": Kind.TRANSFER, "basis": "consent", "stream": sent.stream},
        {"role": "nobody"},
    ]
    for asked in questions:
        expected = [e for e in whole if all(getattr(e.body, name) == value for name, value in asked.items())]
        assert list((await found(network, **asked)).entries) == expected, asked
        assert bool(expected) == (asked.get("role") != "nobody")
    for id in (CLINIC, HOME):
        expected = [e for e in whole if id in (e.body.organization, e.body.recipient)]
        assert expected and list((await found(network, organization=id)).entries) == expected


async def test_pages_follow_one_another_without_a_gap_whatever_their_size(sent: Walk) -> None:
    whole = list((await found(sent.network)).entries)
    instants = [e.body.at for e in whole]
    assert instants == sorted(instants, reverse=True)
    for limit in (1, 3):
        read: list[Entry] = []
        after: str | None = None
        while True:
            page = await found(sent.network, limit=limit, after=after)
            read += page.entries
            after = page.next
            if after is None:
                break
        assert read == whole
    for wrong in ("", "x", "2026-11-21~", "~x/1", instants[0]):
        with pytest.raises(WrongValue):
            await found(sent.network, after=wrong)


async def test_days_are_whole_days_and_both_count(sent: Walk) -> None:
    for first, last, some in ((0, 0, True), (1, 5, False), (-9, -1, False)):
        wish = Search(
            first=NOW.date() + timedelta(days=first), last=NOW.date() + timedelta(days=last), kind=Kind.TRANSFER
        )
        page = await sent.network.read(entries.search, wish, actor=OFFICER, at=NOW)
        assert bool(page.entries) is some, (first, last)
    lately = await sent.network.read(entries.search, Search(kind=Kind.TRANSFER), actor=OFFICER, at=NOW)
    long_ago = await sent.network.read(
        entries.search, Search(kind=Kind.TRANSFER), actor=OFFICER, at=NOW + timedelta(days=32)
    )
    assert lately.entries and not long_ago.entries


async def test_nobody_else_finds_anything(sent: Walk, secrets: Secrets) -> None:
    for actor in CAST:
        if actor != OFFICER:
            with pytest.raises(NotFound):
                await sent.network.read(entries.search, Search(), actor=actor, at=NOW)
            with pytest.raises(NotFound):
                await sent.network.read(entries.check, sent.stream, 1, actor=actor, signer=secrets.signer)


async def test_an_entry_is_whole_until_somebody_touches_the_graph(sent: Walk, secrets: Secrets) -> None:
    network, signer = sent.network, secrets.signer
    receipt = (await network.read(log.read, sent.stream))[2]

    async def said(by: Signer = signer) -> tuple[State, State]:
        _, stored = await network.read(entries.check, sent.stream, 3, actor=OFFICER, signer=by)
        held = await network.read(entries.check_receipt, receipt, actor=OFFICER, signer=by)
        return stored.state, held.state

    assert await said() == (State.WHOLE, State.WHOLE)
    assert await said(Signer.from_seed(b"x" * 32)) == (State.OTHER_KEY, State.OTHER_KEY)
    touch = "MATCH (e:LogEntry {id: $id}) SET e += $to"
    id = f"{sent.stream}/3"
    held = {"actor": receipt.body.actor}
    await network.write(run, touch, id=id, to={"actor": "somebody-else"})
    assert await said() == (State.MISFILED, State.MISFILED)
    await network.write(run, touch, id=id, to=held)
    other = receipt.body.model_copy(update={"actor": "somebody-else"})
    forged = receipt.model_copy(update={"body": other})
    assert (await network.read(entries.check_receipt, forged, actor=OFFICER, signer=signer)).state is State.NOT_SIGNED
    body = (await network.read(log.read, sent.stream))[1].body
    signed = sign(body.model_copy(update={"n": 3}), signer)
    old = canonical(receipt.body).decode()
    await network.write(run, touch, id=id, to={"body": canonical(signed.body).decode(), "signature": signed.signature})
    assert (await said())[1] is State.OTHERWISE
    await network.write(run, touch, id=id, to={"body": old.replace(receipt.body.actor, "x")})
    assert (await said())[0] is State.NOT_SIGNED
    await network.write(run, "MATCH (e:LogEntry {id: $id}) DETACH DELETE e", id=id)
    held_by = await network.read(entries.check_receipt, receipt, actor=OFFICER, signer=signer)
    assert held_by.state is State.NOT_THERE
    with pytest.raises(NotFound):
        await network.read(entries.check, sent.stream, 3, actor=OFFICER, signer=signer)


async def test_what_was_written_before_this_is_found_after_the_migration(sent: Walk) -> None:
    """The schema step reads what is searched by out of the signed bodies that are there."""
    before = list((await found(sent.network)).entries)
    await sent.network.write(
        run,
        "MATCH (e:LogEntry) SET e.at = null, e.actor = null, e.role = null, e.organization = null,"
        " e.recipient = null, e.purpose = null, e.basis = null",
    )
    assert not (await found(sent.network)).entries
    step = next(step for step in schema_steps() if step.name == "watching")
    (fill,) = (statement for statement in step.statements if statement.startswith("MATCH"))
    await sent.network.define(fill)
    assert list((await found(sent.network)).entries) == before
    for entry in before:
        stored = await sent.network.read(log.one, entry.body.stream, entry.body.n)
        assert stored is not None
        assert stored.beside == {
            name: value for name in log.SEARCHED if (value := getattr(entry.body, name)) is not None
        }
