"""Two entries that are one: merged by a word and never by themselves; referrals go on, and undoing brings all back. (R-02)"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.actions import directory, directory_view, duplicates, received
from api.actions import directory_search as searching
from api.actions.directory_search import Asked
from api.actions.duplicates import Said, Word
from graph.model.actor import Actor, Role
from graph.model.merge import MergeState
from graph.model.refusal import Reason, Refusal
from graph.store import upkeep
from graph.store.errors import NotFound
from graph.store.network import Network, Tx
from tests import small_network
from tests.cast import CLINIC, HOME, NOW, OTHER, PROVIDER
from tests.sending import CLINIC_SERVICE, NO_SOP_SERVICE, OTHER_SERVICE, TYPE, Patient, Walk, keys_of_type
from tests.store.jordan import FOLDER

COMMITTEE = Actor(id="a-committee", organization_id=HOME, roles=frozenset({Role.COMMITTEE}))
LATER = NOW + timedelta(days=2)


async def world(network: Network) -> list[str]:
    """Everything in the graph but the words about pairs and the counters of locks: to the letter."""

    async def all_(tx: Tx) -> list[str]:
        nodes = await tx.run("MATCH (n) WHERE NOT n:Merge RETURN labels(n) AS labels, properties(n) AS node")
        found = [
            json.dumps(
                [sorted(r["labels"]), {k: v for k, v in r["node"].items() if k != "merging"}],
                default=str,
                sort_keys=True,
            )
            async for r in nodes
        ]
        edges = await tx.run(
            "MATCH (a)-[r]->(b) RETURN coalesce(a.id, a.code, a.key, '') AS a, type(r) AS t, coalesce(b.id, b.code, b.key, '') AS b"
        )
        found += [f"{r['a']} {r['t']} {r['b']}" async for r in edges]
        return sorted(found)

    return await Patient.of(network).read(all_)


def word(kept: str = CLINIC_SERVICE, gone: str = NO_SOP_SERVICE, subject: Any = "service") -> Word:
    return Word(subject=subject, kept_id=kept, gone_id=gone)


async def say(network: Network, action: Any, what: Any, actor: Actor = COMMITTEE) -> Any:
    return await network.write(action, what, actor=actor, at=LATER)


async def reaches(network: Network, service: str) -> int:
    async def count(tx: Tx) -> int:
        rows = await tx.run("MATCH (:Service {id: $id})-[r:REACHES]->() RETURN count(r) AS n", id=service)
        return int((await rows.single(strict=True))["n"])

    return await network.read(count)


@pytest.mark.parametrize(
    ("subject", "kept", "gone"), [("service", CLINIC_SERVICE, NO_SOP_SERVICE), ("organization", CLINIC, OTHER)]
)
async def test_undoing_brings_back_all_there_was(clinic: Network, subject: str, kept: str, gone: str) -> None:
    before = await world(clinic)
    said = await say(clinic, duplicates.merge, word(kept, gone, subject))
    assert isinstance(said, Said) and said.state is MergeState.MERGED
    assert await world(clinic) != before
    undone = await say(clinic, duplicates.undo, said.id)
    assert isinstance(undone, Said) and undone.state is MergeState.UNDONE
    assert await world(clinic) == before
    again = await say(clinic, duplicates.undo, said.id)
    assert isinstance(again, Refusal) and again.codes == (Reason.MERGE_UNDONE,)


async def test_a_merged_service_is_found_under_the_other_and_says_so(clinic: Network) -> None:
    said = await say(clinic, duplicates.merge, word())
    assert await reaches(clinic, NO_SOP_SERVICE) == 0
    assert await reaches(clinic, CLINIC_SERVICE) > 0
    entries = await clinic.read(searching.everything)
    found = await clinic.read(searching.search, entries, Asked(words="clinic"), at=LATER, language="es", ways={})
    assert {f.entry.id for f in found} & {CLINIC_SERVICE, NO_SOP_SERVICE} == {CLINIC_SERVICE}
    view = await clinic.read(directory_view.service, NO_SOP_SERVICE, on=LATER.date())
    assert view.kept == (CLINIC_SERVICE, CLINIC_SERVICE), "whoever has its address is led on"
    await say(clinic, duplicates.undo, said.id)
    assert await reaches(clinic, NO_SOP_SERVICE) > 0


async def test_what_was_sent_goes_on_and_a_draft_is_sent_while_they_are_one(walk: Walk) -> None:
    sent = await walk.sent()
    draft = await walk.draft()
    said = [
        await say(walk.network, duplicates.merge, word(NO_SOP_SERVICE, CLINIC_SERVICE)),
        await say(walk.network, duplicates.merge, word(OTHER, CLINIC, "organization")),
    ]
    assert all(isinstance(one, Said) for one in said)
    assert not isinstance(await walk.send(draft.referral_id), Refusal), "to whom the person allowed it, and nobody else"
    stranger = Actor(id="a-provider-other", organization_id=OTHER, roles=frozenset({Role.PROVIDER}))
    assert (await walk.network.read(received.look, sent.referral_id, actor=PROVIDER, at=walk.at)).view.id
    with pytest.raises(NotFound):  # a merge gives nobody a right
        await walk.network.read(received.look, sent.referral_id, actor=stranger, at=walk.at)
    for one in said:
        await say(walk.network, duplicates.undo, one.id)


async def test_organisations_that_are_one_count_once(clinic: Network) -> None:
    """Where one provider stands under two spellings, there is a sole provider. (R-07)"""

    async def both(tx: Tx) -> set[str]:
        keys = [*keys_of_type(TYPE), *keys_of_type("social.housing.rent")]
        return set().union(*(await upkeep.offerers(tx, keys)).values())

    assert await clinic.read(both) == {CLINIC, OTHER}
    said = await say(clinic, duplicates.merge, word(CLINIC, OTHER, "organization"))
    assert await clinic.read(both) == {CLINIC}
    await say(clinic, duplicates.undo, said.id)
    assert await clinic.read(both) == {CLINIC, OTHER}


async def test_entries_told_apart_stay_apart_until_somebody_takes_it_back(clinic: Network) -> None:
    said = await say(clinic, duplicates.tell_apart, word(CLINIC, OTHER, "organization"))
    listed = await clinic.read(duplicates.listed, actor=COMMITTEE, subject="organization")
    assert (CLINIC, OTHER) in {(m.kept_id, m.gone_id) for m in listed.said}
    await say(clinic, duplicates.undo, said.id)
    listed = await clinic.read(duplicates.listed, actor=COMMITTEE, subject="organization")
    assert listed.said == ()


async def test_no_chains_and_no_rings(clinic: Network) -> None:
    said = await say(clinic, duplicates.merge, word(CLINIC_SERVICE, NO_SOP_SERVICE))
    for kept, gone in (
        (NO_SOP_SERVICE, CLINIC_SERVICE),  # the other way round
        (CLINIC_SERVICE, NO_SOP_SERVICE),  # twice
        (NO_SOP_SERVICE, OTHER_SERVICE),  # into one that is gone
        (OTHER_SERVICE, CLINIC_SERVICE),  # one that stands for another
    ):
        refused = await say(clinic, duplicates.merge, word(kept, gone))
        assert isinstance(refused, Refusal) and refused.codes == (Reason.MERGED_ALREADY,), (kept, gone)
    await say(clinic, duplicates.undo, said.id)


async def test_only_the_committee_merges(clinic: Network) -> None:
    for role in Role:
        if role is not Role.COMMITTEE:
            nobody = Actor(id="a-x", organization_id=CLINIC, roles=frozenset({role}))
            for action in (duplicates.merge, duplicates.tell_apart):
                with pytest.raises(NotFound):
                    await say(clinic, action, word(), nobody)
            with pytest.raises(NotFound):
                await clinic.read(duplicates.listed, actor=nobody, subject="service")
            with pytest.raises(NotFound):
                await say(clinic, duplicates.undo, "none", nobody)
    for what in (word("none", CLINIC_SERVICE), word(CLINIC_SERVICE, CLINIC_SERVICE)):
        with pytest.raises(NotFound):
            await say(clinic, duplicates.merge, what)


async def test_an_import_does_not_undo_a_merge_in_silence(network: Network, clinic: Network, tmp_path: Path) -> None:
    folder = small_network.folder(tmp_path / "small", at=NOW)
    await directory.import_(clinic, folder, at=NOW)
    said = await say(clinic, duplicates.merge, word("s-rent", "s-counsel"))
    text = (folder / "services.json").read_text(encoding="utf-8")
    (folder / "services.json").write_text(text.replace('"GT09"', '"GT13"'), encoding="utf-8")
    report = await directory.import_(clinic, folder, at=LATER)
    assert report.changed["service"] > 0
    assert await reaches(clinic, "s-counsel") == 0
    await say(clinic, duplicates.undo, said.id)
    assert await reaches(clinic, "s-counsel") > 0


@pytest.mark.skipif(
    not FOLDER.exists(), reason="the Jordan mapping is not beside this checkout (../shared/data/jordan)"
)
async def test_the_two_spellings_of_jordan_are_listed_merged_and_parted(network: Network) -> None:
    """Real data: IFH/NHF and NHF, SCI and SC Jordan are one organisation each under two spellings."""
    report = await directory.import_(network, FOLDER, at=NOW)
    assert report.new["service"]
    patient = Patient.of(network)
    listed = await patient.read(duplicates.listed, actor=COMMITTEE, subject="organization")
    found = await patient.read(
        duplicates.entries_of, "organization", [i for p in listed.pairs for i in (p.one, p.other)], actor=COMMITTEE
    )
    names = {frozenset({found[p.one].name, found[p.other].name}): p for p in listed.pairs}
    assert {frozenset({"IFH/NHF", "NHF"}), frozenset({"SCI", "SC Jordan"})} <= set(names)
    pair = names[frozenset({"IFH/NHF", "NHF"})]
    kept, gone = sorted((pair.one, pair.other), key=lambda entry: found[entry].name)
    said = await say(patient, duplicates.merge, word(kept, gone, "organization"))
    entries = await patient.read(searching.everything)
    assert {e.same_as for e in entries if e.organization_id == gone} == {"IFH/NHF"}
    listed = await patient.read(duplicates.listed, actor=COMMITTEE, subject="organization")
    assert frozenset({kept, gone}) not in {frozenset({p.one, p.other}) for p in listed.pairs}
    await say(patient, duplicates.undo, said.id)
    listed = await patient.read(duplicates.listed, actor=COMMITTEE, subject="organization")
    assert frozenset({kept, gone}) in {frozenset({p.one, p.other}) for p in listed.pairs}
    assert (await patient.read(duplicates.listed, actor=COMMITTEE, subject="service")).total > 0
