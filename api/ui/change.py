"""What a page's form changes: one action, once however often the form is sent, its no as a value. (R-14)"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import FormData

from api.dependencies import ActorDep, LanguageDep, NetworkDep, NowDep, SecretsDep
from api.problems import Problem
from api.refusals import refused
from api.ui import once
from api.ui.forms import form_of
from graph.model.refusal import Refusal


class Change:
    """What every form about a case needs, gathered once; `form` is read before a route begins."""

    def __init__(
        self,
        request: Request,
        network: NetworkDep,
        actor: ActorDep,
        now: NowDep,
        secrets: SecretsDep,
        language: LanguageDep,
        form: Annotated[FormData, Depends(form_of)],
    ) -> None:
        self.network, self.actor, self.now, self.secrets, self.language = network, actor, now, secrets, language
        self.form = form
        self._path = request.url.path

    async def make(self, action: Any, *args: Any, **more: Any) -> Any:
        """What the action answers; a `Refusal` is a value, for a page that says it beside what was typed.

        The action gets `actor`, `at` and `secrets`, as behind the JSON face.
        """
        key = once.circumstances(self.form, self.actor, self._path)
        held: dict[str, Any] = {"actor": self.actor, "at": self.now, "secrets": self.secrets}
        return await self.network.write(action, *args, **held, **more, **key)

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
