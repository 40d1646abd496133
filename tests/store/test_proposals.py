"""Somebody proposes what an entry should say, somebody else decides; what is approved is written like an import. (R-02)"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from api.actions import directory, directory_view, proposals, verifying
from api.actions.proposals import Batch, Proposed, Stated
from graph.model.actor import Actor, Role
from graph.model.directory import Organization, Service
from graph.model.entry import told
from graph.model.proposal import ProposalState, Rejection
from graph.model.refusal import Reason, Refusal
from graph.secrets import Secrets
from graph.seed.catalogue import WrongValue
from graph.store import proposals as kept
from graph.store import services
from graph.store.errors import NotFound
from graph.store.network import Network, Tx
from tests import small_network
from tests.sending import Patient

AT: Final = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
LATER: Final = AT + timedelta(days=3)


def somebody(id: str, organization: str, role: Role) -> Actor:
    return Actor(id=id, organization_id=organization, roles=frozenset({role}))


DESK: Final = somebody("a-desk", "o-desk", Role.PROVIDER)
DESK_2: Final = somebody("a-desk-2", "o-desk", Role.PROVIDER)
HOUSE: Final = somebody("a-house", "o-house", Role.PROVIDER)
MANAGER: Final = somebody("a-manager", "o-registry", Role.CASE_MANAGER)
COMMITTEE: Final = somebody("a-committee", "o-registry", Role.COMMITTEE)
OFFICER: Final = somebody("a-officer", "o-registry", Role.DATA_PROTECTION_OFFICER)


@pytest.fixture(scope="module")
async def small(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Network:
    folder = small_network.folder(tmp_path_factory.mktemp("small"), at=AT)
    report = await directory.import_(network, folder, at=AT)
    assert report.is_clean
    return Patient.of(network)


def rent(**stated: Any) -> Stated:
    return Stated(subject="service", subject_id="s-rent", stated=stated)


async def proposed(small: Network, asked: Stated, actor: Actor = DESK, at: datetime = AT) -> str:
    done = await small.write(proposals.propose, asked, actor=actor, at=at)
    assert isinstance(done, Proposed), done
    return done.id


async def entry(small: Network, id: str = "s-rent") -> Service:
    return (await small.read(services.get, [id]))[id]


async def decided(
    small: Network, action: Any, id: str, *more: Any, actor: Actor = COMMITTEE, at: datetime = LATER
) -> Any:
    return await small.write(action, id, *more, actor=actor, at=at)


async def test_nothing_changes_until_somebody_else_says_yes(small: Network) -> None:
    before = await entry(small)
    id = await proposed(small, rent(phone="+502 7761 0000", languages=("spa", "mam"), opens_at="09:00"))
    assert await entry(small) == before
    for nobody in (DESK, DESK_2, HOUSE, MANAGER, OFFICER):
        with pytest.raises(NotFound):
            await decided(small, proposals.approve, id, actor=nobody)
    done = await decided(small, proposals.approve, id)
    assert done == Proposed(id=id, state=ProposalState.APPROVED)
    after = await entry(small)
    assert {"phone": "+502 7761 0000", "languages": ("mam", "spa"), "opens_at": "09:00"}.items() <= told(after).items()
    assert after.schedules[0].valid_to == before.schedules[0].valid_to, "what was not proposed stays"
    assert after.locations == before.locations and after.areas == before.areas


async def test_what_was_approved_counts_as_edited_that_day_and_as_verified_by_nobody(small: Network) -> None:
    id = await proposed(small, rent(description="Paga tres meses de alquiler."))
    await decided(small, proposals.approve, id)
    view = await small.read(directory_view.service, "s-rent", on=LATER.date())
    assert view.edited["description"] == LATER and "name" not in view.edited
    assert view.verified_at is None and view.service.assured_date is None
    await small.write(verifying.verify, "s-rent", actor=DESK, at=LATER, secrets=None)
    view = await small.read(directory_view.service, "s-rent", on=LATER.date())
    assert (view.verified_at, view.verified_as) == (LATER, "provider")
    assert view.edited["description"] == LATER


async def test_a_changed_area_is_found_from_there_at_once(small: Network) -> None:
    async def reaches(tx: Tx) -> set[str]:
        rows = await tx.run("MATCH (:Service {id: 's-counsel'})-[:REACHES]->(k:Catchment) RETURN k.key AS key")
        return {str(row["key"]) async for row in rows}

    before = await small.read(reaches)
    id = await proposed(small, Stated(subject="service", subject_id="s-counsel", stated={"areas": ("GT13",)}))
    await decided(small, proposals.approve, id)
    assert any(key.startswith("GT13|") for key in await small.read(reaches))
    assert not any(key.startswith("GT09|") for key in await small.read(reaches))
    await decided(small, proposals.undo, id)
    assert await small.read(reaches) == before


async def test_a_no_has_a_reason_and_ends_it(small: Network) -> None:
    id = await proposed(small, rent(email="otra@example.org"))
    done = await small.write(
        proposals.reject, id, Rejection.NOT_CONFIRMED, note="Nadie contesta ahí.", actor=COMMITTEE, at=LATER
    )
    assert isinstance(done, Proposed)
    proposal = await small.read(kept.get, id)
    assert (proposal.state, proposal.reason, proposal.note) == ("rejected", "not-confirmed", "Nadie contesta ahí.")
    again = await decided(small, proposals.approve, id)
    assert isinstance(again, Refusal) and again.codes == (Reason.PROPOSAL_ENDED,)
    assert (await entry(small)).email is None
    (seen,) = [p for p in await small.read(proposals.near, actor=DESK) if p.id == id]
    assert seen.reason is Rejection.NOT_CONFIRMED, "whoever proposed it reads what became of it"


async def test_only_who_proposed_it_withdraws_it(small: Network) -> None:
    id = await proposed(small, rent(email="otra@example.org"))
    for other in (DESK_2, HOUSE, COMMITTEE):
        with pytest.raises(NotFound):
            await decided(small, proposals.withdraw, id, actor=other)
    assert (await decided(small, proposals.withdraw, id, actor=DESK)).state is ProposalState.WITHDRAWN
    assert isinstance(await decided(small, proposals.approve, id), Refusal)


async def test_an_organisation_decides_on_what_others_propose_of_its_entry(small: Network) -> None:
    id = await proposed(small, rent(url="https://example.org/alquiler"), actor=MANAGER)
    waiting = await small.read(proposals.to_decide, actor=DESK)
    assert id in {p.id for p in waiting.proposals}
    assert id not in {p.id for p in (await small.read(proposals.to_decide, actor=HOUSE)).proposals}
    with pytest.raises(NotFound):
        await decided(small, proposals.approve, id, actor=HOUSE)
    assert (await decided(small, proposals.approve, id, actor=DESK)).state is ProposalState.APPROVED
    assert (await entry(small)).url == "https://example.org/alquiler"


async def test_nobody_decides_on_their_own_the_committee_neither(small: Network) -> None:
    id = await proposed(small, rent(email="comite@example.org"), actor=COMMITTEE)
    done = await decided(small, proposals.approve, id)
    assert isinstance(done, Refusal) and done.codes == (Reason.OWN_PROPOSAL,)
    await decided(small, proposals.withdraw, id)


async def test_what_changed_in_between_is_not_written_over(small: Network) -> None:
    first = await proposed(small, rent(fees_description="Gratis"))
    second = await proposed(small, rent(fees_description="Q 10"))
    await decided(small, proposals.approve, first)
    done = await decided(small, proposals.approve, second)
    assert isinstance(done, Refusal) and done.codes == (Reason.ENTRY_CHANGED_SINCE,)
    assert done.reasons[0].places["properties"] == ("fees_description",)
    assert (await entry(small)).fees_description == "Gratis"


async def test_two_approved_at_once_lose_nothing_of_each_other(small: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two people decide on two proposals of one entry: whoever comes second reads what the first one wrote."""
    read, both = proposals._stored, asyncio.Barrier(2)

    async def together(*args: Any) -> Any:
        found = await read(*args)
        with contextlib.suppress(TimeoutError, asyncio.BrokenBarrierError):
            await asyncio.wait_for(both.wait(), 5)
        return found

    first = await proposed(small, rent(description="antes", fees_description="antes"))
    await decided(small, proposals.approve, first)
    ids = [
        await proposed(small, rent(**{field: f"a la vez: {field}"})) for field in ("description", "fees_description")
    ]
    monkeypatch.setattr(proposals, "_stored", together)
    done = await asyncio.gather(*(decided(small, proposals.approve, id) for id in ids))
    assert {one.state for one in done} == {ProposalState.APPROVED}
    after = await entry(small)
    assert (after.description, after.fees_description) == ("a la vez: description", "a la vez: fees_description")


async def test_an_approved_change_is_undone_to_the_letter(small: Network) -> None:
    before = await entry(small)
    id = await proposed(small, rent(name="Alquiler", name_en="Rent", days=("SA",), minimum_age=16, phone=None))
    await decided(small, proposals.approve, id)
    assert (await entry(small)).translations["en"]["name"] == "Rent"
    await decided(small, proposals.undo, id)
    after = await entry(small)
    assert told(after) == told(before)
    assert after.model_dump(exclude={"last_modified"}) == before.model_dump(exclude={"last_modified"})


async def test_an_organisation_renamed_tells_it_in_its_services(small: Network) -> None:
    async def named(tx: Tx) -> str:
        record = await (await tx.run("MATCH (s:Service {id: 's-birth'}) RETURN s.terms AS terms")).single(strict=True)
        return str(record["terms"])

    asked = Stated(subject="organization", subject_id="o-registry", stated={"name": "Registro Nacional (demo)"})
    id = await proposed(small, asked, actor=somebody("a-registry", "o-registry", Role.PROVIDER))
    await decided(small, proposals.approve, id)
    assert "Registro Nacional (demo)" in await small.read(named)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("languages", ("xx-none",)),
        ("areas", ("GT99",)),
        ("service_types", ()),
        ("name", ""),
        ("name", "a\x00b"),
        ("email", "no es un correo"),
        ("url", "javascript:alert(1)"),
        ("opens_at", "25:00"),
        ("minimum_age", 999),
        ("maximum_age", 3),  # below the youngest it says already
        ("influence", "high"),
        ("capacity", 3),
    ],
)
async def test_what_no_entry_can_say_is_refused_by_field(small: Network, field: str, value: Any) -> None:
    with pytest.raises(WrongValue) as wrong:
        await small.write(proposals.propose, rent(**{field: value}), actor=DESK, at=AT)
    assert wrong.value.field == field


async def test_many_at_once_are_all_or_nothing(small: Network) -> None:
    waiting = len((await small.read(proposals.to_decide, actor=COMMITTEE)).proposals)
    good, bad = rent(email="a@example.org"), Stated(subject="service", subject_id="s-none", stated={"email": "x@y.zz"})
    with pytest.raises(NotFound):
        await small.write(proposals.propose_all, [good, bad], actor=DESK, at=AT, source="workbook")
    assert len((await small.read(proposals.to_decide, actor=COMMITTEE)).proposals) == waiting
    same = Stated(subject="service", subject_id="s-stale", stated={"status": "active"})
    done = await small.write(proposals.propose_all, [same, good], actor=DESK, at=AT, source="workbook")
    assert isinstance(done, Batch) and len(done.ids) == 1
    await decided(small, proposals.withdraw, done.ids[0], actor=DESK)


async def test_a_sealed_place_stays_sealed_and_unsaid(small: Network) -> None:
    before = await entry(small, "s-shelter")
    seen = await small.read(proposals.entry_of, "service", "s-shelter")
    assert small_network.SECRET_STREET not in seen.model_dump_json()
    asked = Stated(subject="service", subject_id="s-shelter", stated={"email": "casa@example.org"})
    await decided(small, proposals.approve, await proposed(small, asked, actor=HOUSE))
    assert (await entry(small, "s-shelter")).locations == before.locations


async def test_one_entry_collects_no_more_than_somebody_reads(small: Network) -> None:
    asked = [Stated(subject="service", subject_id="s-job", stated={"email": f"n{n}@example.org"}) for n in range(40)]
    done = await small.write(proposals.propose_all, asked, actor=DESK, at=AT, source="program")
    assert isinstance(done, Refusal) and done.codes == (Reason.PROPOSALS_TOO_MANY,)


async def test_whoever_has_no_right_proposes_nothing(small: Network, secrets: Secrets) -> None:
    for nobody in (OFFICER, Actor(id="a-none", roles=frozenset())):
        with pytest.raises(NotFound):
            await small.write(proposals.propose, rent(email="b@example.org"), actor=nobody, at=AT)


async def test_an_import_that_changes_a_fact_makes_it_young(small: Network, tmp_path: Path) -> None:
    folder = small_network.folder(tmp_path / "again", at=AT)
    text = (folder / "services.json").read_text(encoding="utf-8")
    (folder / "services.json").write_text(text.replace("Mediaci\\u00f3n familiar", "Mediaci\\u00f3n"), encoding="utf-8")
    later = LATER + timedelta(days=9)
    await directory.import_(small, folder, at=later)
    view = await small.read(directory_view.service, "s-next-door", on=later.date())
    assert view.service.name == "Mediación"
    assert view.edited["name"] == later and "languages" not in view.edited
    assert isinstance(view.organization, Organization)
