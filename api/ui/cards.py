"""What a page shows of an answer: cards for what fits, one line for what nearly fits, steps of the ways that lead on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from api.actions.suggestions import Together
from api.answer import render_together
from api.query import Query
from graph.model.base import Language
from graph.model.offer import Places
from graph.model.places import is_unknown

CARDS: Final = 10
"""Suggestions that are shown in full; the others in one line each."""

TAKEN_FOR_GRANTED: Final = frozenset({"status", "validity", "suspension", "capacity"})
"""Rules whose being met is no news on a card: the service runs, and its places stand there anyway."""

MOST_LINES: Final = 150
"""Lines of a list: nobody reads more, and the line is bad."""


@dataclass(frozen=True, slots=True)
class Card:
    """One suggestion with what was last said about its places."""

    one: Mapping[str, Any]
    places: Places | None
    is_stale: bool

    @property
    def met(self) -> list[str]:
        """Codes of the rules that hold."""
        return [v["rule"] for v in self.one["verdicts"] if v["verdict"] == "met"]

    @property
    def telling(self) -> list[str]:
        """Those of them that say something about this person and this place."""
        return [rule for rule in self.met if rule not in TAKEN_FOR_GRANTED]


@dataclass(frozen=True, slots=True)
class NeedShown:
    """The answer to one need."""

    query: Query
    answer: Mapping[str, Any]
    cards: Sequence[Card]
    more: Sequence[Card]
    near: Sequence[tuple[str, str, Sequence[Mapping[str, Any]]]]
    """Near misses by what would change them, and who could."""
    others_out: Sequence[Mapping[str, Any]]
    """Ruled out by more than one rule: the near misses stand before them."""
    names: Mapping[str, str]
    """Names of ruled-out services by id, for what a pathway opens."""


@dataclass(frozen=True, slots=True)
class AnswerShown:
    """Everything a page says about one or several needs."""

    needs: Sequence[NeedShown]
    shared: Sequence[Mapping[str, Any]]
    untouched: Sequence[str]


def shown(together: Together, queries: Sequence[Query], language: Language, *, at: datetime) -> AnswerShown:
    """The answer ready to be shown."""
    rendered = render_together(together, queries, language)
    needs = []
    for query, one, body in zip(queries, together.answers, rendered["answers"], strict=True):
        cards = [
            Card(card, judged.offer.places, _is_stale(judged.offer.places, at))
            for card, judged in zip(body["suggested"], one.suggestions.suggested, strict=True)
        ]
        near = {out["service"]["id"] for out in body["near_misses"]}
        needs.append(
            NeedShown(
                query=query,
                answer=body,
                cards=cards[:CARDS],
                more=cards[CARDS:],
                near=_by_change(body["near_misses"]),
                others_out=[out for out in body["ruled_out"] if out["service"]["id"] not in near],
                names={out["service"]["id"]: out["service"]["name"] for out in body["ruled_out"]},
            )
        )
    return AnswerShown(needs, rendered["shared"], rendered["untouched"])


def _by_change(near: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, list[Mapping[str, Any]]]]:
    """The same way out is told once, for all whom it would help."""
    grouped: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for out in near:
        (unmet,) = out["unmet"]
        grouped.setdefault((unmet["would_change"], unmet["mended_by"]), []).append(out)
    return [(change, who, ones) for (change, who), ones in grouped.items()]


def _is_stale(places: Places | None, at: datetime) -> bool:
    """After two half-lives, and after as many declines, what was said counts as not known. (R-06)"""
    return places is not None and is_unknown(places, at=at, declines=places.declines)
