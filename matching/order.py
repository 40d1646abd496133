"""The order of suggestions: a published, versioned, lexicographic policy. (R-35)

Nothing about the person enters it that a rule of a provider does not justify; ties take turns by day, so that no
provider is always first. A change of the order is a new version, never an edit. See docs/decisions/0004.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from graph.model.need import Need
from graph.model.offer import Offer
from graph.model.order import Holding, nearest
from graph.model.refusal import Reason
from matching.verdict import Judgement, Met, Rule, Unknown

NEVER_NEAR: Final = 9


@dataclass(frozen=True, slots=True)
class Policy:
    """Which order is in force. The keys are compared from left to right; smaller comes first."""

    id: str
    version: int
    keys: tuple[str, ...]


POLICY: Final = Policy("places-first", 1, ("sop", "places", "standing", "nearness", "questions", "turn"))
"""Holds wherever no mechanism has published another."""

POLICIES: Final = (
    POLICY,
    Policy("nearest-first", 1, ("sop", "nearness", "places", "standing", "questions", "turn")),
    Policy("agreements-first", 1, ("sop", "standing", "places", "nearness", "questions", "turn")),
    Policy("fewest-questions-first", 1, ("sop", "questions", "places", "standing", "nearness", "turn")),
)
"""All that a mechanism can choose from. What can be sent to comes first in each, and turns decide last. (R-35)"""


def policy_named(id: str, version: int) -> Policy | None:
    """The policy of this name; None: there is none."""
    return next((p for p in POLICIES if (p.id, p.version) == (id, version)), None)


def policy_at(holding: Iterable[Holding], lineage: Sequence[str]) -> Policy:
    """The policy that orders suggestions at a place: of the nearest mechanism that has one, else the usual one. (R-44)"""
    found = nearest(holding, lineage)
    return (found and policy_named(found.policy, found.policy_version)) or POLICY


def order_of(need: Need, offer: Offer, judgements: Sequence[Judgement]) -> Mapping[str, int]:
    """The values by which one offer is ordered, named as in the policy: shown with every suggestion.

    `sop`: 0 it can be sent to, 1 it cannot yet. `places`: 0 stated lately, 1 the provider assesses, 2 not known,
    3 a waiting list. `standing`: 0 agreement in force, 1 not known. `nearness`: levels between the area asked for and
    the one covered. `questions`: how many rules are not known. `turn`: changes every day.
    """
    verdicts = {j.rule: j.verdict for j in judgements}
    return {
        "sop": 0 if isinstance(verdicts[Rule.SOP], Met) else 1,
        "places": _places(verdicts[Rule.CAPACITY]),
        "standing": 0 if isinstance(verdicts[Rule.STANDING], Met) else 1,
        "nearness": NEVER_NEAR if offer.distance is None else offer.distance,
        "questions": sum(isinstance(v, Unknown) for v in verdicts.values()),
        "turn": _turn(need, offer),
    }


def _places(verdict: object) -> int:
    match verdict:
        case Met():
            return 0
        case Unknown(reason=Reason.ASSESS_FIRST):
            return 1
        case Unknown(reason=Reason.WAITING_LIST):
            return 3
        case _:
            return 2


def _turn(need: Need, offer: Offer) -> int:
    day = f"{need.on.isoformat()}|{offer.terms.service_id}".encode()
    return int.from_bytes(blake2b(day, digest_size=4).digest(), "big")
