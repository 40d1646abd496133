"""Who stands for a child or for somebody who cannot decide, and what must be known before they do. (R-23, R-24)

Who decides in a given matter follows from this, in `consent.capacity`; here it is only written down.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field

from api.actions.case_change import Changed, keep, new_id, refuse, take
from consent.access import Deed
from graph.model.actor import Actor
from graph.model.base import Code, Id, Model
from graph.model.case import BestInterests, Case, ChildView, Guardianship, Incapacity
from graph.model.log import Kind
from graph.model.refusal import Denied, Reason, Refusal
from graph.secrets import Secrets
from graph.seed import notices
from graph.seed.catalogue import WrongValue
from graph.seed.notices import CHILD
from graph.seed.vocabulary import terms
from graph.store import cases, guardians, records
from graph.store.errors import NotFound
from graph.store.network import Tx


class SaidGuardian(Model):
    """Who is to stand for the person, where, for what, and shown by which document."""

    kind: Literal["parent", "guardian", "lawful-representative", "child-protection-authority"]
    countries: frozenset[Code] = Field(min_length=1)
    purposes: frozenset[Code] | None = None
    document: Code | None = None
    valid_from: AwareDatetime | None = Field(None, description="None: now")
    valid_to: AwareDatetime | None = None
    name: str | None = Field(None, description="how the guardian is called and reached; encrypted")


class NamedGuardian(SaidGuardian):
    """A guardian to be named, under an id that is drawn here."""

    id: Id = Field(default_factory=new_id)


async def name_guardian(
    tx: Tx, case_id: str, named: NamedGuardian, *, actor: Actor, at: datetime, secrets: Secrets
) -> Changed | Refusal:
    """Write down who stands for a child, or for somebody found unable to decide; any other adult decides alone.

    Whoever was barred once is not named again by the same id. (R-23, R-24)
    """
    case = await take(tx, case_id, Deed.CASE_RECORD, actor=actor, at=at, secrets=secrets)
    if isinstance(case, Refusal):
        return case
    needed = case.is_child(on=at.date()) or case.is_incapacitated(at=at)
    valid_from = named.valid_from or at
    denied = [
        None if needed else Denied(reason=Reason.ADULT_DECIDES_ALONE),
        Denied(reason=Reason.ENDS_BEFORE_IT_BEGINS) if named.valid_to and named.valid_to <= valid_from else None,
        Denied(reason=Reason.GUARDIAN_BARRED) if _known(case, named.id) and _guardian(case, named.id).barred else None,
    ]
    if whys := [why for why in denied if why is not None]:
        return await refuse(tx, case, *whys, actor=actor, at=at, secrets=secrets)
    if not named.countries <= terms("countries").keys() or (named.document or "passport") not in terms("papers"):
        raise WrongValue("guardians")
    rest = named.model_dump(exclude={"name", "valid_from"})
    await guardians.save(tx, case.id, Guardianship(**rest, valid_from=valid_from))
    fields = ["guardians"]
    if named.name is not None:
        fields.append("guardian")
        await records.write(tx, case, secrets.keystore, {"guardian": named.name}, of=named.id)
    return await keep(tx, case, Kind.CASE_CHANGED, tuple(fields), id=named.id, actor=actor, at=at, secrets=secrets)


async def bar_guardian(
    tx: Tx, case_id: str, guardian_id: str, *, why: str | None = None, actor: Actor, at: datetime, secrets: Secrets
) -> Changed | Refusal:
    """Bar a guardian, for good: neither their consent nor their reading counts from now on. Always possible. (R-24)"""
    case = await take(tx, case_id, Deed.CASE_RECORD, actor=actor, at=at, secrets=secrets, closed_too=True)
    if isinstance(case, Refusal):
        return case
    guardian = _guardian(case, guardian_id)
    await guardians.save(tx, case.id, guardian.model_copy(update={"barred": True}))
    if why is not None:
        await records.write(tx, case, secrets.keystore, {"barring_reason": why}, of=guardian.id)
    return await keep(tx, case, Kind.CASE_CHANGED, ("guardians",), id=guardian.id, actor=actor, at=at, secrets=secrets)


async def end_guardianship(
    tx: Tx, case_id: str, guardian_id: str, *, actor: Actor, at: datetime, secrets: Secrets
) -> Changed | Refusal:
    """A guardian no longer stands for the person. Always possible. (R-23, R-24)"""
    case = await take(tx, case_id, Deed.CASE_RECORD, actor=actor, at=at, secrets=secrets, closed_too=True)
    if isinstance(case, Refusal):
        return case
    guardian = _guardian(case, guardian_id)
    await guardians.save(tx, case.id, guardian.model_copy(update={"valid_to": at}))
    return await keep(tx, case, Kind.CASE_CHANGED, ("guardians",), id=guardian.id, actor=actor, at=at, secrets=secrets)


async def determine_best_interests(
    tx: Tx, case_id: str, *, country: str, conclusion: str, actor: Actor, at: datetime, secrets: Secrets
) -> Changed | Refusal:
    """Write down that a child's best interests were determined for a country, and what was concluded. (R-24)"""
    case = await take(tx, case_id, Deed.CASE_RECORD, actor=actor, at=at, secrets=secrets)
    if isinstance(case, Refusal):
        return case
    if not case.is_child(on=at.date()):
        return await refuse(tx, case, Denied(reason=Reason.NOT_A_CHILD), actor=actor, at=at, secrets=secrets)
    if country not in terms("countries"):
        raise WrongValue("best_interests_dates")
    id = f"{case.version}-{case.id}"
    found = BestInterests(id=id, country=country, determined_at=at, determined_by=actor.id)
    case = case.model_copy(update={"best_interests": (*case.best_interests, found)})
    await cases.save(tx, case, {"best_interests"})
    await records.write(tx, case, secrets.keystore, {"best_interests": conclusion}, of=id)
    fields = ("best_interests", "best_interests_dates")
    return await keep(tx, case, Kind.CASE_CHANGED, fields, id=id, actor=actor, at=at, secrets=secrets)


async def hear_child(
    tx: Tx,
    case_id: str,
    *,
    agrees: bool | None,
    view: str | None = None,
    language: str = "es",
    notice_version: int | None = None,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
) -> Changed | Refusal:
    """Write down that a child was told in words of their age, and what they think of it. (R-20, R-24)

    Told means: by the notice for children, in a language somebody translated it into; else refused.
    """
    case = await take(tx, case_id, Deed.CASE_RECORD, actor=actor, at=at, secrets=secrets)
    if isinstance(case, Refusal):
        return case
    if not case.is_child(on=at.date()):
        return await refuse(tx, case, Denied(reason=Reason.NOT_A_CHILD), actor=actor, at=at, secrets=secrets)
    notice = notices.choose(CHILD, language, on=at.date(), version=notice_version)
    if isinstance(notice, Refusal):
        return await refuse(tx, case, *notice.reasons, actor=actor, at=at, secrets=secrets)
    id = f"{case.version}-{case.id}"
    heard = ChildView(id=id, heard_at=at, heard_by=actor.id, agrees=agrees, notice=notice)
    case = case.model_copy(update={"child_views": (*case.child_views, heard)})
    await cases.save(tx, case, {"child_views"})
    fields = ["child_view_dates"]
    if view is not None:
        fields.append("child_views")
        await records.write(tx, case, secrets.keystore, {"child_views": view}, of=id)
    return await keep(tx, case, Kind.CASE_CHANGED, tuple(fields), id=id, actor=actor, at=at, secrets=secrets)


async def find_incapacity(
    tx: Tx,
    case_id: str,
    *,
    assessed_by: str,
    valid_to: datetime,
    findings: str | None = None,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
) -> Changed | Refusal:
    """Write down that a qualified professional found that the person cannot decide, until when. (R-23)

    Refused unless the professional holds a credential in mental health or health, and is not the one who writes.
    """
    case = await take(tx, case_id, Deed.CASE_RECORD, actor=actor, at=at, secrets=secrets)
    if isinstance(case, Refusal):
        return case
    credentials = await cases.credentials_of(tx, assessed_by)
    qualified = any(c.kind in {"mental-health", "health"} and c.holds(at=at) for c in credentials)
    denied = [
        None if qualified and assessed_by != actor.id else Denied(reason=Reason.CREDENTIAL_MISSING),
        Denied(reason=Reason.ENDS_BEFORE_IT_BEGINS) if valid_to <= at else None,
    ]
    if whys := [why for why in denied if why is not None]:
        return await refuse(tx, case, *whys, actor=actor, at=at, secrets=secrets)
    id = f"{case.version}-{case.id}"
    found = Incapacity(id=id, assessed_by=assessed_by, assessed_at=at, valid_to=valid_to)
    case = case.model_copy(update={"incapacities": (*case.incapacities, found)})
    await cases.save(tx, case, {"incapacities"})
    fields = ["incapacities"]
    if findings is not None:
        fields.append("incapacity_findings")
        await records.write(tx, case, secrets.keystore, {"incapacity_findings": findings}, of=id)
    return await keep(tx, case, Kind.CASE_CHANGED, tuple(fields), id=id, actor=actor, at=at, secrets=secrets)


async def end_incapacity(
    tx: Tx, case_id: str, incapacity_id: str, *, actor: Actor, at: datetime, secrets: Secrets
) -> Changed | Refusal:
    """The person can decide again. Always possible. (R-23)"""
    case = await take(tx, case_id, Deed.CASE_RECORD, actor=actor, at=at, secrets=secrets, closed_too=True)
    if isinstance(case, Refusal):
        return case
    if incapacity_id not in {i.id for i in case.incapacities}:
        raise NotFound
    ended = tuple(
        i.model_copy(update={"valid_to": min(i.valid_to, at)}) if i.id == incapacity_id else i
        for i in case.incapacities
    )
    await cases.save(tx, case.model_copy(update={"incapacities": ended}), {"incapacities"})
    return await keep(
        tx, case, Kind.CASE_CHANGED, ("incapacities",), id=incapacity_id, actor=actor, at=at, secrets=secrets
    )


def _known(case: Case, guardian_id: str) -> bool:
    return any(g.id == guardian_id for g in case.guardians)


def _guardian(case: Case, guardian_id: str) -> Guardianship:
    for guardian in case.guardians:
        if guardian.id == guardian_id:
            return guardian
    raise NotFound
