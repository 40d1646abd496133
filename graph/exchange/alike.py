"""Which entries of the directory may be one and the same: likely pairs with what speaks for each. Pure; merges nothing. (R-02)

Names are compared without accents, legal forms and the names of places; short names are compared by their parts, never by
how many letters differ: IMC and ICMC are strangers, NHF and IFH/NHF may be one. Missing a pair is better than a false one,
and a human decides on each.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Final

from rapidfuzz import fuzz


class Sign(StrEnum):
    """What speaks for it that two entries are one."""

    SAME_NAME = "same-name"
    LIKE_NAME = "like-name"
    PART_OF_NAME = "part-of-name"
    ACRONYM = "acronym"
    PHONE = "phone"
    EMAIL = "email"
    WEB = "web"
    SERVICES = "services"
    ORGANIZATION = "organization"
    TYPE = "type"
    PLACE = "place"


WEIGHT: Final[Mapping[Sign, int]] = {
    Sign.SAME_NAME: 60,
    Sign.LIKE_NAME: 45,
    Sign.PART_OF_NAME: 45,
    Sign.ACRONYM: 45,
    Sign.PHONE: 40,
    Sign.EMAIL: 40,
    Sign.WEB: 40,
    Sign.SERVICES: 15,
    Sign.ORGANIZATION: 20,
    Sign.TYPE: 10,
    Sign.PLACE: 15,
}
ENOUGH: Final[Mapping[str, int]] = {"organization": 45, "service": 90}
"""From here on a pair is shown: a name alone is enough for organisations, never for services."""
NAMED_IN_ORDER: Final = (Sign.SAME_NAME, Sign.LIKE_NAME, Sign.PART_OF_NAME, Sign.ACRONYM)
NAMED: Final = frozenset(NAMED_IN_ORDER)
ALIKE: Final = 88.0
SHORT: Final = 5
"""Letters up to which a name is taken for an acronym: one letter more or less is another name."""
CROWD: Final = 60
"""Entries that share a mark: more of them share it by chance."""

LEGAL: Final = frozenset(
    [
        "sa",
        "sac",
        "srl",
        "ltda",
        "cv",
        "ac",
        "ong",
        "osc",
        "iap",
        "inc",
        "llc",
        "ltd",
        "gmbh",
        "ev",
        "asociacion",
        "asoc",
        "association",
        "fundacion",
        "foundation",
        "civil",
        "demo",
        "the",
        "de",
        "del",
        "la",
        "las",
        "los",
        "el",
        "y",
        "and",
        "e",
        "of",
        "para",
        "por",
        "en",
        "a",
    ]
)
COMMON: Final = frozenset(
    [
        "casa",
        "centro",
        "center",
        "centre",
        "oficina",
        "office",
        "municipal",
        "municipalidad",
        "nacional",
        "national",
        "ministerio",
        "ministry",
        "secretaria",
        "instituto",
        "institute",
        "hospital",
        "clinica",
        "clinic",
        "society",
        "sociedad",
        "comite",
        "committee",
        "red",
        "network",
        "san",
        "santa",
        "servicio",
        "servicios",
        "service",
        "services",
        "ayuda",
        "apoyo",
        "support",
        "international",
        "internacional",
    ]
)
"""Words that tell nobody apart."""


@dataclass(frozen=True, slots=True)
class Compared:
    """An entry as it is compared."""

    id: str
    names: tuple[str, ...]
    organization_id: str = ""
    """Of a service: who offers it, merged organisations counting as one."""
    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    webs: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    services: frozenset[tuple[str, str]] = frozenset()
    """Of an organisation: type and area of what it offers."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries that may be one, how much speaks for it, and what."""

    one: str
    other: str
    score: int
    signs: tuple[Sign, ...]


def pair_of(one: str, other: str) -> tuple[str, str]:
    """Two ids in the one order in which they are remembered."""
    return (one, other) if one <= other else (other, one)


def likely(
    subject: str,
    entries: Sequence[Compared],
    *,
    known: Collection[tuple[str, str]] = (),
    places: Collection[str] = (),
) -> list[Pair]:
    """The likely pairs, the surest first, without those that somebody has decided on (`known`).

    `places` are names of areas: what a name has of them tells where an entry is, not what it is.
    """
    there = frozenset(word for place in places for word in folded(place).split())
    decided = frozenset(pair_of(*pair) for pair in known)
    marked = {entry.id: _Marked(entry, there) for entry in entries}
    found = []
    for one, other in sorted(_candidates(marked.values(), subject)):
        if (one, other) in decided:
            continue
        signs = _signs(subject, marked[one], marked[other])
        score = sum(WEIGHT[sign] for sign in signs)
        enough = score >= ENOUGH[subject] and (subject == "organization" or not NAMED.isdisjoint(signs))
        if enough:
            found.append(Pair(one, other, score, signs))
    return sorted(found, key=lambda pair: (-pair.score, pair.one, pair.other))


def folded(text: str) -> str:
    """Without accents, capitals and signs."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text[:300]) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", " ", bare.casefold().replace("’", "").replace("'", "")).strip()


def digits(phone: str) -> str:
    """The end of a telephone number, which is the same with and without the code of the country."""
    found = re.sub(r"\D", "", phone)
    return found[-8:] if len(found) >= 7 else ""


def domain(web: str) -> str:
    """Where a page is at home, without what stands before and after."""
    found = re.match(r"(?:https?://)?(?:www\.)?([^/\s?#:]+\.[a-z]{2,})", web.strip().casefold())
    return found[1] if found else ""


class _Marked:
    """An entry with what its names say, taken apart once."""

    def __init__(self, entry: Compared, places: frozenset[str]) -> None:
        self.entry = entry
        self.words: list[tuple[str, ...]] = []
        self.told_places: list[frozenset[str]] = []
        for name in entry.names:
            all_ = [word for word in folded(name).split() if word not in LEGAL]
            words = tuple(word for word in all_ if word not in places) or tuple(all_)
            if words:
                self.words.append(words)
                self.told_places.append(places.intersection(all_))


def _candidates(marked: Iterable[_Marked], subject: str) -> set[tuple[str, str]]:
    """Pairs that share at least one mark: a word, initials, a telephone, an address, who offers what."""
    shelves: dict[str, list[str]] = defaultdict(list)
    for one in marked:
        for mark in set(_marks(one, subject)):
            shelves[mark].append(one.entry.id)
    found: set[tuple[str, str]] = set()
    for ids in shelves.values():
        if 1 < len(ids) <= CROWD:
            found.update(pair_of(*pair) for pair in combinations(ids, 2))
    return found


def _marks(one: _Marked, subject: str) -> Iterator[str]:
    entry = one.entry
    for words in one.words:
        whole = " ".join(words)
        if subject == "service":
            yield f"offers {entry.organization_id} {whole[:6]}"
            continue
        yield f"initials {''.join(word[0] for word in words)}"
        for word in words:
            if word not in COMMON:
                yield f"word {word[:5] if len(word) > SHORT else word[:2]}"
                yield f"initials {word}"
    yield from (f"phone {digits(phone)}" for phone in entry.phones if digits(phone))
    yield from (f"email {email.casefold()}" for email in entry.emails)
    yield from (f"web {domain(web)}" for web in entry.webs if domain(web))


def _signs(subject: str, one: _Marked, other: _Marked) -> tuple[Sign, ...]:
    a, b = one.entry, other.entry
    signs: list[Sign] = []
    name = _name_sign(subject, one, other)
    if name is not None:
        signs.append(name)
    if {digits(p) for p in a.phones} & {digits(p) for p in b.phones} - {""}:
        signs.append(Sign.PHONE)
    if {e.casefold() for e in a.emails} & {e.casefold() for e in b.emails}:
        signs.append(Sign.EMAIL)
    if subject == "organization":
        if {domain(w) for w in a.webs} & {domain(w) for w in b.webs} - {""}:
            signs.append(Sign.WEB)
        if a.services & b.services:
            signs.append(Sign.SERVICES)
        elif a.types & b.types:
            signs.append(Sign.TYPE)
        return tuple(signs)
    if a.organization_id == b.organization_id:
        signs.append(Sign.ORGANIZATION)
    if a.types & b.types:
        signs.append(Sign.TYPE)
    if a.places & b.places or not (a.places or b.places):
        signs.append(Sign.PLACE)
    return tuple(signs)


def _name_sign(subject: str, one: _Marked, other: _Marked) -> Sign | None:
    """The strongest that two lists of names say. A service is named for its place: two places are two services."""
    found: set[Sign] = set()
    for mine, here in zip(one.words, one.told_places, strict=True):
        for theirs, there in zip(other.words, other.told_places, strict=True):
            if subject == "organization" or here == there:
                found |= _of_two(mine, theirs, place=bool(here or there))
    return next((sign for sign in NAMED_IN_ORDER if sign in found), None)


def _of_two(mine: tuple[str, ...], theirs: tuple[str, ...], *, place: bool) -> set[Sign]:
    found: set[Sign] = set()
    a, b = " ".join(mine), " ".join(theirs)
    if a == b:
        return {Sign.SAME_NAME}
    if min(len(a), len(b)) > SHORT and fuzz.ratio(a, b) >= ALIKE and not _differ_by_number(a, b):
        found.add(Sign.LIKE_NAME)
    small, large = sorted((frozenset(mine), frozenset(theirs)), key=len)
    if small < large and small - COMMON:
        found.add(Sign.PART_OF_NAME)
    for short, words in ((mine, theirs), (theirs, mine)):
        if len(short) == 1 and len(words) > 1 and short[0] == "".join(word[0] for word in words):
            found.add(Sign.ACRONYM)
    if place and len(mine) == len(theirs) == 1:  # SC of one country, and SC International
        brief, whole = sorted((a, b), key=len)
        if 2 <= len(brief) < len(whole) <= SHORT and whole == f"{brief}i":
            found.add(Sign.ACRONYM)
    return found


def _differ_by_number(a: str, b: str) -> bool:
    """`Centro 1` and `Centro 2` are two."""
    return re.findall(r"\d+", a) != re.findall(r"\d+", b)
