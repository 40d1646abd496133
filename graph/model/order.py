"""Which published order of suggestions holds where: by mechanism, from a day on. (R-35, R-44)

What the orders are is `matching.order`. A mechanism without one of its own follows the one above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import Field

from graph.model.base import Code, Id, Model


class Order(Model):
    """That a mechanism orders by a policy, from a day on."""

    id: Id
    mechanism_id: Id
    policy: Code
    policy_version: int = Field(ge=1)
    valid_from: date
    valid_to: date | None = None

    def is_in_force(self, *, on: date) -> bool:
        """Both days are included; without a last day until another one follows."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Holding:
    """An order in force, as a suggestion finds it: where its mechanism is, and the policy's name."""

    mechanism_id: str
    area: str | None
    """None: the mechanism names no area, so it is everybody's, after all that name one."""
    policy: str
    policy_version: int


def nearest(holding: Iterable[Holding], lineage: Sequence[str]) -> Holding | None:
    """The order that holds at a place: of the mechanism whose area lies closest around it. None: none does. (R-44)"""
    here = [h for h in holding if h.area is None or h.area in lineage]
    return min(
        here,
        key=lambda h: (len(lineage) if h.area is None else lineage.index(h.area), h.mechanism_id),
        default=None,
    )
