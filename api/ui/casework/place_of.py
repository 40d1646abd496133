"""Where somebody lives, as a form asks for it: a department to choose, a municipality to type. (R-04, R-21)"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import FormData

from api.actions.division import Named
from api.gazetteer import Gazetteer
from api.texts import text
from api.ui.stated import FormFault, department_of, place
from graph.model.base import Language


@dataclass(frozen=True, slots=True)
class Where:
    """A place as it stands in a form."""

    department: str = ""
    municipality: str = ""
    like: tuple[Named, ...] = ()


def where_now(code: str, gazetteer: Gazetteer) -> Where:
    """The place of an area that is recorded."""
    area = gazetteer.by_code.get(code)
    if area is None:
        return Where()
    department = next((one for one in area.lineage if gazetteer.by_code[one].level <= 1), "")
    return Where(department, area.name if area.level > 1 else "")


def where_of(form: FormData, gazetteer: Gazetteer, language: Language) -> tuple[Named | None, Where, dict[str, str]]:
    """The area that was meant, the place as it was typed, and what is wrong with it."""
    found: list[FormFault] = []
    area, like = place(form, gazetteer, found)
    typed = str(form.get("municipality", ""))[:120]
    where = Where(department_of(form, gazetteer, area), area.name if area and area.level > 1 else typed, like)
    if area is not None and area.level == 0:
        found.append(FormFault("municipality", "casework.fault.municipality"))
        area = None
    return area, where, {fault.field: text(fault.key, language) for fault in found}
