"""Chosen services of the directory beside each other, for a need of a case: what each is, and where. (R-02, R-05)

What the suggestions say of each is judged as always; here it is put beside the entry and its place. Nobody is told
that somebody compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.actions import case_suggestions, directory_view
from api.actions.directory_view import ServiceView
from api.actions.suggestions import Answer
from graph.model.actor import Actor
from graph.model.area import Area
from graph.model.base import Code
from graph.model.case import Need
from graph.model.refusal import Refusal
from graph.secrets import Secrets
from graph.store import cases, division
from graph.store.network import Tx

MOST: Final = 8
"""Services beside each other: more nobody compares."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The answer to the need, the services that were chosen from it or beside it, and the points of their areas."""

    need: Need
    home: Code
    """The department, or the country, that the person lives in."""
    country: Code
    answer: Answer
    views: tuple[ServiceView, ...]
    """In the order in which they were named; as whoever may not say their places sees them."""
    areas: Mapping[Code, Area]


async def compare(
    tx: Tx, case_id: str, need_id: str, service_ids: Sequence[str], *, actor: Actor, at: datetime, secrets: Secrets
) -> Compared | Refusal:
    """The services, as far as a directory tells. NotFound for an unknown one, as for a case of others. (R-25, R-26)"""
    answer = await case_suggestions.suggest(tx, case_id, need_id, actor=actor, at=at, secrets=secrets)
    if isinstance(answer, Refusal):
        return answer
    case = await cases.get(tx, case_id, actor=actor)
    wanted = list(dict.fromkeys(service_ids))[:MOST]
    views = tuple([(await directory_view.service(tx, id, on=at.date())).for_others() for id in wanted])
    codes = {x.area for view in views if not view.sealed for x in view.locations if x.area is not None}
    return Compared(
        need=next(n for n in case.needs if n.id == need_id),
        home=await division.department_of(tx, case.area),
        country=case.country,
        answer=answer,
        views=views,
        areas={area.code: area for area in await division.of_codes(tx, codes)} if codes else {},
    )
