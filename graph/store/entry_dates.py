"""When each property of an entry was last edited. Kept beside the content, so that saying the same changes nothing. (R-02)

That somebody verified an entry is another matter, and stands elsewhere (`graph.store.entry_notes`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from graph.model.entry import Subject
from graph.store.content import run
from graph.store.mapping import native
from graph.store.network import Tx

PREFIX: Final = "edited_"
LATEST: Final = "latest_edit"
"""Of the entry as a whole: for lists, which do not tell each fact."""

MARK: Final[Mapping[Subject, Any]] = {
    "service": """
        UNWIND $rows AS row
        MATCH (s:Service {id: row.id})
        SET s += row.edited
    """,
    "organization": """
        UNWIND $rows AS row
        MATCH (o:Organization {id: row.id})
        SET o += row.edited
    """,
}


async def mark(tx: Tx, subject: Subject, edited: Mapping[str, Iterable[str]], *, at: datetime) -> None:
    """These properties of these entries were edited now."""
    rows = [{"id": i, "edited": {f"{PREFIX}{n}": at for n in names} | {LATEST: at}} for i, names in edited.items()]
    if rows:
        await run(tx, MARK[subject], rows=rows)


def edited_of(node: Mapping[str, Any]) -> dict[str, datetime]:
    """By property, when it was last edited, as a node tells it; what came in whole and never changed is missing."""
    return {name.removeprefix(PREFIX): native(at) for name, at in node.items() if name.startswith(PREFIX)}
