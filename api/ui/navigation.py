"""Where the head of a page leads each reader, by what they are here. (R-25)

Only ways are decided here; what somebody may do there is the table of `consent.access`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from graph.model.actor import Role

Way = tuple[str, str]
"""Address, key of its word."""

TODAY: Final[Way] = ("/", "pages.nav.today")
DIRECTORY: Final[Way] = ("/directory", "pages.nav.directory")

FOR_VISITORS: Final[tuple[Way, ...]] = (
    ("/suggestions", "pages.nav.need"),
    DIRECTORY,
    ("/places", "pages.nav.places"),
    ("/gaps", "pages.nav.gaps"),
)

WAYS: Final[Mapping[Role, tuple[Way, ...]]] = {
    Role.CASE_MANAGER: (TODAY, ("/cases", "pages.nav.cases"), ("/suggestions", "pages.nav.need"), DIRECTORY),
    Role.PROVIDER: (
        TODAY,
        ("/queue", "pages.nav.queue"),
        ("/enquiries", "pages.nav.enquiries"),
        ("/places", "pages.nav.places"),
        ("/entry", "pages.nav.entry"),
        ("/outcomes", "pages.nav.outcomes"),
    ),
    Role.COMMITTEE: (
        TODAY,
        ("/gaps", "pages.nav.gaps"),
        ("/committee", "pages.nav.committee"),
        DIRECTORY,
    ),
    Role.DEPARTMENT_COMMITTEE: (
        TODAY,
        ("/gaps", "pages.nav.gaps"),
        ("/committee/gaps", "pages.nav.gap-list"),
        ("/committee/indicators", "pages.nav.indicators"),
        DIRECTORY,
    ),
    Role.DATA_PROTECTION_OFFICER: (
        TODAY,
        ("/officer", "pages.nav.officer"),
        ("/officer/log", "pages.nav.log"),
        ("/officer/alerts", "pages.nav.alerts"),
    ),
    Role.PROFESSIONAL: (TODAY, ("/attest", "pages.nav.attest"), DIRECTORY),
    Role.ADMIN: (TODAY, ("/accounts", "pages.nav.accounts"), DIRECTORY),
    Role.PERSON: (("/mine", "pages.nav.mine"), DIRECTORY),
}


def ways(roles: Iterable[Role] | None) -> list[Way]:
    """The ways of whoever reads: all of their roles, each way once. None: nobody has signed in."""
    if roles is None:
        return list(FOR_VISITORS)
    held = frozenset(roles)
    return list(dict.fromkeys(way for role, own in WAYS.items() if role in held for way in own))


def here(path: str, address: str) -> bool:
    """Whether a way leads to this page, or to a page above it."""
    return path == address or (address != "/" and path.startswith(f"{address}/"))
