"""Catchment keys: where a service can be found from, so that recall is one index look-up. (R-06)

A service is findable under (area, type) for each area it covers and each type it belongs to, with all types above.
The keys are derived from the service, never stated; `graph.store.directory` writes them with the service.
See docs/decisions/0005.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

UNSTATED = "*"
"""Stands for the area of a service whose coverage is not stated."""

ANYWHERE = "+"
"""Stands for any area: every service of a type is found under it."""


def covers(area: str, service_type: str) -> str:
    """The key of services that cover the whole area."""
    return f"{area}|{service_type}"


def inside(area: str, service_type: str) -> str:
    """The key of services that cover something inside the area, but perhaps not all of it."""
    return f"{area}/|{service_type}"


def keys_of(
    areas: Iterable[str] | None,
    service_types: Iterable[str],
    *,
    area_lineage: Callable[[str], tuple[str, ...]],
    type_lineage: Callable[[str], tuple[str, ...]],
) -> frozenset[str]:
    """All keys of one service. A lineage begins with the code itself and climbs to the root."""
    types = {ancestor for code in service_types for ancestor in type_lineage(code)}
    keys = {covers(ANYWHERE, t) for t in types}
    if areas is None:
        keys |= {covers(UNSTATED, t) for t in types}
        return frozenset(keys)
    for area in areas:
        above = area_lineage(area)[1:]
        keys |= {covers(area, t) for t in types}
        keys |= {inside(ancestor, t) for ancestor in above for t in types}
    return frozenset(keys)
