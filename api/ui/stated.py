"""A need as it is stated in the form: read forgivingly, kept for showing it again, made into queries. (R-05, R-20)

Three answers are told apart for languages, factors and papers: not told, none, these. What is refused is never
repeated on the page, because people write names into wrong fields; what is understood stays in the form.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from starlette.datastructures import FormData

from api.actions.division import Named
from api.gazetteer import Gazetteer
from api.query import Query
from graph.seed.vocabulary import Scheme, terms

Told = Literal["unknown", "none", "these"]

MOST_NEEDS: Final = 4
OLDEST: Final = 130
SEAL: Final = secrets.token_bytes(32)
"""Tells references of this page from anything else that somebody may send in their place."""

LISTS: Final[Mapping[str, Scheme]] = {"languages": "languages", "factors": "factors", "documents": "papers"}
"""Fields of the form that take several codes, and the vocabulary of each."""


@dataclass(frozen=True, slots=True)
class Several:
    """An answer that may hold several codes: not told, none, or these."""

    told: Told = "unknown"
    codes: tuple[str, ...] = ()

    def asked(self) -> list[str] | None:
        """The list of a query: None is unknown, an empty list is none."""
        return None if self.told == "unknown" else list(self.codes)


@dataclass(frozen=True, slots=True)
class FormFault:
    """What is wrong with which field of the form."""

    field: str
    """Id of the field on the page, for the link of the error summary."""
    key: str
    """Text that says so."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What the form says, as far as it could be understood."""

    reference: str
    needs: tuple[str, ...] = ()
    department: str = ""
    municipality: str = ""
    area: Named | None = None
    on: date | None = None
    age: int | None = None
    gender: str = ""
    nationality: str = ""
    languages: Several = Several()
    factors: Several = Several()
    documents: Several = Several()
    everywhere: bool = False
    """Whether services that lie elsewhere are to be judged and shown too."""
    faults: tuple[FormFault, ...] = ()
    areas_like: tuple[Named, ...] = field(default=())
    """Areas that may have been meant, when none was surely."""

    @property
    def tells_about_the_person(self) -> bool:
        """Whether anything beyond need and place was told."""
        told = (self.on, self.age is not None, self.gender, self.nationality)
        return any(told) or any(s.told != "unknown" for s in (self.languages, self.factors, self.documents))

    def queries(self) -> list[Query]:
        """One query for each need; only for a form without faults."""
        assert self.area is not None
        return [
            Query(
                service_type=need,
                area=self.area.code,
                on=self.on,
                age=self.age,
                gender=self.gender or None,
                nationality=self.nationality or None,
                languages=self.languages.asked(),
                factors=self.factors.asked(),
                documents=self.documents.asked(),
            )
            for need in self.needs
        ]


def nothing_stated() -> Stated:
    """An empty form, with a fresh reference of its own."""
    return Stated(reference=fresh_reference())


def fresh_reference() -> str:
    """A random reference for one need, so that sending the form again is not counted again."""
    return _sealed(secrets.token_urlsafe(12))


def _sealed(random: str) -> str:
    return f"{random}.{hmac.digest(SEAL, random.encode(), 'sha256').hex()[:16]}"


def _own_reference(typed: str) -> str:
    """The reference that the form was given; anything else is replaced, so that nothing foreign is shown again."""
    random = typed.partition(".")[0]
    return typed if hmac.compare_digest(_sealed(random).encode(), typed.encode()) else fresh_reference()


def read(form: FormData, gazetteer: Gazetteer) -> Stated:
    """The form as it was sent. Faults are values: the page shows them beside their fields."""
    faults: list[FormFault] = []
    needs = tuple(dict.fromkeys(code for code in _texts(form, "need") if code))
    if not needs:
        faults.append(FormFault("need", "pages.form.need-missing"))
    elif len(needs) > MOST_NEEDS or any(code not in terms("service-types") for code in needs):
        faults.append(FormFault("need", "pages.form.unknown-choice"))
        needs = tuple(code for code in needs if code in terms("service-types"))[:MOST_NEEDS]
    area, areas_like = place(form, gazetteer, faults)
    return Stated(
        reference=_own_reference(_text(form, "reference")),
        needs=needs,
        department=department_of(form, gazetteer, area),
        municipality=area.name if area and area.level > 1 else "",
        area=area,
        on=_date(form, faults),
        age=_age(form, faults),
        gender=_choice(form, "gender", "genders", faults),
        nationality=_choice(form, "nationality", "countries", faults),
        languages=_several(form, "languages", faults),
        factors=_several(form, "factors", faults),
        documents=_several(form, "documents", faults),
        everywhere=_text(form, "everywhere") == "1",
        faults=tuple(faults),
        areas_like=areas_like,
    )


def _texts(form: FormData, name: str) -> list[str]:
    return [value.strip() for value in form.getlist(name) if isinstance(value, str)]


def _text(form: FormData, name: str) -> str:
    return next(iter(_texts(form, name)), "")


def place(form: FormData, gazetteer: Gazetteer, faults: list[FormFault]) -> tuple[Named | None, tuple[Named, ...]]:
    """The area that was meant: picked from a list, else the municipality typed, else the department chosen."""
    if picked := gazetteer.by_code.get(_text(form, "area")):
        return picked, ()
    department = _text(form, "department")
    if department and department not in gazetteer.by_code:
        faults.append(FormFault("department", "pages.form.unknown-choice"))
        return None, ()
    typed = _text(form, "municipality")
    before = gazetteer.by_code.get(_text(form, "before"))
    if before is not None and before.name == typed and department in before.lineage:
        return before, ()  # unchanged since it was picked among several of that name
    if not typed:
        if not department:
            faults.append(FormFault("department", "pages.form.where-missing"))
            return None, ()
        return gazetteer.by_code[department], ()
    meant = gazetteer.meant(typed, within=department or None)
    if isinstance(meant, Named):
        return meant, ()
    if not meant and department:
        meant_elsewhere = gazetteer.meant(typed)
        meant = [meant_elsewhere] if isinstance(meant_elsewhere, Named) else meant_elsewhere
    if meant:
        faults.append(FormFault("area-0", "pages.form.where-several"))
    else:
        faults.append(FormFault("municipality", "pages.form.where-not-found"))
    return None, tuple(meant)


def department_of(form: FormData, gazetteer: Gazetteer, area: Named | None) -> str:
    """The department or country to show as chosen."""
    if area is not None:
        return next((code for code in area.lineage if gazetteer.by_code[code].level <= 1), "")
    chosen = _text(form, "department")
    return chosen if chosen in gazetteer.by_code else ""


def _date(form: FormData, faults: list[FormFault]) -> date | None:
    typed = _text(form, "on")
    if not typed:
        return None
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        found = None
    if found is None or not date(2000, 1, 1) <= found <= date(2100, 1, 1):
        faults.append(FormFault("on", "pages.form.date"))
        return None
    return found


def _age(form: FormData, faults: list[FormFault]) -> int | None:
    typed = _text(form, "age")
    if not typed:
        return None
    if not typed.isascii() or not typed.isdigit() or len(typed) > 3 or int(typed) > OLDEST:
        faults.append(FormFault("age", "pages.form.age"))
        return None
    return int(typed)


def _choice(form: FormData, name: str, scheme: Scheme, faults: list[FormFault]) -> str:
    chosen = _text(form, name)
    if chosen and chosen not in terms(scheme):
        faults.append(FormFault(name, "pages.form.unknown-choice"))
        return ""
    return chosen


def _several(form: FormData, name: str, faults: list[FormFault]) -> Several:
    """Marks speak for themselves; `none` beside marks is a contradiction that only a person can solve."""
    told = _text(form, f"{name}_told")
    marked = tuple(dict.fromkeys(_texts(form, name)))
    known = tuple(code for code in marked if code in terms(LISTS[name]))
    if len(known) < len(marked) or told not in ("", "unknown", "none", "these"):
        faults.append(FormFault(f"{name}-unknown", "pages.form.unknown-choice"))
    if told == "none":
        if known:
            faults.append(FormFault(f"{name}-none", "pages.form.none-and-some"))
            return Several("these", known)
        return Several("none")
    if told == "these" and not known:
        faults.append(FormFault(f"{name}-these", "pages.form.mark-one"))
        return Several("these")
    return Several("these", known) if known else Several()
