"""Who decides about a person's data: they themselves, a guardian, a representative, or an authority. (R-23, R-24)

A child under 18, or somebody found unable to decide, is spoken for in every country that is concerned; a child whom
nobody can speak for is spoken for by that country's child-protection authority, never left without a way.
Which consents were given does not belong here (`consent.decision`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from graph.model.base import Code, Id
from graph.model.case import Case, ChildView, Guardianship
from graph.model.refusal import Denied, Reason

AUTHORITY: Final = "child-protection-authority"
FOR_ADULTS: Final = frozenset({"guardian", "lawful-representative"})
"""Who may speak for an adult: parenthood as such ends at 18, and child protection is for children. (R-23)"""


@dataclass(frozen=True, slots=True)
class Decider:
    """Who may say yes for a person, country by country, and what is still lacking before a yes counts."""

    kind: Literal["self", "guardians", "authority", "nobody"]
    by_country: Mapping[Code, frozenset[Id]] = field(default_factory=dict)
    """Guardianships that stand, by country. Empty where the person decides."""
    lacking: tuple[Denied, ...] = ()

    def stands(self, guardian_id: Id | None, *, country: Code | None = None) -> bool:
        """This guardianship speaks for the person in the country, or in any of them."""
        found = self.by_country.values() if country is None else [self.by_country.get(country, frozenset())]
        return guardian_id is not None and any(guardian_id in ids for ids in found)


def can_decide(case: Case, *, at: datetime) -> bool:
    """An adult of whom nobody found otherwise. The day is the one of the clock that `at` carries. (R-23, R-24)"""
    return not case.is_child(on=at.date()) and not case.is_incapacitated(at=at)


def who_decides(case: Case, *, purpose: Code, countries: frozenset[Code], at: datetime) -> Decider:
    """The person; else who stands for them in each country, their own among them. (R-23, R-24)"""
    if can_decide(case, at=at):
        return Decider("self")
    here = sorted(countries | {case.country})
    is_child = case.is_child(on=at.date())
    standing = {
        country: _for_child(case, country, purpose, at) if is_child else _for_adult(case, country, purpose, at)
        for country in here
    }
    lacking = [denied for country in here if not standing[country] for denied in _nobody(case, country, purpose, at)]
    lacking += _best_interests(case, here, at)
    return Decider(
        _kind(standing),
        {country: frozenset(g.id for g in found) for country, found in standing.items()},
        tuple(lacking),
    )


def _kind(standing: Mapping[Code, list[Guardianship]]) -> Literal["guardians", "authority", "nobody"]:
    if not all(standing.values()):
        return "nobody"
    return "authority" if any(all(g.kind == AUTHORITY for g in found) for found in standing.values()) else "guardians"


def _for_child(case: Case, country: Code, purpose: Code, at: datetime) -> list[Guardianship]:
    """The family; where one of it is barred, the authority beside it; for a separated child the authority alone.

    People who say they are family are how separated children are trafficked: so an unaccompanied or separated child
    is spoken for by the authority, whoever else brings a document. (R-24, R-34)
    """
    found = [g for g in case.guardians if g.holds(country=country, purpose=purpose, at=at)]
    family = [] if case.separated else [g for g in found if g.kind != AUTHORITY]
    authority = [g for g in found if g.kind == AUTHORITY]
    return [*family, *authority] if any(g.barred for g in case.guardians) else family or authority


def _for_adult(case: Case, country: Code, purpose: Code, at: datetime) -> list[Guardianship]:
    found = [g for g in case.guardians if g.holds(country=country, purpose=purpose, at=at)]
    return [g for g in found if g.kind in FOR_ADULTS]


def _nobody(case: Case, country: Code, purpose: Code, at: datetime) -> list[Denied]:
    """Why nobody stands there, and whom to ask: the way that is always open comes last."""
    where = {"country": country}
    why = []
    if any(g.barred for g in case.guardians):
        why.append(Denied(reason=Reason.GUARDIAN_BARRED))
    shown = [g.model_copy(update={"document": "shown"}) for g in case.guardians if g.document is None]
    if any(g.holds(country=country, purpose=purpose, at=at) for g in shown):
        why.append(Denied(reason=Reason.GUARDIAN_WITHOUT_DOCUMENT, places=where))
    is_child = case.is_child(on=at.date())
    last = Reason.AUTHORITY_NEEDED if is_child else Reason.REPRESENTATIVE_NEEDED
    return [*why, Denied(reason=last, places=where)]


def _best_interests(case: Case, countries: list[Code], at: datetime) -> list[Denied]:
    """Determined for every country; a child was heard first, and where it said no, they are looked at again. (R-24)"""
    lacking = []
    view = max((v for v in case.child_views if v.heard_at <= at), key=lambda v: v.heard_at, default=None)
    if view is None and case.is_child(on=at.date()):
        lacking.append(Denied(reason=Reason.CHILD_NOT_HEARD))
    for country in countries:
        days = [b.determined_at for b in case.best_interests if b.country == country and b.determined_at <= at]
        if not days:
            lacking.append(Denied(reason=Reason.BEST_INTERESTS_MISSING, places={"country": country}))
        elif _said_no_after(view, max(days)):
            lacking.append(Denied(reason=Reason.BEST_INTERESTS_BEFORE_VIEW, places={"country": country}))
    return lacking


def _said_no_after(view: ChildView | None, determined_at: datetime) -> bool:
    return view is not None and view.agrees is False and determined_at < view.heard_at
