"""An employer's opening in a document: known codes, in a service of employment, and nobody shut out. (R-35, R-36)"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from graph.exchange import profile
from graph.exchange.pieces import Collector, known, piece
from graph.exchange.problem import Fault, Place
from graph.model.directory import Service
from graph.model.job import Opening
from graph.model.sop import Sop
from graph.seed.vocabulary import lineage, terms

EVERYBODY: Final = frozenset({"female", "male", "other"})


def read(document: dict[str, Any], types: Iterable[str], place: Place, problems: Collector) -> dict[str, Any] | None:
    """The opening of a service document, as it will be part of the service; None where none is stated."""
    stated = document.get("opening")
    if stated is None:
        return None
    at = place.at("opening")
    if not isinstance(stated, dict):
        problems.add(Fault.WRONG_TYPE, at, name="opening", value="…", expected="object")
        return None
    if not any(
        profile.EMPLOYMENT in lineage("service-types", code) for code in types if code in terms("service-types")
    ):
        problems.add(Fault.NOT_EMPLOYMENT, at)
    opening = piece(Opening, stated, at, problems)
    if opening is None:
        return None
    known([opening.occupation], "occupations", [at.at("occupation")], problems)
    for name in ("skills_required", "skills_desired"):
        codes = getattr(opening, name)
        known(codes, "skills", (at.at(name, index) for index in range(len(codes))), problems)
    if opening.schedule is not None:
        known([opening.schedule], "work-schedules", [at.at("schedule")], problems)
    return opening.model_dump(mode="json")


def exclude_nobody(service: Service, sops: Sequence[Sop], place: Place, problems: Collector) -> None:
    """Of who may have a job, an opening says no gender, no nationality, no upper age, no other trait. (R-35)

    A lowest age may stand: the law keeps children from dangerous work.
    """
    if service.opening is None:
        return
    if service.maximum_age is not None:
        problems.add(Fault.OPENING_EXCLUDES, place.at("maximum_age"), name="maximum_age")
    for sop in sops:
        rules = sop.eligibility
        named = {
            "genders": rules.genders is not None and not set(rules.genders) >= EVERYBODY,
            "nationality": rules.nationality is not None,
            "any_factor": bool(rules.any_factor) and not rules.open_to_all,
        }
        for name, excludes in named.items():
            if excludes:
                problems.add(Fault.OPENING_EXCLUDES, place.at("sop", "eligibility", name), name=name)
