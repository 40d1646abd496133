"""What a page about somebody is asked with, and what its form changes: one action, once however often it is sent. (R-14)"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from api.dependencies import ActorDep, LanguageDep, NetworkDep, NowDep, SecretsDep
from api.problems import Problem
from api.refusals import refused
from api.ui import once
from api.ui.forms import form_of
from api.ui.render import FRESH, page
from graph.model.refusal import Refusal


class Visit:
    """Who asks for a page, when and in which language: gathered once. What it shows is kept by nobody on the way."""

    def __init__(
        self,
        request: Request,
        network: NetworkDep,
        actor: ActorDep,
        now: NowDep,
        secrets: SecretsDep,
        language: LanguageDep,
    ) -> None:
        self.request, self.network, self.actor = request, network, actor
        self.now, self.secrets, self.language = now, secrets, language
        self.form = FormData()

    @property
    def held(self) -> dict[str, Any]:
        """What every action about a case is told of its circumstances."""
        return {"actor": self.actor, "at": self.now, "secrets": self.secrets}

    def page(self, template: str, *, status: int = 200, **shown: Any) -> Response:
        """The page in the reader's language."""
        return page(self.request, template, now=self.now, status=status, headers=FRESH, **shown)


VisitDep = Annotated[Visit, Depends(Visit)]


class Change(Visit):
    """A visit with a form; `form` is read before a route begins."""

    def __init__(self, visit: VisitDep, form: Annotated[FormData, Depends(form_of)]) -> None:
        super().__init__(visit.request, visit.network, visit.actor, visit.now, visit.secrets, visit.language)
        self.form = form

    async def make(self, action: Any, *args: Any, **more: Any) -> Any:
        """What the action answers; a `Refusal` is a value, for a page that says it beside what was typed.

        The action gets `actor`, `at` and `secrets`, as behind the JSON face.
        """
        key = once.circumstances(self.form, self.actor, self.request.url.path)
        return await self.network.write(action, *args, **self.held, **more, **key)

    async def made(self, action: Any, *args: Any, **more: Any) -> Any:
        """The same where no form is shown again: a refusal leaves as a problem with every reason."""
        outcome = await self.make(action, *args, **more)
        if isinstance(outcome, Refusal):
            raise refused(outcome, self.language)
        return outcome

    def text(self, name: str, *, most: int = 200) -> str:
        """A field of the form without the space around it; empty where it was not sent."""
        value = self.form.get(name, "")
        if not isinstance(value, str) or len(value) > most:
            raise Problem("invalid-request")
        return value.strip()


PageChangeDep = Annotated[Change, Depends(Change)]
