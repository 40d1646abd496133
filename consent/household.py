"""A family's request: each adult decides alone; only members whose own consent holds are carried. (R-20, R-24)

Each member has a case and gets a disclosure of their own: nothing of one stands in the copy of another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from consent.decision import Permit, Request, decide
from graph.model.base import Id
from graph.model.consent import Consent
from graph.model.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Together:
    """Who of a family is carried, and why others are not, by case."""

    carried: Mapping[Id, Permit]
    left_out: Mapping[Id, Refusal]


def decide_together(requests: Iterable[Request], consents: Iterable[Consent], *, at: datetime) -> Together:
    """Every member judged alone by the same rule: nobody consents for another adult, and nobody's no stops others."""
    given = tuple(consents)
    verdicts = {request.case.id: decide(request, given, at=at) for request in requests}
    return Together(
        carried={id: v for id, v in verdicts.items() if isinstance(v, Permit)},
        left_out={id: v for id, v in verdicts.items() if isinstance(v, Refusal)},
    )
