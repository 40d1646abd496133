"""What is recorded of a person: read by group, and changed a group at a time; what a form opens is written down. (R-14, R-21, R-25)

Who stands for a person, and what must be known before they do, stands on the same page; its forms are `standing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from api.actions import cases
from api.actions.cases import AREA, CaseFile
from api.dependencies import GazetteerDep
from api.gazetteer import Gazetteer
from api.identity import CASE_MANAGER
from api.problems import Conflict, NotFound
from api.refusals import why
from api.texts import text
from api.ui.casework.fields import entries, groups, recordable, stated
from api.ui.casework.of_case import CaseId, Done, area_in_words, fault_of
from api.ui.casework.parts import NOTHING, Shown, again
from api.ui.casework.place_of import Where, where_now, where_of
from api.ui.change import PageChangeDep, Visit, VisitDep
from api.ui.recorded import in_words
from api.ui.render import onward
from graph.model.base import Language
from graph.model.refusal import Refusal
from graph.seed import notices
from graph.seed.catalogue import CatalogueField, UnknownField, WrongValue, categories, check
from graph.seed.notices import CHILD
from graph.seed.vocabulary import label, terms

router = APIRouter(dependencies=[Depends(CASE_MANAGER)])

DONE: Final = frozenset({"recorded", "named", "barred", "ended", "determined", "heard", "found"})
STANDING: Final = ("guardian", "barring_reason", "best_interests", "child_views", "incapacity_findings")
"""Free texts about who decides: opened where they are shown."""

Group = Annotated[str, Query(pattern=r"^[a-z]{0,20}$")]


def value_of(file: CaseFile, field: CatalogueField) -> Any:
    """What is recorded of a field: on the case itself, or in an envelope that was opened."""
    if (name := field.property_of_case) is not None:
        return getattr(file.case, name)
    return next((told.value for told in file.told if told.field == field.code and told.of is None), None)


def opens(group: str) -> frozenset[str]:
    """What a page opens: all that is shown, or the fields of the group that is being changed."""
    if group:
        return frozenset(field.code for field in recordable(group))
    shown = {field.code for one in groups() for field in recordable(one)}
    return frozenset({*shown, *STANDING, "closure_notes"})


@router.get("/cases/{case_id}/record")
async def show(
    case_id: CaseId, visit: VisitDep, gazetteer: GazetteerDep, group: Group = "", done: Done = ""
) -> Response:
    """All that this reader may see, by group; or one group as a form. Only what is shown is opened."""
    if group and group not in groups():
        raise NotFound
    file = await visit.network.write(cases.read, case_id, only=opens(group), **visit.held)
    if group:
        return form(visit, file, group, NOTHING, gazetteer)
    return record_page(visit, file, NOTHING, gazetteer, done=done)


def record_page(visit: Visit, file: CaseFile, shown: Shown, gazetteer: Gazetteer, *, done: str = "") -> Response:
    """The whole record, with the forms about who decides."""
    case, now, language = file.case, visit.now, visit.language
    words = {(told.field, told.of): told.value for told in file.told}
    can = visit.actor.id in case.team and case.closed_at is None
    return visit.page(
        "casework/record.html",
        status=shown.status,
        done=done if done in DONE else "",
        case=case,
        at=now,
        can=can,
        shown=shown,
        groups=[(code, _name(code, language), _rows(file, code, language, gazetteer)) for code in groups()]
        if shown is NOTHING
        else [],
        words=lambda field, of=None: words.get((field, of), ""),
        is_child=case.is_child(on=now.date()),
        is_incapacitated=case.is_incapacitated(at=now),
        kinds=[(k, text(f"casework.guardian.{k}", language)) for k in GUARDIANS],
        countries=_countries(case.home, language),
        papers=[(code, label("papers", code, language)) for code in terms("papers")],
        tongues=notices.languages(CHILD, on=now.date()),
        child_notices=_child_notices(now),
        agrees=[("yes", text("casework.child.agrees", language)), ("no", text("casework.child.disagrees", language))],
    )


GUARDIANS: Final = ("parent", "guardian", "lawful-representative", "child-protection-authority")


def _child_notices(now: datetime) -> list[tuple[str, Any]]:
    """The notice for children as it is read, in each language that somebody translated it into."""
    found = []
    for language in notices.languages(CHILD, on=now.date()):
        chosen = notices.choose(CHILD, language, on=now.date())
        if not isinstance(chosen, Refusal):
            found.append((language, notices.wording(CHILD, chosen.version, language)))
    return found


def _countries(home: str, language: Language) -> list[tuple[str, str]]:
    near = [code for code in dict.fromkeys((home, "GT", "SV", "HN", "MX", "US")) if code in terms("countries")]
    return [(code, label("countries", code, language)) for code in near]


def _name(group: str, language: Language) -> str:
    found = categories()[group]
    return found.es if language == "es" else found.en


def _rows(file: CaseFile, group: str, language: Language, gazetteer: Gazetteer) -> list[tuple[str, str | None]]:
    """Each field of a group in words; None: nobody recorded it."""
    found: list[tuple[str, str | None]] = []
    for field in recordable(group):
        value = value_of(file, field)
        if value is None:
            found.append((field.label(language), None))
        elif field.code == AREA:
            found.append((field.label(language), area_in_words(value, gazetteer)))
        elif field.code == "age_band":
            found.append((field.label(language), text(f"by-link.age.{value}", language)))
        else:
            said = in_words(field, value, language, gazetteer)
            found.append((field.label(language), said or text("casework.none-of-these", language)))
    return found


def form(
    visit: Visit,
    file: CaseFile,
    group: str,
    shown: Shown,
    gazetteer: Gazetteer,
    *,
    said: Mapping[str, Any] | None = None,
    where: Where | None = None,
) -> Response:
    """One group as a form."""
    case, language = file.case, visit.language
    wanted = recordable(group)
    recorded = {field.code: value_of(file, field) for field in wanted}
    sealed = entries(wanted, recorded, language, seal=visit.secrets.index_key, case_id=case.id)
    was = shown.said if said is not None else {f"was.{one.code}": one.was for one in sealed}
    return visit.page(
        "casework/record_form.html",
        status=shown.status,
        case=case,
        group=group,
        name=_name(group, language),
        shown=shown,
        fields=entries(wanted, recorded if said is None else said, language),
        before={field.code: was.get(f"was.{field.code}", "") for field in wanted},
        has_place=any(field.code == AREA for field in wanted),
        where=where or where_now(case.area, gazetteer),
        gazetteer=gazetteer,
        labels={field.code: field.label(language) for field in wanted},
    )


@router.post("/cases/{case_id}/record")
async def record(case_id: CaseId, change: PageChangeDep, gazetteer: GazetteerDep, group: Group = "") -> Response:
    """What was changed of one group, and nothing else; refused where somebody else changed the case meanwhile."""
    if group not in groups():
        raise NotFound
    wanted = recordable(group)
    said, changed = stated(change.form, wanted, seal=change.secrets.index_key, case_id=case_id)
    faults: dict[str, str] = {}
    where = None
    if any(field.code == AREA for field in wanted):
        area, where, faults = where_of(change.form, gazetteer, change.language)
        if area is not None and area.code != change.text("was.area"):
            changed[AREA] = area.code
    for code, value in changed.items():
        try:
            check(code, value)
        except WrongValue as wrong:
            faults |= fault_of(wrong, change.language)
    reasons: Any = ()
    if not faults:
        if not changed:
            return onward(f"/cases/{case_id}/record#{group}")
        number = change.text("revised", most=12)
        try:
            done = await change.make(
                cases.record_data,
                case_id,
                changed,
                expected=int(number) if number.isascii() and number.isdigit() else -1,
            )
            if not isinstance(done, Refusal):
                return onward(f"/cases/{case_id}/record?done=recorded#{group}")
            reasons = why(done, change.language)
        except (WrongValue, UnknownField) as wrong:
            faults = fault_of(wrong, change.language)
        except Conflict:
            words = {"detail": text("problem.edit-conflict", change.language)}
            reasons = [words | {"ask": text("casework.record.conflict", change.language)}]
    # An answer that says no holds what was typed and nothing else: no envelope is opened for it.
    file = await change.network.write(cases.read, case_id, only=(), **change.held)
    shown = again(change.form, faults=faults, reasons=reasons)
    return form(change, file, group, shown, gazetteer, said=said, where=where)
