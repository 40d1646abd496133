"""One of several processes in a crowd that asks for places: `python -m tests.crowd`, told on its input what to do.

It prints a line for every answer it got, so that whoever started it knows how far it is; at the end, one line of JSON
with what was acknowledged. Who is not answered repeats under the same key. Used by `store/test_places_crowd.py`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from api.actions import referrals, steps
from api.actions.referrals import Draft, Drafted, Sent
from api.actions.steps import Stepped
from graph.engine import Server
from graph.model.referral import Step
from graph.model.refusal import Reason, Refusal
from graph.secrets import Secrets, open_secrets
from graph.store.errors import Conflict, Unavailable
from graph.store.network import Network
from tests.cast import OWNER, PROVIDER

FULL: Final = {Reason.PLACES_FULL}


class Caller:
    """One case manager's person, who asks for one place after the other."""

    def __init__(self, network: Network, secrets: Secrets, person: dict[str, str]) -> None:
        self.network, self.secrets, self.person = network, secrets, person
        self.at = datetime.fromisoformat(person["at"])
        self.told: dict[str, str] = {}
        self.unanswered = 0

    async def once(self, action: Callable[..., Awaitable[Any]], *args: Any, key: str, actor: Any = OWNER) -> Any:
        """The answer, however often the engine dies meanwhile."""
        self.at += timedelta(minutes=1)
        circumstances = {"actor": actor, "at": self.at, "secrets": self.secrets, "idempotency_key": key}
        while True:
            try:
                done = await self.network.write(action, *args, deadline=5.0, **circumstances)
            except (Unavailable, Conflict):
                self.unanswered += 1
                await asyncio.sleep(0.1)
                continue
            print("answer", flush=True)
            return done

    async def ask(self, service: str, *, goes_on: bool) -> None:
        """Ask for a place; where it `goes_on`, who has one is accepted, served, and gives the place back."""
        id = f"r-{service}-{self.person['case']}"
        said = Draft(id=id, need_id=self.person["need"], service_id=service, chosen_because="person-prefers")
        drafted = await self.once(referrals.draft, self.person["case"], said, key=f"draft-{id}")
        assert isinstance(drafted, Drafted), drafted
        sent = await self.once(referrals.send, id, key=f"send-{id}")
        if isinstance(sent, Refusal):
            assert set(sent.codes) == FULL, sent.codes
            self.told[id] = "full"
            return
        assert isinstance(sent, Sent)
        self.told[id] = "held"
        if not goes_on:
            return
        for step, reason in ((Step.ACCEPT, None), (Step.START, None), (Step.COMPLETE, "delivered")):
            done = await self.once(steps.take, id, step, reason, key=f"{step}-{id}", actor=PROVIDER)
            assert isinstance(done, Stepped), done
        self.told[id] = "back"


async def main(task: dict[str, Any]) -> None:
    """Every caller asks at every service, all at about the same time."""
    secrets = open_secrets(Path(task["keys"]))
    async with Network.open(Server(**task["server"])) as network:
        callers = [Caller(network, secrets, person) for person in task["people"]]

        async def one(caller: Caller) -> None:
            for service, goes_on in task["services"]:
                await caller.ask(service, goes_on=goes_on)

        await asyncio.gather(*map(one, callers))
    told: dict[str, str] = {}
    for caller in callers:
        told |= caller.told
    print(json.dumps({"told": told, "unanswered": sum(caller.unanswered for caller in callers)}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.stdin.read())))
