"""Several forms on one page of a case: each has a name, and its fields are `name-field`, so that no two share an address. (R-35)"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from fastapi.responses import Response
from pydantic import BaseModel
from starlette.datastructures import FormData

from api.problems import NotFound
from api.refusals import why
from api.texts import text
from api.ui.casework.of_case import CaseId
from api.ui.change import PageChangeDep
from api.ui.forms import read, typed
from api.ui.render import onward
from graph.model.base import Language
from graph.model.refusal import Refusal
from graph.seed.catalogue import WrongValue

Stated = TypeVar("Stated", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows again of a form that was not taken: what was typed, what is wrong, why it was refused."""

    said: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    reasons: Any = ()

    @property
    def status(self) -> int:
        """409 where it was refused, 422 where a field is wrong."""
        return 409 if self.reasons else 422 if self.faults else 200


NOTHING = Shown()


class CaseForm:
    """A form on a page of a case: its action, then back to the page; or the page, with what is wrong beside the form."""

    back: ClassVar[str]
    """The page below the case; `{done}` says there what was done."""

    def __init__(self, case_id: CaseId, change: PageChangeDep) -> None:
        self.case_id, self.change = case_id, change

    async def page(self, shown: Shown) -> Response:
        """The page of this form, with a form that was not taken."""
        raise NotImplementedError

    async def again(self, *, faults: dict[str, str] | None = None, reasons: Any = ()) -> Response:
        """The page with what was typed, and why it was not taken."""
        return await self.page(again(self.change.form, faults=faults, reasons=reasons))

    async def state(
        self,
        name: str,
        model: type[Stated],
        action: Any,
        how: Callable[[Stated], Mapping[str, Any]],
        *,
        done: str,
        missing: dict[str, str] | None = None,
        known: Mapping[str, Any] | None = None,
    ) -> Response:
        """The action with what the named form states; a value that it does not know is said beside that form."""
        said = _read(self.change.form, name, model, self.change.language, known or {})
        if isinstance(said, dict):
            return await self.again(faults=said)
        wrong = {name: text("casework.fault.value", self.change.language)}
        return await self.do(action, self.case_id, done=done, missing=missing, wrong=wrong, **how(said))

    async def do(
        self,
        action: Any,
        *args: Any,
        done: str,
        missing: dict[str, str] | None = None,
        wrong: dict[str, str] | None = None,
        **more: Any,
    ) -> Response:
        """The action. `missing` is said where something named is not there, `wrong` where a value is none of ours."""
        try:
            outcome = await self.change.make(action, *args, **more)
        except (NotFound, WrongValue) as error:
            faults = missing if isinstance(error, NotFound) else wrong
            if faults is None:
                raise
            return await self.again(faults=faults)
        if isinstance(outcome, Refusal):
            return await self.again(reasons=why(outcome, self.change.language))
        return onward(f"/cases/{self.case_id}/{self.back.format(done=done)}")


def _read(
    form: FormData, name: str, model: type[Stated], language: Language, known: Mapping[str, Any]
) -> Stated | dict[str, str]:
    """What the named form states; or what is wrong, by the fields of the page."""
    start = f"{name}-"
    own = FormData([(key.removeprefix(start), value) for key, value in form.multi_items() if key.startswith(start)])
    found = read(own, model, language, **known)
    return {start + key: said for key, said in found.items()} if isinstance(found, dict) else found


def again(form: FormData, *, faults: dict[str, str] | None = None, reasons: Any = ()) -> Shown:
    """The form as it was typed."""
    return Shown(dict(typed(form)), faults or {}, reasons)
