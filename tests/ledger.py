"""What left, and what the log says left: read whole, and every way in which the two can disagree. (R-14, R-21)

Used by the proofs that break things on purpose. What was acknowledged to whom, the proof itself remembers.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

import rfc8785

from graph.envelope import unseal
from graph.log.entry import commitment, verify
from graph.model.log import Entry, EntryBody, Kind
from graph.model.referral import Status
from graph.secrets import Secrets
from graph.store.disclosures import FROZEN, place
from graph.store.network import Network, Tx

REFERRALS: Final = """
    MATCH (r:Referral)-[:FOR]->(:CaseNeed)<-[:HAS]-(c:Case)-[:ABOUT]->(p:Person)
    RETURN r.id AS id, r.status AS status, c.id AS case_id, p.id AS person_id,
           [(r)-[:SENT]->(d:Disclosure) | properties(d)] AS copies,
           [(r)<-[:RECEIVES]-(o:Organization) | o.id] AS receivers
"""
COPIES: Final = "MATCH (d:Disclosure) RETURN count(d) AS n"
STREAMS: Final = "MATCH (s:Stream) RETURN s.id AS id, s.n AS n"
ENTRIES: Final = """
    MATCH (e:LogEntry)
    RETURN e.stream AS stream, e.n AS n, e.body AS body, e.key_id AS key_id, e.signature AS signature,
           e.opening AS opening
"""


@dataclass(frozen=True, slots=True)
class Line:
    """An entry, and what its commitments open with."""

    entry: Entry
    opening: str | None


@dataclass(slots=True)
class Ledger:
    """All referrals and all entries of a graph."""

    referrals: dict[str, dict[str, Any]]
    copies: int
    streams: dict[str, int]
    lines: list[Line]
    transfers: dict[str, list[Line]] = field(default_factory=lambda: defaultdict(list))
    """Entries of sendings, by referral."""
    readings: Counter[str] = field(default_factory=Counter)
    """How many entries of readings there are, by referral."""

    def __post_init__(self) -> None:
        for line in self.lines:
            body = line.entry.body
            if body.kind is Kind.TRANSFER:
                self.transfers[body.referral or ""].append(line)
            elif body.kind is Kind.READING:
                self.readings[body.referral or ""] += 1

    def wrong(self, secrets: Secrets) -> list[str]:
        """Everything that does not agree; empty when transfers and entries are the same ones, whole and in order."""
        return [
            *self._numbering(),
            *(
                f"{line.entry.body.stream}/{line.entry.body.n}: not signed by us"
                for line in self.lines
                if not verify(line.entry, secrets.signer.public_key)
            ),
            *(f"{id}: {flaw}" for id, row in self.referrals.items() for flaw in self._flaws(id, row, secrets)),
            *(f"{id}: an entry of a referral that is not there" for id in self.transfers if id not in self.referrals),
            *([] if self.copies == sum(len(r["copies"]) for r in self.referrals.values()) else ["a stray copy"]),
        ]

    def _numbering(self) -> list[str]:
        numbers: dict[str, list[int]] = defaultdict(list)
        for line in self.lines:
            numbers[line.entry.body.stream].append(line.entry.body.n)
        return [
            f"{stream}: counts {self.streams.get(stream)}, has {sorted(numbers[stream])}"
            for stream in self.streams.keys() | numbers.keys()
            if sorted(numbers[stream]) != list(range(1, self.streams.get(stream, -1) + 1))
        ]

    def _flaws(self, id: str, row: dict[str, Any], secrets: Secrets) -> list[str]:
        """A referral has left whole, or not at all."""
        copies, entries, receivers = row["copies"], self.transfers.get(id, []), row["receivers"]
        if row["status"] == Status.DRAFT:
            return [] if not (copies or entries or receivers) else ["a draft of which something left"]
        if (len(copies), len(entries), len(receivers)) != (1, 1, 1):
            return [f"{len(copies)} copies, {len(entries)} entries, {len(receivers)} receivers"]
        copy, line = copies[0], entries[0]
        body = line.entry.body
        key = secrets.keystore.key_of(row["person_id"])
        assert key is not None
        assert line.opening is not None
        payload = unseal(key, copy["payload"], case_id=row["case_id"], field=place(copy["id"]), version=FROZEN)
        opened = unseal(key, line.opening, case_id=body.stream, field="log-opening", version=body.n)
        salt = bytes.fromhex(opened["salts"]["payload"])
        agree = {
            "the entry names another copy": (body.disclosure, body.recipient) == (copy["id"], receivers[0]),
            "the entry names other fields": set(body.fields) == set(payload) == set(copy["fields"]),
            "the entry is of another case": opened["case"] == row["case_id"],
            "the entry commits to another payload": body.payload_commit
            == commitment("payload", salt, rfc8785.dumps(payload).decode()),
        }
        return [flaw for flaw, holds in agree.items() if not holds]


async def ledger(network: Network) -> Ledger:
    """The graph as it stands."""

    async def read(tx: Tx) -> Ledger:
        return Ledger(
            referrals={row["id"]: row.data() async for row in await tx.run(REFERRALS)},
            copies=(await (await tx.run(COPIES)).single(strict=True))["n"],
            streams={row["id"]: row["n"] async for row in await tx.run(STREAMS)},
            lines=[
                Line(
                    Entry(
                        body=EntryBody.model_validate(json.loads(row["body"])),
                        key_id=row["key_id"],
                        signature=row["signature"],
                    ),
                    row["opening"],
                )
                async for row in await tx.run(ENTRIES)
            ],
        )

    return await network.read(read, deadline=60.0)
