"""The transfer log in the graph: streams, densely numbered, and their signed entries. (R-14, R-21, design §7)

An entry is written in the transaction of what it records; one that concerns a case only under that case's lock.
How an entry is signed is `graph.log.entry`; trees and checkpoints over entries do not belong here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from graph.envelope import seal
from graph.log.entry import SALT_BYTES, Signer, canonical, commitment, instant, sign
from graph.model.actor import Actor
from graph.model.case import Case
from graph.model.log import Entry, EntryBody, Kind
from graph.secrets import Secrets
from graph.store.errors import NotFound
from graph.store.network import Tx

MECHANISM: Final = "mechanism"
"""The stream of what concerns no case."""

NEXT: Final = """
    MERGE (s:Stream {id: $stream})
    SET s.n = coalesce(s.n, 0) + 1, s.latest = CASE WHEN s.latest > $at THEN s.latest ELSE $at END
    RETURN s.n AS n
"""


async def next_number(tx: Tx, stream: str, *, at: str) -> int:
    """The next number of a stream. The stream stays locked until commit, so no hole is ever visible."""
    return int((await (await tx.run(NEXT, stream=stream, at=at)).single(strict=True))["n"])


WRITE: Final = """
    MATCH (s:Stream {id: $stream})
    CREATE (e:LogEntry {id: $id, stream: $stream, n: $n, kind: $kind, body: $body, key_id: $key_id,
                        signature: $signature, opening: $opening})
    SET e += $searched
"""

SEARCHED: Final = ("at", "actor", "role", "organization", "recipient", "purpose", "basis")
"""What of a body stands beside it to be searched by. What holds is the body, which is signed."""


async def write(tx: Tx, entry: Entry, *, opening: str | None = None) -> None:
    """Keep a signed entry. `opening` is what its commitments open with, sealed under the person's key."""
    body = entry.body
    await (
        await tx.run(
            WRITE,
            id=f"{body.stream}/{body.n}",
            stream=body.stream,
            n=body.n,
            kind=body.kind.value,
            body=canonical(body).decode(),
            key_id=entry.key_id,
            signature=entry.signature,
            opening=opening,
            searched={name: getattr(body, name) for name in SEARCHED},
        )
    ).consume()


async def append(
    tx: Tx,
    *,
    stream: str,
    kind: Kind,
    actor: str,
    role: str,
    at: datetime,
    signer: Signer,
    opening: str | None = None,
    **fields: Any,
) -> Entry:
    """Number, sign and keep one entry; the keywords are fields of its body."""
    n = await next_number(tx, stream, at=instant(at))
    entry = sign(EntryBody(stream=stream, n=n, kind=kind, at=instant(at), actor=actor, role=role, **fields), signer)
    await write(tx, entry, opening=opening)
    return entry


async def append_of_case(
    tx: Tx,
    case: Case,
    kind: Kind,
    *,
    actor: Actor,
    role: str,
    at: datetime,
    secrets: Secrets,
    payload: str | None = None,
    n: int | None = None,
    **fields: Any,
) -> Entry:
    """An entry in the case's own stream, under the case's lock; it commits to case and payload without naming them.

    `n` is its number, where that was taken together with what it records (`disclosures.create`).
    The salts stand beside the entry, sealed under the person's key: once that is destroyed, nobody can open them.
    """
    salts = {"subject": os.urandom(SALT_BYTES).hex()}
    fields["subject_commit"] = commitment("subject", bytes.fromhex(salts["subject"]), case.id)
    if payload is not None:
        salts["payload"] = os.urandom(SALT_BYTES).hex()
        fields["payload_commit"] = commitment("payload", bytes.fromhex(salts["payload"]), payload)
    key = secrets.keystore.key_of(case.person_id)
    if key is None:
        raise NotFound
    if n is None:
        n = await next_number(tx, case.stream, at=instant(at))
    body = EntryBody(
        stream=case.stream,
        n=n,
        kind=kind,
        at=instant(at),
        actor=actor.id,
        role=role,
        organization=fields.pop("organization", actor.organization_id),
        **fields,
    )
    opening = seal(key, case_id=case.stream, field="log-opening", version=n, value={"case": case.id, "salts": salts})
    entry = sign(body, secrets.signer)
    await write(tx, entry, opening=opening)
    return entry


READ: Final = """
    MATCH (e:LogEntry {stream: $stream})
    WHERE e.n > $after
    RETURN e.body AS body, e.key_id AS key_id, e.signature AS signature
    ORDER BY e.n LIMIT $limit
"""


async def read(tx: Tx, stream: str, *, after: int = 0, limit: int = 1000) -> list[Entry]:
    """The entries of a stream in their order, from the one after `after`."""
    return [_entry(r.data()) async for r in await tx.run(READ, stream=stream, after=after, limit=limit)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for in the log; None: whatever it is. An organisation as who acted, or who received."""

    since: str
    until: str
    stream: str | None = None
    kind: Kind | None = None
    organization: str | None = None
    purpose: str | None = None
    basis: str | None = None
    role: str | None = None
    actor: str | None = None


SEARCH: Final = """
    MATCH (e:LogEntry)
    WHERE e.at >= $since AND e.at < $until
      AND ($kind IS NULL OR e.kind = $kind)
      AND ($organization IS NULL OR e.organization = $organization OR e.recipient = $organization)
      AND ($purpose IS NULL OR e.purpose = $purpose)
      AND ($basis IS NULL OR e.basis = $basis)
      AND ($role IS NULL OR e.role = $role)
      AND ($actor IS NULL OR e.actor = $actor)
      AND ($stream IS NULL OR e.stream = $stream)
      AND ($at IS NULL OR e.at < $at OR (e.at = $at AND e.id > $id))
    RETURN e.body AS body, e.key_id AS key_id, e.signature AS signature
    ORDER BY e.at DESC, e.id LIMIT $limit
"""


async def search(tx: Tx, wanted: Wanted, *, after: tuple[str, str] | None = None, limit: int = 50) -> list[Entry]:
    """Entries of all streams that are wanted, the newest first, from the one after instant and id `after`."""
    at, id = after or (None, None)
    result = await tx.run(SEARCH, **asdict(wanted), at=at, id=id, limit=limit)
    return [_entry(row.data()) async for row in result]


ONE: Final = """
    MATCH (e:LogEntry {id: $id})
    OPTIONAL MATCH (s:Stream {id: e.stream})
    RETURN e.body AS body, e.key_id AS key_id, e.signature AS signature, s.n AS length,
           [name IN $names | e[name]] AS beside
"""


@dataclass(frozen=True, slots=True)
class Found:
    """One entry as it is stored, what of it is searched by, and how many entries its stream counts."""

    entry: Entry
    beside: Mapping[str, str]
    length: int


async def one(tx: Tx, stream: str, n: int) -> Found | None:
    """The entry of this number; None where there is none."""
    record = await (await tx.run(ONE, id=f"{stream}/{n}", names=list(SEARCHED))).single()
    if record is None:
        return None
    beside = {name: value for name, value in zip(SEARCHED, record["beside"], strict=True) if value is not None}
    return Found(_entry(record.data()), beside, int(record["length"] or 0))


def _entry(row: Mapping[str, Any]) -> Entry:
    body = EntryBody.model_validate(json.loads(row["body"]))
    return Entry(body=body, key_id=row["key_id"], signature=row["signature"])


LENGTH: Final = "MATCH (s:Stream {id: $stream}) RETURN s.n AS n"


async def length(tx: Tx, stream: str) -> int:
    """How many entries a stream counts; 0 for one that nobody wrote to."""
    record = await (await tx.run(LENGTH, stream=stream)).single()
    return int(record["n"]) if record else 0


LATEST: Final = "MATCH (s:Stream {id: $stream}) RETURN s.latest AS latest"


async def now(tx: Tx, case: Case, at: datetime) -> datetime:
    """The instant at which something happens to a locked case: later than all that happened to it already.

    A caller's clock was read before the lock was got. Whoever waited behind a withdrawal decides after it, and may not
    find it to lie in the future. (R-20)
    """
    record = await (await tx.run(LATEST, stream=case.stream)).single()
    return later(at, record["latest"] if record else None)


def later(at: datetime, latest: str | None) -> datetime:
    """This instant, or the first one after the latest that a stream knows."""
    return at if latest is None else max(at, datetime.fromisoformat(latest) + timedelta(milliseconds=1))


READINGS: Final = """
    MATCH (e:LogEntry {stream: $stream})
    WHERE e.kind IN $kinds
    RETURN e.body AS body ORDER BY e.n
"""


async def readings(tx: Tx, stream: str, *kinds: Kind) -> list[EntryBody]:
    """Who read a copy that left, and when; or did something else of these kinds."""
    wanted = [kind.value for kind in kinds or (Kind.READING,)]
    result = await tx.run(READINGS, stream=stream, kinds=wanted)
    return [EntryBody.model_validate(json.loads(row["body"])) async for row in result]
