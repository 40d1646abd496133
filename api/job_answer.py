"""An answer about work as it is given: openings for a person, and persons for an opening. (R-36)

Shared by the JSON face and the command line. Sentences and their places are those of `api.answer`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, Field

from api.actions.job_candidates import Compared
from api.actions.jobs import Openings
from api.answer import (
    CountsOut,
    GapOut,
    OrganizationOut,
    PathwayOut,
    PolicyOut,
    QuestionOut,
    ServiceOut,
    UnmetOut,
    VerdictOut,
    Words,
    counts,
    policy_out,
)
from graph.model.base import Language
from graph.model.job import JobProfile, Opening
from graph.model.offer import Offer
from graph.seed.vocabulary import Scheme, label
from matching.jobs import JOB_MENDED_BY, Candidate, shortfall
from matching.suggest import Judged
from matching.trainings import SkillToLearn
from matching.verdict import Unknown, Unmet


class CodeOut(BaseModel):
    """A code and its word."""

    code: str
    label: str


class SkillOut(CodeOut):
    """A skill of an opening."""

    has: bool | None = Field(description="whether the person named it; null: they have not told their skills")


class JobPlacesOut(BaseModel):
    """Places as somebody last said."""

    state: str
    available: int | None
    maximum: int | None


class JobOut(BaseModel):
    """What an employer's opening is."""

    occupation: CodeOut = Field(description="a group of ISCO-08; the wording is ours")
    skills_required: list[SkillOut]
    skills_desired: list[SkillOut]
    experience_months: int | None = Field(description="0: none is asked; null: not stated")
    schedule: CodeOut | None
    places: JobPlacesOut | None


class OpeningOut(BaseModel):
    """An opening that fits, with every verdict, the questions still open, and the values by which it was ordered."""

    service: ServiceOut
    organization: OrganizationOut
    opening: JobOut
    verdicts: list[VerdictOut]
    unknown: list[QuestionOut]
    order: dict[str, int]


class JobRuledOutOut(BaseModel):
    """An opening that does not fit, with every rule that fails."""

    service: ServiceOut
    organization: OrganizationOut
    opening: JobOut
    unmet: list[UnmetOut]


class TeacherOut(BaseModel):
    """A training and who gives it."""

    service: ServiceOut
    organization: OrganizationOut


class ToLearnOut(BaseModel):
    """A missing skill, what it would open, and who near teaches it."""

    skill: CodeOut
    required_by: int = Field(description="openings that this skill stands in the way of")
    desired_by: int = Field(description="openings that wish for it")
    given_by: list[CodeOut] = Field(description="types of service in which it can be learnt or proven")
    taught_by: list[TeacherOut] = Field(description="trainings that fit the person and say that they teach it")
    to_ask: list[TeacherOut] = Field(description="trainings of such a type that do not say what they teach")


class JobsOut(BaseModel):
    """Openings that fit, those that do not and why, and what could be learnt."""

    suggested: list[OpeningOut]
    near_misses: list[JobRuledOutOut] = Field(description="ruled out by exactly one rule; they stand in ruled_out too")
    ruled_out: list[JobRuledOutOut]
    counts: CountsOut
    to_learn: list[ToLearnOut]
    pathways: list[PathwayOut]
    gap: GapOut | None
    policy: PolicyOut


class MissingOut(BaseModel):
    """Skills that the opening asks for and the person did not name; null: they have not told their skills."""

    required: list[CodeOut]
    desired: list[CodeOut]


class CandidateOut(BaseModel):
    """One of your own cases, by its number."""

    case_id: str
    unmet: list[UnmetOut]
    unknown: list[QuestionOut]
    missing: MissingOut | None
    order: dict[str, int]


class CandidatesOut(BaseModel):
    """Who of your own cases fits an opening."""

    service: ServiceOut
    organization: OrganizationOut
    opening: JobOut
    fitting: list[CandidateOut]
    near: list[CandidateOut] = Field(description="ruled out by exactly one rule")
    others: int = Field(description="compared, and ruled out by more")
    compared: int = Field(description="your open cases with a job profile and an agreed need for work")
    is_cut: bool = Field(description="you have more such cases than are compared at a time")
    policy: PolicyOut


class _JobWords(Words):
    mended_by = JOB_MENDED_BY

    def code(self, scheme: Scheme, code: str) -> dict[str, str]:
        return {"code": code, "label": label(scheme, code, self.language)}

    def codes(self, scheme: Scheme, several: Iterable[str]) -> list[dict[str, str]]:
        return [self.code(scheme, code) for code in sorted(several)]

    def job(self, offer: Offer, profile: JobProfile | None) -> dict[str, Any]:
        opening = offer.terms.opening or Opening(occupation="0")
        missing = None if profile is None else shortfall(profile, opening)
        lacks = None if missing is None else missing.required | missing.desired

        def skill(code: str) -> dict[str, Any]:
            return {**self.code("skills", code), "has": None if lacks is None else code not in lacks}

        places = offer.places
        return {
            "occupation": self.code("occupations", opening.occupation),
            "skills_required": [skill(code) for code in opening.skills_required],
            "skills_desired": [skill(code) for code in opening.skills_desired],
            "experience_months": opening.experience_months,
            "schedule": None if opening.schedule is None else self.code("work-schedules", opening.schedule),
            "places": None
            if places is None
            else {"state": places.state, "available": places.available, "maximum": places.maximum},
        }

    def teacher(self, judged: Judged) -> dict[str, Any]:
        return {"service": self.service(judged), "organization": self.organization(judged)}

    def to_learn(self, one: SkillToLearn, given_by: Iterable[str]) -> dict[str, Any]:
        return {
            "skill": self.code("skills", one.skill),
            "required_by": one.required_by,
            "desired_by": one.desired_by,
            "given_by": [self.code("service-types", kind) for kind in given_by],
            "taught_by": [self.teacher(judged) for judged in one.taught_by],
            "to_ask": [self.teacher(judged) for judged in one.to_ask],
        }

    def candidate(self, one: Candidate) -> dict[str, Any]:
        missing = one.missing
        return {
            "case_id": one.seeker.key,
            "unmet": [self.unmet(j.rule, j.verdict) for j in one.judged.unmet if isinstance(j.verdict, Unmet)],
            "unknown": [self.question(j.rule, j.verdict) for j in one.judged.unknown if isinstance(j.verdict, Unknown)],
            "missing": None
            if missing is None
            else {
                "required": self.codes("skills", missing.required),
                "desired": self.codes("skills", missing.desired),
            },
            "order": dict(one.judged.order),
        }


def render_jobs(
    answer: Openings,
    profile: JobProfile,
    given_by: Mapping[str, tuple[str, ...]],
    language: Language,
    *,
    explain: bool = True,
    limit: int | None = None,
) -> dict[str, Any]:
    """The answer in the form of `JobsOut`, cut to the limit."""
    found = answer.suggestions
    words = _JobWords(language, answer.areas)
    ruled_out = [{**words.ruled_out(j), "opening": words.job(j.offer, profile)} for j in found.ruled_out if explain]
    return {
        "suggested": [
            {**words.suggestion(j, explain=explain), "opening": words.job(j.offer, profile)}
            for j in found.suggested[:limit]
        ],
        "near_misses": [one for one in ruled_out if len(one["unmet"]) == 1],
        "ruled_out": ruled_out,
        "counts": counts(found),
        "to_learn": [words.to_learn(one, given_by.get(one.skill, ())) for one in answer.to_learn],
        "pathways": [words.pathway(way) for way in answer.pathways],
        "gap": words.gap(found.gap) if found.gap else None,
        "policy": policy_out(found.policy),
    }


def render_candidates(compared: Compared, language: Language) -> dict[str, Any]:
    """The answer in the form of `CandidatesOut`."""
    words = _JobWords(language, compared.areas)
    opening = Judged(compared.offer, (), {})
    found = compared.candidates
    return {
        **words.teacher(opening),
        "opening": words.job(compared.offer, None),
        "fitting": [words.candidate(one) for one in found.fitting],
        "near": [words.candidate(one) for one in found.near],
        "others": found.others,
        "compared": compared.compared,
        "is_cut": compared.is_cut,
        "policy": policy_out(found.policy),
    }
