"""What may be said of somebody who is not to be known: widened until at least k people could be meant. (R-10, R-35)

Counted are people of whom the graph knows: open cases, a need that the person agreed to seek help for. What the asked
services tell about themselves is read by everybody, so it narrows the count as if it had been said. Who is asked
nothing at all, because it is too dangerous, is `consent.danger`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from consent.small_numbers import K_SENSITIVE, least
from graph.model.age import BOUNDS, CHILDREN, AgeBand
from graph.model.base import Code
from graph.model.enquiry import Asked, Somebody
from graph.model.refusal import Denied, Reason, Refusal

CHILD: Final = "0-17"
ADULT: Final = "18-"
"""The two bands that are wider than those of a case."""

SENSITIVE_FACTORS: Final = frozenset({"lgbti"})
"""Factors for which few is ten, as for trafficking, health and children."""

Lineage = Callable[[Code], Sequence[Code]]
"""A service type with all above it."""


@dataclass(frozen=True, slots=True)
class Served:
    """Whom a service is there for, as everybody can read. What is None is not limited."""

    needs: frozenset[Code]
    """Types of need that it could be asked for."""
    genders: frozenset[Code] | None = None
    any_factor: frozenset[Code] | None = None
    nationalities: frozenset[Code] | None = None
    not_nationalities: frozenset[Code] = frozenset()
    ages: tuple[int, int | None] | None = None

    def admits(self, person: Somebody) -> bool:
        """Whether this person could be meant; of whom too little is known could not."""
        if self.genders is not None and person.gender not in self.genders:
            return False
        if self.any_factor is not None and not person.factors & self.any_factor:
            return False
        if self.nationalities is not None and person.nationality not in self.nationalities:
            return False
        if self.not_nationalities and (person.nationality is None or person.nationality in self.not_nationalities):
            return False
        return self.ages is None or _within(person.age_band, self.ages)


def _within(band: AgeBand | None, ages: tuple[int, int | None]) -> bool:
    if band is None:
        return False
    (youngest, oldest), (low, high) = BOUNDS[band], ages
    return youngest >= low and (high is None or (oldest is not None and oldest <= high))


@dataclass(frozen=True, slots=True)
class Widened:
    """What may be asked, how many people it could be about, and what was made wider for it."""

    asked: Asked
    meant: int
    widened: tuple[Code, ...]


def fits(person: Somebody, asked: Asked, served: Iterable[Served], *, lineage: Lineage) -> bool:
    """Whether the question could be about this person. What is not known of them does not fit."""
    services = list(served)
    return (
        asked.area in person.areas
        and (asked.age_band is None or (person.age_band is not None and asked.age_band in bands(person.age_band)))
        and (asked.language is None or asked.language in person.languages)
        and all(service.admits(person) for service in services)
        and any(
            asked.service_type in lineage(need) and all(need in service.needs for service in services)
            for need in person.needs
        )
    )


def bands(band: AgeBand | None) -> tuple[Code | None, ...]:
    """A band, the wider one it lies in, and none."""
    return (None,) if band is None else (band, CHILD if band in CHILDREN else ADULT, None)


def few(
    asked: Asked, need: Code, served: Iterable[Served], *, child: bool, factors: Collection[Code], lineage: Lineage,
    below: Lineage,
) -> int:  # fmt: skip
    """The k of a question: ten where it, or whoever is asked, tells anything sensitive; else five. (design §9)"""
    told = {factor for service in served for factor in service.any_factor or ()} | set(factors)
    if child or asked.age_band in CHILDREN or asked.age_band == CHILD or told & SENSITIVE_FACTORS:
        return K_SENSITIVE
    types = (asked.service_type, need)
    return max(least(code, lineage(code), below(code)) for code in types)


def widen(
    subject: Somebody,
    need: Code,
    language: Code | None,
    people: Iterable[Somebody],
    served: Collection[Served],
    *,
    lineage: Lineage,
    below: Lineage,
    before: Collection[Asked] = (),
) -> Widened | Refusal:
    """The narrowest question that at least k people fit; the area is widened first, then age, language and type.

    The same question goes to all who are asked, and counts as if all of them put together what they know: also with
    those who were asked `before` about the same need, since two questions may be laid side by side.
    """
    could = [
        p
        for p in people
        if all(s.admits(p) for s in served) and all(fits(p, asked, served, lineage=lineage) for asked in before)
    ]
    child = subject.age_band in CHILDREN
    most = 0
    for asked in _ladder(subject, need, language, lineage):
        k = few(asked, need, served, child=child, factors=subject.factors, lineage=lineage, below=below)
        most = max(most, k)
        meant = len({p.who for p in could if fits(p, asked, served, lineage=lineage)})
        if meant >= k:
            return Widened(asked, meant, _made_wider(asked, subject, need, language))
    return Refusal.of([Denied(reason=Reason.TOO_FEW_PEOPLE, places={"k": str(most)})])


def _ladder(subject: Somebody, need: Code, language: Code | None, lineage: Lineage) -> Iterator[Asked]:
    for service_type in lineage(need):
        for spoken in dict.fromkeys((language, None)):
            for band in bands(subject.age_band):
                for area in subject.areas:
                    yield Asked(service_type=service_type, area=area, age_band=band, language=spoken)


def _made_wider(asked: Asked, subject: Somebody, need: Code, language: Code | None) -> tuple[Code, ...]:
    wider = {
        "area-widened": asked.area != subject.areas[0],
        "age-widened": asked.age_band != subject.age_band,
        "language-left-out": asked.language != language,
        "type-widened": asked.service_type != need,
    }
    return tuple(code for code, so in wider.items() if so)
