"""The vocabularies in the graph: the terms that offers and needs point to, and their hierarchy.

The words themselves stand in `graph/seed/vocabulary`; when they are written is decided by `graph.store.migrate`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, LiteralString

from graph.seed.vocabulary import Scheme, Term
from graph.store.network import Tx

UPSERT: Final[Mapping[Scheme, LiteralString]] = MappingProxyType(
    {
        "service-types": """
            UNWIND $rows AS row
            MERGE (t:ServiceType {code: row.code})
            SET t.es = row.es, t.en = row.en, t.source = row.source, t.requires = row.requires
        """,
        "factors": """
            UNWIND $rows AS row
            MERGE (t:Factor {code: row.code})
            SET t.es = row.es, t.en = row.en, t.source = row.source
        """,
        "papers": """
            UNWIND $rows AS row
            MERGE (t:Paper {code: row.code})
            SET t.es = row.es, t.en = row.en, t.source = row.source, t.yielded_by = row.yielded_by
        """,
        "languages": """
            UNWIND $rows AS row
            MERGE (t:SpokenLanguage {code: row.code})
            SET t.es = row.es, t.en = row.en, t.source = row.source
        """,
        "countries": """
            UNWIND $rows AS row
            MERGE (t:Country {code: row.code})
            SET t.es = row.es, t.en = row.en, t.source = row.source
        """,
    }
)
"""The schemes whose terms are nodes, because something points to them."""


async def upsert(tx: Tx, scheme: Scheme, words: Iterable[Term]) -> None:
    """Write the terms. One that left its file stays in the graph: something may still point to it."""
    rows: list[dict[str, Any]] = [word.model_dump(mode="json") for word in words]
    await (await tx.run(UPSERT[scheme], rows=rows)).consume()


PLACE: Final = """
    UNWIND $rows AS row
    MATCH (t:ServiceType {code: row.code})
    OPTIONAL MATCH (t)-[old:KIND_OF]->(:ServiceType)
    DELETE old
    WITH DISTINCT t, row.parent AS parent
    MATCH (above:ServiceType {code: parent})
    CREATE (t)-[:KIND_OF]->(above)
"""


async def place(tx: Tx, words: Iterable[Term]) -> None:
    """Hang every service type below its broader one."""
    rows = [{"code": word.code, "parent": word.parent} for word in words]
    await (await tx.run(PLACE, rows=rows)).consume()


PARENTS: Final = """
    MATCH (t:ServiceType)
    OPTIONAL MATCH (t)-[:KIND_OF]->(above:ServiceType)
    RETURN t.code AS code, above.code AS parent
"""


async def parents(tx: Tx) -> dict[str, str | None]:
    """Where every service type hangs in the graph."""
    return {record["code"]: record["parent"] async for record in await tx.run(PARENTS)}


CHECKSUMS: Final = """
    MATCH (v:Vocabulary)
    RETURN v.scheme AS scheme, v.checksum AS checksum
"""


async def checksums(tx: Tx) -> dict[str, str]:
    """Which content of which vocabulary the graph holds."""
    return {record["scheme"]: record["checksum"] async for record in await tx.run(CHECKSUMS)}


REMEMBER: Final = """
    MERGE (v:Vocabulary {scheme: $scheme})
    SET v.checksum = $checksum, v.at = timestamp()
"""


async def remember(tx: Tx, *, scheme: Scheme, checksum: str) -> None:
    """Keep which content was written."""
    await (await tx.run(REMEMBER, scheme=scheme, checksum=checksum)).consume()
