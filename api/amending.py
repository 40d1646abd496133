"""What both faces share of amendments: who may come in, a draft read from what was sent, and the work that takes long."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any, Final

from fastapi import Depends, Request

from api.actions import difference
from api.actions.amendments import Draft
from api.identity import may
from api.query import Fault
from consent.access import Deed, Relation
from graph.exchange import rules
from graph.model.actor import Actor
from graph.model.difference import Difference
from graph.model.sop import Sop
from graph.seed.vocabulary import terms
from graph.store.network import Network
from matching.order import POLICIES, policy_named

__all__ = ["POLICIES", "AmendmentReaderDep", "Runs", "RunsDep", "draft_of", "waited"]

TEXTS: Final = frozenset(
    {
        "unknown-code", "missing", "wrong-type", "out-of-range", "not-a-code", "bad-value", "too-long", "too-many",
        "unknown-property", "contradiction", "other-content", "impossible-date",
    }
)  # fmt: skip
"""What can be wrong with rules and has words of its own; anything else is a value that does not fit."""


AmendmentReaderDep = Annotated[Actor, Depends(may(Deed.AMENDMENT_READ, Relation.OWN))]
"""Whoever may read the amendments of some service, if only of their own organisation's."""


def draft_of(
    *,
    starts_on: date,
    reason: str,
    note: str | None,
    sop: Mapping[str, Any] | None = None,
    service_id: str = "",
    base: Sop | None = None,
    policy: str | None = None,
    policy_version: int = 1,
) -> Draft | tuple[Fault, ...]:
    """A draft of rules or of an order; or all that is wrong, where it stands. Refused values are not repeated."""
    faults = [] if reason in terms("amendment-reasons") else [_fault("/reason", "unknown-code")]
    read: Sop | None = None
    if sop is not None:
        found = rules.read(sop, service_id, carried=base.carried if base else {})
        if isinstance(found, Sop):
            read = found
        else:
            codes = ((p.place.pointer, p.code.value) for p in found)
            faults += [_fault(f"/sop{at}", code) for at, code in codes]
    elif policy is None:
        faults.append(_fault("/sop", "missing"))
    elif policy_named(policy, policy_version) is None:
        faults.append(_fault("/policy", "unknown-code"))
    if faults:
        return tuple(faults)
    version = None if policy is None else policy_version
    return Draft(sop=read, starts_on=starts_on, reason=reason, note=note or None, policy=policy, policy_version=version)


def _fault(pointer: str, code: str) -> Fault:
    return Fault(pointer=pointer, code=f"publishing.fault.{code if code in TEXTS else 'bad-value'}")


@dataclass(slots=True)
class Run:
    """A difference that is being worked out: how far, and what came of it."""

    revision: int
    done: int = 0
    total: int = 1
    task: asyncio.Task[Difference | None] | None = field(default=None, repr=False)

    def tell(self, done: int, total: int) -> None:
        """So many steps of so many are done."""
        self.done, self.total = done, total

    @property
    def is_over(self) -> bool:
        """Whether it has come to an end, good or bad."""
        return self.task is None or self.task.done()

    @property
    def failed(self) -> bool:
        """Whether it came to a bad end: then it can be begun again."""
        return self.is_over and (self.task is None or self.task.cancelled() or self.task.exception() is not None)


class Runs:
    """The differences that this process works out, one for each amendment. What came of them lies in the graph."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}

    def of(self, amendment_id: str, revision: int) -> Run | None:
        """The one under way, or the last one, of this revision."""
        run = self._runs.get(amendment_id)
        return run if run is not None and run.revision == revision else None

    def begin(self, network: Network, amendment_id: str, revision: int, *, actor: Actor, at: datetime) -> Run:
        """Begin to work it out, or join whoever has begun."""
        known = self.of(amendment_id, revision)
        if known is not None and not known.is_over:
            return known
        run = Run(revision)
        work = difference.work_out(network, amendment_id, actor=actor, at=at, tell=run.tell)
        run.task = asyncio.create_task(work)
        self._runs = {id: one for id, one in self._runs.items() if not one.is_over} | {amendment_id: run}
        return run


def runs_of(request: Request) -> Runs:
    """The runs of this server."""
    found: Runs | None = getattr(request.app.state, "differences", None)
    if found is None:
        found = request.app.state.differences = Runs()
    return found


RunsDep = Annotated[Runs, Depends(runs_of)]


async def waited(run: Run, seconds: float) -> bool:
    """Whether it is done, after waiting at most so long; it goes on where it is not."""
    if run.task is not None:
        await asyncio.wait({run.task}, timeout=seconds)
    return run.is_over and not run.failed
