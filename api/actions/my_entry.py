"""What the directory says of one's own organisation, with the age of each fact, and what was proposed of it. (R-02)"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from api.actions import proposals
from api.actions.allowed import must_ever
from consent.access import Allowed, Deed, Relation, decide
from consent.release import release_organization, release_service
from graph.model.actor import Actor
from graph.model.directory import Organization, Service
from graph.model.proposal import Proposal
from graph.store import entries, organizations, services
from graph.store.entries import Kept
from graph.store.errors import NotFound
from graph.store.network import Tx


@dataclass(frozen=True, slots=True)
class Mine:
    """One's organisation with its services, and the proposals one may know of, each with its entry, to be called by name."""

    organization: Organization | None
    edited: dict[str, datetime] = field(default_factory=dict)
    services: tuple[Kept, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    called: dict[str, Organization | Service] = field(default_factory=dict)
    to_decide: int = 0


def keeps_an_entry(actor: Actor) -> bool:
    """Whether somebody speaks for the entry of their organisation."""
    return actor.organization_id is not None and isinstance(decide(actor, Deed.ENTRY_VERIFY, Relation.OWN), Allowed)


async def read(tx: Tx, *, actor: Actor) -> Mine:
    """One's own entry where one keeps it, and what one proposed anywhere. NotFound for who may propose nothing."""
    must_ever(actor, Deed.ENTRY_PROPOSE)
    told = await proposals.near(tx, actor=actor)
    called = await called_in(tx, told)
    waiting = 0
    if isinstance(decide(actor, Deed.ENTRY_DECIDE, Relation.OWN), Allowed):
        waiting = len((await proposals.to_decide(tx, actor=actor)).proposals)
    if not keeps_an_entry(actor) or actor.organization_id is None:
        return Mine(None, proposals=told, called=called, to_decide=waiting)
    organization, edited = await entries.organization(tx, actor.organization_id)
    found = await entries.services(tx, actor.organization_id)
    shown = release_organization(organization, sealed=frozenset())
    return Mine(shown, edited, tuple(found), told, called, waiting)


async def edited(tx: Tx, *, actor: Actor) -> dict[str, datetime]:
    """When each property of one's own organisation was last edited."""
    return (await entries.organization(tx, actor.organization_id or ""))[1]


async def called_in(tx: Tx, told: Iterable[Proposal]) -> dict[str, Organization | Service]:
    """The entries and the organisations of these proposals by id: whoever tells of them says their names."""
    found = list(told)
    of_services = await services.get(tx, {p.subject_id for p in found if p.subject == "service"})
    ids = {p.organization_id for p in found} | {p.proposed_from for p in found if p.proposed_from}
    of_organizations = await organizations.get(tx, ids)
    return {**of_services, **of_organizations}


async def all_services(tx: Tx, *, actor: Actor) -> list[Service]:
    """The services one's organisation offers, as they may be told outside their sealed places, by name. (R-26)"""
    must_ever(actor, Deed.ENTRY_PROPOSE)
    if not keeps_an_entry(actor) or actor.organization_id is None:
        raise NotFound
    ids = [kept.id for kept in await entries.services(tx, actor.organization_id)]
    found = await services.get(tx, ids)
    return [release_service(found[id], sealed=frozenset()) for id in ids if id in found]
