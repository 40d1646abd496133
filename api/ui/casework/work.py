"""Work: a profile stated without saying whose, or that of a case; openings with their reasons, and what could be learnt. (R-36, R-41)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData

from api.actions import case_desk, job_profiles, jobs, pathway_steps, suggestions
from api.answer import fault_text
from api.dependencies import GazetteerDep, LanguageDep, NetworkDep, NowDep
from api.gazetteer import Gazetteer
from api.identity import CaseManagerDep
from api.job_answer import render_jobs
from api.job_query import JobQuery, ProfileIn
from api.problems import Conflict
from api.query import faults as faults_of
from api.refusals import why
from api.texts import text
from api.ui.casework.of_case import CaseId, Done, area_in_words
from api.ui.casework.place_of import Where, where_of
from api.ui.change import PageChangeDep, Visit, VisitDep
from api.ui.forms import form_of
from api.ui.render import FRESH, onward, page
from graph.model.base import Language
from graph.model.job import JobProfile
from graph.model.refusal import Refusal
from graph.seed.catalogue import WrongValue
from graph.seed.vocabulary import label, terms

router = APIRouter()

ROWS: Final = 3
"""Occupations that a form asks for at once; more that are recorded are shown too."""
NONE: Final = "-"
DONE: Final = frozenset({"recorded", "taken-out"})


@dataclass(frozen=True, slots=True)
class Stated:
    """A profile as it stands in a form, and what is wrong with it."""

    body: Mapping[str, Any] = field(default_factory=dict)
    where: Where = Where()
    faults: Mapping[str, str] = field(default_factory=dict)
    reasons: Any = ()

    @property
    def status(self) -> int:
        """409 where it was refused, 422 where a field is wrong."""
        return 409 if self.reasons else 422 if self.faults else 200


def _read(form: FormData, gazetteer: Gazetteer, language: Language) -> Stated:
    """What the form says: nothing marked is not told, and `none` is none."""

    def several(name: str) -> list[str]:
        return list(dict.fromkeys(v.strip() for v in form.getlist(name) if isinstance(v, str) and v.strip()))

    body: dict[str, Any] = {}
    months = [str(v).strip() for v in form.getlist("months")]
    worked = [str(v).strip() for v in form.getlist("worked")]
    rows = [
        {"occupation": code, "months": _number(months[n]) if n < len(months) and months[n] else None}
        for n, code in enumerate(worked)
        if code and code != NONE
    ]
    if rows or NONE in worked:
        body["worked"] = rows
    for name in ("skills", "interests", "schedules"):
        if said := several(name):
            body[name] = [code for code in said if code != NONE]
    areas, where = several("areas"), Where()
    faults: dict[str, str] = {}
    if str(form.get("department", "")).strip() or str(form.get("municipality", "")).strip() or form.get("area"):
        area, where, faults = where_of(form, gazetteer, language)
        areas += [area.code] if area is not None and area.code not in areas else []
    if areas:
        body["areas"] = areas
    return Stated(body, where, faults)


def _number(typed: str) -> int | str:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else typed


def _checked(stated: Stated, model: type[BaseModel], language: Language) -> Any:
    """The profile or the question; or what is wrong, by field of the form."""
    try:
        return model.model_validate(stated.body)
    except ValidationError as error:
        found = reversed(faults_of(error.errors()))
        return {fault.pointer.split("/")[1]: fault_text(fault, language) for fault in found} | dict(stated.faults)


def _body_of(profile: JobProfile | None) -> dict[str, Any]:
    """What is recorded, as the form shows it."""
    told = {} if profile is None else profile.model_dump(mode="json", exclude={"stated_at"})
    return {name: value for name, value in told.items() if value is not None}


def _form(stated: Stated, gazetteer: Gazetteer, language: Language) -> dict[str, Any]:
    """What the form shows: the words to choose from, and what was said."""
    occupations = [
        (code, f"{'  ' * (len(code) - 1)}{label('occupations', code, language)}") for code in terms("occupations")
    ]
    groups: dict[str, list[tuple[str, str]]] = {}
    for term in terms("skills").values():
        if term.parent is not None:
            groups.setdefault(term.parent, []).append((term.code, label("skills", term.code, language)))
    body = stated.body
    worked = [(one["occupation"], one.get("months")) for one in body.get("worked") or ()]
    interests = list(body.get("interests") or ())
    return {
        "stated": stated,
        "faults": dict(stated.faults),
        "occupations": occupations,
        "skills": [(label("skills", group, language), found) for group, found in groups.items()],
        "schedules": [(code, label("work-schedules", code, language)) for code in terms("work-schedules")],
        "worked": worked + [("", None)] * max(1, ROWS - len(worked)),
        "interests": interests + [""] * max(1, ROWS - len(interests)),
        "said": body,
        "places": [(code, area_in_words(code, gazetteer)) for code in body.get("areas") or ()],
        "gazetteer": gazetteer,
    }


@router.get("/jobs")
async def ask(request: Request, now: NowDep, language: LanguageDep, gazetteer: GazetteerDep) -> Response:
    """The empty form: nobody is named, and nothing is kept."""
    return page(request, "casework/jobs.html", now=now, answer=None, **_form(Stated(), gazetteer, language))


@router.post("/jobs")
async def answer(
    request: Request, network: NetworkDep, now: NowDep, language: LanguageDep, gazetteer: GazetteerDep
) -> Response:
    """Openings that fit and that nearly fit, why, and what could be learnt; with the form as it was filled in."""
    stated = _read(await form_of(request), gazetteer, language)
    query = _checked(stated, JobQuery, language)
    if stated.faults or not isinstance(query, JobQuery):
        found = {**(query if isinstance(query, dict) else {}), **stated.faults}
        if found.pop("areas", None):
            found.setdefault("department", text("pages.form.where-missing", language))
        stated = Stated(stated.body, stated.where, found)
        return page(
            request,
            "casework/jobs.html",
            now=now,
            status=422,
            headers=FRESH,
            answer=None,
            **_form(stated, gazetteer, language),
        )
    seeker = query.seeker(today=now.date())
    openings = await network.read(jobs.answer, seeker, query.areas)
    if openings.suggestions.gap:
        await network.write(suggestions.count_demand, openings.suggestions, at=now, reference=None)
    shown = render_jobs(openings, seeker.profile, jobs.given_by(), language)
    return page(
        request, "casework/jobs.html", now=now, headers=FRESH, answer=shown, **_form(stated, gazetteer, language)
    )


@router.get("/cases/{case_id}/jobs")
async def of_case(
    case_id: CaseId, visit: VisitDep, gazetteer: GazetteerDep, actor: CaseManagerDep, done: Done = ""
) -> Response:
    """The profile of a case, and the openings for it once the person agreed to look for work."""
    network, now, language = visit.network, visit.now, visit.language
    found = await network.write(job_profiles.read, case_id, **visit.held)
    desk = await network.read(case_desk.may, case_id, actor=actor)
    sought = await network.read(jobs.answer_for_case, case_id, **visit.held)
    shown: dict[str, Any] = {"answer": None, "not_yet": (), "wanted": None}
    if isinstance(sought, Refusal):
        shown["not_yet"] = why(sought, language)
    else:
        if sought.answer.suggestions.gap:
            reference = jobs.reference(sought.seeker, visit.secrets)
            await network.write(suggestions.count_demand, sought.answer.suggestions, at=now, reference=reference)
        if "case-record" in desk:
            shown["wanted"] = await visit.network.read(pathway_steps.wanted, case_id, actor=visit.actor, at=visit.now)
        shown["answer"] = render_jobs(sought.answer, sought.seeker.profile, jobs.given_by(), language)
    return _case_page(
        visit,
        case_id,
        Stated(_body_of(found.profile)),
        found.revised,
        gazetteer,
        has_profile=found.profile is not None,
        can="case-record" in desk,
        done=done if done in DONE else "",
        **shown,
    )


def _case_page(
    visit: Visit, case_id: str, stated: Stated, revised: int, gazetteer: Gazetteer, **shown: Any
) -> Response:
    return visit.page(
        "casework/case_jobs.html",
        status=stated.status,
        case_id=case_id,
        revised=revised,
        **shown,
        **_form(stated, gazetteer, visit.language),
    )


@router.post("/cases/{case_id}/jobs")
async def record(case_id: CaseId, change: PageChangeDep, gazetteer: GazetteerDep, actor: CaseManagerDep) -> Response:
    """The whole profile, in place of the last; or taken out, when the person no longer wants it kept."""
    language = change.language
    number = change.text("revised", most=12)
    expected = int(number) if number.isascii() and number.isdigit() else -1
    taken_out = change.text("take_out") == "yes"
    stated = _read(change.form, gazetteer, language)
    profile = None if taken_out else _checked(stated, ProfileIn, language)
    if not taken_out and (stated.faults or not isinstance(profile, ProfileIn)):
        stated = Stated(stated.body, stated.where, {**(profile if isinstance(profile, dict) else {}), **stated.faults})
    else:
        try:
            whole = None if profile is None else profile.whole
            done = await change.make(job_profiles.record, case_id, whole, expected=expected)
            if not isinstance(done, Refusal):
                return onward(f"/cases/{case_id}/jobs?done={'taken-out' if taken_out else 'recorded'}")
            stated = Stated(stated.body, stated.where, {}, why(done, language))
        except WrongValue as wrong:
            name = {"job_areas": "department", "job_experience": "worked"}.get(
                wrong.field, wrong.field.removeprefix("job_")
            )
            stated = Stated(stated.body, stated.where, {name: text("casework.fault.value", language)})
        except Conflict as conflict:
            expected = conflict.version or -1
            words = {"detail": text("problem.edit-conflict", language), "ask": text("casework.jobs.conflict", language)}
            stated = Stated(stated.body, stated.where, {}, [words])
    may = await change.network.read(case_desk.may, case_id, actor=actor)
    shown: dict[str, Any] = {
        "answer": None,
        "not_yet": (),
        "has_profile": True,
        "done": "",
        "can": "case-record" in may,
    }
    return _case_page(change, case_id, stated, expected, gazetteer, **shown)
