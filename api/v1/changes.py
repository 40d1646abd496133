"""How a change of a case leaves the house: its ids and its signed entry, or a refusal with every reason. (R-14)"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from fastapi import Header, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.actions.case_change import Changed
from api.dependencies import ActorDep, LanguageDep, NetworkDep, NowDep, SecretsDep
from api.problems import Problem
from api.query import Fault
from api.refusals import refused
from graph.model.log import Entry
from graph.model.refusal import Refusal
from graph.seed.catalogue import UnknownField, WrongValue

After = Annotated[str | None, Query(max_length=120, description="only what comes after this one")]
Limit = Annotated[int, Query(ge=1, le=200)]
"""How a list is read page by page."""

PERSONAL = {"Cache-Control": "no-store"}
"""Whatever is about a person is kept by nobody on the way."""


class ChangedOut(BaseModel):
    """What was changed, the version a form may now name (If-Match), and the signed entry as a receipt."""

    case_id: str
    id: str
    revised: int
    entry: dict[str, Any] = Field(description="body, key_id and signature (Ed25519 over RFC 8785)")


class Change:
    """What every change needs, gathered once: the network, who asks, when, in which language, under which key."""

    def __init__(
        self,
        request: Request,
        network: NetworkDep,
        actor: ActorDep,
        now: NowDep,
        secrets: SecretsDep,
        language: LanguageDep,
        idempotency_key: Annotated[
            str | None,
            Header(
                min_length=16, max_length=128, description="a random key of your own: a repeat changes nothing more"
            ),
        ] = None,
    ) -> None:
        self.network = network
        self.language = language
        self.circumstances: dict[str, Any] = {"actor": actor, "at": now, "secrets": secrets}
        self._request = request
        self._key = idempotency_key

    async def make(self, action: Any, *args: Any, **more: Any) -> JSONResponse:
        """Make one change and answer with it."""
        outcome = await self.do(action, *args, **more)
        first = outcome[0] if isinstance(outcome, tuple) else outcome
        return JSONResponse(out(first), headers={**PERSONAL, "ETag": f'"{first.revised}"'})

    async def answer(self, action: Any, *args: Any, status: int = 200, **more: Any) -> JSONResponse:
        """Do something that has its own answer, of ids, codes and a signed entry, and give that."""
        outcome: BaseModel = await self.do(action, *args, **more)
        told = outcome.model_dump(mode="json")
        if isinstance(entry := getattr(outcome, "entry", None), Entry):
            told["entry"] = entry.model_dump(mode="json", exclude_none=True)  # as it was signed
        return JSONResponse(told, status_code=status, headers=PERSONAL)

    async def do(self, action: Any, *args: Any, **more: Any) -> Any:
        """What an action answers, once however often it is asked under one key; a refusal is a problem."""
        key: dict[str, Any] = {}
        if self._key is not None:
            place = f"{self.circumstances['actor'].id}|{self._request.method}|{self._request.url.path}"
            body = hashlib.sha256(await self._request.body()).hexdigest()
            hashed = hashlib.sha256(f"{place}|{self._key}".encode()).hexdigest()
            key = {"idempotency_key": hashed, "request_hash": body}
        try:
            outcome = await self.network.write(action, *args, **self.circumstances, **more, **key)
        except UnknownField as unknown:
            raise Problem(
                "invalid-request", faults=[Fault(pointer=f"/{unknown.field}", code="query.unknown-key")]
            ) from None
        except WrongValue as wrong:
            raise Problem(
                "invalid-request", faults=[Fault(pointer=f"/{wrong.field}", code="query.wrong-shape")]
            ) from None
        if isinstance(outcome, Refusal):
            raise refused(outcome, self.language)
        return outcome


def out(changed: Changed) -> dict[str, Any]:
    """A change as it is answered."""
    return changed.model_dump(mode="json", exclude_none=True)


def expected_version(if_match: str | None) -> int:
    """The version that If-Match names; a form that names none would overwrite what it never saw."""
    if if_match is None:
        raise Problem("version-required")
    number = if_match.strip().strip('"')
    if not number.isascii() or not number.isdigit() or len(number) > 12:
        raise Problem("edit-conflict")
    return int(number)
