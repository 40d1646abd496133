"""The encrypted record of a case: one node per field, its value in an envelope under the person's key. (R-14, R-21)

`(Case)-[:RECORDS]->(Datum {id, field, of, version, envelope, blind})`. What rules read in the clear stands on the case
itself and is joined in here, so that a record is whole. Nothing is written but under the case's lock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from graph.blind_index import blind
from graph.envelope import seal, unseal
from graph.keystore import Keystore
from graph.model.actor import Actor, Role
from graph.model.case import Case, Record
from graph.seed import catalogue
from graph.seed.catalogue import UnknownField
from graph.store.errors import NotFound
from graph.store.network import Tx


@dataclass(frozen=True, slots=True)
class Told:
    """A value of the record: of the case itself, or of one need, goal, guardian, meeting… of it."""

    field: str
    of: str | None
    value: Any


def place(field: str, of: str | None) -> str:
    """What an envelope is bound to beside case and version."""
    return field if of is None else f"{field}/{of}"


WRITE: Final = """
    MATCH (c:Case {id: $case_id})
    UNWIND $rows AS row
    MERGE (d:Datum {id: row.id})
    SET d.field = row.field, d.of = row.of, d.version = row.version, d.envelope = row.envelope, d.blind = row.blind
    MERGE (c)-[:RECORDS]->(d)
"""

TAKE_OUT: Final = """
    UNWIND $ids AS id
    MATCH (d:Datum {id: id})
    DETACH DELETE d
"""


async def write(
    tx: Tx,
    case: Case,
    keystore: Keystore,
    values: Mapping[str, Any],
    *,
    of: str | None = None,
    index_key: bytes | None = None,
) -> None:
    """Write encrypted fields of a locked case; None takes one out. UnknownField or WrongValue for what cannot be.

    `of` is the need, goal, guardian… a field belongs to. Fields that can be looked up want the index key.
    """
    key = keystore.key_of(case.person_id)
    if key is None:
        raise NotFound  # erased: whatever is left of this case is nobody's any more
    rows: list[dict[str, Any]] = []
    gone: list[str] = []
    for field, given in values.items():
        known = catalogue.fields().get(field)
        if known is None or not known.encrypted or (of is not None) != (known.of is not None):
            raise UnknownField(field)
        value, id = catalogue.check(field, given), f"{case.id}/{place(field, of)}"
        if value is None:
            gone.append(id)
            continue
        envelope = seal(key, case_id=case.id, field=place(field, of), version=case.version, value=value)
        index = blind(index_key, field, str(value)) if known.blind and index_key is not None else None
        rows.append({"id": id, "field": field, "of": of, "version": case.version, "envelope": envelope, "blind": index})
    if rows:
        await (await tx.run(WRITE, case_id=case.id, rows=rows)).consume()
    if gone:
        await (await tx.run(TAKE_OUT, ids=gone)).consume()


READ: Final = """
    MATCH (:Case {id: $case_id})-[:RECORDS]->(d:Datum)
    WHERE $fields IS NULL OR d.field IN $fields
    RETURN d.field AS field, d.of AS of, d.version AS version, d.envelope AS envelope
    ORDER BY d.id
"""


async def everything(tx: Tx, case: Case, keystore: Keystore, fields: Collection[str] | None = None) -> tuple[Told, ...]:
    """All that is recorded in envelopes, also what belongs to single needs, goals, meetings. Empty after erasure."""
    result = await tx.run(READ, case_id=case.id, fields=None if fields is None else sorted(fields))
    return opened([row.data() async for row in result], case, keystore)


HELD: Final = "MATCH (:Case {id: $case_id})-[:RECORDS]->(d:Datum) RETURN DISTINCT d.field AS field"


async def held(tx: Tx, case: Case) -> frozenset[str]:
    """Which fields of the catalogue are written down of a case, in envelopes or in the clear; none is opened."""
    sealed = [str(row["field"]) async for row in await tx.run(HELD, case_id=case.id)]
    names = {code: field.property_of_case for code, field in catalogue.fields().items()}
    clear = [code for code, name in names.items() if name is not None and getattr(case, name) is not None]
    told = case.job_profile.fields if case.job_profile is not None else ()
    assessed = ["vulnerability_factors"] if case.factors_assessed_at is not None else []
    return frozenset([*sealed, *clear, *told, *assessed])


def opened(rows: Iterable[Mapping[str, Any]], case: Case, keystore: Keystore) -> tuple[Told, ...]:
    """What these envelopes of a case say. Nothing once the person's key is destroyed."""
    key = keystore.key_of(case.person_id)
    if key is None:
        return ()
    found = []
    for row in rows:
        at = place(row["field"], row["of"])
        value = unseal(key, row["envelope"], case_id=case.id, field=at, version=row["version"])
        found.append(Told(row["field"], row["of"], value))
    return tuple(found)


async def read(
    tx: Tx,
    case: Case,
    keystore: Keystore,
    fields: Collection[str] | None = None,
    *,
    need_id: str | None = None,
    at: datetime | None = None,
) -> Record:
    """The record by field, in the clear and in memory only: what may be sent is computed from this. (R-10)"""
    return joined(case, await everything(tx, case, keystore, fields), fields, need_id=need_id, at=at)


def joined(
    case: Case,
    found: Iterable[Told],
    fields: Collection[str] | None = None,
    *,
    need_id: str | None = None,
    at: datetime | None = None,
) -> Record:
    """What stands on the case itself and what its envelopes say, as one record.

    With a need, its description and its goal speak, and no other's. Of guardians only those who are not barred (and
    still stand, where `at` says when), of views and best interests the latest.
    """
    need = next((n for n in case.needs if n.id == need_id), None)
    own: dict[str, set[str | None]] = {"need": {need_id}, "goal": {need.goal_id} if need else set()}
    heard = max(case.child_views, key=lambda v: v.heard_at, default=None)
    found_best = max(case.best_interests, key=lambda b: b.determined_at, default=None)
    standing: set[str | None] = {
        g.id for g in case.guardians if not g.barred and (at is None or g.valid_to is None or at < g.valid_to)
    }
    own |= {
        "child-view": {heard.id if heard else None},
        "best-interests": {found_best.id if found_best else None},
        "guardian": standing,
    }
    record = {n: v for n, v in _in_the_clear(case, at).items() if fields is None or n in fields}
    for told in found:
        of = catalogue.fields()[told.field].of
        if of is None:
            record[told.field] = told.value
        elif told.of in own.get(of, ()):
            if of == "guardian":
                record[told.field] = [*record.get(told.field, []), told.value]
            else:
                record[told.field] = told.value
    return record


def _in_the_clear(case: Case, at: datetime | None) -> dict[str, Any]:
    """What stands on the case itself; None is not recorded."""
    plain = {
        field.code: getattr(case, field.property_of_case)
        for field in catalogue.fields().values()
        if field.property_of_case
    }
    if case.factors_assessed_at is not None:
        plain["vulnerability_factors"] = [
            f.factor for f in case.factors if at is None or f.valid_to is None or at.date() <= f.valid_to
        ]
    if case.job_profile is not None:
        plain |= case.job_profile.fields
    return {name: _listed(value) for name, value in plain.items() if value is not None}


def _listed(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value


FIND: Final = """
    MATCH (d:Datum {blind: $blind})<-[:RECORDS]-(c:Case)<-[:HOLDS]-(o:Organization {id: $organization_id})
    WHERE d.field = $field
      AND (NOT c.restricted OR EXISTS { (c)<-[:WORKS_ON]-(:Actor {id: $actor_id}) })
    RETURN c.id AS id ORDER BY c.id
"""


async def find(tx: Tx, field: str, value: str, *, actor: Actor, index_key: bytes) -> list[str]:
    """Cases whose field has exactly this value, among those that a case manager may see. (R-21)

    Restricted cases are found by their team only. UnknownField for what has no blind index: names have none.
    """
    index = _index(field, value, index_key)
    if Role.CASE_MANAGER not in actor.roles:
        return []
    result = await tx.run(
        FIND,
        blind=index,
        field=field,
        actor_id=actor.id,
        organization_id=actor.organization_id,
    )
    return [record["id"] async for record in result]


def _index(field: str, value: str, index_key: bytes) -> str:
    known = catalogue.fields().get(field)
    if known is None or not known.blind:
        raise UnknownField(field)
    return blind(index_key, field, value)


FIND_EVERYWHERE: Final = """
    MATCH (d:Datum {blind: $blind})<-[:RECORDS]-(c:Case)
    WHERE d.field = $field AND NOT c.restricted
    RETURN c.id AS id ORDER BY c.id
"""


async def find_everywhere(tx: Tx, field: str, value: str, *, index_key: bytes) -> list[str]:
    """Cases of all organisations whose field has exactly this value, in the order of locks; restricted ones never. (R-26)

    Whoever shows one asks for each, under its lock, whether it may be found. UnknownField as for `find`.
    """
    result = await tx.run(FIND_EVERYWHERE, blind=_index(field, value, index_key), field=field)
    return [record["id"] async for record in result]


def codes(told: Iterable[Told]) -> tuple[str, ...]:
    """The field codes alone: what the log may say."""
    return tuple(sorted({t.field for t in told}))
