"""The register of what was sent without consent, for the committee: grounds, classes and months, never a person. (R-22)"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from api.actions.allowed import must_ever
from consent.access import Deed
from consent.small_numbers import K_SENSITIVE, shown
from graph.model.actor import Actor, Role
from graph.store import attestations, division
from graph.store.attestations import Used
from graph.store.network import Tx


@dataclass(frozen=True, slots=True)
class Line:
    """One use: its place only where at least k of its month and class were there."""

    ground: str
    service_class: str
    month: str
    person_told: bool
    reviewed: bool
    department: str | None


async def register(tx: Tx, *, actor: Actor) -> list[Line]:
    """Every use, from the moment of its sending on. (R-22)"""
    must_ever(actor, Deed.REGISTER_READ)
    found = await attestations.used(tx)
    departments = {area: await division.department_of(tx, area) for area in sorted({u.area for u in found})}
    return lines(found, departments)


async def places(tx: Tx, shown: Iterable[Line], *, actor: Actor) -> dict[str, str]:
    """The names of the departments that these lines tell."""
    must_ever(actor, Deed.REGISTER_READ)
    return await division.names(tx, {line.department for line in shown if line.department})


def lines(found: Iterable[Used], departments: Mapping[str, str | None]) -> list[Line]:
    """The uses as they may be shown; sorted by what they say, so that their order says no more."""
    uses = list(found)
    counts = Counter((_class(u), _month(u), departments.get(u.area)) for u in uses)
    return sorted(
        (
            Line(
                ground=use.ground,
                service_class=_class(use),
                month=_month(use),
                person_told=use.person_told_at is not None,
                reviewed=use.reviewed_at is not None,
                department=None
                if shown(counts[_class(use), _month(use), departments.get(use.area)], K_SENSITIVE).is_hidden
                else departments.get(use.area),
            )
            for use in uses
        ),
        key=lambda line: (
            line.month, line.service_class, line.ground, line.department or "", line.reviewed, line.person_told
        ),
    )  # fmt: skip


def _class(use: Used) -> str:
    """The class of a service type: its first two levels."""
    return ".".join(use.service_type.split(".")[:2])


def _month(use: Used) -> str:
    return use.sent_at.strftime("%Y-%m")


async def to_review(tx: Tx, *, actor: Actor) -> list[Used]:
    """What the data protection officer has not reviewed yet, the oldest first. (R-22)"""
    if Role.DATA_PROTECTION_OFFICER not in actor.roles:
        return []
    must_ever(actor, Deed.EXCEPTION_REVIEW)
    return [use for use in await attestations.used(tx) if use.reviewed_at is None]
