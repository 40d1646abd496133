"""Whatever people do, in whatever order: after every step the world is as it must be. A machine plays it. (R-11 to R-22)"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Final

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from graph.model.places import Change
from graph.model.referral import Step
from graph.secrets import Secrets, open_secrets
from graph.server import Server
from graph.store.migrate import migrate
from graph.store.network import Network
from tests.cast import OWNER, PROVIDER
from tests.conftest import wipe
from tests.lifetimes import ASKED, MOST, NEEDED, World
from tests.sending import Patient, set_the_clinic
from tests.sizes import is_full, worlds
from tests.store.test_send_without_consent import credential_for

STEPS: Final = 50 if is_full() else 30
WHO = st.integers(0, 1)
WHICH = st.integers(0, 5)
MUCH = st.one_of(st.just(NEEDED), st.just(ASKED), st.frozensets(st.sampled_from(sorted(ASKED)), min_size=1))
TAKEN = st.sampled_from([step for step in Step if step is not Step.SEND])


class Lifetimes(RuleBasedStateMachine):
    """Everything that may befall referrals, in any order."""

    call: Callable[[Coroutine[Any, Any, Any]], Any]
    make: Callable[[], World]

    @initialize()
    def begin(self) -> None:
        self.world = self.make()
        self.call(self.world.begin())

    @rule(who=WHO, fields=MUCH)
    def allow(self, who: int, fields: frozenset[str]) -> None:
        self.call(self.world.allow(who, fields))

    @rule(who=WHO)
    def take_back(self, who: int) -> None:
        self.call(self.world.take_back(who))

    @rule(who=WHO, waiting=st.booleans())
    def draft(self, who: int, waiting: bool) -> None:
        self.call(self.world.draft(who, waiting))

    @rule(what=st.sampled_from([*Change, *(5 * [Change.SET])]), number=st.integers(0, MOST))
    def say(self, what: Change, number: int) -> None:
        self.call(self.world.say_places(what, number if what is Change.SET else None))

    @rule(who=WHO, fields=MUCH, waiting=st.booleans())
    def refer(self, who: int, fields: frozenset[str], waiting: bool) -> None:
        """What people do most, in one: so that a short life too has something in it."""
        self.call(self.world.allow(who, fields))
        self.call(self.world.draft(who, waiting))
        self.call(self.world.send(-1))

    @precondition(lambda self: self.world.referrals)
    @rule(which=WHICH)
    def attest(self, which: int) -> None:
        self.call(self.world.attest(which))

    @precondition(lambda self: self.world.referrals)
    @rule(which=WHICH)
    def send(self, which: int) -> None:
        self.call(self.world.send(which))

    @precondition(lambda self: self.world.sent)
    @rule(which=WHICH)
    def open(self, which: int) -> None:
        self.call(self.world.open(which))

    @precondition(lambda self: self.world.sent)
    @rule(which=WHICH, step=TAKEN, actor=st.sampled_from([OWNER, PROVIDER]), reason=st.integers(0, 40))
    def step(self, which: int, step: Step, actor: Any, reason: int) -> None:
        self.call(self.world.step(which, step, actor, reason))

    @precondition(lambda self: self.world.sent)
    @rule(which=WHICH, choices=st.lists(st.integers(0, 12), min_size=1, max_size=5), reason=st.integers(0, 40))
    def go_on(self, which: int, choices: list[int], reason: int) -> None:
        """Some steps that are open, one after the other: so that a life gets beyond its beginning."""
        for choice in choices:
            self.call(self.world.go_on(which, choice, reason))
            self.holds()

    @precondition(lambda self: self.world.sent)
    @rule(which=WHICH, yes=st.booleans())
    def goes_on(self, which: int, yes: bool) -> None:
        self.call(self.world.goes_on(which, yes))

    @rule(now=st.sampled_from([False, False, True]))
    def suspend(self, now: bool) -> None:
        """Seldom begun, and soon lifted: under it nothing happens."""
        if now or self.world.stopped is not None:
            self.call(self.world.suspend())

    @rule(hours=st.sampled_from([1, 24, 73, 24 * 14]))
    def wait(self, hours: int) -> None:
        self.call(self.world.wait(hours))

    @invariant()
    def holds(self) -> None:
        assert self.call(self.world.wrong()) == []


@pytest.fixture(scope="module")
def portal() -> Iterator[BlockingPortal]:
    """A loop of its own for a machine that knows nothing of loops."""
    with start_blocking_portal() as portal:
        yield portal


def test_whatever_people_do_nothing_leaves_without_a_right(
    portal: BlockingPortal,
    server: Server,
    tmp_path_factory: pytest.TempPathFactory,
    measured: Callable[[str], None],
) -> None:
    counted: Counter[str] = Counter()
    secrets: Secrets = open_secrets(tmp_path_factory.mktemp("secrets") / "keys")

    async def ready(network: Network) -> Network:
        await wipe(network)
        await migrate(network)
        await set_the_clinic(network)
        await credential_for(network, secrets, "mental-health")
        return Patient.of(network)

    with portal.wrap_async_context_manager(Network.open(server)) as opened:
        network = portal.call(ready, opened)

        class Played(Lifetimes):
            call = staticmethod(lambda coroutine: portal.call(_awaited, coroutine))
            make = staticmethod(lambda: World(network, secrets, counted))

        sizes = settings(worlds(100, 10_000), stateful_step_count=STEPS)
        run_state_machine_as_test(Played, settings=sizes)
    assert (
        min(
            counted[what]
            for what in ("sent", "opened", "taken back", "steps taken", "places said", "jobs of the clock")
        )
        > 20
    )
    measured(", ".join(f"{n} {what}" for what, n in sorted(counted.items())))


async def _awaited(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return await coroutine
