"""Entries that may be one: shown side by side to who may merge, merged or told apart by a word, and taken back. (R-02)

Nothing is merged by itself. A merge leaves both entries as they are: a merged service is no longer found by itself, a
merged organisation counts as the other one where organisations are listed and counted. Referrals, consents, accounts and
places stay where they are, so a merge gives nobody a right and undoing it brings back all there was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from api.actions.allowed import must_ever
from api.actions.case_change import new_id
from consent.access import Deed
from consent.release import release_organization, release_service
from graph.exchange import alike
from graph.exchange.alike import Compared, Sign
from graph.model.actor import Actor
from graph.model.base import Id, Model
from graph.model.entry import Subject
from graph.model.merge import Merge, MergeState
from graph.model.refusal import Denied, Reason, Refusal
from graph.secrets import Secrets
from graph.store import areas, directory, division, entries, merges, organizations, services
from graph.store.entries import Kept
from graph.store.errors import NotFound
from graph.store.network import Tx

SHOWN: Final = 20


class Word(Model):
    """What somebody says of two entries."""

    subject: Subject
    kept_id: Id
    gone_id: Id


class Said(Model):
    """That it was said, and how it stands."""

    id: Id
    state: MergeState


class Likely(Model):
    """Two entries that may be one, and what speaks for it."""

    subject: Subject
    one: Id
    other: Id
    score: int
    signs: tuple[Sign, ...]


class Listed(Model):
    """Likely pairs, the surest first; how many there are in all; and what was said and holds."""

    pairs: tuple[Likely, ...]
    total: int
    said: tuple[Merge, ...]


async def listed(tx: Tx, *, actor: Actor, subject: Subject, limit: int = SHOWN) -> Listed:
    """Likely duplicates of one kind, without those that somebody has told apart. For who may merge."""
    must_ever(actor, Deed.ENTRIES_MERGE)
    said = await merges.standing(tx)
    known = [(m.kept_id, m.gone_id) for m in said if m.subject == subject]
    if subject == "organization":
        compared = [_organization(row) for row in await merges.organizations(tx)]
    else:
        compared = [_service(row) for row in await merges.services(tx)]
    most = 1 if subject == "organization" else 9
    places = [area["name"] for area in await division.everything(tx) if area["level"] <= most]
    found = alike.likely(subject, compared, known=known, places=places)
    return Listed(
        pairs=tuple(
            Likely(subject=subject, one=p.one, other=p.other, score=p.score, signs=p.signs) for p in found[:limit]
        ),
        total=len(found),
        said=tuple(m for m in said if m.subject == subject),
    )


async def entries_of(tx: Tx, subject: Subject, ids: Iterable[str], *, actor: Actor) -> Mapping[str, Any]:
    """These entries as they may be told outside their sealed places, by id. (R-26)"""
    must_ever(actor, Deed.ENTRIES_MERGE)
    if subject == "organization":
        found = await organizations.get(tx, set(ids))
        return {id: release_organization(o, sealed=frozenset()) for id, o in found.items()}
    of_services = await services.get(tx, set(ids))
    return {id: release_service(s, sealed=frozenset()) for id, s in of_services.items()}


async def offered_by(tx: Tx, ids: Iterable[str], *, actor: Actor) -> Mapping[str, tuple[Kept, ...]]:
    """What each of these organisations offers, by name: by that one knows them."""
    must_ever(actor, Deed.ENTRIES_MERGE)
    return {id: tuple(await entries.services(tx, id)) for id in sorted(set(ids))}


async def merge(tx: Tx, word: Word, *, actor: Actor, at: datetime, secrets: Secrets | None = None) -> Said | Refusal:
    """They are one: the one is found under the other. Refused where one of them is merged into another already."""
    state = await _locked(tx, word, actor)
    if state[word.gone_id] != (False, False) or state[word.kept_id][0]:
        return Refusal.of([Denied(reason=Reason.MERGED_ALREADY)])
    said = Merge(id=new_id(), state=MergeState.MERGED, at=at, by=actor.id, **word.model_dump())
    await merges.create(tx, said)
    await merges.link(tx, said)
    if word.subject == "service":
        await services.unlink_catchments(tx, [word.gone_id])
    return Said(id=said.id, state=said.state)


async def tell_apart(
    tx: Tx, word: Word, *, actor: Actor, at: datetime, secrets: Secrets | None = None
) -> Said | Refusal:
    """They are two: the pair is not shown again."""
    await _locked(tx, word, actor)
    said = Merge(id=new_id(), state=MergeState.DISTINCT, at=at, by=actor.id, **word.model_dump())
    await merges.create(tx, said)
    return Said(id=said.id, state=said.state)


async def _locked(tx: Tx, word: Word, actor: Actor) -> dict[str, tuple[bool, bool]]:
    must_ever(actor, Deed.ENTRIES_MERGE)
    state = await merges.lock(tx, word.subject, {word.kept_id, word.gone_id})
    if len(state) != 2:
        raise NotFound
    return state


async def undo(tx: Tx, merge_id: str, *, actor: Actor, at: datetime, secrets: Secrets | None = None) -> Said | Refusal:
    """What was said of a pair no longer holds: both stand for themselves, and are shown as a likely pair again."""
    must_ever(actor, Deed.ENTRIES_MERGE)
    said = await merges.get_locked(tx, merge_id)
    if said.state is MergeState.UNDONE:
        return Refusal.of([Denied(reason=Reason.MERGE_UNDONE)])
    if said.state is MergeState.MERGED:
        await merges.unlink(tx, said)
        if said.subject == "service":
            await directory.renew_catchments(tx, [said.gone_id], lineages=await areas.lineages(tx))
    after = said.model_copy(update={"state": MergeState.UNDONE, "undone_at": at, "undone_by": actor.id})
    await merges.save(tx, after)
    return Said(id=after.id, state=after.state)


def _names(row: Mapping[str, Any]) -> tuple[str, ...]:
    told = [row["name"], row["alternate_name"], *(words.get("name") for words in row["translations"].values())]
    return tuple(dict.fromkeys(name for name in told if name))


def _free(phones: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Telephones of the service itself: those of its places may be of one that is sealed. (R-26)"""
    return frozenset(p["number"] for p in phones if "location_id" not in (p.get("carried") or {}))


def _organization(row: Mapping[str, Any]) -> Compared:
    return Compared(
        id=row["id"],
        names=_names(row),
        emails=frozenset({row["email"]} - {None}),
        webs=frozenset({row["website"]} - {None}),
        phones=frozenset().union(*(_free(phones) for _, _, phones in row["services"])),
        types=frozenset(t for types, _, _ in row["services"] for t in types),
        services=frozenset((t, a) for types, of, _ in row["services"] for t in types for a in of),
    )


def _service(row: Mapping[str, Any]) -> Compared:
    return Compared(
        id=row["id"],
        names=_names(row),
        organization_id=row["kept"][0] if row["kept"] else row["organization_id"],
        emails=frozenset({row["email"]} - {None}),
        phones=_free(row["phones"]),
        types=frozenset(row["service_types"] or ()),
        places=frozenset(row["areas"] or ()),
    )
