"""How an actor stands to a case, and what of its state matters to a right: what the access table asks for. (R-25)"""

from __future__ import annotations

from consent.access import Deed, Relation, State
from graph.model.actor import Actor, Role
from graph.model.case import Case


def relation_of(actor: Actor, case: Case) -> Relation:
    """The nearest relation: the person, the team, the organisation that holds it, or none."""
    if Role.PERSON in actor.roles and actor.case_id == case.id:
        return Relation.SELF
    if actor.id in case.team:
        return Relation.TEAM
    return Relation.COLLEAGUE if actor.organization_id == case.organization_id else Relation.NONE


def state_of(case: Case, deed: Deed) -> State:
    """Restricted stays restricted for every reading and search, once closed too; for other deeds closed comes first."""
    if case.restricted and (deed in (Deed.CASE_READ, Deed.PERSON_FIND) or case.closed_at is None):
        return State.RESTRICTED
    return State.CLOSED if case.closed_at is not None else State.OPEN
