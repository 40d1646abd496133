"""What happened in a case over its months: assessments, meetings, communication. (R-14, R-40)

What was said stands, encrypted, in `graph.store.records`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from graph.model.follow_up import Assessment, Communication, Meeting
from graph.store.errors import NotFound
from graph.store.mapping import from_properties, to_properties
from graph.store.network import Tx

SAVE_ASSESSMENT: Final = """
    MATCH (c:Case {id: $case_id})
    MATCH (by:Actor {id: $assessed_by})
    MERGE (c)-[:ASSESSED_BY]->(a:Assessment {id: $id})
    SET a += $properties
    RETURN by.id AS by
"""


async def save_assessment(tx: Tx, case_id: str, assessment: Assessment) -> None:
    """Write an assessment of a locked case. NotFound if nobody acts under the assessor's id: no names stand here."""
    properties, by = to_properties(assessment), assessment.assessed_by
    result = await tx.run(SAVE_ASSESSMENT, case_id=case_id, id=assessment.id, assessed_by=by, properties=properties)
    if await result.single() is None:
        raise NotFound


SAVE_MEETING: Final = """
    MATCH (c:Case {id: $case_id})
    MERGE (c)-[:FOLLOWED_BY]->(m:Meeting {id: $id})
    SET m += $properties
"""


async def save_meeting(tx: Tx, case_id: str, meeting: Meeting) -> None:
    """Write a follow-up meeting of a locked case as it is now."""
    properties = dict.fromkeys(Meeting.model_fields) | to_properties(meeting)
    await (await tx.run(SAVE_MEETING, case_id=case_id, id=meeting.id, properties=properties)).consume()


SAVE_COMMUNICATION: Final = """
    MATCH (c:Case {id: $case_id})
    OPTIONAL MATCH (o:Organization {id: $organization_id})
    WITH c, o
    WHERE $organization_id IS NULL OR o IS NOT NULL
    MERGE (c)-[:SPOKE_IN]->(w:Communication {id: $id})
    SET w += $properties
    RETURN w.id AS id
"""


async def save_communication(tx: Tx, case_id: str, communication: Communication) -> None:
    """Write a communication of a locked case. NotFound for an organisation that there is not."""
    properties, organization_id = to_properties(communication), communication.organization_id
    result = await tx.run(
        SAVE_COMMUNICATION,
        case_id=case_id,
        id=communication.id,
        organization_id=organization_id,
        properties=properties,
    )
    if await result.single() is None:
        raise NotFound


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Everything that happened, in the order of time."""

    assessments: tuple[Assessment, ...]
    meetings: tuple[Meeting, ...]
    communications: tuple[Communication, ...]


GET: Final = """
    MATCH (c:Case {id: $case_id})
    RETURN [(c)-[:ASSESSED_BY]->(a:Assessment) | properties(a)] AS assessments,
           [(c)-[:FOLLOWED_BY]->(m:Meeting) | properties(m)] AS meetings,
           [(c)-[:SPOKE_IN]->(w:Communication) | properties(w)] AS communications
"""


async def get(tx: Tx, case_id: str) -> FollowUp:
    """What happened in a case that its reader may see."""
    record = await (await tx.run(GET, case_id=case_id)).single(strict=True)
    assessments = [from_properties(Assessment, row) for row in record["assessments"]]
    meetings = [from_properties(Meeting, row) for row in record["meetings"]]
    communications = [from_properties(Communication, row) for row in record["communications"]]
    return FollowUp(
        tuple(sorted(assessments, key=lambda a: (a.at, a.id))),
        tuple(sorted(meetings, key=lambda m: (m.on, m.id))),
        tuple(sorted(communications, key=lambda c: (c.at, c.id))),
    )
