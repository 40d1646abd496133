"""Permissions: who was asked, what was allowed; asking with the exact wording, item by item; a no; taking back. (R-11, R-20, R-24)

The person answers, whoever works with them writes it down. Nothing is ticked beforehand, and a no needs no reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field

from api import receipts
from api.actions import asking, case_desk, consents, listing, stopping, withdrawing
from api.actions.asking import Asking, ToShow, Wanted
from api.actions.case_desk import Desk
from api.actions.consents import Allowing, Asked
from api.dependencies import LanguageDep, NetworkDep, NowDep, SecretsDep
from api.identity import CaseManagerDep
from api.notices import filled
from api.problems import NotFound
from api.refusals import why
from api.texts import choose, text
from api.ui.casework.desk import in_words
from api.ui.casework.of_case import CaseId, PartId
from api.ui.change import Change, PageChangeDep
from api.ui.forms import read, typed
from api.ui.render import FRESH, onward, page
from graph.model.actor import Actor
from graph.model.base import Code, Id, Language, Model
from graph.model.consent import ConsentState, FieldConsent
from graph.model.refusal import Refusal
from graph.seed import notices
from graph.seed.catalogue import UnknownField, WrongValue, categories, fields
from graph.seed.notices import PERSON
from graph.seed.purposes import purpose_of, purposes
from graph.seed.vocabulary import label, terms

router = APIRouter()

DONE: Final = frozenset({"given", "refused", "goes-on"})
MODALITIES: Final = ("written", "spoken-before-witness", "thumbprint", "digital")
STANDING: Final = frozenset({ConsentState.GIVEN, ConsentState.REQUESTED})
NEAR: Final = ("GT", "SV", "HN", "MX", "US")
"""Countries that people of here leave for and come from: first in the list."""


@router.get("/cases/{case_id}/consents")
async def listed(
    request: Request,
    case_id: CaseId,
    network: NetworkDep,
    now: NowDep,
    secrets: SecretsDep,
    language: LanguageDep,
    actor: CaseManagerDep,
    done: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """What the person was asked and answered, the newest first; and the form to ask for another permission."""
    found: Desk = await network.write(case_desk.read, case_id, actor=actor, at=now, secrets=secrets)
    offering = await network.read(listing.providers)
    wanted = list(
        dict.fromkeys(purpose_of(need.service_type) for need in found.file.case.needs if need.is_agreed(at=now))
    )
    return page(
        request,
        "casework/consents.html",
        now=now,
        headers=FRESH,
        done=done if done in DONE else "",
        organizations=sorted((str(o.translations.get(language, {}).get("name") or o.name), o.id) for o in offering),
        purposes=[
            (code, purposes()[code].label(language)) for code in [*wanted, *(c for c in purposes() if c not in wanted)]
        ],
        tongues=notices.languages(PERSON, on=now.date()),
        countries=_countries(language),
        standing={state.value for state in STANDING},
        waiting=[
            one.referral for one in found.on_way if one.referral.asked_at is not None and one.referral.goes_on is None
        ],
        labels=lambda codes: labels_of(codes, language),
        **in_words(found, language, at=now),
    )


def _countries(language: Language) -> list[tuple[str, str]]:
    known = [code for code in NEAR if code in terms("countries")]
    rest = sorted((label("countries", code, language), code) for code in terms("countries") if code not in known)
    return [(code, label("countries", code, language)) for code in known] + [(code, said) for said, code in rest]


def labels_of(codes: Iterable[str], language: Language) -> str:
    """Fields in words, each once, in the order of the catalogue."""
    wanted = set(codes)
    return ", ".join(field.label(language) for code, field in fields().items() if code in wanted)


class Begun(Model):
    """About what somebody is going to be asked."""

    organization: Id
    purpose: Code
    language: Code = "es"
    countries: tuple[Code, ...] = Field((), max_length=20)

    @property
    def asking(self) -> Asking:
        """As the action takes it."""
        return Asking(
            organization_id=self.organization,
            purpose=self.purpose,
            language=self.language,
            countries=frozenset(self.countries),
        )


UNTOLD: Final = "untold"
"""What an address left out: nothing has this name, so it is not there; whose case it is was looked at before."""


@router.get("/cases/{case_id}/consents/ask")
async def ask(
    request: Request,
    case_id: CaseId,
    network: NetworkDep,
    now: NowDep,
    language: LanguageDep,
    actor: CaseManagerDep,
    organization: Annotated[str, Query(max_length=120)] = "",
    purpose: Annotated[str, Query(max_length=120)] = "",
    notice: Annotated[str, Query(max_length=12)] = "",
    country: Annotated[list[str], Query(max_length=20)] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """The wording to show or read aloud, and every item for itself; nothing is ticked."""
    begun = Begun(
        organization=organization or UNTOLD,
        purpose=purpose or UNTOLD,
        language=notice or language,
        countries=tuple(c for c in country if c),
    )
    return await _sheet(request, network, case_id, begun, actor=actor, now=now, language=language)


@dataclass(frozen=True, slots=True)
class Again:
    """A sheet that is shown again: what was ticked and typed, and why."""

    said: dict[str, str]
    ticked: frozenset[str] = frozenset()
    faults: dict[str, str] | None = None
    reasons: Any = ()

    @property
    def status(self) -> int:
        """409 where it was refused, 422 where a field is wrong."""
        return 409 if self.reasons else 422 if self.faults else 200


async def _sheet(
    request: Request,
    network: NetworkDep,
    case_id: str,
    begun: Begun,
    *,
    actor: Actor,
    now: datetime,
    language: Language,
    again: Again | None = None,
) -> Response:
    try:
        found = await network.read(asking.to_show, case_id, begun.asking, actor=actor, at=now)
    except WrongValue:
        raise NotFound from None  # a purpose that is none of ours stands in an address that nobody was given
    again = again or Again({})
    shown: dict[str, Any] = {"sheet": None, "lacking": (), "decides": "nobody", "groups": [], "guardians": []}
    if isinstance(found, Refusal):
        again = Again(again.said, again.ticked, again.faults, why(found, language))
    else:
        spoken: Language = choose(begun.language)
        shown = {
            "sheet": filled(begun.asking, found),
            "crossing": receipts.crossing(found.crossings, spoken),
            "lacking": why(Refusal.of(found.lacking), language) if found.lacking else (),
            "decides": found.decides,
            "groups": groups_of(found.wanted, spoken),
            "missing": [f.field for f in found.wanted if f.required and not f.is_recorded],
            "guardians": [
                (
                    g.id,
                    text(
                        "casework.guardian.named",
                        language,
                        kind=text(f"casework.guardian.{g.kind}", language),
                        id=g.id[:6],
                    ),
                )
                for g in found.guardians
            ],
            "recipient": receipts.name_of(found.recipient, language),
        }
    return page(
        request,
        "casework/consent_ask.html",
        now=now,
        status=again.status,
        headers=FRESH,
        case_id=case_id,
        begun=begun,
        again=again,
        modalities=[(code, text(f"consent.modality.{code}", language)) for code in MODALITIES],
        labels=lambda codes: labels_of(codes, language),
        **shown,
    )


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to be asked about, in the language in which it is read."""

    code: str
    words: str
    required: bool
    is_recorded: bool
    why: tuple[str, ...]


def groups_of(wanted: Iterable[Wanted], spoken: Language) -> list[tuple[str, str, list[Item]]]:
    """Stage, group and items, as they are read over with the person."""
    found: dict[tuple[str, str], list[Item]] = {}
    for one in wanted:
        field = fields()[one.field]
        reasons = [r.translations.get(spoken, {}).get("why_needed") or r.why_needed for r in one.reasons]
        item = Item(
            f"{one.stage}:{one.field}",
            field.label(spoken),
            one.required,
            one.is_recorded,
            tuple(dict.fromkeys(str(reason) for reason in reasons if reason)),
        )
        found.setdefault((one.stage, field.category), []).append(item)
    names = {code: group.es if spoken == "es" else group.en for code, group in categories().items()}
    return [(stage, names[group], items) for (stage, group), items in found.items()]


class Said(Begun):
    """How the person answered."""

    answer: Literal["yes", "no"]
    modality: Literal["written", "spoken-before-witness", "thumbprint", "digital"]
    witness: Id | None = None
    guardian: Id | None = None
    notice_version: int | None = Field(None, ge=1, le=10_000)
    item: tuple[str, ...] = Field((), max_length=400)

    def asked(self, given_by: Any) -> dict[str, Any]:
        """What was asked, under which wording, and who answered."""
        return {
            "organization_id": self.organization,
            "purpose": self.purpose,
            "language": self.language,
            "countries": frozenset(self.countries),
            "notice_version": self.notice_version,
            "modality": self.modality,
            "witness": self.witness,
            "given_by": given_by,
            "guardian_id": self.guardian,
        }


def unsaid(faults: dict[str, str], change: Change) -> dict[str, str]:
    """What the answer lacks, each by its own name: that "this is missing" tells nobody where to look."""
    said = faults | ({"modality": text("casework.fault.modality", change.language)} if "modality" in faults else {})
    if change.text("answer", most=10) == "yes" and not change.form.getlist("item"):
        said = {"items": text("casework.fault.items", change.language)} | said
    return said


@router.post("/cases/{case_id}/consents")
async def answer(request: Request, case_id: CaseId, change: PageChangeDep, actor: CaseManagerDep) -> Response:
    """A yes to what was ticked, or a no; the sheet again where something is missing."""
    said = read(change.form, Said, change.language)
    if not isinstance(said, Said):
        begun = read(change.form, Begun, change.language)
        if not isinstance(begun, Begun):
            raise NotFound
        return await _again(request, case_id, begun, change, faults=unsaid(said, change))
    if said.answer == "yes" and not said.item:
        nothing = {"items": text("casework.fault.items", change.language)}
        return await _again(request, case_id, said, change, faults=nothing)
    given_by = await voice_of(change, case_id, said)
    if given_by is None:
        faults = {"guardian": text("casework.fault.choose", change.language)}
        return await _again(request, case_id, said, change, faults=faults)
    try:
        if said.answer == "no":
            done = await change.make(consents.refuse, case_id, Asked(**said.asked(given_by)))
        else:
            items = frozenset(item_of(code) for code in said.item)
            done = await change.make(consents.give, case_id, Allowing(**said.asked(given_by), items=items))
    except (UnknownField, WrongValue):
        return await _again(
            request, case_id, said, change, faults={"items": text("casework.fault.choose", change.language)}
        )
    if isinstance(done, Refusal):
        return await _again(request, case_id, said, change, reasons=why(done, change.language))
    return onward(f"/cases/{case_id}/consents?done={'refused' if said.answer == 'no' else 'given'}")


def item_of(code: str) -> FieldConsent:
    stage, _, field = code.partition(":")
    if stage not in {"first-contact", "follow-up", "continuity"}:
        raise UnknownField(field)
    return FieldConsent(field=field, stage=stage)


async def voice_of(change: Change, case_id: str, said: Said) -> str | None:
    """Who answers: the person where they decide; else a guardian of a child, or whoever represents an adult."""
    found = await change.network.read(asking.to_show, case_id, said.asking, actor=change.actor, at=change.now)
    if isinstance(found, ToShow) and found.decides != "self":
        standing = {g.id: g.kind for g in found.guardians}
        if said.guardian not in standing:
            return "self" if said.answer == "no" else None  # a no is anybody's to say who was asked
        return "lawful-representative" if standing[said.guardian] == "lawful-representative" else "guardian"
    return "self"


async def _again(
    request: Request,
    case_id: str,
    begun: Begun,
    change: Change,
    *,
    faults: dict[str, str] | None = None,
    reasons: Any = (),
) -> Response:
    ticked = frozenset(str(code) for code in change.form.getlist("item"))
    again = Again(dict(typed(change.form)), ticked, faults, reasons)
    return await _sheet(
        request,
        change.network,
        case_id,
        begun,
        actor=change.actor,
        now=change.now,
        language=change.language,
        again=again,
    )


@router.get("/cases/{case_id}/consents/{consent_id}/withdraw")
async def before(
    request: Request,
    case_id: CaseId,
    consent_id: PartId,
    network: NetworkDep,
    now: NowDep,
    language: LanguageDep,
    actor: CaseManagerDep,
) -> Response:
    """What ends with it, and what nobody can call back: read over before it is confirmed."""
    return await _hanging(request, "casework/consent_withdraw.html", case_id, consent_id, network, now, language, actor)


async def _hanging(
    request: Request,
    template: str,
    case_id: str,
    consent_id: str,
    network: NetworkDep,
    now: datetime,
    language: Language,
    actor: Actor,
    *,
    status: int = 200,
    reasons: Any = (),
) -> Response:
    found = await network.read(withdrawing.read, case_id, consent_id, actor=actor)
    return page(
        request,
        template,
        now=now,
        status=status,
        headers=FRESH,
        case_id=case_id,
        found=found,
        reasons=reasons,
        name=receipts.name_of(found.recipient, language),
        purpose=purposes()[found.consent.purpose].label(language),
        labels=lambda codes: labels_of(codes, language),
        is_standing=found.consent.state(at=now) in STANDING | {ConsentState.EXPIRED},
    )


@router.post("/cases/{case_id}/consents/{consent_id}/withdraw")
async def withdraw(
    request: Request, case_id: CaseId, consent_id: PartId, change: PageChangeDep, actor: CaseManagerDep
) -> Response:
    """Taken back in one step; then the list of what had already gone. (R-20)"""
    await change.network.read(withdrawing.read, case_id, consent_id, actor=actor)  # of this case, or not there
    done = await change.make(consents.withdraw, consent_id)
    if isinstance(done, Refusal):
        template, reasons = "casework/consent_withdraw.html", why(done, change.language)
        return await _hanging(
            request,
            template,
            case_id,
            consent_id,
            change.network,
            change.now,
            change.language,
            actor,
            status=409,
            reasons=reasons,
        )
    return onward(f"/cases/{case_id}/consents/{consent_id}/withdrawn")


@router.get("/cases/{case_id}/consents/{consent_id}/withdrawn")
async def after(
    request: Request,
    case_id: CaseId,
    consent_id: PartId,
    network: NetworkDep,
    now: NowDep,
    language: LanguageDep,
    actor: CaseManagerDep,
) -> Response:
    """For the person: what had already gone, who opened it, and what they are still asked."""
    return await _hanging(
        request, "casework/consent_withdrawn.html", case_id, consent_id, network, now, language, actor
    )


@router.post("/cases/{case_id}/referrals/{referral_id}/goes-on")
async def goes_on(case_id: CaseId, referral_id: PartId, change: PageChangeDep, actor: CaseManagerDep) -> Response:
    """The person's answer alone ends a service that runs, or lets it go on without further data."""
    said = change.text("goes_on") == "yes"
    await change.made(stopping.answer_service_goes_on, referral_id, said, of_case=case_id)
    return onward(f"/cases/{case_id}/consents?done=goes-on")
