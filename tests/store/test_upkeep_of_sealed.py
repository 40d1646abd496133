"""What needs care is listed for the committee; that a place kept secret turned people away is not among it. (R-26)"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from api.actions import directory
from graph.model.entry_note import EntryNote
from graph.model.status_reason import Consequence
from graph.store import entry_notes, gaps
from graph.store.network import Network, Tx
from tests import small_network
from tests.sending import Patient

AT: Final = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)


async def test_declines_of_a_sealed_place_show_nowhere(network: Network, tmp_path: Path) -> None:
    """They would tell that somebody was sent there these days; a word that grew old by itself tells nothing."""
    small = Patient.of(network)
    assert (await directory.import_(small, small_network.folder(tmp_path, at=AT), at=AT)).is_clean

    async def declined(tx: Tx) -> None:
        both = "MATCH (c:ServiceCapacity) WHERE c.id IN ['c-s-shelter', 'c-s-rent'] SET c.state = 'available', c.declines = 2"
        await (await tx.run(both)).consume()

    await small.write(declined)
    listed = {row["id"] for row in await small.read(gaps.stale_places, at=AT, limit=50)}
    assert "s-rent" in listed and "s-shelter" not in listed


IN_DOUBT: Final = "MATCH (s:Service) WHERE s.to_verify_since IS NOT NULL RETURN s.id AS id"


async def test_that_a_sealed_place_is_in_doubt_is_told_to_its_keepers_alone(network: Network, tmp_path: Path) -> None:
    """Suggestions and the directory tell everybody that an entry is in doubt since a decline."""
    small = Patient.of(network)
    await directory.import_(small, small_network.folder(tmp_path, at=AT), at=AT)

    async def declined(tx: Tx) -> tuple[set[str], set[str]]:
        for id in ("s-shelter", "s-rent"):
            about = EntryNote(
                service_id=id, reason="not-eligible-age", consequence=Consequence.RE_VERIFY, since=AT, count=1
            )
            await entry_notes.note(tx, about)
        told = {record["id"] async for record in await tx.run(IN_DOUBT)}
        kept = await entry_notes.open_notes(tx, organization_id=None, consequences={Consequence.RE_VERIFY})
        return told, {note.service_id for note in kept}

    told, kept = await small.write(declined)
    assert told == {"s-rent"} and kept == {"s-shelter", "s-rent"}
