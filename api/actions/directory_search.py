"""Find services in the directory: by words that forgive accents and slips, by type, place, language, free places. (R-02)

Nothing is left out in silence but what does not exist any more: a service that says nothing of where it works is found
everywhere, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from api.actions.division import Named
from api.meant import closest
from graph.model.base import Language
from graph.model.directory import CapacityState
from graph.model.places import is_paused, is_unknown
from graph.model.stock import Stock
from graph.seed.vocabulary import lineage, terms
from graph.store import directory_search, leases
from graph.store.network import Tx

Reach = Literal["here", "above", "part", "beside", "not-stated"]
"""How where a service works lies to the place that was asked for, the nearest first."""
REACHES: Final[tuple[Reach, ...]] = ("here", "above", "part", "beside", "not-stated")
MOST: Final = 1000
"""More matches of words than this are no answer."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A service by what somebody may look for it by."""

    id: str
    name: str
    translations: Mapping[str, Mapping[str, str]]
    organization_id: str
    organization: str
    organization_translations: Mapping[str, Mapping[str, str]]
    same_as: str | None
    """The name of the entry that its organisation was joined to."""
    status: str
    service_types: tuple[str, ...]
    areas: tuple[str, ...] | None
    languages: tuple[str, ...] | None
    edited: datetime | None
    verified: date | None
    to_verify: bool
    words: tuple[str, str]
    """All names by which it may be meant; and the words of its types beside them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for; what is not stated is not asked."""

    words: str = ""
    service_type: str | None = None
    area: Named | None = None
    language: str | None = None
    free: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A service that was found, why there, and what was last said of its places."""

    entry: Entry
    reach: Reach | None
    via: str | None
    stock: Stock | None
    is_stale: bool
    is_free: bool


async def everything(tx: Tx) -> tuple[Entry, ...]:
    """The whole directory as it may be looked through. Changes seldom: whoever asks may keep it for a minute."""
    found = []
    for row in await directory_search.entries(tx):
        kept = row["kept"][0] if row["kept"] else None
        names = [row["name"], row["alternate_name"], row["organization"], row["organization_alternate"]]
        for words in (row["translations"], row["organization_translations"]):
            names += [told.get("name") for told in words.values()]
        names += [kept["name"]] if kept else []
        types = [label for code in row["service_types"] for label in _labels(code)]
        said = " ".join(dict.fromkeys(name for name in names if name))
        verified = [day for day in (row["assured_date"], row["verified_at"]) if day is not None]
        edited = [at for at in (row["last_modified"], row["latest_edit"]) if at is not None]
        found.append(
            Entry(
                id=row["id"],
                name=row["name"],
                translations=row["translations"],
                organization_id=row["organization_id"],
                organization=row["organization"],
                organization_translations=row["organization_translations"],
                same_as=kept["name"] if kept else None,
                status=row["status"],
                service_types=tuple(row["service_types"]),
                areas=None if row["areas"] is None else tuple(row["areas"]),
                languages=None if row["languages"] is None else tuple(row["languages"]),
                edited=max(edited, default=None),
                verified=max((_day(day) for day in verified), default=None),
                to_verify=row["to_verify_since"] is not None,
                words=(said, f"{said} {' '.join(types)}"),
            )
        )
    return tuple(found)


def _labels(code: str) -> list[str]:
    term = terms("service-types").get(code)
    return [term.es, term.en] if term else []


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


async def search(
    tx: Tx,
    entries: Sequence[Entry],
    asked: Asked,
    *,
    at: datetime,
    language: Language,
    ways: Mapping[str, Sequence[str]],
) -> list[Found]:
    """What fits, the nearest in words and in place first; `ways` are the lineages of the areas."""
    beside = await directory_search.beside(tx, asked.area.code) if asked.area else frozenset[str]()
    kept: list[tuple[Entry, Reach | None, str | None]] = []
    for entry in entries:
        if not _fits(entry, asked):
            continue
        reach, via = _reach(entry, asked.area, beside, ways) if asked.area else (None, None)
        if asked.area is None or reach is not None:
            kept.append((entry, reach, via))
    scores = _meant(asked.words, [entry for entry, _, _ in kept])
    kept = [kept[n] for n in scores]
    said = await directory_search.places(tx, [entry.id for entry, _, _ in kept])
    found = [_found(*one, said.get(one[0].id), at) for one in kept]
    if asked.free:
        found = [one for one in found if one.is_free]
    order = {one[0].id: score for one, score in zip(kept, scores.values(), strict=True)}
    return sorted(
        found,
        key=lambda f: (
            -order[f.entry.id],
            REACHES.index(f.reach) if f.reach else 0,
            not f.is_free,
            f.entry.status != "active",
            _named(f.entry, language).casefold(),
            f.entry.id,
        ),
    )


def _named(entry: Entry, language: Language) -> str:
    return entry.translations.get(language, {}).get("name") or entry.name


def _fits(entry: Entry, asked: Asked) -> bool:
    if asked.service_type and not any(asked.service_type in _line(code) for code in entry.service_types):
        return False
    return not asked.language or entry.languages is None or asked.language in entry.languages


def _line(code: str) -> tuple[str, ...]:
    return lineage("service-types", code) if code in terms("service-types") else (code,)


def _reach(
    entry: Entry, area: Named, beside: frozenset[str], ways: Mapping[str, Sequence[str]]
) -> tuple[Reach | None, str | None]:
    """How its areas lie to the one asked for, and by which one it was found. None: it works elsewhere."""
    if entry.areas is None:
        return "not-stated", None
    stated = frozenset(entry.areas)
    above = next((code for code in area.lineage if code in stated), None)
    if above is not None:
        return ("here" if above == area.code else "above"), above
    below = next((code for code in entry.areas if area.code in ways.get(code, ())), None)
    if below is not None:
        return "part", below
    near = next((code for code in entry.areas if beside.intersection(ways.get(code, (code,)))), None)
    return ("beside", near) if near is not None else (None, None)


def meant(words: str, entries: Sequence[Entry]) -> list[Entry]:
    """The entries that may be meant by these words, in whatever language they are typed, the surest first."""
    scores = _meant(words, entries)
    return [entries[n] for n in sorted(scores, key=lambda n: (-scores[n], entries[n].name.casefold(), entries[n].id))]


def _meant(words: str, entries: Sequence[Entry]) -> dict[int, float]:
    """Positions with how sure it is; all of them alike where no words were asked."""
    if not words.strip():
        return dict.fromkeys(range(len(entries)), 0.0)
    named = dict(closest(words, [e.words[0] for e in entries], limit=MOST))
    typed = dict(closest(words, [e.words[1] for e in entries], limit=MOST))
    both = {n: max(named.get(n, 0.0), typed.get(n, 0.0) - 5) for n in named.keys() | typed.keys()}
    return both or dict(closest(words, [e.words[1] for e in entries], limit=MOST, every_word=False))


def _found(
    entry: Entry, reach: Reach | None, via: str | None, capacity: Mapping[str, object] | None, at: datetime
) -> Found:
    stock = leases.stock_of(capacity) if capacity else None
    is_stale = stock is not None and is_unknown(stock.capacity, at=at, declines=stock.declines)
    said = stock.capacity if stock else None
    is_free = (
        said is not None
        and said.state is CapacityState.AVAILABLE
        and said.available != 0
        and not is_stale
        and not is_paused(said.paused_until, on=at.date())
    )
    return Found(entry, reach, via, stock, is_stale, is_free)
