"""Where nobody may be asked ahead, and nothing opens by link: trafficking, threats, and places that are kept secret. (R-26)"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from graph.model.base import Code
from graph.model.case import Case
from graph.model.refusal import Denied, Reason

TRAFFICKING: Final = "psychosocial.trafficking"

ENDANGERED: Final = frozenset({"victim-of-trafficking", "risk-of-re-trafficking", "threatened"})
"""Factors of people whom somebody may be looking for."""


def never(case: Case, types: Iterable[Code], *, sealed: bool, on: date) -> list[Denied]:
    """Why this may never be, if so. `types` are those of the need and of the service, each with all above it."""
    why = []
    in_force = {f.factor for f in case.factors if f.valid_to is None or on <= f.valid_to}
    if case.restricted or TRAFFICKING in set(types) or in_force & ENDANGERED:
        why.append(Denied(reason=Reason.NEVER_FOR_TRAFFICKING))
    if sealed:
        why.append(Denied(reason=Reason.SERVICE_SEALED))
    return why
