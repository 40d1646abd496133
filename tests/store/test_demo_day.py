"""The demo has a working day: every desk finds work, done by the same actions as on any day. (R-01)"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyotp
import pytest

from api.actions import accounts, cases, complaints, demo_accounts, demo_day, directory, exceptions, register, sign_in
from api.actions.demo_accounts import DemoAccount
from graph.exchange.demo import write
from graph.model.actor import Actor, Role
from graph.secrets import Secrets
from graph.store import accounts as kept
from graph.store import actors
from graph.store.network import Network, Tx

NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)

STATES = "MATCH (r:Referral) RETURN r.status AS status, count(r) AS n"


@pytest.fixture(scope="module")
async def drawn(network: Network, secrets: Secrets, tmp_path_factory: pytest.TempPathFactory) -> list[DemoAccount]:
    report = await directory.import_(network, write(tmp_path_factory.mktemp("demo"), NOW.date()), at=NOW)
    assert report.is_clean
    drawn = demo_accounts.draw()
    await demo_accounts.put(network, drawn, at=NOW, secrets=secrets)
    assert await demo_day.play(network, drawn, at=NOW, secrets=secrets)
    return drawn


async def actor_of(network: Network, drawn: list[DemoAccount], role: Role, secrets: Secrets) -> Actor:
    login = next(one.login for one in drawn if one.role is role)

    async def read(tx: Tx) -> Actor:
        account = await kept.find(tx, accounts.index_of(login, secrets))
        assert account is not None
        return await actors.get(tx, account.actor_id)

    return await network.read(read)


async def states(tx: Tx) -> dict[str, int]:
    return {record["status"]: record["n"] async for record in await tx.run(STATES)}


async def test_referrals_stand_in_every_state_that_somebody_works_in(
    network: Network, drawn: list[DemoAccount]
) -> None:
    assert drawn
    found = await network.read(states)
    assert {"draft", "requested", "accepted", "in-progress", "completed", "rejected", "cancelled"} - set(found) <= {
        "accepted"
    }
    assert found["requested"] >= 3


async def test_a_second_start_adds_nothing(network: Network, drawn: list[DemoAccount], secrets: Secrets) -> None:
    before = await network.read(states)
    assert not await demo_day.play(network, drawn, at=NOW, secrets=secrets)
    assert await network.read(states) == before


async def test_every_desk_has_work(network: Network, drawn: list[DemoAccount], secrets: Secrets) -> None:
    async def of(role: Role) -> Actor:
        return await actor_of(network, drawn, role, secrets)

    assert len(await network.read(cases.caseload, actor=await of(Role.CASE_MANAGER))) >= 10
    asked: Any = await network.read(exceptions.asked_of_me, actor=await of(Role.PROFESSIONAL))
    assert len(asked) == 1
    officer = await of(Role.DATA_PROTECTION_OFFICER)
    assert await network.read(register.to_review, actor=officer)
    about = [
        view
        for role in (Role.COMMITTEE, Role.DATA_PROTECTION_OFFICER)
        for view in await network.read(complaints.listed, actor=await of(role), at=NOW)
    ]
    assert about


async def test_the_person_has_a_way_in(network: Network, drawn: list[DemoAccount], secrets: Secrets) -> None:
    person = await actor_of(network, drawn, Role.PERSON, secrets)
    assert person.case_id is not None
    one = next(account for account in drawn if account.role is Role.PERSON)
    at = datetime.now(UTC)
    found = await sign_in.sign_in(
        network, one.login, one.password, pyotp.TOTP(one.totp).at(at), at=at, secrets=secrets, instead_of=None
    )
    assert found is not None
