"""A case from its opening to its closure: opened under a pseudonym, recorded field by field, read, closed. (R-14, R-40)

Needs, plan and follow-up are in `plans`, who decides in `standing`, who returns together in `households`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from pydantic import Field

from api.actions.case_change import Changed, keep, new_id, new_pseudonym, refuse, role_in, take
from consent.access import Deed, Forbidden, Relation, decide
from consent.relation import relation_of, state_of
from graph.model.actor import Actor, Role
from graph.model.age import adult_on, age_of, band_of
from graph.model.base import Id, Model
from graph.model.case import Case, Closure
from graph.model.log import Kind
from graph.model.refusal import Denied, Reason, Refusal
from graph.secrets import Secrets
from graph.seed import catalogue
from graph.seed.catalogue import UnknownField, WrongValue
from graph.store import cases, enquiries, follow_up, households, log, records
from graph.store.cases import Listed
from graph.store.errors import NotFound
from graph.store.follow_up import FollowUp
from graph.store.network import Tx
from graph.store.records import Told

BIRTH: Final = "birth_date"
BAND: Final = "age_band"
AREA: Final = "municipality"

RESTRICTING: Final = frozenset({"victim-of-trafficking", "risk-of-re-trafficking", "threatened"})
"""Factors that make a case unsearchable outside its team, for as long as they are in force. (R-26, R-34)"""


class SaidCase(Model):
    """What is said of a person when their case is opened."""

    data: Mapping[str, Any] = Field(description="by field of the catalogue; the municipality, and an age, at least")
    separated: bool = Field(False, description="an unaccompanied or separated child")


class Opening(SaidCase):
    """A case to open. Its identifiers are drawn before the transaction, so that a retry opens the same case."""

    id: Id = Field(default_factory=new_pseudonym, description="the pseudonym by which everybody speaks of it")
    person_id: Id = Field(default_factory=new_id)
    stream: Id = Field(default_factory=new_id)


async def open_case(tx: Tx, opening: Opening, *, actor: Actor, at: datetime, secrets: Secrets) -> Changed:
    """Open a case under a pseudonym: the key first, then the graph. (R-21, R-40)

    It needs a municipality, and an age band or a date of birth, estimated if need be: no rule on children may rest on
    silence (R-24). UnknownField or WrongValue for what cannot be recorded.
    """
    if isinstance(decide(actor, Deed.CASE_OPEN, Relation.OWN), Forbidden) or actor.organization_id is None:
        raise NotFound
    values = _checked(opening.data)
    if values.get(AREA) is None:
        raise WrongValue(AREA)
    if values.get(BIRTH) is None and values.get(BAND) is None:
        raise WrongValue(BAND)
    area, country = await cases.municipality_of(tx, values[AREA])
    case = Case(
        id=opening.id,
        person_id=opening.person_id,
        stream=opening.stream,
        version=1,
        revised=1,
        organization_id=actor.organization_id,
        team=frozenset({actor.id}),
        country=country,
        opened_in=country,
        area=area,
        separated=opening.separated,
        opened_at=at,
    )
    case = _told(case, {n: v for n, v in values.items() if n != AREA}, on=at.date())
    secrets.keystore.create(case.person_id)  # before the graph: a key without a person is harmless
    await cases.create(tx, case, actor=actor)
    await _write(tx, case, values, secrets)
    return await keep(tx, case, Kind.CASE_OPENED, tuple(values), actor=actor, at=at, secrets=secrets)


async def record_data(
    tx: Tx,
    case_id: str,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
    expected: int | None = None,
) -> Changed | Refusal:
    """Record fields of a person, each for itself; null takes one out. (R-14)

    What rules read stands in the clear, all else in an envelope. From the date of birth follow the age band and, while
    it lies ahead, the 18th birthday.
    """
    checked = _checked(values)
    for field in (AREA, BAND):
        if field in checked and checked[field] is None:
            raise WrongValue(field)
    case = await take(tx, case_id, Deed.CASE_RECORD, actor=actor, at=at, secrets=secrets, expected=expected)
    if isinstance(case, Refusal):
        return case
    if BAND in checked and BIRTH not in checked:
        born = await _birth_date(tx, case, secrets)
        if born is not None and band_of(age_of(born, on=at.date())) != checked[BAND]:
            raise WrongValue(BAND)  # the date of birth already says otherwise
    told = _told(case, checked, on=at.date())
    changed = {name for name in Case.model_fields if getattr(told, name) != getattr(case, name)}
    await cases.save(tx, told, changed - {"area", "country"})
    if AREA in checked:
        area, country = await cases.municipality_of(tx, checked[AREA])
        await cases.move(tx, case.id, area=area, country=country)
    await _write(tx, told, checked, secrets)
    return await keep(tx, told, Kind.CASE_CHANGED, tuple(checked), actor=actor, at=at, secrets=secrets)


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    for code in values:
        field = catalogue.fields().get(code)
        if field is None or not field.is_recordable:
            raise UnknownField(code)
    checked = {code: catalogue.check(code, value) for code, value in values.items()}
    if not checked:
        raise WrongValue("record")
    return checked


def _told(case: Case, values: Mapping[str, Any], *, on: date) -> Case:
    """The case with what of these values stands in the clear; the area is moved, not set."""
    update: dict[str, Any] = {}
    for code, value in values.items():
        name = catalogue.fields()[code].property_of_case
        if name is not None and code != AREA:
            update[name] = frozenset(value) if isinstance(value, list) else value
    if (text := values.get(BIRTH)) is not None:
        born = date.fromisoformat(text)
        if born > on:
            raise WrongValue(BIRTH)
        update |= {BAND: band_of(age_of(born, on=on)), "adult_on": adult_on(born, on=on)}
    elif BIRTH in values:
        update["adult_on"] = None
    return case.model_copy(update=update)


async def _write(tx: Tx, case: Case, values: Mapping[str, Any], secrets: Secrets) -> None:
    sealed = {code: value for code, value in values.items() if catalogue.fields()[code].encrypted}
    await records.write(tx, case, secrets.keystore, sealed, index_key=secrets.index_key)


async def _birth_date(tx: Tx, case: Case, secrets: Secrets) -> date | None:
    told = await records.everything(tx, case, secrets.keystore, {BIRTH})
    return date.fromisoformat(told[0].value) if told else None


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case as its reader may see it: what rules read, what is recorded, what happened."""

    case: Case
    told: tuple[Told, ...]
    follow_up: FollowUp
    household: tuple[str, ...]
    """The other cases of the household that this reader may see too."""


async def read(
    tx: Tx, case_id: str, *, only: Collection[str] | None = None, actor: Actor, at: datetime, secrets: Secrets
) -> CaseFile:
    """The whole file. To look at a person is an action: for staff it leaves an entry that the person can read. (R-21)

    Only fields that the reader's roles may ever see are opened; with `only`, of these no others, and the entry names
    what was opened: a page opens what it shows.
    """
    case = await cases.get_for_update(tx, case_id, actor=actor)
    if isinstance(decide(actor, Deed.CASE_READ, relation_of(actor, case), state_of(case, Deed.CASE_READ)), Forbidden):
        raise NotFound
    visible = {code for code, field in catalogue.fields().items() if field.encrypted and field.seen_by & actor.roles}
    wanted = visible if only is None else visible.intersection(only)
    told = await records.everything(tx, case, secrets.keystore, wanted) if wanted else ()
    happened = await follow_up.get(tx, case.id)
    if (role := role_in(actor, case)) is not Role.PERSON:
        await log.append_of_case(
            tx, case, Kind.CASE_READ, actor=actor, role=role, at=at, secrets=secrets, fields=records.codes(told)
        )
    return CaseFile(case, told, happened, await _beside(tx, case, actor=actor))


async def _beside(tx: Tx, case: Case, *, actor: Actor) -> tuple[str, ...]:
    if case.household_id is None:
        return ()
    _, members = await households.get(tx, case.household_id)
    seen = []
    for member in members:
        try:
            seen.append((await cases.get(tx, member, actor=actor)).id)
        except NotFound:
            continue
    return tuple(id for id in seen if id != case.id)


async def caseload(tx: Tx, *, actor: Actor, mine: bool = False, after: str = "", limit: int = 50) -> list[Listed]:
    """The cases somebody may see, by number: as a case manager, and their own; no value is opened for a list. (R-21)"""
    managed = not isinstance(decide(actor, Deed.CASE_READ, Relation.TEAM), Forbidden)
    found = await cases.caseload(tx, actor=actor, mine=mine, after=after, limit=limit) if managed else []
    own = await _own(tx, actor=actor) if not mine else None
    if own is None or own.id <= after or own.id in {case.id for case in found}:
        return found
    return sorted([*found, own], key=lambda case: case.id)[:limit]


async def _own(tx: Tx, *, actor: Actor) -> Listed | None:
    """The case that is the actor's own, as a list shows it."""
    if actor.case_id is None or isinstance(decide(actor, Deed.CASE_READ, Relation.SELF), Forbidden):
        return None
    try:
        case = await cases.get(tx, actor.case_id, actor=actor)
    except NotFound:
        return None
    return Listed(case.id, case.area, case.opened_at, case.closed_at, case.restricted, case.revised)


async def find(tx: Tx, field: str, value: str, *, actor: Actor, secrets: Secrets) -> list[str]:
    """The numbers of visible cases whose field has exactly this value: by blind index, never by name. (R-21)"""
    if isinstance(decide(actor, Deed.CASE_READ, Relation.TEAM), Forbidden):
        return []
    return await records.find(tx, field, value, actor=actor, index_key=secrets.index_key)


async def join_team(
    tx: Tx, case_id: str, member_id: str, *, actor: Actor, at: datetime, secrets: Secrets
) -> Changed | Refusal:
    """Somebody of the holding organisation works on the case too. NotFound for anybody else."""
    case = await take(tx, case_id, Deed.CASE_RECORD, actor=actor, at=at, secrets=secrets)
    if isinstance(case, Refusal):
        return case
    await cases.join(tx, case.id, member_id=member_id)
    return await keep(tx, case, Kind.CASE_CHANGED, ("file_holder",), actor=actor, at=at, secrets=secrets)


async def leave_team(
    tx: Tx, case_id: str, member_id: str, *, actor: Actor, at: datetime, secrets: Secrets
) -> Changed | Refusal:
    """Somebody no longer works on the case; the last one stays, or a restricted case would be nobody's."""
    case = await take(tx, case_id, Deed.CASE_RECORD, actor=actor, at=at, secrets=secrets, closed_too=True)
    if isinstance(case, Refusal):
        return case
    if member_id not in case.team:
        raise NotFound
    if case.team == {member_id}:
        return await refuse(tx, case, Denied(reason=Reason.TEAM_WOULD_BE_EMPTY), actor=actor, at=at, secrets=secrets)
    await cases.leave(tx, case.id, member_id=member_id)
    return await keep(tx, case, Kind.CASE_CHANGED, ("file_holder",), actor=actor, at=at, secrets=secrets)


async def restrict(
    tx: Tx, case_id: str, *, restricted: bool, actor: Actor, at: datetime, secrets: Secrets
) -> Changed | Refusal:
    """Hide a case from everybody outside its team, or no longer; only its team decides that. (R-26)

    While a factor of trafficking or threat is in force, the restriction holds. What was asked of providers ends with it.
    """
    case = await take(tx, case_id, Deed.CASE_RECORD, actor=actor, at=at, secrets=secrets)
    if isinstance(case, Refusal):
        return case
    if not restricted and (holding := restricting(case, on=at.date())):
        why = Denied(reason=Reason.RESTRICTION_HOLDS, places={"factors": holding})
        return await refuse(tx, case, why, actor=actor, at=at, secrets=secrets)
    await cases.save(tx, case.model_copy(update={"restricted": restricted}), {"restricted"})
    for need in case.needs if restricted else ():
        await enquiries.end(tx, need.id, at=at)
    return await keep(tx, case, Kind.CASE_CHANGED, ("file_state",), actor=actor, at=at, secrets=secrets)


def restricting(case: Case, *, on: date) -> tuple[str, ...]:
    """The factors in force that keep a case restricted."""
    in_force = {f.factor for f in case.factors if f.valid_to is None or on <= f.valid_to}
    return tuple(sorted(in_force & RESTRICTING))


async def close(
    tx: Tx,
    case_id: str,
    reason: Closure,
    *,
    notes: str | None = None,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
) -> Changed | Refusal:
    """End a case for one of the five reasons. It can still be read, and no longer changed. (R-40)"""
    case = await take(tx, case_id, Deed.CASE_CLOSE, actor=actor, at=at, secrets=secrets)
    if isinstance(case, Refusal):
        return case
    await cases.save(tx, case.model_copy(update={"closed_at": at, "closure": reason}), {"closed_at", "closure"})
    if notes is not None:
        await records.write(tx, case, secrets.keystore, {"closure_notes": notes})
    return await keep(
        tx, case, Kind.CASE_CLOSED, ("file_state",), actor=actor, at=at, secrets=secrets, reasons=(reason.value,)
    )
