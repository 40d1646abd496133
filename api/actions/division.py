"""Read the administrative division, so that a place can be found by its name. (R-04)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from graph.store import division, organizations
from graph.store.network import Tx


@dataclass(frozen=True, slots=True)
class Named:
    """An area by its name, with its way up to the root: its own code first."""

    code: str
    name: str
    level: int
    lineage: tuple[str, ...]

    @property
    def parent(self) -> str | None:
        """The area it lies in."""
        return self.lineage[1] if len(self.lineage) > 1 else None


async def areas(tx: Tx, *, on: date) -> list[Named]:
    """Every area that exists on the day."""
    return [
        Named(row["code"], row["name"], row["level"], tuple(row["lineage"] or (row["code"],)))
        for row in await division.everything(tx)
        if (row["valid_from"] is None or row["valid_from"] <= on) and (row["valid_to"] is None or on <= row["valid_to"])
    ]


async def country_of(tx: Tx, organization_id: str) -> str | None:
    """The one country in which an organisation works; None where there are several, or none is stated."""
    found = await organizations.countries(tx, organization_id)
    return next(iter(found)) if len(found) == 1 else None
