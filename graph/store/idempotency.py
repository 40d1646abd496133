"""Idempotency keys: what was answered under a key, kept in the transaction of what it did.

Keys are opaque and unique; answers hold ids and codes, never a value of a person. Who makes keys does not belong here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from neo4j import AsyncTransaction as Tx


class Kept(NamedTuple):
    """What stands under a key: the hash of the request, and the answer as JSON (None: just claimed)."""

    request_hash: str
    answer: str | None


CLAIM: Final = """
    MERGE (i:Idempotency {key: $key})
    ON CREATE SET i.request_hash = $request_hash, i.at = timestamp()
    RETURN i.request_hash AS request_hash, i.answer AS answer
"""


async def claim(tx: Tx, *, key: str, request_hash: str) -> Kept:
    """Take the key for this transaction, the first lock of all; or find what was answered under it."""
    record = await (await tx.run(CLAIM, key=key, request_hash=request_hash)).single(strict=True)
    return Kept(record["request_hash"], record["answer"])


ANSWER: Final = """
    MATCH (i:Idempotency {key: $key})
    SET i.answer = $answer
"""


async def answer(tx: Tx, *, key: str, answer: str) -> None:
    """Keep the answer beside what it speaks of."""
    await (await tx.run(ANSWER, key=key, answer=answer)).consume()


FIND: Final = """
    MATCH (i:Idempotency {key: $key})
    RETURN i.request_hash AS request_hash, i.answer AS answer
"""


async def find(tx: Tx, *, key: str) -> Kept | None:
    """What was answered under the key, if its transaction was committed."""
    record = await (await tx.run(FIND, key=key)).single()
    return Kept(record["request_hash"], record["answer"]) if record else None


FORGET: Final = """
    MATCH (i:Idempotency)
    WHERE i.at < $before
    WITH i LIMIT 10000
    DELETE i
    RETURN count(*) AS forgotten
"""


async def forget(tx: Tx, *, before: datetime) -> int:
    """Remove keys older than this, at most ten thousand at a time; a key is worth keeping for a day."""
    record = await (await tx.run(FORGET, before=int(before.timestamp() * 1000))).single(strict=True)
    return int(record["forgotten"])
