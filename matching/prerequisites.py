"""What comes first: which paper shows that a step has been taken, and whether the person has it. (R-30, R-40)

A step is a service type; the papers it yields tell whether somebody has been through it. A step that yields no paper
cannot be shown: it is asked about, never presumed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graph.model.need import Need


@dataclass(frozen=True, slots=True)
class Papers:
    """The vocabulary's knowledge about steps: handed over as a plain value."""

    yields: Mapping[str, frozenset[str]]
    """service type -> papers that only this step gives"""
    usual: Mapping[str, frozenset[str]]
    """service type -> service types that usually come first: a hint, never a rule"""

    def usual_before(self, service_types: Iterable[str]) -> frozenset[str]:
        """What usually comes before any of these types."""
        return frozenset().union(*(self.usual.get(t, frozenset()) for t in service_types))

    def source_of(self, paper: str) -> str | None:
        """The service type by which a paper can be had."""
        return next((step for step, papers in self.yields.items() if paper in papers), None)


def held(papers: Papers, step: str, need: Need) -> bool | None:
    """Whether the person has been through a step; None when that cannot be told."""
    shown_by = papers.yields.get(step)
    if not shown_by or need.documents is None:
        return None
    return not need.documents.isdisjoint(shown_by)


def missing_of(papers: Papers, steps: Iterable[str], need: Need) -> frozenset[str]:
    """The steps that the person surely has not taken."""
    return frozenset(step for step in steps if held(papers, step, need) is False)
