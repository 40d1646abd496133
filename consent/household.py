"""A family's request: each adult decides alone, and who stays together goes together or not at all. (R-20, R-24)

Each member has a case and gets a copy of their own: nothing of one stands in the copy of another. What became of each
was judged before, by the rule for everybody (`consent.decision`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from graph.model.base import Id
from graph.model.refusal import Denied, Reason, Refusal

Yes = TypeVar("Yes")


@dataclass(frozen=True, slots=True)
class Together(Generic[Yes]):
    """Who of a family is carried, and why others are not, by case."""

    carried: Mapping[Id, Yes]
    left_out: Mapping[Id, Refusal]


def go_together(verdicts: Mapping[Id, Yes | Refusal], *, stays_together: bool) -> Together[Yes] | Refusal:
    """Nobody's yes counts for another; nobody's no stops others, unless the family is one that stays together. (R-24)

    The refusal says whose decision is missing and not why: each one's reasons are their own.
    """
    left_out = {id: verdict for id, verdict in verdicts.items() if isinstance(verdict, Refusal)}
    carried = {id: verdict for id, verdict in verdicts.items() if not isinstance(verdict, Refusal)}
    if left_out and (stays_together or not carried):
        places = {"cases": tuple(sorted(left_out))}
        return Refusal(reasons=(Denied(reason=Reason.DECISION_MISSING, places=places),))
    return Together(carried, left_out)
