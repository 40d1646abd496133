"""Indicators: the person's word first, an organisation its own, and nothing about few people. (R-51, R-52, R-35)"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.actions import indicators
from api.actions.indicators import Indicators, share_of
from consent.small_numbers import Shown
from graph.store.errors import NotFound
from graph.store.network import Network, Tx
from matching.indicators import End, Stretch
from tests.cast import ADMIN, CLINIC, DEPARTMENT, HOME, OTHER, OWNER, PROVIDER, STRANGER, TOWN
from tests.everybody import COMMITTEE, DEPARTMENTAL
from tests.sending import Patient, set_the_clinic

NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)

LIVES = """
    UNWIND $rows AS row
    MATCH (a:Area {code: row.area})
    MATCH (q:Organization {id: row.requester})
    MATCH (o:Organization {id: row.responder})
    CREATE (c:Case {id: row.id, gender: row.gender, age_band: row.age_band})
    CREATE (c)-[:LIVES_IN]->(a)
    CREATE (n:CaseNeed {id: row.id, agreed_at: row.agreed_at})
    CREATE (c)-[:HAS]->(n)
    CREATE (r:Referral {id: row.id, status: row.status, person_outcome: row.person_outcome, sent_at: row.sent_at,
        received_at: row.received_at, decided_at: row.decided_at, started_at: row.started_at,
        against_data: row.against_data, attestation_id: row.attestation_id})
    CREATE (r)-[:FOR]->(n)
    CREATE (q)-[:REQUESTED]->(r)
    CREATE (r)-[:ADDRESSED_TO]->(o)
"""

FORGET = "MATCH (x) WHERE x:Case OR x:CaseNeed OR x:Referral OR x:StopNotice DETACH DELETE x"

NOTICES = """
    UNWIND $rows AS row
    MATCH (o:Organization {id: $organization})
    CREATE (x:StopNotice {id: row.id, created_at: row.created_at, acknowledge_by: row.by, acknowledged_at: row.at})
    CREATE (x)-[:NOTIFIES]->(o)
"""


@pytest.fixture(scope="module")
async def network_of(network: Network) -> Network:
    await set_the_clinic(network)
    return Patient.of(network)


Tell = Callable[..., Any]


@pytest.fixture
async def tell(network_of: Network) -> Any:
    """Referrals that were sent, so many alike at a time; gone after the test."""
    made = 0

    async def told(times: int, **says: Any) -> None:
        nonlocal made
        sent = says.pop("sent_at", NOW - timedelta(days=40))
        alike = {
            "area": TOWN, "requester": HOME, "responder": CLINIC, "gender": "female", "age_band": "26-59",
            "status": "completed", "person_outcome": None, "against_data": False, "attestation_id": None, "sent_at": sent,
            "agreed_at": sent - timedelta(days=3), "received_at": sent + timedelta(days=1),
            "decided_at": sent + timedelta(days=2), "started_at": sent + timedelta(days=9),
        } | says  # fmt: skip
        rows = [alike | {"id": f"life-{made + n}"} for n in range(times)]
        made += times

        async def write(tx: Tx) -> None:
            await (await tx.run(LIVES, rows=rows)).consume()

        await network_of.write(write)

    yield told

    async def forget(tx: Tx) -> None:
        await (await tx.run(FORGET)).consume()

    await network_of.write(forget)


async def read(network: Network, actor: Any = COMMITTEE) -> Indicators:
    found = await indicators.read(network, actor=actor, at=NOW)
    assert isinstance(found, Indicators)
    return found


async def test_the_persons_word_is_the_first_number_and_the_providers_is_not_in_it(
    network_of: Network, tell: Tell
) -> None:
    await tell(30, person_outcome="served")
    await tell(10, person_outcome="partly-served")
    await tell(20, person_outcome="not-served")
    await tell(20, provider_outcome="served")
    found = await read(network_of)
    assert (found.ends[End.CONFIRMED].number, found.ends[End.DENIED].number, found.ends[End.SILENT].number) == (
        40,
        20,
        20,
    )
    assert found.share == 50, "forty of eighty: what nobody asked the person is not confirmed"


async def test_days_are_medians_of_each_stretch_of_the_way(network_of: Network, tell: Tell) -> None:
    await tell(12)
    found = await read(network_of)
    assert {stretch: found.days[stretch] for stretch in Stretch} == {
        Stretch.SENDING: 3, Stretch.RECEIVING: 1, Stretch.DECIDING: 2, Stretch.STARTING: 7, Stretch.ALL: 12,
    }  # fmt: skip


async def test_nothing_about_fewer_than_ten_is_told(network_of: Network, tell: Tell) -> None:
    await tell(9, person_outcome="served")
    found = await read(network_of)
    assert found.sent.is_hidden and found.share is None and set(found.days.values()) == {None}
    assert (*found.departments, *found.groups) == (), "a row with a dot would say that there was somebody"


async def test_a_department_of_few_is_not_worked_out_from_the_others(network_of: Network, tell: Tell) -> None:
    """Two departments: the small one hidden beside the other and the total told would be told as well."""
    await tell(100, person_outcome="served")
    await tell(4, person_outcome="served", area="XX0101")
    found = await read(network_of)
    by_code = {one.code: one for one in found.departments}
    assert "XX01" not in by_code, "a row would say that there was somebody"
    top = found.sent.number
    beside = by_code["GT09"].sent.number if "GT09" in by_code else None
    assert top is None or beside is None or top + 4 - beside >= 19, "it could be ten more than few"


@pytest.fixture(scope="module", autouse=True)
async def another_department(network_of: Network) -> None:
    async def area(tx: Tx) -> None:
        lineage = ["XX0101", "XX01", "XX"]
        made = "CREATE (:Area {code: 'XX0101', level: 2, lineage: $lineage, touching: [], name: 'x'})"
        await (await tx.run(made, lineage=lineage)).consume()

    await network_of.write(area)


async def test_an_organisation_reads_its_own_and_no_departments(network_of: Network, tell: Tell) -> None:
    await tell(40, person_outcome="served")
    await tell(20, responder=OTHER, status="rejected", against_data=True)
    everything, clinic = await read(network_of), await read(network_of, PROVIDER)
    home, other = await read(network_of, OWNER), await read(network_of, STRANGER)
    assert (everything.sent.number, clinic.sent.number, home.sent.number, other.sent.number) == (60, 40, 60, 20)
    assert (everything.organization_id, clinic.organization_id) == (None, CLINIC)
    assert everything.departments and not clinic.departments
    assert (everything.against_data.number, everything.against_share) == (20, 100)
    with pytest.raises(NotFound):
        await read(network_of, ADMIN)


async def test_a_departmental_committee_reads_its_line_of_the_networks_publication_and_nothing_beside_it(
    network_of: Network, tell: Tell
) -> None:
    """So no number of such accounts together knows more than who reads the whole: nothing is there to subtract. (R-52)"""
    await tell(40, person_outcome="served")
    await tell(20, person_outcome="not-served")
    whole, ours = (
        await read(network_of),
        await read(network_of, DEPARTMENTAL.model_copy(update={"department": DEPARTMENT})),
    )
    (line,) = [one for one in whole.departments if one.code == DEPARTMENT]
    assert ours.department == line and (ours.sent, ours.ends, ours.share) == (line.sent, line.ends, line.share)
    assert (ours.organization_id, ours.departments, ours.groups, ours.days) == (None, (line,), (), {})
    await tell(4, person_outcome="served", area="XX0101")
    few, none = [
        await read(network_of, DEPARTMENTAL.model_copy(update={"department": code})) for code in ("XX01", "XX02")
    ]
    assert few.sent.is_hidden and few.share is None, "four are not told"
    assert (few.sent, few.ends, few.departments) == (none.sent, none.ends, none.departments), (
        "nor that there is anybody"
    )
    with pytest.raises(NotFound):
        await read(network_of, DEPARTMENTAL.model_copy(update={"department": None}))


async def test_a_median_moves_by_five_people_at_once_and_not_before_the_month_is_over(
    network_of: Network, tell: Tell
) -> None:
    """Two visits do not show when the tenth came, nor how long it took for whoever came between them. (R-21)"""
    began = NOW - timedelta(days=1)
    await tell(9)
    await tell(20, started_at=began)
    assert (await read(network_of)).days[Stretch.STARTING] is None, "this month's are told with the next"
    await tell(1, started_at=NOW - timedelta(days=30))
    before = (await read(network_of)).days[Stretch.STARTING]
    await tell(4, decided_at=NOW - timedelta(days=39), started_at=NOW - timedelta(days=21))
    assert before == (await read(network_of)).days[Stretch.STARTING] == 7
    await tell(1, decided_at=NOW - timedelta(days=39), started_at=NOW - timedelta(days=21))
    assert (await read(network_of)).days[Stretch.STARTING] == 7, "of fifteen, ten took a week"
    await tell(10, decided_at=NOW - timedelta(days=39), started_at=NOW - timedelta(days=21))
    assert (await read(network_of)).days[Stretch.STARTING] == 18


async def test_a_group_far_below_everybody_is_said_to_be_so(network_of: Network, tell: Tell) -> None:
    await tell(80, person_outcome="served")
    await tell(15, person_outcome="served", gender="male")
    await tell(45, person_outcome="not-served", gender="male")
    found = await read(network_of)
    told = {one.group: one for one in found.groups}
    assert told["gender", "male"].below_floor and not told["gender", "female"].below_floor
    assert told["gender", "male"].share == 25


async def test_what_was_sent_without_consent_is_counted_in_all(network_of: Network, tell: Tell) -> None:
    await tell(20)
    await tell(20, attestation_id="word")
    assert (await read(network_of)).without_consent.number == 20


async def test_withdrawals_are_in_time_by_the_day_that_was_set(network_of: Network, tell: Tell) -> None:
    await tell(0)
    by = NOW - timedelta(days=5)
    moments = [by - timedelta(hours=1)] * 20 + [by + timedelta(hours=1)] * 10 + [None] * 10
    rows = [{"id": f"n-{n}", "created_at": by - timedelta(days=3), "by": by, "at": at} for n, at in enumerate(moments)]
    rows.append({"id": "n-open", "created_at": NOW, "by": NOW + timedelta(days=3), "at": None})

    async def write(tx: Tx) -> None:
        await (await tx.run(NOTICES, rows=rows, organization=CLINIC)).consume()

    await network_of.write(write)
    found = await read(network_of)
    assert (found.notices.number, found.notices_in_time.number, found.notices_share) == (40, 20, 50)
    assert (await read(network_of, STRANGER)).notices == Shown(0), "of another organisation: none"


async def test_what_was_sent_before_the_window_is_not_counted(network_of: Network, tell: Tell) -> None:
    await tell(30, sent_at=NOW - timedelta(days=500))
    await tell(10, status="entered-in-error")
    assert (await read(network_of)).sent == Shown(0)


def test_a_share_is_made_of_what_is_told_and_nothing_finer() -> None:
    assert share_of(Shown(None), Shown(50, at_least=True)) is None
    assert share_of(Shown(10, at_least=True), Shown(None)) is None
    assert share_of(Shown(0), Shown(0)) is None
    assert share_of(Shown(0), Shown(50, at_least=True)) == 0
    assert share_of(Shown(50, at_least=True), Shown(50, at_least=True)) == 100
    assert share_of(Shown(10, at_least=True), Shown(40, at_least=True)) == 30
