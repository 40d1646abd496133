"""The plan of a case: needs the person agrees to, goals with their reviews, assessments, follow-up. (R-14, R-40, R-41)"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, Literal

from dateutil.relativedelta import relativedelta
from pydantic import AwareDatetime, Field

from api.actions.case_change import Changed, keep, new_id, refuse, take
from api.actions.cases import restricting
from consent.access import Deed
from graph.model.actor import Actor
from graph.model.base import Code, Id, Model
from graph.model.case import Case, CaseFactor, Goal, Need
from graph.model.follow_up import Assessment, AssessmentKind, Communication, Meeting
from graph.model.log import Kind
from graph.model.refusal import Denied, Reason, Refusal
from graph.secrets import Secrets
from graph.seed.catalogue import WrongValue
from graph.seed.vocabulary import terms
from graph.store import cases, enquiries, follow_up, needs, plans, records
from graph.store.errors import NotFound
from graph.store.network import Tx

LONGEST_REVIEW: Final = relativedelta(months=18)
"""The follow-up of a plan runs over twelve to eighteen months. (R-40)"""


class SaidNeed(Model):
    """A need as it was stated; it is nobody's to act on before the person agrees."""

    service_type: Code
    priority: Literal["emergency", "urgent", "normal"] = "normal"
    goal_id: Id | None = None
    description: str | None = None


class StatedNeed(SaidNeed):
    """A need to be written down. The id is drawn here and never said by anybody: engines quote ids in their logs."""

    id: Id = Field(default_factory=new_id)


async def state_need(
    tx: Tx, case_id: str, stated: StatedNeed, *, actor: Actor, at: datetime, secrets: Secrets
) -> Changed | Refusal:
    """Write a need down, with the goal it serves. It is matched only once the person agrees. (R-40, R-41)"""
    case = await take(tx, case_id, Deed.CASE_RECORD, actor=actor, at=at, secrets=secrets)
    if isinstance(case, Refusal):
        return case
    if stated.service_type not in terms("service-types"):
        raise WrongValue("needs")
    if stated.goal_id is not None:
        _goal(case, stated.goal_id)
    need = Need(**stated.model_dump(exclude={"description"}))
    await needs.save(tx, case.id, need)
    fields = ["needs"]
    if stated.description is not None:
        fields.append("need_description")
        await records.write(tx, case, secrets.keystore, {"need_description": stated.description}, of=need.id)
    return await keep(tx, case, Kind.CASE_CHANGED, tuple(fields), id=need.id, actor=actor, at=at, secrets=secrets)


async def agree_need(
    tx: Tx, case_id: str, need_id: str, *, actor: Actor, at: datetime, secrets: Secrets
) -> Changed | Refusal:
    """The person agrees to seek help for a need: from now on it may be matched and asked about. (R-20, R-41)"""
    case = await take(tx, case_id, Deed.NEED_AGREE, actor=actor, at=at, secrets=secrets)
    if isinstance(case, Refusal):
        return case
    need = _need(case, need_id)
    agreed = need.agreed_at if need.is_agreed(at=at) else at
    await needs.save(tx, case.id, need.model_copy(update={"agreed_at": agreed, "revoked_at": None}))
    return await keep(tx, case, Kind.NEED_AGREED, ("needs",), id=need.id, actor=actor, at=at, secrets=secrets)


async def revoke_need(
    tx: Tx, case_id: str, need_id: str, *, actor: Actor, at: datetime, secrets: Secrets
) -> Changed | Refusal:
    """The person no longer wants help for a need. Possible at any time, in a closed case too. (R-20)"""
    case = await take(tx, case_id, Deed.CONSENT_WITHDRAW, actor=actor, at=at, secrets=secrets, closed_too=True)
    if isinstance(case, Refusal):
        return case
    need = _need(case, need_id)
    await needs.save(tx, case.id, need.model_copy(update={"revoked_at": at}))
    await enquiries.end(tx, need.id, at=at)
    return await keep(tx, case, Kind.NEED_REVOKED, ("needs",), id=need.id, actor=actor, at=at, secrets=secrets)


class SaidGoal(Model):
    """A goal as it is planned, or planned anew under the id of an earlier one."""

    dimension: Literal["economic", "social", "psychosocial"]
    feasibility: Literal["feasible", "feasible-with-support", "not-feasible"] | None = None
    review_on: date
    wording: str | None = Field(None, description="the goal in the person's words")


class PlannedGoal(SaidGoal):
    """A goal to be planned, or planned anew under the id of an earlier one. The id is drawn here and never said by anybody: engines quote ids in their logs."""

    id: Id = Field(default_factory=new_id)


async def plan_goal(
    tx: Tx,
    case_id: str,
    planned: PlannedGoal,
    *,
    again: bool = False,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
) -> Changed | Refusal:
    """Plan a goal, or look at one `again`: its feasibility, and the day of the next review within 18 months. (R-40)"""
    case = await take(tx, case_id, Deed.CASE_RECORD, actor=actor, at=at, secrets=secrets)
    if isinstance(case, Refusal):
        return case
    if again:
        _goal(case, planned.id)
    denied = [why for why in _review(planned.review_on, on=at.date()) if why is not None]
    if denied:
        return await refuse(tx, case, *denied, actor=actor, at=at, secrets=secrets)
    await plans.save(tx, case.id, Goal(**planned.model_dump(exclude={"wording"})))
    fields = ["goals"]
    if planned.wording is not None:
        fields.append("reintegration_plan_goal")
        worded = {"reintegration_plan_goal": planned.wording}
        await records.write(tx, case, secrets.keystore, worded, of=planned.id)
    return await keep(tx, case, Kind.CASE_CHANGED, tuple(fields), id=planned.id, actor=actor, at=at, secrets=secrets)


def _review(review_on: date, *, on: date) -> tuple[Denied | None, ...]:
    latest = on + LONGEST_REVIEW
    return (
        Denied(reason=Reason.REVIEW_IN_THE_PAST, places={"date": review_on.isoformat()}) if review_on < on else None,
        Denied(reason=Reason.REVIEW_TOO_LATE, places={"date": latest.isoformat()}) if review_on > latest else None,
    )


class SaidAssessment(Model):
    """An assessment: its kind, what was found, and, where factors were looked at, the whole reading of them."""

    kind: AssessmentKind
    assessed_by: Id | None = Field(None, description="None: whoever writes it down")
    notes: str | None = None
    factors: Mapping[Code, date | None] | None = Field(
        None, description="all that hold, each with the last day that is presumed; None: not looked at"
    )


class MadeAssessment(SaidAssessment):
    """An assessment to be written down. The id is drawn here and never said by anybody: engines quote ids in their logs."""

    id: Id = Field(default_factory=new_id)


async def assess(
    tx: Tx, case_id: str, made: MadeAssessment, *, actor: Actor, at: datetime, secrets: Secrets
) -> Changed | Refusal:
    """Write an assessment down; a reading of factors, of risk and of protection, takes the place of the last. (R-34)

    A factor of trafficking or threat restricts the case to its team at once. (R-26)
    """
    case = await take(tx, case_id, Deed.CASE_RECORD, actor=actor, at=at, secrets=secrets)
    if isinstance(case, Refusal):
        return case
    by = made.assessed_by or actor.id
    fields = ["assessments"]
    assessment = Assessment(id=made.id, kind=made.kind, at=at, assessed_by=by)
    await follow_up.save_assessment(tx, case.id, assessment)
    if made.factors is not None:
        if not made.factors.keys() <= terms("factors").keys():
            raise WrongValue("vulnerability_factors")
        found = tuple(
            CaseFactor(factor=factor, assessed_by=by, assessed_at=at, valid_to=valid_to)
            for factor, valid_to in sorted(made.factors.items())
        )
        case = case.model_copy(update={"factors": found, "factors_assessed_at": at})
        if restricting(case, on=at.date()):
            case = case.model_copy(update={"restricted": True})
            for need in case.needs:
                await enquiries.end(tx, need.id, at=at)
        await cases.save(tx, case, {"factors", "factors_assessed_at", "restricted"})
        fields.append("vulnerability_factors")
    if made.notes is not None:
        fields.append("assessment_notes")
        await records.write(tx, case, secrets.keystore, {"assessment_notes": made.notes}, of=made.id)
    return await keep(tx, case, Kind.CASE_CHANGED, tuple(fields), id=made.id, actor=actor, at=at, secrets=secrets)


class SaidMeeting(Model):
    """A follow-up meeting, to come or held; noted again under its id once it was."""

    on: date
    held: bool | None = None
    goal_ids: tuple[Id, ...] = ()
    notes: str | None = None


class NotedMeeting(SaidMeeting):
    """A meeting to be noted, or noted again under its id. The id is drawn here and never said by anybody: engines quote ids in their logs."""

    id: Id = Field(default_factory=new_id)


async def note_meeting(
    tx: Tx,
    case_id: str,
    noted: NotedMeeting,
    *,
    again: bool = False,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
) -> Changed | Refusal:
    """Plan a follow-up meeting, or write down, `again` under its id, what came of it. (R-40)"""
    case = await take(tx, case_id, Deed.CASE_RECORD, actor=actor, at=at, secrets=secrets)
    if isinstance(case, Refusal):
        return case
    if again and noted.id not in {meeting.id for meeting in (await follow_up.get(tx, case.id)).meetings}:
        raise NotFound
    if noted.held is not None and (why := _not_yet(noted.on, on=at.date())) is not None:
        return await refuse(tx, case, why, actor=actor, at=at, secrets=secrets)
    for goal_id in noted.goal_ids:
        _goal(case, goal_id)
    meeting = Meeting(**noted.model_dump(exclude={"notes"}), recorded_by=actor.id)
    await follow_up.save_meeting(tx, case.id, meeting)
    fields = ["meetings"]
    if noted.notes is not None:
        fields.append("meeting_notes")
        await records.write(tx, case, secrets.keystore, {"meeting_notes": noted.notes}, of=noted.id)
    return await keep(tx, case, Kind.CASE_CHANGED, tuple(fields), id=noted.id, actor=actor, at=at, secrets=secrets)


class SaidCommunication(Model):
    """A word with the person, a guardian or a provider."""

    party: Literal["person", "guardian", "provider"]
    organization_id: Id | None = None
    channel: Code
    outcome: Literal["reached", "not-reached", "message-left"]
    took_place_at: AwareDatetime | None = Field(None, description="None: now")
    notes: str | None = None


class NotedCommunication(SaidCommunication):
    """A communication to be noted. The id is drawn here and never said by anybody: engines quote ids in their logs."""

    id: Id = Field(default_factory=new_id)


async def note_communication(
    tx: Tx, case_id: str, noted: NotedCommunication, *, actor: Actor, at: datetime, secrets: Secrets
) -> Changed | Refusal:
    """Write down that there was word, and what came of it. After closure too: people still call. (R-14)"""
    case = await take(tx, case_id, Deed.CASE_RECORD, actor=actor, at=at, secrets=secrets, closed_too=True)
    if isinstance(case, Refusal):
        return case
    when = noted.took_place_at or at
    if when > at:
        why = Denied(reason=Reason.IN_THE_FUTURE, places={"date": when.date().isoformat()})
        return await refuse(tx, case, why, actor=actor, at=at, secrets=secrets)
    if noted.channel not in terms("channels") or (noted.party == "provider") != (noted.organization_id is not None):
        raise WrongValue("communications")
    rest = noted.model_dump(exclude={"notes", "took_place_at"})
    await follow_up.save_communication(tx, case.id, Communication(**rest, at=when, recorded_by=actor.id))
    fields = ["communications"]
    if noted.notes is not None:
        fields.append("communication_notes")
        await records.write(tx, case, secrets.keystore, {"communication_notes": noted.notes}, of=noted.id)
    return await keep(tx, case, Kind.CASE_CHANGED, tuple(fields), id=noted.id, actor=actor, at=at, secrets=secrets)


def _not_yet(day: date, *, on: date) -> Denied | None:
    return Denied(reason=Reason.IN_THE_FUTURE, places={"date": day.isoformat()}) if day > on else None


def _need(case: Case, need_id: str) -> Need:
    for need in case.needs:
        if need.id == need_id:
            return need
    raise NotFound


def _goal(case: Case, goal_id: str) -> Goal:
    for goal in case.goals:
        if goal.id == goal_id:
            return goal
    raise NotFound
