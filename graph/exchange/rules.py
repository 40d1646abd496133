"""One SOP as somebody drafts it, read as strictly as an import reads it, and more: it is to be published. (R-10 to R-15)

The words are those of `sop` in our profile (docs/profile.md). Number, days and id are not drafted: publishing gives them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from graph.exchange import profile
from graph.exchange.hsds import sop_codes, stated
from graph.exchange.pieces import Collector, known, piece
from graph.exchange.problem import Fault, Place, Problem
from graph.model.sop import Sop
from graph.seed import catalogue
from graph.seed.vocabulary import Scheme

GIVEN: Final = frozenset({"version", "valid_from", "valid_to"})
"""What publishing gives."""

DRAFTED: Final = profile.SOP_FIELDS - GIVEN
"""What a draft says."""

LISTS: Final[tuple[tuple[str, Scheme], ...]] = (("follow_up", "follow-up-duties"), ("documents_kept", "kept-documents"))

MOST: Final = 200
"""Of fields, contacts, codes in a list: nobody agrees on more."""


def read(document: Mapping[str, Any], service_id: str, *, carried: Mapping[str, Any]) -> Sop | tuple[Problem, ...]:
    """The rules that a draft states, without number and days; or all that is wrong, with JSON pointers.

    `carried` is what the version before holds that Enlace does not read: it stays.
    """
    place, problems = Place(""), Collector("sop", None)
    for name in sorted(document.keys() - DRAFTED):
        problems.add(Fault.UNKNOWN_PROPERTY, place.at(name), name=name)
    values = {name: stated(value) for name, value in document.items() if name in DRAFTED}
    for name, value in values.items():
        if isinstance(value, list) and len(value) > MOST:
            problems.add(Fault.TOO_MANY, place.at(name), name=name, limit=MOST)
    own = {"id": "draft", "service_id": service_id, "carried": dict(carried)}
    sop = None if problems.found else piece(Sop, values | own, place, problems)
    if sop is None:
        return tuple(problems.found)
    sop_codes(sop, place, problems)
    _sendable(sop, place, problems)
    for name, scheme in LISTS:
        codes: tuple[str, ...] = getattr(sop, name)
        known(codes, scheme, (place.at(name, i) for i in range(len(codes))), problems)
    shared = sop.costs.shared_arrangements
    known(shared, "shared-arrangements", _each(place.at("costs", "shared_arrangements"), shared), problems)
    if (sop.costs.ceiling is None) != (sop.costs.currency is None):
        problems.add(Fault.MISSING, place.at("costs", "currency" if sop.costs.currency is None else "ceiling"), name="")
    return tuple(problems.found) or sop


def _sendable(sop: Sop, place: Place, problems: Collector) -> None:
    """Asked for once at a stage, with why, and only what may leave at all. (R-10)"""
    twice = Counter((f.field, f.stage) for f in sop.fields)
    for index, asked in enumerate(sop.fields):
        at = place.at("fields", index)
        if asked.field not in catalogue.sendable() and asked.field in catalogue.fields():
            problems.add(Fault.UNKNOWN_CODE, at.at("field"), value=asked.field, scheme="record-fields")
        if twice[asked.field, asked.stage] > 1:
            problems.add(Fault.OTHER_CONTENT, at.at("field"), noun="field", first=at.pointer)
        if not asked.why_needed:
            problems.add(Fault.MISSING, at.at("why_needed"), name="why_needed")
        if asked.emergency and asked.stage != "first-contact":
            problems.add(Fault.CONTRADICTION, at.at("emergency"), one="emergency", other=asked.stage)


def _each(place: Place, codes: Iterable[str]) -> Iterable[Place]:
    return (place.at(index) for index, _ in enumerate(codes))
