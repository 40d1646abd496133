"""A case from its opening to its closure, walked by the cast, on every engine. (R-14, R-21, R-24, R-26, R-40)"""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from api.actions import cases as actions
from api.actions.case_change import Changed
from api.actions.cases import Opening
from graph.log.entry import verify
from graph.model.case import Case, Closure
from graph.model.log import Kind
from graph.model.refusal import Reason, Refusal
from graph.secrets import Secrets
from graph.seed.catalogue import UnknownField, WrongValue
from graph.store import cases, log, records
from graph.store.errors import Conflict, NotFound
from graph.store.network import Network, Tx
from tests.cast import (
    ADMIN,
    CAST,
    COLLEAGUE,
    NEXT_TOWN,
    NOW,
    OFFICER,
    OWNER,
    PROFESSIONAL,
    PROVIDER,
    QUARTER,
    SOON,
    STRANGER,
    TOWN,
    opened,
    person_of,
)


async def got(network: Network, id: str) -> Case:
    return await network.read(cases.get, id, actor=OWNER)


async def recorded(network: Network, secrets: Secrets, id: str, **values: Any) -> Changed | Refusal:
    return await network.write(actions.record_data, id, values, actor=OWNER, at=SOON, secrets=secrets)


async def test_a_case_is_opened_under_a_pseudonym_with_a_signed_entry(stage: Network, secrets: Secrets) -> None:
    done = await opened(stage, secrets, given_name="Nombre Inventado", gender="female", birth_date="1990-05-01")
    case = await got(stage, done.case_id)
    assert len(case.id) == 19 and case.team == {OWNER.id} and case.organization_id == OWNER.organization_id
    assert (case.age_band, case.adult_on, case.gender, case.country, case.area) == ("26-59", None, "female", "GT", TOWN)
    assert done.entry.body.kind is Kind.CASE_OPENED and done.entry.body.n == 1
    assert done.entry.body.fields == ("age_band", "birth_date", "gender", "given_name", "municipality")
    assert verify(done.entry, secrets.signer.public_key)
    assert case.stream == done.entry.body.stream not in (case.id, case.person_id)


async def test_opening_again_under_the_same_key_opens_one_case(stage: Network, secrets: Secrets) -> None:
    opening = Opening(data={"municipality": TOWN, "age_band": "60-"})
    first, second = [
        await stage.write(
            actions.open_case, opening, actor=OWNER, at=NOW, secrets=secrets, idempotency_key="k-open", request_hash="h"
        )
        for _ in range(2)
    ]
    assert first == second and isinstance(first, Changed)
    assert len(await stage.read(log.read, opening.stream)) == 1


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"age_band": "26-59"}, "municipality"),
        ({"municipality": TOWN}, "age_band"),
        ({"municipality": TOWN, "birth_date": "2030-01-01"}, "birth_date"),
        ({"municipality": TOWN, "age_band": "26-59", "gender": "x"}, "gender"),
    ],
)
async def test_no_case_opens_without_place_and_age(
    stage: Network, secrets: Secrets, data: dict[str, Any], field: str
) -> None:
    opening = Opening(data=data)
    with pytest.raises(WrongValue, match=field):
        await stage.write(actions.open_case, opening, actor=OWNER, at=NOW, secrets=secrets)
    assert await stage.read(log.length, opening.stream) == 0


@pytest.mark.parametrize("field", ["shoe_size", "needs", "meeting_notes", "adult_on", "vulnerability_factors"])
async def test_what_is_not_in_the_catalogue_or_comes_with_something_else_is_not_recorded(
    stage: Network, secrets: Secrets, field: str
) -> None:
    done = await opened(stage, secrets)
    with pytest.raises(UnknownField, match=field):
        await recorded(stage, secrets, done.case_id, **{field: "x"})


async def test_only_case_managers_open_cases(stage: Network, secrets: Secrets) -> None:
    for actor in (PROVIDER, ADMIN, OFFICER, PROFESSIONAL, person_of("x")):
        with pytest.raises(NotFound):
            await opened(stage, secrets, actor=actor)


async def test_nothing_finer_than_the_municipality_stands_in_the_graph(stage: Network, secrets: Secrets) -> None:
    done = await opened(stage, secrets, municipality=QUARTER)
    assert (await got(stage, done.case_id)).area == TOWN
    await recorded(stage, secrets, done.case_id, municipality=NEXT_TOWN)
    assert (await got(stage, done.case_id)).area == NEXT_TOWN


async def test_fields_are_recorded_and_taken_out_one_by_one(stage: Network, secrets: Secrets) -> None:
    done = await opened(stage, secrets, given_name="Uno", telephone="5550 0001")
    await recorded(stage, secrets, done.case_id, given_name="Dos", languages=["spa", "quc"], allergies="penicilina")
    changed = await recorded(stage, secrets, done.case_id, telephone=None, languages=None)
    assert isinstance(changed, Changed) and changed.entry.body.fields == ("languages", "telephone")

    async def record(tx: Tx) -> Any:
        return await records.read(tx, await cases.get(tx, done.case_id, actor=OWNER), secrets.keystore)

    assert await stage.read(record) == {
        "given_name": "Dos", "allergies": "penicilina", "municipality": TOWN, "age_band": "26-59"
    }  # fmt: skip


async def test_the_18th_birthday_is_kept_only_while_it_lies_ahead(stage: Network, secrets: Secrets) -> None:
    done = await opened(stage, secrets, birth_date="2010-02-10", age_band=None)
    case = await got(stage, done.case_id)
    assert (case.age_band, case.adult_on) == ("12-17", date(2028, 2, 10))
    assert case.is_child(on=date(2028, 2, 9)) and not case.is_child(on=date(2028, 2, 10))
    grown = NOW.replace(year=2028, month=3)
    await stage.write(
        actions.record_data, case.id, {"occupation": "carpintera"}, actor=OWNER, at=grown, secrets=secrets
    )
    after = await got(stage, case.id)
    assert (after.age_band, after.adult_on) == ("18-25", None)


async def test_a_child_without_a_known_birthday_is_a_child(stage: Network, secrets: Secrets) -> None:
    done = await opened(stage, secrets, age_band="6-11")
    assert (await got(stage, done.case_id)).is_child(on=NOW.date())


async def test_a_band_that_the_date_of_birth_denies_is_refused(stage: Network, secrets: Secrets) -> None:
    done = await opened(stage, secrets, birth_date="1990-02-10")
    with pytest.raises(WrongValue, match="age_band"):
        await recorded(stage, secrets, done.case_id, age_band="60-")


async def readable_by(network: Network, secrets: Secrets, id: str) -> set[str]:
    """Who can read the case, write to it, or finds it in a list: the three must agree."""
    seen = set()
    for actor in (*CAST, person_of(id), person_of("another")):
        try:
            await network.write(actions.read, id, actor=actor, at=SOON, secrets=secrets)
        except NotFound:
            with pytest.raises(NotFound):
                await network.write(actions.record_data, id, {"skills": "x"}, actor=actor, at=SOON, secrets=secrets)
            assert id not in [c.id for c in await network.read(cases.caseload, actor=actor, limit=500)]
        else:
            seen.add(actor.id if actor.case_id != "another" else "another")
            if actor.case_id is None:
                assert id in [c.id for c in await network.read(cases.caseload, actor=actor, limit=500)]
    return seen


async def test_a_case_is_seen_by_its_organisations_case_managers_and_the_person(
    stage: Network, secrets: Secrets
) -> None:
    done = await opened(stage, secrets)
    assert await readable_by(stage, secrets, done.case_id) == {OWNER.id, COLLEAGUE.id, "a-person"}


async def test_a_restricted_case_is_seen_by_its_team_and_the_person_alone(stage: Network, secrets: Secrets) -> None:
    done = await opened(stage, secrets, document_number="DPI-4455 66778")
    await stage.write(actions.restrict, done.case_id, restricted=True, actor=OWNER, at=SOON, secrets=secrets)
    assert await readable_by(stage, secrets, done.case_id) == {OWNER.id, "a-person"}
    for actor, found in ((OWNER, [done.case_id]), (COLLEAGUE, []), (STRANGER, []), (PROVIDER, []), (ADMIN, [])):
        got = await stage.read(actions.find, "document_number", "dpi 445566778", actor=actor, secrets=secrets)
        assert got == found
    await stage.write(actions.join_team, done.case_id, COLLEAGUE.id, actor=OWNER, at=SOON, secrets=secrets)
    assert await readable_by(stage, secrets, done.case_id) == {OWNER.id, COLLEAGUE.id, "a-person"}


async def test_only_the_team_lifts_a_restriction(stage: Network, secrets: Secrets) -> None:
    done = await opened(stage, secrets)
    refused = await stage.write(
        actions.restrict, done.case_id, restricted=True, actor=COLLEAGUE, at=SOON, secrets=secrets
    )
    assert isinstance(refused, Refusal) and refused.codes == (Reason.ACCESS_RELATION,)


async def test_a_colleague_and_the_person_read_and_write_nothing(stage: Network, secrets: Secrets) -> None:
    done = await opened(stage, secrets)
    for actor, reason in ((COLLEAGUE, Reason.ACCESS_RELATION), (person_of(done.case_id), Reason.ACCESS_ROLE)):
        refused = await stage.write(
            actions.record_data, done.case_id, {"skills": "x"}, actor=actor, at=SOON, secrets=secrets
        )
        assert isinstance(refused, Refusal) and refused.codes == (reason,)
    entries = await stage.read(log.read, done.entry.body.stream)
    assert [(e.body.kind, e.body.actor, e.body.role) for e in entries[1:]] == [
        (Kind.REFUSED_ATTEMPT, COLLEAGUE.id, "case-manager"), (Kind.REFUSED_ATTEMPT, "a-person", "person")
    ]  # fmt: skip


async def test_a_token_reaches_no_further_than_its_scopes(stage: Network, secrets: Secrets) -> None:
    done = await opened(stage, secrets)
    narrow = OWNER.model_copy(update={"scopes": frozenset({"gaps-read"})})
    with pytest.raises(NotFound):
        await stage.write(actions.read, done.case_id, actor=narrow, at=SOON, secrets=secrets)
    assert not await stage.read(actions.caseload, actor=narrow)
    reading = OWNER.model_copy(update={"scopes": frozenset({"case-read"})})
    refused = await stage.write(
        actions.record_data, done.case_id, {"skills": "x"}, actor=reading, at=SOON, secrets=secrets
    )
    assert isinstance(refused, Refusal) and refused.codes == (Reason.ACCESS_SCOPE,)


async def test_nobody_of_another_organisation_joins_a_team(stage: Network, secrets: Secrets) -> None:
    done = await opened(stage, secrets)
    with pytest.raises(NotFound):
        await stage.write(actions.join_team, done.case_id, STRANGER.id, actor=OWNER, at=SOON, secrets=secrets)


async def test_the_last_of_a_team_stays(stage: Network, secrets: Secrets) -> None:
    done = await opened(stage, secrets)
    refused = await stage.write(actions.leave_team, done.case_id, OWNER.id, actor=OWNER, at=SOON, secrets=secrets)
    assert isinstance(refused, Refusal) and refused.codes == (Reason.TEAM_WOULD_BE_EMPTY,)


async def test_whoever_left_the_organisation_no_longer_sees_the_cases_they_worked_on(
    stage: Network, secrets: Secrets
) -> None:
    done = await opened(stage, secrets)
    moved = OWNER.model_copy(update={"organization_id": STRANGER.organization_id})
    with pytest.raises(NotFound):
        await stage.read(cases.get, done.case_id, actor=moved)


async def test_a_document_number_is_found_exactly_and_a_name_never(stage: Network, secrets: Secrets) -> None:
    done = await opened(stage, secrets, document_number="2233-44556-0901", given_name="Nombre")
    found = await stage.read(actions.find, "document_number", "2233 44556 0901", actor=COLLEAGUE, secrets=secrets)
    assert found == [done.case_id]
    assert not await stage.read(actions.find, "document_number", "2233", actor=COLLEAGUE, secrets=secrets)
    with pytest.raises(UnknownField):
        await stage.read(actions.find, "given_name", "Nombre", actor=COLLEAGUE, secrets=secrets)


async def test_every_look_of_staff_leaves_an_entry_with_fields_and_no_values(stage: Network, secrets: Secrets) -> None:
    done = await opened(stage, secrets, given_name="Uno", allergies="Dos")
    file = await stage.write(actions.read, done.case_id, actor=COLLEAGUE, at=SOON, secrets=secrets)
    assert {t.field: t.value for t in file.told} == {"given_name": "Uno", "allergies": "Dos"}
    await stage.write(actions.read, done.case_id, actor=person_of(done.case_id), at=SOON, secrets=secrets)
    entries = await stage.read(log.read, done.entry.body.stream)
    assert [(e.body.kind, e.body.actor) for e in entries[1:]] == [(Kind.CASE_READ, COLLEAGUE.id)]
    assert entries[1].body.fields == ("allergies", "given_name")
    assert all(verify(e, secrets.signer.public_key) for e in entries)


async def test_reading_does_not_make_a_form_stale_and_writing_does(stage: Network, secrets: Secrets) -> None:
    done = await opened(stage, secrets)
    await stage.write(actions.read, done.case_id, actor=COLLEAGUE, at=SOON, secrets=secrets)
    again = await stage.write(
        actions.record_data, done.case_id, {"skills": "pan"}, actor=OWNER, at=SOON, secrets=secrets,
        expected=done.revised,
    )  # fmt: skip
    assert isinstance(again, Changed) and again.revised > done.revised
    with pytest.raises(Conflict):
        await stage.write(
            actions.record_data, done.case_id, {"skills": "sal"}, actor=COLLEAGUE, at=SOON, secrets=secrets,
            expected=done.revised,
        )  # fmt: skip


@pytest.mark.parametrize("reason", Closure)
async def test_a_closed_case_is_read_and_no_longer_changed(stage: Network, secrets: Secrets, reason: Closure) -> None:
    done = await opened(stage, secrets)
    closed = await stage.write(
        actions.close, done.case_id, reason, notes="por qué", actor=OWNER, at=SOON, secrets=secrets
    )
    assert isinstance(closed, Changed) and closed.entry.body.reasons == (reason.value,)
    refused = await recorded(stage, secrets, done.case_id, skills="x")
    assert isinstance(refused, Refusal) and refused.codes == (Reason.CASE_CLOSED,)
    entries = await stage.read(log.read, done.entry.body.stream)
    assert [e.body.kind for e in entries] == [Kind.CASE_OPENED, Kind.CASE_CLOSED, Kind.REFUSED_ATTEMPT]
    file = await stage.write(actions.read, done.case_id, actor=OWNER, at=SOON, secrets=secrets)
    assert file.case.closure is reason and [t.value for t in file.told] == ["por qué"]


async def test_two_at_once_on_one_case_lose_nothing(stage: Network, secrets: Secrets) -> None:
    done = await opened(stage, secrets)
    await stage.write(actions.join_team, done.case_id, COLLEAGUE.id, actor=OWNER, at=SOON, secrets=secrets)
    fields = ["skills", "occupation", "allergies", "address", "business_idea", "work_experience"]

    async def one(index: int, field: str) -> None:
        actor = (OWNER, COLLEAGUE)[index % 2]
        for _ in range(10):
            try:
                await stage.write(
                    actions.record_data, done.case_id, {field: field}, actor=actor, at=SOON, secrets=secrets,
                    deadline=30.0,
                )  # fmt: skip
            except Conflict:  # eighteen at once on one case: the embedded engine may tell somebody to come again
                continue
            return
        pytest.fail("nobody came through")

    await asyncio.gather(*(one(i, f) for i, f in enumerate(fields * 3)))
    file = await stage.write(actions.read, done.case_id, actor=OWNER, at=SOON, secrets=secrets)
    assert {t.field: t.value for t in file.told} == {field: field for field in fields}
    entries = await stage.read(log.read, done.entry.body.stream)
    assert [e.body.n for e in entries] == list(range(1, len(entries) + 1)) and len(entries) == 3 + len(fields) * 3
    assert file.case.version == len(entries)


async def test_a_destroyed_key_leaves_a_case_of_which_nothing_can_be_read(stage: Network, secrets: Secrets) -> None:
    done = await opened(stage, secrets, given_name="Uno")
    person_id = (await got(stage, done.case_id)).person_id
    secrets.keystore.destroy(person_id)

    async def told(tx: Tx) -> Any:
        return await records.everything(tx, await cases.get(tx, done.case_id, actor=OWNER), secrets.keystore)

    assert await stage.read(told) == ()
    with pytest.raises(NotFound):
        await recorded(stage, secrets, done.case_id, given_name="Dos")


async def test_a_key_whose_case_never_came_is_harmless(stage: Network, secrets: Secrets) -> None:
    opening = Opening(data={"municipality": "nowhere", "age_band": "60-"})
    secrets.keystore.create(opening.person_id)
    with pytest.raises(NotFound):
        await stage.write(actions.open_case, opening, actor=OWNER, at=NOW, secrets=secrets)
    there = opening.model_copy(update={"data": {"municipality": TOWN, "age_band": "60-", "given_name": "Uno"}})
    done = await stage.write(actions.open_case, there, actor=OWNER, at=NOW + timedelta(1), secrets=secrets)
    assert done.case_id == opening.id


async def test_the_list_goes_page_by_page_through_exactly_what_can_be_read(stage: Network, secrets: Secrets) -> None:
    pages: list[str] = []
    while more := await stage.read(actions.caseload, actor=COLLEAGUE, after=pages[-1] if pages else "", limit=3):
        pages += [listed.id for listed in more]
    assert pages == sorted(set(pages)) and len(pages) > 3
    for id in pages:
        assert (await stage.read(cases.get, id, actor=COLLEAGUE)).id == id
    mine = await stage.read(actions.caseload, actor=COLLEAGUE, mine=True, limit=500)
    assert {c.id for c in mine} < {c.id for c in await stage.read(actions.caseload, actor=OWNER, limit=500)}
