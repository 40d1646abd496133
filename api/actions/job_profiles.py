"""The job profile of a case: written down with the person, read, taken out again. (R-14, R-36, R-41)"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.actions.case_change import Changed, keep, role_in, take
from consent.access import Deed, Forbidden, decide
from consent.relation import relation_of, state_of
from graph.model.actor import Actor, Role
from graph.model.job import JobProfile
from graph.model.log import Kind
from graph.model.refusal import Refusal
from graph.secrets import Secrets
from graph.seed.catalogue import WrongValue
from graph.seed.vocabulary import Scheme, terms
from graph.store import cases, log
from graph.store.errors import NotFound
from graph.store.network import Tx

CODES: Final[Mapping[str, tuple[str, Scheme]]] = {
    "skills": ("job_skills", "skills"),
    "interests": ("job_interests", "occupations"),
    "schedules": ("job_schedules", "work-schedules"),
}
"""Lists of the profile: their field of the catalogue, and the vocabulary that knows their codes."""


async def record(
    tx: Tx,
    case_id: str,
    stated: JobProfile | None,
    *,
    actor: Actor,
    at: datetime,
    secrets: Secrets,
    expected: int | None = None,
) -> Changed | Refusal:
    """Write the whole profile down in place of the last; None takes it out. WrongValue for an unknown code. (R-36)

    Of areas nothing finer than a municipality is kept (R-21).
    """
    case = await take(tx, case_id, Deed.CASE_RECORD, actor=actor, at=at, secrets=secrets, expected=expected)
    if isinstance(case, Refusal):
        return case
    profile = None if stated is None else await _checked(tx, stated, at=at)
    touched = [one.fields for one in (case.job_profile, profile) if one is not None]
    fields = {"job_profile", *(name for told in touched for name in told)}
    await cases.save(tx, case.model_copy(update={"job_profile": profile}), {"job_profile"})
    return await keep(tx, case, Kind.CASE_CHANGED, tuple(fields), actor=actor, at=at, secrets=secrets)


async def _checked(tx: Tx, stated: JobProfile, *, at: datetime) -> JobProfile:
    for name, (field, scheme) in CODES.items():
        _known(field, scheme, getattr(stated, name) or ())
    _known("job_experience", "occupations", [one.occupation for one in stated.worked or ()])
    areas = None
    if stated.areas is not None:
        try:
            areas = frozenset([(await cases.municipality_of(tx, code))[0] for code in sorted(stated.areas)])
        except NotFound:
            raise WrongValue("job_areas") from None
    return stated.model_copy(update={"areas": areas, "stated_at": at})


def _known(field: str, scheme: Scheme, codes: Iterable[str]) -> None:
    if not set(codes) <= terms(scheme).keys():
        raise WrongValue(field)


@dataclass(frozen=True, slots=True)
class Read:
    """The profile of a case, with the version that a form may name."""

    profile: JobProfile | None
    revised: int


async def read(tx: Tx, case_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> Read:
    """The profile. To look at a person is an action: for staff it leaves an entry that the person can read. (R-21)"""
    case = await cases.get_for_update(tx, case_id, actor=actor)
    if isinstance(decide(actor, Deed.CASE_READ, relation_of(actor, case), state_of(case, Deed.CASE_READ)), Forbidden):
        raise NotFound
    if (role := role_in(actor, case)) is not Role.PERSON:
        told = () if case.job_profile is None else tuple(sorted(case.job_profile.fields))
        await log.append_of_case(tx, case, Kind.CASE_READ, actor=actor, role=role, at=at, secrets=secrets, fields=told)
    return Read(case.job_profile, case.revised)
