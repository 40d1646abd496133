"""What was worked out before publishing is what is suggested after it: on the whole demo network, need by need. (R-35, R-51)"""

from __future__ import annotations

from datetime import timedelta

import pytest

from api.actions import amendments, difference, directory, suggestions
from api.actions.amendments import Amended
from api.actions.difference import Matter
from graph.exchange.demo import write
from graph.model.difference import Placed, Sample
from graph.model.need import Need
from graph.model.sop import Eligibility, Sop
from graph.secrets import Secrets
from graph.seed.demo.build import id_of
from graph.store import amendments as store
from graph.store import sops
from graph.store.network import Network
from tests.cast import NOW
from tests.publishing import ONE, TODAY, TWO, Desk, draft


@pytest.fixture(scope="module")
async def demo(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Network:
    report = await directory.import_(network, write(tmp_path_factory.mktemp("demo"), TODAY), at=NOW)
    assert report.is_clean
    return network


async def asked(network: Network, needs: tuple[Need, ...]) -> list[tuple[tuple[str, bool], ...]]:
    """What is suggested for each need now: which services, in which order, and whether they can be sent to."""
    found = []
    for need in needs:
        answer = await network.read(suggestions.answer, need)
        found.append(tuple((j.offer.terms.service_id, j.order["sop"] == 0) for j in answer.suggestions.suggested))
    return found


def told(placed: tuple[Placed, ...]) -> tuple[tuple[str, bool], ...]:
    assert [p.position for p in placed] == list(range(1, len(placed) + 1))
    return tuple((p.service_id, p.can_be_sent) for p in placed)


async def compared(desk: Desk) -> tuple[Sample, ...]:
    """Publish, and hold what is suggested before and after against what was worked out."""
    matter: Matter = await desk.network.read(difference.gather, desk.id, actor=ONE, at=desk.at)
    before = await asked(desk.network, matter.samples)
    found = await desk.worked_out()
    samples = [await desk.network.read(difference.sample, matter, need) for need in matter.samples]
    assert found.asked == len(samples) > 5
    assert found.samples == tuple(s for s in samples if s.is_changed)
    assert isinstance(done := await desk.published(by=ONE), Amended), done
    assert [told(s.before) for s in samples] == before
    assert [told(s.after) for s in samples] == await asked(desk.network, matter.samples)
    return found.samples


THERAPY = id_of("service", "gt-ixchel/terapia")


async def rules_of(network: Network) -> Sop:
    """The newest rules of the clinic's therapy."""
    return (await network.read(sops.of_services, [THERAPY]))[THERAPY][-1]


async def test_rules_that_admit_fewer_people(demo: Network, secrets: Secrets) -> None:
    """Only women, from today: it vanishes for men, stays for women, and what was worked out says just that."""
    rules = await rules_of(demo)
    fewer = rules.model_copy(update={"eligibility": Eligibility(open_to_all=True, genders=("female",))})
    desk = await Desk(demo, secrets).ready(draft(fewer, reason="who-is-served"), by=TWO, service=THERAPY)
    changed = await compared(desk)
    assert changed
    assert {s.gender for s in changed if THERAPY in {p.service_id for p in s.vanish}} == {"male", "other"}
    assert all(not s.appear for s in changed)


async def test_rules_that_begin_later_change_nothing_today(demo: Network, secrets: Secrets) -> None:
    rules = await rules_of(demo)
    nobody = rules.model_copy(update={"accepts_referrals": False})
    starts_on = TODAY + timedelta(days=30)
    desk = await Desk(demo, secrets).ready(draft(nobody, starts_on=starts_on), by=TWO, service=THERAPY)
    matter: Matter = await demo.read(difference.gather, desk.id, actor=ONE, at=desk.at)
    assert {need.on for need in matter.samples} == {starts_on}
    today = tuple(need.model_copy(update={"on": TODAY}) for need in matter.samples)
    before = await asked(demo, today)
    changed = await compared(desk)
    assert all(THERAPY in {p.service_id for p in s.vanish} for s in changed) and changed
    assert await asked(demo, today) == before


async def test_another_order_in_one_country_moves_what_is_suggested_there_and_nowhere_else(
    demo: Network, secrets: Secrets
) -> None:
    mechanism = next(m for m in await demo.read(store.mechanisms) if m.area == "GT")
    said = draft(policy="nearest-first", policy_version=1, reason="fairer-order")
    desk = await Desk(demo, secrets).ready(said, by=TWO, mechanism=mechanism.id)
    changed = await compared(desk)
    assert changed and all(s.area.startswith("GT") for s in changed)
    assert all(not s.appear and not s.vanish and s.move for s in changed)
    read = await demo.read(amendments.read, desk.id, actor=ONE)
    assert read.difference is not None and read.difference.fields == () == read.difference.consents


async def test_the_source_that_knows_only_the_version_before_does_not_bring_it_back(
    demo: Network, secrets: Secrets, tmp_path_factory: pytest.TempPathFactory
) -> None:
    held = (await demo.read(sops.of_services, [THERAPY]))[THERAPY]
    assert len(held) > 1
    again = await directory.import_(demo, write(tmp_path_factory.mktemp("again"), TODAY), at=NOW)
    assert [(p.code, p.places) for p in again.problems] == []
    assert (await demo.read(sops.of_services, [THERAPY]))[THERAPY] == held
