"""Links to answer by, found by the hash of their secret; and the codes that open a disclosure by link. (R-12)

Written and used under the lock of the case they are about, but for those that say places.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from graph.model.answer_link import AnswerLink, OpeningCode
from graph.store.errors import NotFound
from graph.store.mapping import from_properties, to_properties
from graph.store.network import Tx

CREATE: Final = """
    MATCH (o:Organization {id: $organization_id})
    CREATE (l:AnswerLink {id: $id})
    SET l += $properties
    CREATE (l)-[:GIVEN_TO]->(o)
    RETURN l.id AS id
"""


async def create(tx: Tx, link: AnswerLink) -> None:
    """A link for an organisation. NotFound for an unknown one."""
    properties = to_properties(link, without={"organization_id"})
    result = await tx.run(CREATE, id=link.id, organization_id=link.organization_id, properties=properties)
    if await result.single() is None:
        raise NotFound


FIND: Final = """
    MATCH (l:AnswerLink {secret_hash: $secret_hash})-[:GIVEN_TO]->(o:Organization)
    RETURN properties(l) AS link, o.id AS organization_id
"""


async def find(tx: Tx, secret_hash: str) -> AnswerLink:
    """The link with this hash. NotFound where there is none."""
    record = await (await tx.run(FIND, secret_hash=secret_hash)).single()
    if record is None:
        raise NotFound
    return from_properties(AnswerLink, record["link"], organization_id=record["organization_id"])


USE: Final = "MATCH (l:AnswerLink {id: $id}) SET l.used_at = $at"


async def use(tx: Tx, id: str, *, at: datetime) -> None:
    """It has decided, and never does again."""
    await (await tx.run(USE, id=id, at=at)).consume()


PUT_CODE: Final = """
    MATCH (r:Referral {id: $referral_id})
    CREATE (r)-[:OPENS_BY]->(k:OpeningCode {id: $id})
    SET k += $properties
    WITH r, k
    OPTIONAL MATCH (r)-[:OPENS_BY]->(old:OpeningCode)
    WHERE old.id <> k.id AND old.opened_at IS NULL AND old.expires_at > $at
    SET old.expires_at = $at
"""


async def put_code(tx: Tx, referral_id: str, code: OpeningCode) -> None:
    """A new code for a referral of a locked case; earlier ones open nothing any more."""
    values: dict[str, Any] = {"id": code.id, "properties": to_properties(code), "at": code.made_at}
    await (await tx.run(PUT_CODE, referral_id=referral_id, **values)).consume()


CODES: Final = """
    MATCH (:Referral {id: $referral_id})-[:OPENS_BY]->(k:OpeningCode)
    RETURN properties(k) AS code
"""


async def codes(tx: Tx, referral_id: str) -> list[OpeningCode]:
    """All codes that a referral ever had, the newest first."""
    found = [from_properties(OpeningCode, r["code"]) async for r in await tx.run(CODES, referral_id=referral_id)]
    return sorted(found, key=lambda code: (code.made_at, code.id), reverse=True)


SAVE_CODE: Final = """
    MATCH (k:OpeningCode {id: $id})
    SET k += $properties
"""


async def save_code(tx: Tx, code: OpeningCode) -> None:
    """Write a code of a locked case's referral as it is now."""
    await (await tx.run(SAVE_CODE, id=code.id, properties=to_properties(code))).consume()
