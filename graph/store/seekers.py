"""Who of one's own cases looks for work: the profile and what matching reads beside it, and no record. (R-36)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from graph.model.actor import Actor
from graph.model.age import CHILDREN, AgeBand
from graph.model.case import Need
from graph.model.job import JobProfile
from graph.store.mapping import from_properties, native, nested
from graph.store.network import Tx


@dataclass(frozen=True, slots=True)
class CaseSeeker:
    """A case by its number, with what may be compared with an opening."""

    case_id: str
    area: str
    age_band: AgeBand | None
    adult_on: date | None
    languages: frozenset[str] | None
    papers: frozenset[str] | None
    profile: JobProfile
    needs: tuple[Need, ...]

    def band(self, *, on: date) -> AgeBand | None:
        """The age band as the case remembers it; whoever has turned 18 since is no child any more."""
        grown = self.adult_on is not None and self.adult_on <= on and self.age_band in CHILDREN
        return "18-25" if grown else self.age_band

    def is_agreed(self, service_types: frozenset[str], *, at: datetime) -> bool:
        """The person agreed to seek help for a need of one of these types. (R-41)"""
        return any(need.service_type in service_types and need.is_agreed(at=at) for need in self.needs)


MINE: Final = """
    MATCH (a:Actor {id: $actor_id})-[:WORKS_ON]->(c:Case)<-[:HOLDS]-(o:Organization {id: $organization_id})
    WHERE c.closed_at IS NULL AND c.job_profile IS NOT NULL AND EXISTS { (a)-[:WORKS_FOR]->(o) }
    RETURN properties(c) AS case, [(c)-[:HAS]->(n:CaseNeed) | properties(n)] AS needs
    ORDER BY c.id LIMIT $limit
"""


async def mine(tx: Tx, *, actor: Actor, limit: int) -> list[CaseSeeker]:
    """The open cases with a job profile on whose team this actor is: no colleague's, and nobody else's. (R-25)"""
    result = await tx.run(MINE, actor_id=actor.id, organization_id=actor.organization_id, limit=limit)
    return [_seeker(record["case"], record["needs"]) async for record in result]


def _seeker(case: dict[str, Any], needs: list[dict[str, Any]]) -> CaseSeeker:
    return CaseSeeker(
        case_id=case["id"],
        area=case["area"],
        age_band=case.get("age_band"),
        adult_on=native(case.get("adult_on")),
        languages=_codes(case.get("languages")),
        papers=_codes(case.get("papers")),
        profile=JobProfile.model_validate(nested(case["job_profile"])),
        needs=tuple(from_properties(Need, need) for need in needs),
    )


def _codes(stated: list[str] | None) -> frozenset[str] | None:
    return None if stated is None else frozenset(stated)
