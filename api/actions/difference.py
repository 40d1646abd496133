"""What an amendment would change, worked out by the functions that would do it, before anything is published. (R-10, R-35)

Who would see what: the fields of the SOP, and `decide` on the consents there are. What would be suggested: the engine's
own recall, judged and ordered once as it is and once as it would be. It is asked step by step, so that it can be told
how far it has come. Nobody of whom is counted is named, and what is kept of it holds hidden counts only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final, get_args

import yaml

from api.actions.amendments import order_of, parts, relation
from api.actions.gaps import first_month, matrix_rows
from api.actions.suggestions import ordered
from consent.access import Allowed, Deed, decide
from consent.coverage import asked_of, covered
from consent.coverage import told as rounded
from consent.decision import Asked
from consent.small_numbers import Shown, least
from graph.model.actor import Actor
from graph.model.amendment import Amendment, ended_by, holding
from graph.model.base import Code, Language, Translations
from graph.model.consent import Stage
from graph.model.difference import Asked as How
from graph.model.difference import Consents, Count, Difference, FieldChange, Placed, Sample
from graph.model.directory import Service
from graph.model.need import Need
from graph.model.offer import Offer, SopTerms, Terms
from graph.model.order import Holding, Order
from graph.model.sop import Sop
from graph.seed import demo_needs
from graph.seed.purposes import purpose_of
from graph.seed.vocabulary import lineage, terms
from graph.store import amendments, candidates, cases, consents, demand, division, recipients, sops
from graph.store import services as service_store
from graph.store import terms as term_store
from graph.store.amendments import Subject
from graph.store.candidates import Surroundings
from graph.store.errors import NotFound
from graph.store.network import Network, Tx
from matching.suggest import Suggestions

STAGES: Final[tuple[Stage, ...]] = get_args(Stage)
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
BATCH: Final = 50
"""Cases judged in one transaction."""
AREAS: Final = 3
"""Areas of a service in which people are tried out."""
PLACES: Final = 4
"""Departments in which an order is tried out, with each kind of help."""

Told = Callable[[int, int], None]
"""Hears how many steps of how many are done."""


def _silent(done: int, total: int) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What stands in the graph about one amendment before it is published."""

    amendment: Amendment
    subject: Subject
    versions: tuple[Sop, ...]
    orders: tuple[Order, ...]
    service: Service | None
    countries: frozenset[Code]
    samples: tuple[Need, ...]
    names: Mapping[Code, str]
    """Of the areas of the samples."""

    @property
    def before(self) -> Sop | None:
        """The version that would hold on the amendment's first day without it."""
        return holding(self.versions, on=self.amendment.starts_on)

    @property
    def purposes(self) -> frozenset[Code]:
        """What data is sent for to this service."""
        return frozenset(purpose_of(code) for code in self.subject.service_types)


@dataclass(slots=True)
class Counted:
    """People counted so far, by stage: with an open consent, and of these whom it would no longer do for."""

    open: Counter[Stage] = field(default_factory=Counter)
    uncovered: Counter[Stage] = field(default_factory=Counter)


async def gather(tx: Tx, amendment_id: str, *, actor: Actor, at: datetime) -> Matter:
    """All that the difference is worked out from. NotFound for an amendment this reader may not see."""
    found = await amendments.get(tx, amendment_id)
    of = amendments.service if found.subject == "sop" else amendments.mechanism
    subject = await of(tx, found.subject_id)
    if not isinstance(decide(actor, Deed.AMENDMENT_READ, relation(actor, subject)), Allowed):
        raise NotFound
    service: Service | None = None
    versions: tuple[Sop, ...] = ()
    countries: frozenset[Code] = frozenset()
    if found.subject == "sop":
        service = (await service_store.get(tx, [found.subject_id]))[found.subject_id]
        versions = tuple((await sops.of_services(tx, [found.subject_id])).get(found.subject_id, ()))
        countries = (await recipients.get(tx, found.subject_id)).countries
    orders = tuple(await amendments.orders(tx, found.subject_id)) if found.subject == "order" else ()
    samples = tuple(dict.fromkeys([n async for n in _samples(tx, found, service, at=at)]))
    names = await _area_names(tx, {need.area for need in samples})
    known = tuple(need for need in samples if need.area in names)
    return Matter(found, subject, versions, orders, service, countries, known, names)


async def _area_names(tx: Tx, codes: Collection[Code]) -> dict[Code, str]:
    """What these areas are called; of two with one name (a department and its capital), with their codes."""
    found = await division.names(tx, codes)
    often = Counter(found.values())
    return {code: name if often[name] == 1 else f"{name} ({code})" for code, name in found.items()}


async def _samples(tx: Tx, found: Amendment, service: Service | None, *, at: datetime) -> Any:
    """The needs it is tried with: those of the demo, demand that was counted often enough, and people for the service."""
    on = found.starts_on
    types = None if service is None else frozenset(service.service_types)
    for need, _ in demo_needs.needs(on):
        if _asks_for(need.service_type, types):
            yield need
    unmet: Counter[tuple[Code, Code]] = Counter()
    for row in await demand.since(tx, first_month(at.date())):
        unmet[row["service_type"], row["department"]] += row["asked"]
    for (service_type, department), asked in sorted(unmet.items()):
        if asked >= _k([service_type]) and _asks_for(service_type, types):
            yield Need(service_type=service_type, area=department, on=on)
    if service is not None:
        for need in people_for(service, on=on):
            yield need
        return
    for area in await _areas_of(tx, (await amendments.mechanism(tx, found.subject_id)).area):
        for kind in matrix_rows():
            if len(lineage("service-types", kind)) > 1:
                yield Need(service_type=kind, area=area, on=on)


async def _areas_of(tx: Tx, area: str | None) -> list[Code]:
    """Where an order is tried out: some departments of its mechanism, spread evenly; of all countries, the countries."""
    if area is None:
        return [country.code for country in await division.of_level(tx, 0)]
    below = [one.code for one in await division.below(tx, area)] or [area]
    return below[:: max(1, len(below) // PLACES)][:PLACES]


def _asks_for(wanted: Code, types: frozenset[Code] | None) -> bool:
    """Whether a need of this type can find a service of these types; None: whatever it is."""
    return types is None or any(wanted in lineage("service-types", t) for t in types)


@cache
def _people() -> tuple[Mapping[str, Any], ...]:
    return tuple(yaml.safe_load(files("graph.seed").joinpath("sample_people.yaml").read_text(encoding="utf-8")))


def people_for(service: Service, *, on: date) -> Iterator[Need]:
    """People who are nobody ask for what a service offers, where it works; a secret place is none of these. (R-26)"""
    open_places = [place.area for place in service.locations if place.area and not place.sealed]
    for area in list(dict.fromkeys([*(service.areas or ()), *open_places]))[:AREAS]:
        for service_type in service.service_types:
            for person in _people():
                yield Need.model_validate({"service_type": service_type, "area": area, "on": on, **person})


def _k(service_types: Sequence[Code]) -> int:
    words = terms("service-types")
    below = [t for t in words if any(s in lineage("service-types", t) for s in service_types)]
    return max(least(s, lineage("service-types", s), below) for s in service_types)


# -- who would see what ----------------------------------------------------------------------------------------------


def fields(before: Sop | None, after: Sop) -> tuple[FieldChange, ...]:
    """Every field that is asked for otherwise, stage by stage. (R-10, R-12)"""
    found = []
    for stage in STAGES:
        was, will = asked_of(before, stage), asked_of(after, stage)
        for code in sorted(was.required | was.optional | will.required | will.optional):
            one = FieldChange(
                field=code,
                stage=stage,
                before=_how(was, code),
                after=_how(will, code),
                emergency_before=code in was.emergency,
                emergency_after=code in will.emergency,
            )
            if (one.before, one.emergency_before) != (one.after, one.emergency_after):
                found.append(one)
    return tuple(found)


def _how(asked: Asked, code: Code) -> How | None:
    return "required" if code in asked.required else "optional" if code in asked.optional else None


async def count(tx: Tx, matter: Matter, counted: Counted, case_ids: Sequence[str], *, at: datetime) -> Counted:
    """These people too: whose consent would do as it is, and no longer as it would be. (R-11)"""
    after = matter.amendment.sop
    open_, uncovered = Counter(counted.open), Counter(counted.uncovered)
    for case_id in case_ids:
        case, given = await cases.unseen(tx, case_id), await consents.of_case(tx, case_id)
        for stage in STAGES:
            was = will = False
            for purpose in matter.purposes:
                about: dict[str, Any] = {
                    "organization_id": matter.subject.organization_id,
                    "purpose": purpose,
                    "stage": stage,
                    "countries": matter.countries,
                    "at": at,
                }
                if covered(case, given, matter.before, **about):
                    was = True
                    will |= covered(case, given, after, **about) is False
            open_[stage] += was
            uncovered[stage] += will
    return Counted(open_, uncovered)


def told(counted: Counted, matter: Matter) -> tuple[Consents, ...]:
    """The counts as they may be told, of the stages at which anything is required before or after."""
    k = _k(matter.subject.service_types)
    after = matter.amendment.sop
    return tuple(
        Consents(
            stage=stage,
            open=_count(rounded(counted.open[stage], counted.open[stage], k)),
            uncovered=_count(rounded(counted.uncovered[stage], counted.open[stage], k)),
        )
        for stage in STAGES
        if asked_of(matter.before, stage).required or asked_of(after, stage).required
    )


def _count(shown: Shown) -> Count:
    return Count(number=shown.number, at_least=shown.at_least)


# -- what would be suggested -----------------------------------------------------------------------------------------


async def sample(tx: Tx, matter: Matter, need: Need) -> Sample:
    """One need, asked of the graph once and judged twice: by what holds, and by what would. (R-05, R-35)"""
    recalled = await candidates.find(tx, need)
    if recalled is None:
        raise NotFound
    here, elsewhere = recalled.surroundings, recalled.elsewhere
    before = ordered(need, recalled.offers, here, elsewhere=elsewhere)
    after = ordered(need, _offers(matter, recalled.offers), _there(matter, here), elsewhere=elsewhere)
    return Sample(
        service_type=need.service_type,
        area=need.area,
        area_name=matter.names[need.area],
        age=need.age,
        gender=need.gender,
        nationality=need.nationality,
        documents=None if need.documents is None else tuple(sorted(need.documents)),
        before=_placed(before),
        after=_placed(after),
    )


def _offers(matter: Matter, found: Sequence[Offer]) -> tuple[Offer, ...]:
    """What was found, with the service as it would be told once its SOP was published."""
    new = matter.amendment.sop
    if new is None:
        return tuple(found)
    ended = {sop.id: sop for sop in ended_by(new, matter.versions)}
    versions: tuple[SopTerms, ...] = tuple(
        term_store.of_sop(sop) for sop in (*(ended.get(s.id, s) for s in matter.versions), new)
    )
    return tuple(
        replace(offer, terms=replace(offer.terms, sops=versions)) if offer.terms.service_id == new.service_id else offer
        for offer in found
    )


def _there(matter: Matter, here: Surroundings) -> Surroundings:
    """The same place, with the order that would hold in the mechanism."""
    if matter.amendment.subject != "order":
        return here
    new = order_of(matter.amendment)
    others = tuple(h for h in here.orders if h.mechanism_id != new.mechanism_id)
    own = Holding(new.mechanism_id, matter.subject.area, new.policy, new.policy_version)
    return replace(here, orders=(*others, own))


def _placed(found: Suggestions) -> tuple[Placed, ...]:
    return tuple(
        Placed(
            service_id=judged.offer.terms.service_id,
            name=judged.offer.terms.name,
            translations=_names(judged.offer.terms),
            position=position,
            can_be_sent=judged.order["sop"] == 0,
        )
        for position, judged in enumerate(found.suggested, 1)
    )


def _names(of: Terms) -> Translations:
    """The name of a service in other languages."""
    said = {lang: of.translations.get(lang, {}).get("name") for lang in LANGUAGES}
    return {lang: {"name": name} for lang, name in said.items() if name}


# -- all of it -------------------------------------------------------------------------------------------------------


async def keep(tx: Tx, amendment_id: str, found: Difference, *, at: datetime) -> None:
    """Keep it beside the amendment, for whoever decides. Of an older revision it is kept too, and publishes nothing."""
    await amendments.get_for_update(tx, amendment_id)
    await amendments.keep_difference(tx, amendment_id, found, at=at)


async def work_out(
    network: Network, amendment_id: str, *, actor: Actor, at: datetime, tell: Told = _silent
) -> Difference:
    """The whole difference of an amendment as it stands, kept once it is done. `tell` hears how far it is."""
    matter = await network.read(gather, amendment_id, actor=actor, at=at)
    after, organization = matter.amendment.sop, matter.subject.organization_id
    total = len(matter.samples) + 1
    tell(0, total)
    counted, last, done = Counted(), "", 0
    while after is not None and organization is not None:
        batch = await network.read(
            amendments.concerned, organization, matter.purposes, after=last, limit=BATCH, deadline=30.0
        )
        if not batch:
            break
        counted = await network.read(count, matter, counted, batch, at=at, deadline=30.0)
        last, total, done = batch[-1], total + 1, done + 1
        tell(done, total)
    changed = []
    for need in matter.samples:
        one = await network.read(sample, matter, need)
        changed += [one] if one.is_changed else []
        done += 1
        tell(done, total)
    found = Difference(
        revision=matter.amendment.revision,
        at=at,
        on=matter.amendment.starts_on,
        parts=parts(matter.before, after) if after and matter.before else (),
        fields=fields(matter.before, after) if after else (),
        consents=told(counted, matter) if after else (),
        asked=len(matter.samples),
        samples=tuple(changed),
    )
    await network.write(keep, amendment_id, found, at=at)
    tell(total, total)
    return found
