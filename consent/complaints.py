"""Who deals with a complaint, by when, and who may know that it is there. (R-50)

Whoever works for the organisation complained about knows nothing of it, whatever their role. Pure: time is handed over.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from consent.access import Allowed, Deed, Relation, decide
from graph.model.actor import Actor, Role
from graph.model.base import Id
from graph.model.clock import WorkingDays, add_working
from graph.model.complaint import Complaint, ComplaintKind, Office

ANSWER_WITHIN: Final[Mapping[ComplaintKind, str]] = {
    ComplaintKind.QUALITY: "P15D",
    ComplaintKind.DISCRIMINATION: "P15D",
    ComplaintKind.ABUSE_OR_EXPLOITATION: "P3D",
    ComplaintKind.DATA_PROTECTION: "P15D",
    ComplaintKind.DELAY: "P15D",
    ComplaintKind.OTHER: "P15D",
}
"""How many working days an answer may take."""

ROLE_OF: Final[Mapping[Office, Role]] = {
    Office.COMMITTEE: Role.COMMITTEE,
    Office.COMMITTEE_LEAD: Role.COMMITTEE,
    Office.DATA_PROTECTION_OFFICER: Role.DATA_PROTECTION_OFFICER,
}


def answer_by(kind: ComplaintKind, made_at: datetime, calendar: WorkingDays) -> datetime:
    """The instant after which the answer is late."""
    return add_working(made_at, ANSWER_WITHIN[kind], calendar)


def office_for(
    kind: ComplaintKind, about_id: Id, *, committees: Collection[Id], officers: Collection[Id], leads: Collection[Id]
) -> tuple[Office, tuple[Id, ...]]:
    """Who deals with it, and for the lead the organisations that lead: never the one complained about.

    The collections are organisations with somebody who can act in that role. Where all of an office work for the one
    complained about, the other office deals with it.
    """
    others = set(committees) - {about_id}
    is_officers = kind is ComplaintKind.DATA_PROTECTION
    if is_officers and (set(officers) - {about_id} or not others):
        return Office.DATA_PROTECTION_OFFICER, ()
    if not is_officers and not others and set(officers) - {about_id}:
        return Office.DATA_PROTECTION_OFFICER, ()
    leading = tuple(sorted(others & set(leads)))
    if kind is ComplaintKind.ABUSE_OR_EXPLOITATION and leading:
        return Office.COMMITTEE_LEAD, leading
    return Office.COMMITTEE, ()


def relation_to(actor: Actor, complaint: Complaint) -> Relation:
    """Of the organisation complained about before all else; then the person, who wrote it down, or nobody near."""
    if actor.organization_id == complaint.about_id:
        return Relation.OWN
    if Role.PERSON in actor.roles and complaint.case_id is not None and actor.case_id == complaint.case_id:
        return Relation.SELF
    return Relation.NAMED if complaint.recorded_by == actor.id else Relation.NONE


def may_follow(actor: Actor, complaint: Complaint) -> bool:
    """Whoever made it, or wrote it down for the person, sees what becomes of it."""
    return isinstance(decide(actor, Deed.COMPLAINT_FOLLOW, relation_to(actor, complaint)), Allowed)


def may_handle(actor: Actor, complaint: Complaint, *, at: datetime) -> bool:
    """Of the office it went to, and not of the organisation complained about. What the lead leaves late is everybody's."""
    if not isinstance(decide(actor, Deed.COMPLAINT_HANDLE, relation_to(actor, complaint)), Allowed):
        return False
    if ROLE_OF[complaint.office] not in actor.roles:
        return False
    is_leads = complaint.office is Office.COMMITTEE_LEAD and not complaint.is_late(at=at)
    return not is_leads or actor.organization_id in complaint.lead_ids
