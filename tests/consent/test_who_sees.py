"""Who reads a case, in 2,000 generated worlds: the one table on the one relation, against the rules said another way. (R-25)

That lists hold exactly what can be read one by one is tested on real graphs, in `tests/v1/test_lists.py`.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime

from consent.access import Allowed, Deed, decide
from consent.relation import relation_of, state_of
from graph.model.actor import Actor, Role
from graph.model.case import Case
from tests.sizes import is_full

WORLDS = 20_000 if is_full() else 2_000
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def reads(actor: Actor, case: Case) -> bool:
    """The rule, as somebody would say it: the person; the team; colleagues who manage cases, unless it is restricted.

    A token reaches no further than its scopes. It shares nothing with the table, the relation or the state.
    """
    if actor.scopes is not None and "case-read" not in actor.scopes:
        return False
    if Role.PERSON in actor.roles and actor.case_id == case.id:
        return True
    if Role.CASE_MANAGER not in actor.roles:
        return False
    return actor.id in case.team or (actor.organization_id == case.organization_id and not case.restricted)


def world(seed: int) -> tuple[list[Actor], list[Case]]:
    """A few organisations, people with any roles and any tokens, and cases in any state."""
    dice = random.Random(seed)
    organizations = ["o-1", "o-2", "o-3"][: dice.randint(1, 3)]
    ids = [f"c-{n}" for n in range(dice.randint(1, 4))]
    people = [
        Actor(
            id=f"a-{n}",
            organization_id=dice.choice([*organizations, None]),
            roles=frozenset(dice.sample(list(Role), dice.choice((0, 1, 1, 1, 2, 3)))),
            scopes=dice.choice((None, None, frozenset({"case-read"}), frozenset({"referral-read", "gone-read"}))),
            case_id=dice.choice([*ids, None]),
        )
        for n in range(dice.randint(1, 5))
    ]
    cases = []
    for id in ids:
        holder = dice.choice(organizations)
        ours = [p.id for p in people if p.organization_id == holder and Role.CASE_MANAGER in p.roles]
        cases.append(
            Case(
                id=id,
                person_id=f"p-{id}",
                stream=f"s-{id}",
                version=1,
                revised=1,
                organization_id=holder,
                team=frozenset(dice.sample(ours, dice.randint(0, len(ours)))),
                country="GT",
                area="GT0901",
                opened_at=AT,
                closed_at=dice.choice((None, None, AT)),
                restricted=dice.random() < 0.4,
            )
        )
    return people, cases


def test_the_table_and_the_rule_agree_on_who_reads_which_case() -> None:
    answers = {True: 0, False: 0}
    for seed in range(WORLDS):
        people, cases = world(seed)
        for actor in people:
            for case in cases:
                found = decide(actor, Deed.CASE_READ, relation_of(actor, case), state_of(case, Deed.CASE_READ))
                answers[isinstance(found, Allowed)] += 1
                assert isinstance(found, Allowed) == reads(actor, case), (seed, actor, case)
    assert min(answers.values()) > WORLDS / 10, f"worlds in which something is seen, and something is not: {answers}"
