"""An answer as it is given: codes for machines, and beside each a sentence in the reader's language.

Shared by the JSON face, the HTML face and the command line, so that all three say the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from api import conventions
from api.actions.suggestions import Answer, Together
from api.query import Fault, Query
from api.texts import catalogue, text
from graph.model.base import Language
from graph.model.refusal import Reason
from graph.seed.vocabulary import Scheme, label
from matching.order import Policy
from matching.pathways import Pathway
from matching.suggest import MENDED_BY, Gap, Judged, Suggestions
from matching.verdict import Judgement, Mender, Met, Places, Unknown, Unmet

CODED: Final[Mapping[str, Scheme]] = {
    "factors": "factors",
    "papers": "papers",
    "languages": "languages",
    "genders": "genders",
    "types": "service-types",
    "why": "suspension-reasons",
    "status": "service-statuses",
    "occupations": "occupations",
    "skills": "skills",
    "schedules": "work-schedules",
}
"""Places of a sentence that hold codes, and the vocabulary that knows their words."""

STEPS_SHOWN: Final = 3

OPEN_END: Final = "…"
"""In a place: there is no such limit. The sentence is another one then."""


class ServiceOut(BaseModel):
    """The service, as far as a directory shows it."""

    id: str
    name: str
    description: str | None
    service_types: list[str]
    level: str | None
    also_serves: list[str]
    assured_date: str | None


class OrganizationOut(BaseModel):
    """Who offers it."""

    id: str
    name: str


class VerdictOut(BaseModel):
    """One rule and what came of it."""

    rule: str
    verdict: Literal["met", "unmet", "unknown"]
    reason: str | None
    text: str | None


class QuestionOut(BaseModel):
    """A rule that nobody can judge yet, and whom to ask what."""

    rule: str
    reason: str
    text: str
    ask: str


class UnmetOut(BaseModel):
    """A rule that fails, who could mend it, and what would change the answer."""

    rule: str
    reason: str
    text: str
    mended_by: str
    would_change: str


class SuggestionOut(BaseModel):
    """A service that fits, with every verdict, the questions still open, and the values by which it was ordered."""

    service: ServiceOut
    organization: OrganizationOut
    verdicts: list[VerdictOut]
    unknown: list[QuestionOut]
    order: dict[str, int]
    to_verify: str | None = Field(
        None, description="since when the provider's answers speak against this entry: ask before you rely on it"
    )


class RuledOutOut(BaseModel):
    """A service that does not fit, with every rule that fails."""

    service: ServiceOut
    organization: OrganizationOut
    unmet: list[UnmetOut]


class CountsOut(BaseModel):
    """How many services were found and what became of them."""

    suggested: int
    near_misses: int
    ruled_out: int
    elsewhere: int = Field(description="services of this type that neither cover the area nor touch it")
    by_reason: dict[str, int]


class StepOut(BaseModel):
    """One step on the way, and who offers it. `gap`: nobody does."""

    service_type: str
    label: str
    yields: list[str]
    suggested: list[dict[str, Any]]
    gap: bool


class PathwayOut(BaseModel):
    """Steps, first one first, that open the services named in `opens`."""

    steps: list[StepOut]
    opens: list[str]
    is_cut: bool = Field(description="the steps run in a circle: it cannot be walked as it stands")


class GapOut(BaseModel):
    """Nothing fits: the reason a committee could act on. (R-07)"""

    service_type: str
    area: str
    reason: str
    near_miss: bool
    text: str


class PolicyOut(BaseModel):
    """The published order in force; keys are compared from left to right, smaller first."""

    id: str
    version: int
    keys: list[str]


class AnswerOut(BaseModel):
    """Who fits, who does not and why, and what could be done."""

    suggested: list[SuggestionOut]
    near_misses: list[RuledOutOut] = Field(description="ruled out by exactly one rule; they stand in ruled_out too")
    ruled_out: list[RuledOutOut]
    counts: CountsOut
    pathways: list[PathwayOut]
    gap: GapOut | None
    policy: PolicyOut


class SharedOut(BaseModel):
    """An organisation that could serve several of the needs."""

    organization: OrganizationOut
    needs: list[int] = Field(description="positions in the list of needs, from 0")


class TogetherOut(BaseModel):
    """Several needs answered together."""

    answers: list[AnswerOut]
    shared: list[SharedOut]
    untouched: list[str] = Field(description="dimensions of reintegration that no need speaks of")


def render(answer: Answer, query: Query, language: Language) -> dict[str, Any]:
    """The answer in the form of `AnswerOut`, cut to the query's limit."""
    found = answer.suggestions
    words = Words(language, answer.areas)
    explain = query.explain is not False
    ruled_out = [words.ruled_out(j) for j in found.ruled_out] if explain else []
    return {
        "suggested": [words.suggestion(j, explain=explain) for j in found.suggested[: query.limit]],
        "near_misses": [r for r in ruled_out if len(r["unmet"]) == 1],
        "ruled_out": ruled_out,
        "counts": counts(found),
        "pathways": [words.pathway(p) for p in answer.pathways],
        "gap": words.gap(found.gap) if found.gap else None,
        "policy": policy_out(found.policy),
    }


def render_together(together: Together, queries: Sequence[Query], language: Language) -> dict[str, Any]:
    """Several answers in the form of `TogetherOut`."""
    names = {
        judged.offer.terms.organization_id: judged.offer.terms.organization_name
        for answer in together.answers
        for judged in answer.suggestions.suggested
    }
    return {
        "answers": [render(a, q, language) for a, q in zip(together.answers, queries, strict=True)],
        "shared": [
            {"organization": {"id": organization, "name": names[organization]}, "needs": list(needs)}
            for organization, needs in together.shared.items()
        ],
        "untouched": list(together.untouched),
    }


def sentence(key: str, places: Places, language: Language, areas: Mapping[str, str]) -> str:
    """The text of a key with its places in words: codes become labels, area codes names, days are written out."""
    if "area" in places:
        places = {**places, "area": areas.get(places["area"], places["area"])}
    return _filled(key, tuple(places.items()), language)


@lru_cache(maxsize=20_000)
def _filled(key: str, places: tuple[tuple[str, str], ...], language: Language) -> str:
    """The sentence itself. The same few stand in all answers, and hold nothing that names a person."""
    if any(value == OPEN_END for _, value in places) and f"{key}.open" in catalogue(language):
        key = f"{key}.open"
    filled: dict[str, str] = {}
    for name, value in places:
        scheme = CODED.get(name)
        if scheme:
            filled[name] = ", ".join(label(scheme, code, language) for code in value.split(", ") if code) or "—"
        else:
            filled[name] = day_in_words(value, language) if name == "date" else value
    return text(key, language, **filled)


def day_in_words(value: str, language: Language) -> str:
    """A day in words; what is no day (an open end) stays as it is."""
    return value if value == OPEN_END else conventions.day(date.fromisoformat(value), conventions.locale_of(language))


def fault_text(fault: Fault, language: Language) -> str:
    """What is wrong, in the reader's language, with the nearest codes there are."""
    places = dict(fault.places)
    if "scheme" in places:
        places["scheme"] = text(f"query.schemes.{places['scheme']}", language)
        places["like"] = text("query.like", language, codes=places["like"]) if places.get("like") else ""
    if fault.code == "query.wrong-shape":
        expected = places.get("expected")
        places["expected"] = text(f"query.expected.{expected}", language, n=places["n"]) if expected else ""
    return text(fault.code, language, **places)


def counts(found: Suggestions) -> dict[str, Any]:
    """How many there are of each kind."""
    return {
        "suggested": len(found.suggested),
        "near_misses": len(found.near_misses),
        "ruled_out": len(found.ruled_out),
        "elsewhere": found.elsewhere,
        "by_reason": dict(sorted(found.reasons.items())),
    }


def policy_out(policy: Policy) -> dict[str, Any]:
    """The order in force."""
    return {"id": policy.id, "version": policy.version, "keys": list(policy.keys)}


class Words:
    """One answer's sentences in one language."""

    mended_by: Mapping[Reason, Mender] = MENDED_BY

    def __init__(self, language: Language, areas: Mapping[str, str]) -> None:
        self.language = language
        self.areas = areas

    def say(self, kind: str, code: str, places: Places) -> str:
        return sentence(f"{kind}.{code}", places, self.language, self.areas)

    def service(self, judged: Judged) -> dict[str, Any]:
        terms = judged.offer.terms
        own = terms.translations.get(self.language, {})
        return {
            "id": terms.service_id,
            "name": own.get("name", terms.name),
            "description": own.get("description", terms.description),
            "service_types": list(terms.service_types),
            "level": terms.level,
            "also_serves": list(terms.also_serves),
            "assured_date": terms.assured_date.isoformat() if terms.assured_date else None,
        }

    def organization(self, judged: Judged) -> dict[str, str]:
        return {"id": judged.offer.terms.organization_id, "name": judged.offer.terms.organization_name}

    def suggestion(self, judged: Judged, *, explain: bool) -> dict[str, Any]:
        return {
            "service": self.service(judged),
            "organization": self.organization(judged),
            "verdicts": [self.verdict(j) for j in judged.judgements] if explain else [],
            "unknown": [self.question(j.rule, j.verdict) for j in judged.unknown if isinstance(j.verdict, Unknown)],
            "order": dict(judged.order),
            "to_verify": judged.offer.to_verify_since.isoformat() if judged.offer.to_verify_since else None,
        }

    def ruled_out(self, judged: Judged) -> dict[str, Any]:
        return {
            "service": self.service(judged),
            "organization": self.organization(judged),
            "unmet": [self.unmet(j.rule, j.verdict) for j in judged.unmet if isinstance(j.verdict, Unmet)],
        }

    def verdict(self, judgement: Judgement) -> dict[str, Any]:
        verdict = judgement.verdict
        if isinstance(verdict, Met):
            return {"rule": judgement.rule, "verdict": "met", "reason": None, "text": None}
        return {
            "rule": judgement.rule,
            "verdict": "unmet" if isinstance(verdict, Unmet) else "unknown",
            "reason": verdict.reason,
            "text": self.say("reason", verdict.reason, verdict.places),
        }

    def question(self, rule: str, verdict: Unknown) -> dict[str, str]:
        return {
            "rule": rule,
            "reason": verdict.reason,
            "text": self.say("reason", verdict.reason, verdict.places),
            "ask": self.say("ask", verdict.reason, verdict.places),
        }

    def unmet(self, rule: str, verdict: Unmet) -> dict[str, str]:
        return {
            "rule": rule,
            "reason": verdict.reason,
            "text": self.say("reason", verdict.reason, verdict.places),
            "mended_by": self.mended_by[verdict.reason],
            "would_change": self.say("change", verdict.reason, verdict.places),
        }

    def pathway(self, pathway: Pathway) -> dict[str, Any]:
        return {
            "steps": [
                {
                    "service_type": step.service_type,
                    "label": label("service-types", step.service_type, self.language),
                    "yields": sorted(step.yields),
                    "suggested": [
                        {"service": self.service(j), "organization": self.organization(j)}
                        for j in step.suggested[:STEPS_SHOWN]
                    ],
                    "gap": not step.suggested,
                }
                for step in pathway.steps
            ],
            "opens": list(pathway.opens),
            "is_cut": pathway.is_cut,
        }

    def gap(self, gap: Gap) -> dict[str, Any]:
        return {
            "service_type": gap.service_type,
            "area": gap.area,
            "reason": gap.reason,
            "near_miss": gap.near_miss,
            "text": text(f"gap.{gap.reason}", self.language),
        }
