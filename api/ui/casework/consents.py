"""Permissions: who was asked, what was allowed; asking with the exact wording, item by item; a no; taking back. (R-11, R-20, R-24)

The person answers, whoever works with them writes it down. Nothing is ticked beforehand, and a no needs no reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from api import receipts
from api.actions import asking, case_desk, consents, listing, stopping, withdrawing
from api.actions.asking import Asking, ToShow, Wanted
from api.actions.case_desk import Desk
from api.actions.consents import Allowing, Asked
from api.identity import CaseManagerDep
from api.notices import filled
from api.problems import NotFound
from api.refusals import why
from api.texts import choose, text
from api.ui.casework.desk import in_words
from api.ui.casework.of_case import CaseId, Done, PartId
from api.ui.casework.parts import Shown
from api.ui.change import Change, PageChangeDep, Visit, VisitDep
from api.ui.forms import read, typed
from api.ui.render import onward
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
async def listed(case_id: CaseId, visit: VisitDep, actor: CaseManagerDep, done: Done = "") -> Response:
    """What the person was asked and answered, the newest first; and the form to ask for another permission."""
    now, language = visit.now, visit.language
    found: Desk = await visit.network.write(case_desk.read, case_id, **visit.held)
    offering = await visit.network.read(listing.providers)
    wanted = list(
        dict.fromkeys(purpose_of(need.service_type) for need in found.file.case.needs if need.is_agreed(at=now))
    )
    return visit.page(
        "casework/consents.html",
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
    case_id: CaseId,
    visit: VisitDep,
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
        language=notice or visit.language,
        countries=tuple(c for c in country if c),
    )
    return await _sheet(visit, case_id, begun, Again())


@dataclass(frozen=True, slots=True)
class Again(Shown):
    """A sheet that is shown again: what was ticked, too."""

    ticked: frozenset[str] = frozenset()


async def _sheet(visit: Visit, case_id: str, begun: Begun, again: Again) -> Response:
    language = visit.language
    try:
        found = await visit.network.read(asking.to_show, case_id, begun.asking, actor=visit.actor, at=visit.now)
    except WrongValue:
        raise NotFound from None  # a purpose that is none of ours stands in an address that nobody was given
    shown: dict[str, Any] = {"sheet": None, "lacking": (), "decides": "nobody", "groups": [], "guardians": []}
    if isinstance(found, Refusal):
        again = replace(again, reasons=why(found, language))
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
    return visit.page(
        "casework/consent_ask.html",
        status=again.status,
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
async def answer(case_id: CaseId, change: PageChangeDep, actor: CaseManagerDep) -> Response:
    """A yes to what was ticked, or a no; the sheet again where something is missing."""
    said = read(change.form, Said, change.language)
    if not isinstance(said, Said):
        begun = read(change.form, Begun, change.language)
        if not isinstance(begun, Begun):
            raise NotFound
        return await _again(case_id, begun, change, faults=unsaid(said, change))
    if said.answer == "yes" and not said.item:
        nothing = {"items": text("casework.fault.items", change.language)}
        return await _again(case_id, said, change, faults=nothing)
    given_by = await voice_of(change, case_id, said)
    if given_by is None:
        faults = {"guardian": text("casework.fault.choose", change.language)}
        return await _again(case_id, said, change, faults=faults)
    try:
        if said.answer == "no":
            done = await change.make(consents.refuse, case_id, Asked(**said.asked(given_by)))
        else:
            items = frozenset(item_of(code) for code in said.item)
            done = await change.make(consents.give, case_id, Allowing(**said.asked(given_by), items=items))
    except (UnknownField, WrongValue):
        faults = {"items": text("casework.fault.choose", change.language)}
        return await _again(case_id, said, change, faults=faults)
    if isinstance(done, Refusal):
        return await _again(case_id, said, change, reasons=why(done, change.language))
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
    case_id: str,
    begun: Begun,
    change: Change,
    *,
    faults: dict[str, str] | None = None,
    reasons: Any = (),
) -> Response:
    ticked = frozenset(str(code) for code in change.form.getlist("item"))
    again = Again(dict(typed(change.form)), faults or {}, reasons, ticked)
    return await _sheet(change, case_id, begun, again)


@router.get("/cases/{case_id}/consents/{consent_id}/withdraw")
async def before(case_id: CaseId, consent_id: PartId, visit: VisitDep, actor: CaseManagerDep) -> Response:
    """What ends with it, and what nobody can call back: read over before it is confirmed."""
    return await _hanging("casework/consent_withdraw.html", case_id, consent_id, visit)


async def _hanging(
    template: str, case_id: str, consent_id: str, visit: Visit, *, status: int = 200, reasons: Any = ()
) -> Response:
    found = await visit.network.read(withdrawing.read, case_id, consent_id, actor=visit.actor)
    language = visit.language
    return visit.page(
        template,
        status=status,
        case_id=case_id,
        found=found,
        reasons=reasons,
        name=receipts.name_of(found.recipient, language),
        purpose=purposes()[found.consent.purpose].label(language),
        labels=lambda codes: labels_of(codes, language),
        is_standing=found.consent.state(at=visit.now) in STANDING | {ConsentState.EXPIRED},
    )


@router.post("/cases/{case_id}/consents/{consent_id}/withdraw")
async def withdraw(case_id: CaseId, consent_id: PartId, change: PageChangeDep, actor: CaseManagerDep) -> Response:
    """Taken back in one step; then the list of what had already gone. (R-20)"""
    await change.network.read(withdrawing.read, case_id, consent_id, actor=actor)  # of this case, or not there
    done = await change.make(consents.withdraw, consent_id)
    if isinstance(done, Refusal):
        reasons = why(done, change.language)
        return await _hanging(
            "casework/consent_withdraw.html", case_id, consent_id, change, status=409, reasons=reasons
        )
    return onward(f"/cases/{case_id}/consents/{consent_id}/withdrawn")


@router.get("/cases/{case_id}/consents/{consent_id}/withdrawn")
async def after(case_id: CaseId, consent_id: PartId, visit: VisitDep, actor: CaseManagerDep) -> Response:
    """For the person: what had already gone, who opened it, and what they are still asked."""
    return await _hanging("casework/consent_withdrawn.html", case_id, consent_id, visit)


@router.post("/cases/{case_id}/referrals/{referral_id}/goes-on")
async def goes_on(case_id: CaseId, referral_id: PartId, change: PageChangeDep, actor: CaseManagerDep) -> Response:
    """The person's answer alone ends a service that runs, or lets it go on without further data."""
    said = change.text("goes_on") == "yes"
    await change.made(stopping.answer_service_goes_on, referral_id, said, of_case=case_id)
    return onward(f"/cases/{case_id}/consents?done=goes-on")
