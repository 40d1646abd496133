"""What a step must show before it counts: every check it names, seen to hold. One left out, and the run has failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from api.cli.story.cast import Cast
from api.cli.story.line import Answer


@dataclass(frozen=True)
class Tale:
    """What the steps share: who plays, and what earlier steps left for later ones."""

    cast: Cast
    kept: dict[str, Any] = field(default_factory=dict)

    def entries(self, stream: str) -> list[dict[str, Any]]:
        """The bodies of a stream's entries, as the data protection officer reads them."""
        page = self.cast.officer.get(f"/log/{stream}?limit=200").body
        return [entry["body"] for entry in page["entries"]]

    def queued(self, referral: str) -> bool:
        """Whether a referral stands in the clinic's queue."""
        return referral in [row["id"] for row in self.cast.clinic.get("/received?limit=200").body["referrals"]]

    def outsider_sees(self, *doors: tuple[str, str]) -> bool:
        """Whether anything is behind these doors for another organisation: any answer but that nothing is there."""
        answers = [self.cast.outsider.tries(method, path) for method, path in doors]
        return not answers or any(answer.status != 404 for answer in answers)


@dataclass(frozen=True, slots=True)
class Held:
    """A check that was seen to hold, with what was seen."""

    code: str
    facts: Mapping[str, Any]


class NotSo(Exception):
    """A check that was made and does not hold."""

    def __init__(self, code: str, facts: Mapping[str, Any]) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


class LeftOut(Exception):
    """Checks that a step names and did not make."""

    def __init__(self, codes: list[str]) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes


class Checks:
    """The checks of one step, as they are made."""

    def __init__(self) -> None:
        self.held: list[Held] = []

    def that(self, code: str, holds: bool, /, **facts: Any) -> None:
        """Keep what holds; NotSo at the first that does not. Nothing but `True` itself holds."""
        if holds is not True:
            raise NotSo(code, facts)
        self.held.append(Held(code, facts))


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the story: its name, the checks it owes, and how it is played."""

    name: str
    owes: tuple[str, ...]
    play: Callable[[Tale, Checks], Answer]
    """Makes the requests and the checks; gives back the answer that the step is about."""


@dataclass(frozen=True, slots=True)
class Played:
    """A step that was played and whose checks all hold."""

    step: Step
    answer: Answer
    held: tuple[Held, ...]


def play(step: Step, tale: Tale) -> Played:
    """Play one step. LeftOut unless every check it owes was made: a step that owes none has not been looked at."""
    checks = Checks()
    answer = step.play(tale, checks)
    made = {held.code for held in checks.held}
    if not step.owes or made != set(step.owes):
        raise LeftOut(sorted(made ^ set(step.owes)) or [step.name])
    return Played(step, answer, tuple(checks.held))
