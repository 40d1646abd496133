"""A referral of several people of one household: drafted, looked at and sent together, each in a copy of their own. (R-24)

Each one's consent is judged alone, as in any send. Where the household stays together, one missing decision keeps all
back; the answer says whose, never why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from api.actions import choosing
from api.actions import referrals as singly
from api.actions.allowed import must
from api.actions.case_change import new_id
from api.actions.case_entry import refused
from api.actions.leases import hold
from api.actions.referrals import Draft, Drafted, Sent
from consent.access import Deed
from consent.household import go_together
from consent.projection import Packet
from graph.model.actor import Actor
from graph.model.base import Code, Id, Model
from graph.model.case import Case
from graph.model.directory import Organization, Service
from graph.model.disclosure import Disclosure
from graph.model.referral import Status
from graph.model.refusal import Denied, Reason, Refusal
from graph.secrets import Secrets
from graph.seed import catalogue
from graph.store import cases, households, log, matters, organizations, referrals, services
from graph.store.errors import NotFound
from graph.store.matters import Matter
from graph.store.network import Tx


class DraftTogether(Model):
    """Which service, and who would come with which need, by case."""

    id: Id = Field(default_factory=new_id)
    service_id: Id
    needs: Mapping[Id, Id] = Field(min_length=2, description="the need of each, by case")
    chosen_because: Code | None = None
    waiting: bool = False
    ids: Mapping[Id, Id] = Field(description="of the referrals, by case; drawn before the transaction")


class DraftedTogether(Model):
    """Drafts that share an id: nothing has left."""

    together_id: Id
    drafts: tuple[Drafted, ...]


async def draft(
    tx: Tx, drafted: DraftTogether, *, actor: Actor, at: datetime, secrets: Secrets
) -> DraftedTogether | Refusal:
    """A draft for each, under the lock of each, in the order of locks. NotFound where one of them is not there."""
    found = []
    for id in sorted(drafted.needs):
        case = await cases.get_for_update(tx, id, actor=actor)
        must(actor, Deed.REFERRAL_DRAFT, case)
        found.append(case)
    homes = {case.household_id for case in found}
    if len(homes) != 1 or None in homes:
        return Refusal.of([Denied(reason=Reason.NOT_ONE_HOUSEHOLD)])
    now = {case.id: await log.now(tx, case, at) for case in found}
    whys = {
        case.id: singly.why_no_draft(case, singly.need_of(case, drafted.needs[case.id]), at=now[case.id])
        for case in found
    }
    if not any(whys.values()) and (unreasoned := await _unreasoned(tx, found, drafted, at=at, secrets=secrets)):
        return Refusal.of(unreasoned)
    if any(whys.values()):
        for case in found:
            if why := whys[case.id]:
                await refused(tx, case, Refusal.of(why), actor=actor, at=now[case.id], secrets=secrets)
        return _missing(id for id, why in whys.items() if why)
    made = []
    for case in found:
        one = Draft(
            id=drafted.ids[case.id],
            need_id=drafted.needs[case.id],
            service_id=drafted.service_id,
            chosen_because=drafted.chosen_because,
            together_id=drafted.id,
            waiting=drafted.waiting,
        )
        answer = await singly.draft(tx, case.id, one, actor=actor, at=at, secrets=secrets)
        assert isinstance(answer, Drafted), "why not was asked before"
        made.append(answer)
    return DraftedTogether(together_id=drafted.id, drafts=tuple(made))


async def _unreasoned(
    tx: Tx, found: Iterable[Case], drafted: DraftTogether, *, at: datetime, secrets: Secrets
) -> list[Denied]:
    """Where the service is not what one of them would be suggested first, somebody says why it is chosen."""
    why = []
    for case in found:
        need = singly.need_of(case, drafted.needs[case.id])
        choice = await choosing.judge(tx, case, need, drafted.service_id, at=at, secrets=secrets)
        why += choosing.why_not(choice, drafted.chosen_because)
    return why


def _missing(ids: Iterable[Id]) -> Refusal:
    return Refusal.of([Denied(reason=Reason.DECISION_MISSING, places={"cases": tuple(sorted(ids))})])


@dataclass(frozen=True, slots=True)
class Member:
    """One who was drafted with others: where their referral stands, and what would leave of them or why nothing may."""

    case_id: Id
    need_id: Id
    referral_id: Id
    status: Status
    is_family: bool
    """Whether they are still of the household; who is not goes alone."""
    packet: Packet | Refusal | None
    """None: it is no draft any more."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was drafted together, before it goes."""

    together_id: Id
    service_id: Id
    service: Service | None
    """As the directory names it; None: it was taken out."""
    organization: Organization | None
    purpose: Code
    stays_together: bool
    waiting: bool
    members: tuple[Member, ...]


async def preview(tx: Tx, together_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Seen:
    """Exactly what would leave of each, judged alone, and whether there are places for all. (R-11, R-24)

    NotFound unless the actor may look at every one of them. Whoever sees values of a person leaves an entry in that
    person's own log, as for a preview of one.
    """
    found = await _locked(tx, together_id, actor=actor, deed=Deed.REFERRAL_PREVIEW)
    home = _home(found)
    if home is None:
        raise NotFound
    household, _ = await households.get(tx, home)
    at = max(matter.now(at) for matter in found)
    drafts = [m for m in found if m.case.household_id == home and m.referral.status is Status.DRAFT]
    members = []
    for matter in found:
        case, referral = matter.case, matter.referral
        packet = None
        if referral.status is Status.DRAFT:
            people = len(drafts) if matter in drafts else 1
            packet = await singly.look(tx, matter, actor=actor, at=at, secrets=secrets, people=people)
        is_family = case.household_id == home
        members.append(Member(case.id, referral.need_id, referral.id, referral.status, is_family, packet))
    first = found[0].referral
    named = (await services.get(tx, [first.service_id])).get(first.service_id)
    receives = await organizations.get(tx, [first.responder_id])
    return Seen(
        together_id=together_id,
        service_id=first.service_id,
        service=named.model_copy(update={"locations": ()}) if named else None,
        organization=receives.get(first.responder_id),
        purpose=first.purpose,
        stays_together=household.stays_together,
        waiting=any(matter.referral.waiting for matter in drafts),
        members=tuple(members),
    )


async def _locked(tx: Tx, together_id: str, *, actor: Actor, deed: Deed) -> list[Matter]:
    """What was drafted together, every case locked in the order of locks before the first is read."""
    pairs = await referrals.together(tx, together_id)
    for case_id, _ in pairs:
        await cases.lock(tx, case_id)
    found = [await matters.get(tx, c, r, actor=actor, fields=catalogue.sendable()) for c, r in pairs]
    for matter in found:
        must(actor, deed, matter.case)
    return found


def _home(found: Iterable[Matter]) -> Id | None:
    return next((m.case.household_id for m in found if m.case.household_id is not None), None)


class SentTogether(Model):
    """Who went, each with a copy and an entry of their own; and whose decision was missing."""

    together_id: Id
    sent: tuple[Sent, ...]
    left_out: tuple[Id, ...] = Field((), description="cases whose own decision is missing, where all need not come")


async def send(tx: Tx, together_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> SentTogether | Refusal:
    """Send what was drafted together, for those who are still of one household: each judged alone. (R-11, R-20, R-24)

    A place is held for each of them, or nobody goes (R-06).
    Every case is locked, in the order of locks, before the first is judged. Refused attempts are in each one's own log.
    """
    found = await _locked(tx, together_id, actor=actor, deed=Deed.REFERRAL_SEND)
    home = _home(found)
    if home is None:
        raise NotFound
    family = {m.case.id: m for m in found if m.case.household_id == home}
    household, _ = await households.get(tx, home)
    if not household.stays_together:  # who went before, or was taken out, keeps nobody else back and is not asked again
        family = {id: m for id, m in family.items() if m.referral.status is Status.DRAFT} or family
    at = max(matter.now(at) for matter in family.values())
    verdicts = {
        id: await singly.to_leave(tx, matter, actor=actor, at=at, secrets=secrets) for id, matter in family.items()
    }
    outcome = go_together(verdicts, stays_together=household.stays_together)
    if isinstance(outcome, Refusal):
        for id, matter in family.items():
            await _kept_back(tx, matter, verdicts[id], actor=actor, at=at, secrets=secrets)
        return outcome
    holds = await hold(tx, [(family[id], computed) for id, computed in outcome.carried.items()], at=at)
    if isinstance(holds, Refusal):
        for id, matter in family.items():
            await singly.stays(tx, matter, outcome.left_out.get(id, holds), actor=actor, at=at, secrets=secrets)
        return holds
    sent = [
        await singly.leave(tx, family[id], computed, holds[computed.referral_id], actor=actor, secrets=secrets)
        for id, computed in outcome.carried.items()
    ]
    for id, why in outcome.left_out.items():
        await singly.stays(tx, family[id], why, actor=actor, at=at, secrets=secrets)
    return SentTogether(together_id=together_id, sent=tuple(sent), left_out=tuple(sorted(outcome.left_out)))


async def _kept_back(
    tx: Tx, matter: Matter, verdict: Disclosure | Refusal, *, actor: Actor, at: datetime, secrets: Secrets
) -> None:
    """Each one's log tells their own reasons; of who could have gone it tells that somebody else could not."""
    why = verdict if isinstance(verdict, Refusal) else Refusal.of([Denied(reason=Reason.DECISION_MISSING)])
    await singly.stays(tx, matter, why, actor=actor, at=at, secrets=secrets)
