"""Which name is meant by what somebody typed: accents, capitals and slips of the finger are forgiven."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz, process

EXACT: Final = 100.0
BEGINS: Final = 95.0
HOLDS: Final = 90.0
LIKE: Final = 74.0
"""Below this two names are strangers."""

LONGEST: Final = 120


@lru_cache(maxsize=20_000)
def folded(text: str) -> str:
    """The text without accents, capitals and signs: `Santa Cruz del Quiché` is `santa cruz del quiche`."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text[:LONGEST]) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", " ", bare.casefold().replace("’", "").replace("'", "")).strip()


def closest(wanted: str, names: Sequence[str], *, limit: int, every_word: bool = True) -> list[tuple[int, float]]:
    """Positions of the names that may be meant, best first, with how sure that is (0 to 100).

    `every_word`: each word that was typed must be like one of the name; else half of them will do.
    """
    asked = folded(wanted)
    if not asked:
        return []
    scores: dict[int, float] = {}
    for position, name in enumerate(folded(n) for n in names):
        if name == asked:
            scores[position] = EXACT
        elif name.startswith(asked):
            scores[position] = BEGINS
        elif all(any(word.startswith(part) for word in name.split()) for part in asked.split()):
            scores[position] = HOLDS
    if len(scores) < limit:
        for position, score in _like(asked, [folded(n) for n in names], every_word=every_word).items():
            scores.setdefault(position, min(score, HOLDS - 1))
    return sorted(scores.items(), key=lambda found: (-found[1], len(names[found[0]]), found[0]))[:limit]


def _like(asked: str, names: Sequence[str], *, every_word: bool) -> dict[int, float]:
    """Names that are like what was asked as a whole, or of which some word is like each word that was asked."""
    whole = process.extract(asked, names, scorer=fuzz.ratio, limit=None, score_cutoff=LIKE)
    scores = {position: score for _, score, position in whole}
    words = {word for name in names for word in name.split()}
    parts = asked.split()
    near = [
        {word: score for word, score, _ in process.extract(p, words, scorer=fuzz.ratio, limit=None, score_cutoff=LIKE)}
        for p in parts
    ]
    for position, name in enumerate(names):
        best = [max((like.get(word, 0.0) for word in name.split()), default=0.0) for like in near]
        if all(best) if every_word else sum(map(bool, best)) * 2 >= len(best):
            scores[position] = max(scores.get(position, 0.0), sum(best) / len(best))
    return scores
