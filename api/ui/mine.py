"""A person's own page: what is known about them, what left and who opened it, and taking back what they allowed. (R-20, R-21)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from api.actions import consents, mine
from api.actions.cases import CaseFile
from api.complaints import says
from api.dependencies import ActorDep, GazetteerDep, LanguageDep, NetworkDep, NowDep, SecretsDep
from api.gazetteer import Gazetteer
from api.identity import WhoeverDep
from api.problems import Problem
from api.receipts import name_of
from api.texts import text
from api.ui import once
from api.ui.change import Visit
from api.ui.forms import form_of
from api.ui.recorded import in_words
from api.ui.render import onward
from api.ui.way_back import sign_in_first
from graph.model.actor import Actor, Role
from graph.model.base import Language
from graph.model.complaint import ComplaintKind
from graph.model.consent import ConsentState
from graph.model.referral import BusinessStatus, Outcome, Referral, is_running
from graph.model.status_reason import Barrier
from graph.seed.catalogue import CatalogueField, categories, fields
from graph.seed.purposes import purposes
from graph.seed.status_reasons import status_reasons

router = APIRouter()

MOST_LOOKS: Final = 100


@dataclass(frozen=True, slots=True)
class Known:
    """A recorded field in words."""

    label: str
    value: str


@router.get("/mine")
async def show(
    request: Request,
    network: NetworkDep,
    now: NowDep,
    secrets: SecretsDep,
    language: LanguageDep,
    caller: WhoeverDep,
    gazetteer: GazetteerDep,
) -> Response:
    """For whoever signed in with an account of their own case; anybody else has nothing here."""
    if not isinstance(caller, Actor):
        return sign_in_first("/mine")
    return await own_page(Visit(request, network, caller, now, secrets, language), gazetteer)


async def own_page(
    visit: Visit,
    gazetteer: Gazetteer,
    *,
    status: int = 200,
    faults: Mapping[str, str] | None = None,
    reasons: Any = (),
    typed: Mapping[str, str] | None = None,
) -> Response:
    """The page; with what was typed and what is wrong with it, where a form came back."""
    found = await visit.network.write(mine.read, **visit.held)
    language, now = visit.language, visit.now
    names = {id: name_of(organization, language) for id, organization in found.organizations.items()}
    return visit.page(
        "mine.html",
        status=status,
        served_in=found.file.case.country,
        faults=faults or {},
        reasons=reasons,
        typed=typed or {},
        outcomes=[outcome.value for outcome in Outcome],
        goes_on=[r for r, _ in found.told if r.asked_at is not None and r.goes_on is None and is_running(r)],
        holder=names[found.file.case.organization_id],
        consents=[
            (held.consent, name_of(held.recipient, language), held.consent.state(at=now).value)
            for held in found.consents
        ],
        given=ConsentState.GIVEN.value,
        asked=found.asked,
        area=gazetteer.called,
        told=[(referral, said, _became(referral, language)) for referral, said in found.told],
        services=found.services,
        barriers=[barrier.value for barrier in Barrier],
        thanks="said" in visit.request.query_params,
        complaints=[(view, names.get(view.about_id, view.about_id), says(view, language)) for view in found.complaints],
        kind_words=[(kind.value, text(f"complaint.kind.{kind.value}", language)) for kind in ComplaintKind],
        gone=found.gone,
        looks=found.looks[:MOST_LOOKS],
        names=names,
        purpose=lambda code: purposes()[code].label(language),
        labels=lambda codes: ", ".join(fields()[c].label(language) if c in fields() else c for c in codes),
        known=_known(found.file, language, gazetteer),
    )


@router.get("/mine/complaints")
async def back(request: Request, actor: ActorDep) -> Response:
    """Whoever reloads the answer to a form by its address, or changes its language, is led to their page."""
    return onward(f"/mine?{request.url.query}")


@router.post("/mine/consents/{consent_id}/withdrawal")
async def withdraw(
    request: Request,
    consent_id: Annotated[str, Path(min_length=1, max_length=160)],
    network: NetworkDep,
    now: NowDep,
    secrets: SecretsDep,
    actor: ActorDep,
) -> Response:
    """Taken back, in one step and without a reason; what had ended before stays ended. (R-20)"""
    key = await key_of(request, actor)
    await network.write(consents.withdraw, consent_id, actor=actor, at=now, secrets=secrets, **key)
    return onward("/mine?said=1")


async def key_of(request: Request, actor: Actor) -> dict[str, Any]:
    """What makes a button count once; nothing where no form came with it. Whose thing it is, is asked first, not this."""
    try:
        return once.circumstances(await form_of(request), actor, request.url.path)
    except Problem:
        return {}


def _became(referral: Referral, language: Language) -> str:
    """Where a referral stands, and why it ended or halts, in the words for the person. (R-50)"""
    waits = referral.business_status is BusinessStatus.WAITING_LIST
    stands = text(f"mine.stands.{BusinessStatus.WAITING_LIST if waits else referral.status}", language)
    reason = status_reasons().get(referral.reason or "")
    return f"{stands} {reason.to_person(language)}" if reason else stands


def _known(file: CaseFile, language: Language, gazetteer: Gazetteer) -> list[tuple[str, list[Known]]]:
    """What is recorded, by group, in the words of the catalogue; what nobody recorded is left out."""
    values: list[tuple[CatalogueField, Any]] = [(fields()[told.field], told.value) for told in file.told]
    for field in fields().values():
        name = field.property_of_case
        if name is not None and Role.PERSON in field.seen_by and getattr(file.case, name) is not None:
            values.append((field, getattr(file.case, name)))
    found: dict[str, list[Known]] = {}
    for code, group in categories().items():
        rows = [Known(f.label(language), in_words(f, v, language, gazetteer)) for f, v in values if f.category == code]
        if rows:
            found[group.es if language == "es" else group.en] = sorted(rows, key=lambda row: row.label)
    return list(found.items())
