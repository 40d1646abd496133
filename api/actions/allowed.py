"""Whether somebody may do something to a case: asked of the one table, in the transaction of the deed. (R-25)

A no looks like a case that is not there. What rules say of a closed case is a refusal with its reason, not asked here.
"""

from __future__ import annotations

from consent.access import Allowed, Deed, Nameless, Relation, State, decide
from consent.relation import relation_of
from graph.model.actor import Actor
from graph.model.case import Case
from graph.store.errors import NotFound


def must(actor: Actor, deed: Deed, case: Case) -> None:
    """NotFound unless the table lets this actor do it to this case."""
    state = State.RESTRICTED if case.restricted else State.OPEN
    if not isinstance(decide(actor, deed, relation_of(actor, case), state), Allowed):
        raise NotFound


def must_ever(actor: Actor | Nameless, deed: Deed, relation: Relation = Relation.NONE) -> None:
    """NotFound unless the table lets this actor do it, where no case is concerned or only as a number."""
    if not isinstance(decide(actor, deed, relation), Allowed):
        raise NotFound


def within(actor: Actor | Nameless, deed: Deed) -> str | None:
    """Of how much the table lets this actor do it: None for the whole network, or the code of their one department. (R-52)

    NotFound for everybody else.
    """
    if isinstance(decide(actor, deed, Relation.NONE), Allowed):
        return None
    if isinstance(actor, Nameless) or actor.department is None:
        raise NotFound
    must_ever(actor, deed, Relation.DEPARTMENT)
    return actor.department
