"""A stolen graph says nothing: no value of any encrypted field in nodes, entries, or the bytes on disk. (R-21)"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any, Final

import pytest

from api.actions import cases as actions
from api.actions import plans, standing
from api.actions.plans import MadeAssessment, NotedCommunication, NotedMeeting, PlannedGoal, StatedNeed
from api.actions.standing import NamedGuardian
from graph.model.case import Closure
from graph.secrets import Secrets
from graph.seed.catalogue import fields
from graph.store import cases, records
from graph.store.network import Network, Tx
from tests.cast import NOW, OWNER, SOON, opened

OTHER_KINDS: Final = {"birth_date": "2013-03-17", "return_date": "2019-07-23", "host_country": "US"}
"""Encrypted fields whose value cannot be a marker; days are looked for as they are."""

TOLD_ELSEWHERE: Final = frozenset({"attestation_narrative", "person_told", "review_words", "incapacity_findings"})
"""Written with an attestation or a credential, by the same function as all others."""


def marker(code: str) -> str:
    """A text that stands nowhere else."""
    return f"ZZCANARY-{code}-ZZ"


async def everything_told(network: Network, secrets: Secrets) -> str:
    """A case with a marker in every encrypted field."""
    values: dict[str, Any] = {
        code: OTHER_KINDS.get(code, True if field.kind == "yes-no" else marker(code))
        for code, field in fields().items()
        if field.encrypted and field.is_recordable and code != "closure_notes"
    }
    done = await opened(network, secrets, age_band=None, **values)
    who: dict[str, Any] = {"actor": OWNER, "at": SOON, "secrets": secrets}
    id = done.case_id
    goal = PlannedGoal(dimension="social", review_on=SOON.date(), wording=marker("reintegration_plan_goal"))
    await network.write(plans.plan_goal, id, goal, **who)
    need = StatedNeed(service_type="social.health.care", description=marker("need_description"))
    await network.write(plans.state_need, id, need, **who)
    made = MadeAssessment(kind="needs", notes=marker("assessment_notes"))
    await network.write(plans.assess, id, made, **who)
    met = NotedMeeting(on=NOW.date(), held=True, notes=marker("meeting_notes"))
    await network.write(plans.note_meeting, id, met, **who)
    word = NotedCommunication(party="person", channel="sms", outcome="reached", notes=marker("communication_notes"))
    await network.write(plans.note_communication, id, word, **who)
    guardian = NamedGuardian(kind="parent", countries=frozenset({"GT"}), name=marker("guardian"))
    await network.write(standing.name_guardian, id, guardian, **who)
    await network.write(standing.bar_guardian, id, guardian.id, why=marker("barring_reason"), **who)
    conclusion = marker("best_interests")
    await network.write(standing.determine_best_interests, id, country="GT", conclusion=conclusion, **who)
    await network.write(standing.hear_child, id, agrees=None, view=marker("child_views"), **who)
    await network.write(actions.close, id, Closure.SUPPORT_ENDS, notes=marker("closure_notes"), **who)
    return id


def forms(value: str) -> set[bytes]:
    """A text as it may lie in a file."""
    plain = value.encode()
    encoded = {base64.b64encode(b" " * shift + plain)[4:-4] for shift in range(3)}
    return {plain, value.encode("utf-16-le"), value.encode("utf-16-be"), *(e for e in encoded if len(e) > 12)}


async def test_no_value_of_a_person_lies_in_the_graph_or_on_its_disk(
    stage: Network, secrets: Secrets, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> None:
    id = await everything_told(stage, secrets)

    async def told(tx: Tx) -> Any:
        return await records.everything(tx, await cases.get(tx, id, actor=OWNER), secrets.keystore)

    there = {t.field: t.value for t in await stage.read(told)}
    assert set(there) == {c for c, f in fields().items() if f.encrypted} - TOLD_ELSEWHERE, "a field was forgotten"
    sought = {form for value in there.values() if isinstance(value, str) and len(value) > 2 for form in forms(value)}

    async def control(tx: Tx) -> None:
        await (await tx.run("CREATE (:TestControl {text: $text})", text=CONTROL)).consume()

    async def all_properties(tx: Tx) -> list[str]:
        return [str(r["p"]) async for r in await tx.run("MATCH (n) RETURN properties(n) AS p")]

    await stage.write(control)
    graph = "\n".join(await stage.read(all_properties)).encode()
    assert CONTROL.encode() in graph and not [form for form in sought if form in graph]

    engine = str(request.node.callspec.params["server"])
    folders = list(tmp_path_factory.getbasetemp().glob(f"{engine} engine*"))
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    assert any(CONTROL.encode() in content(file) for file in files), "the search does not look where data lie"
    assert not [file.name for file in files if any(form in content(file) for form in sought)]


CONTROL: Final = "ZZCONTROL-a-text-long-enough-to-be-kept-as-it-is-by-every-engine-there-is-ZZ"


def content(file: Path) -> bytes:
    """The bytes of a file, if it is still there."""
    try:
        return file.read_bytes()
    except OSError:
        return b""
