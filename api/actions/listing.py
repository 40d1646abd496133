"""Find a service under its organisation. (R-02)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from graph.model.directory import CapacityState
from graph.model.places import is_unknown
from graph.store import listing
from graph.store.mapping import nested
from graph.store.network import Tx


@dataclass(frozen=True, slots=True)
class Listed:
    """A service by its names."""

    id: str
    name: str
    translations: Mapping[str, Mapping[str, str]]
    organization_id: str
    organization: str
    organization_translations: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Provider:
    """An organisation, and how many services it offers."""

    id: str
    name: str
    translations: Mapping[str, Mapping[str, str]]
    services: int


@dataclass(frozen=True, slots=True)
class LastSaid:
    """Places in one line."""

    state: CapacityState
    available: int | None
    maximum: int | None
    unit: str
    updated: datetime
    half_life_days: int
    paused_until: date | None
    declines: int

    def is_unknown(self, *, at: datetime) -> bool:
        """Whether it is too old, or was contradicted too often, to be believed. (R-06)"""
        return is_unknown(self, at=at, declines=self.declines)


async def services(tx: Tx) -> list[Listed]:
    """All services that still exist, by organisation and name."""
    return [
        Listed(
            id=row["id"],
            name=row["name"],
            translations=_words(row["translations"]),
            organization_id=row["organization_id"],
            organization=row["organization"],
            organization_translations=_words(row["organization_translations"]),
        )
        for row in await listing.services(tx)
    ]


async def providers(tx: Tx) -> list[Provider]:
    """Organisations that offer something, by name."""
    return [
        Provider(row["id"], row["name"], _words(row["translations"]), row["services"])
        for row in await listing.organizations(tx)
    ]


async def places(tx: Tx, ids: list[str]) -> dict[str, LastSaid]:
    """What was last said about the places of these services; those of which nobody said anything are missing."""
    found = await listing.places(tx, ids)
    return {
        row["id"]: LastSaid(
            state=CapacityState(row["state"]),
            available=row["available"],
            maximum=row["maximum"],
            unit=row["unit"],
            updated=row["updated"],
            half_life_days=row["half_life_days"],
            paused_until=date.fromisoformat(row["paused_until"][:10]) if row["paused_until"] else None,
            declines=row["declines"],
        )
        for row in found.values()
    }


def _words(value: Any) -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = nested(value) or {}
    return found
