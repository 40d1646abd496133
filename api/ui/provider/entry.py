"""My entry: what the directory says of my organisation, each fact with its age; what I propose, and what became of it. (R-02)

Whoever is signed in and works with the directory may propose a change of any entry; somebody else decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path
from fastapi.responses import Response
from starlette.datastructures import FormData

from api.actions import directory_view, my_entry, proposals, verifying
from api.actions.entry_values import read, typed
from api.actions.proposals import Proposed, Stated
from api.dependencies import GazetteerDep
from api.gazetteer import Gazetteer
from api.identity import DeciderDep, ProposerDep
from api.meant import folded
from api.problems import Problem
from api.refusals import why
from api.texts import text
from api.ui import directory
from api.ui.change import Change, PageChangeDep, Visit, VisitDep
from api.ui.render import onward, own
from graph.model.base import Language
from graph.model.directory import Organization, Service
from graph.model.entry import DAYS, FIELDS, Kind, Subject, Value, Wrong, told
from graph.model.proposal import Rejection
from graph.model.refusal import Refusal
from graph.seed.catalogue import WrongValue
from graph.seed.vocabulary import terms

router = APIRouter()

ServiceId = Annotated[str, Path(min_length=1, max_length=120)]
ProposalId = Annotated[str, Path(min_length=1, max_length=120)]

DONE: Final = frozenset({"proposed", "withdrawn", "approved", "rejected", "undone", "verified"})
LONGEST: Final = 60_000


@router.get("/entry")
async def show(visit: VisitDep, gazetteer: GazetteerDep, actor: ProposerDep) -> Response:
    """My organisation, its services with the age of each entry, and what became of what was proposed."""
    found = await visit.network.read(my_entry.read, actor=actor)
    said = visit.request.query_params.get("said", "")
    return visit.page(
        "provider/entry.html",
        found=found,
        names=_names(found.called, visit.language),
        me=actor,
        said=said if said in DONE else "",
        words=Words(visit.language, gazetteer),
        may_decide=proposals.may_decide,
    )


@router.get("/entry/services/{service_id}")
async def service(service_id: ServiceId, visit: VisitDep, gazetteer: GazetteerDep, actor: ProposerDep) -> Response:
    """What the entry of a service says, and the form in which to say it otherwise."""
    entry = await visit.network.read(proposals.entry_of, "service", service_id)
    return await _form(visit, "service", entry, gazetteer)


@router.post("/entry/services/{service_id}")
async def propose_service(
    service_id: ServiceId, change: PageChangeDep, gazetteer: GazetteerDep, actor: ProposerDep
) -> Response:
    """Propose what the form says; only what differs from the entry."""
    entry = await change.network.read(proposals.entry_of, "service", service_id)
    return await _propose(change, "service", entry, gazetteer)


@router.get("/entry/organization")
async def organization(visit: VisitDep, gazetteer: GazetteerDep, actor: ProposerDep) -> Response:
    """What the entry of my organisation says, and the form in which to say it otherwise."""
    entry = await visit.network.read(proposals.entry_of, "organization", actor.organization_id or "")
    return await _form(visit, "organization", entry, gazetteer)


@router.post("/entry/organization")
async def propose_organization(change: PageChangeDep, gazetteer: GazetteerDep, actor: ProposerDep) -> Response:
    """Propose another word about my organisation."""
    entry = await change.network.read(proposals.entry_of, "organization", actor.organization_id or "")
    return await _propose(change, "organization", entry, gazetteer)


@router.post("/entry/services/{service_id}/verification")
async def verify(service_id: ServiceId, change: PageChangeDep, actor: ProposerDep) -> Response:
    """It was looked at and is as it says: whose entry it is may say so, and who keeps the directory."""
    await change.made(verifying.verify, service_id)
    return onward("/entry?said=verified")


@router.get("/entry/proposals")
async def waiting(visit: VisitDep, gazetteer: GazetteerDep, actor: DeciderDep) -> Response:
    """What waits for my decision, the oldest first."""
    return await _waiting(visit, gazetteer)


@router.post("/entry/proposals/{proposal_id}/approval")
async def approve(
    proposal_id: ProposalId, change: PageChangeDep, gazetteer: GazetteerDep, actor: DeciderDep
) -> Response:
    """Yes: the entry says it from now on."""
    return await _decided(change, gazetteer, "approved", proposals.approve, proposal_id)


@router.post("/entry/proposals/{proposal_id}/rejection")
async def reject(
    proposal_id: ProposalId, change: PageChangeDep, gazetteer: GazetteerDep, actor: DeciderDep
) -> Response:
    """No, and why."""
    reason, note = change.text("reason"), change.text("note", most=300) or None
    if reason not in frozenset(Rejection):
        await change.network.read(proposals.look, proposal_id, actor=actor)
        return await _waiting(change, gazetteer, wrong=proposal_id)
    return await _decided(change, gazetteer, "rejected", proposals.reject, proposal_id, Rejection(reason), note=note)


@router.post("/entry/proposals/{proposal_id}/undoing")
async def undo(proposal_id: ProposalId, change: PageChangeDep, gazetteer: GazetteerDep, actor: DeciderDep) -> Response:
    """What was approved is as before."""
    return await _decided(change, gazetteer, "undone", proposals.undo, proposal_id)


@router.post("/entry/proposals/{proposal_id}/withdrawal")
async def withdraw(proposal_id: ProposalId, change: PageChangeDep, actor: ProposerDep) -> Response:
    """I no longer want it."""
    await change.made(proposals.withdraw, proposal_id)
    return onward("/entry?said=withdrawn")


async def _decided(
    change: Change, gazetteer: Gazetteer, said: str, action: Any, proposal_id: str, *args: Any, **more: Any
) -> Response:
    outcome = await change.make(action, proposal_id, *args, **more)
    if isinstance(outcome, Refusal):
        return await _waiting(change, gazetteer, reasons=why(outcome, change.language))
    directory.forget(change.request)
    return onward(f"/entry/proposals?said={said}")


def _names(called: Mapping[str, Any], language: Language) -> dict[str, str]:
    """Names in the reader's language, by id."""
    return {id: own(language, one, "name") for id, one in called.items()}


async def _waiting(visit: Visit, gazetteer: Gazetteer, *, reasons: Any = (), wrong: str = "") -> Response:
    network, actor, language = visit.network, visit.actor, visit.language
    listed = await network.read(proposals.to_decide, actor=actor)
    near = await network.read(proposals.near, actor=actor)
    names = _names(await network.read(my_entry.called_in, [*listed.proposals, *near]), language)
    said = visit.request.query_params.get("said", "")
    return visit.page(
        "provider/proposals.html",
        status=409 if reasons else 422 if wrong else 200,
        listed=listed,
        decided=[p for p in near if p.decided_by == actor.id],
        names=names,
        reasons=reasons,
        wrong=wrong,
        rejections=[r.value for r in Rejection],
        said=said if said in DONE else "",
        words=Words(language, gazetteer),
        me=actor,
    )


class Words:
    """Values of an entry in the reader's words."""

    def __init__(self, language: Language, gazetteer: Gazetteer) -> None:
        self._language, self._gazetteer = language, gazetteer

    def code(self, scheme: str, code: str) -> str:
        """A code in words."""
        if scheme == "areas":
            area = self._gazetteer.by_code.get(code)
            return area.name if area else code
        if scheme == "days":
            return text(f"entry.day.{code}", self._language)
        term = terms(scheme).get(code)  # every scheme of a field is one
        return term.label(self._language) if term else code

    def with_code(self, scheme: str, code: str) -> str:
        """A code in words, with itself in brackets so that nothing is guessed when it comes back."""
        return f"{self.code(scheme, code)} ({code})"

    def value(self, subject: Subject, field: str, value: Value) -> str:
        """A value as it is read: long lists are cut."""
        if value is None or value == ():
            return text("pages.not-stated", self._language)
        scheme = FIELDS[subject][field].scheme
        if isinstance(value, tuple):
            words = [self.code(scheme or "", one) for one in value[:12]]
            more = [text("entry.and-more", self._language, n=len(value) - 12)] if len(value) > 12 else []
            return "; ".join([*words, *more])
        return self.code(scheme, str(value)) if scheme else str(value)

    def area_meant(self, typed_: str) -> str | None:
        """The code of the one area that is meant: by code, or the widest of that name."""
        meant = self._gazetteer.meant(typed_)
        if not isinstance(meant, list):
            return meant.code
        same = [a for a in meant if folded(a.name) == folded(typed_)]
        widest = [a for a in same if all(a.code in other.lineage for other in same)]
        return widest[0].code if widest else None


def faults_in_words(faults: Mapping[str, Wrong], language: Language) -> dict[str, str]:
    """What is wrong with fields, a sentence each."""
    return {field: text(f"entry.wrong.{fault.value}", language) for field, fault in faults.items()}


async def _propose(change: Change, subject: Subject, entry: Service | Organization, gazetteer: Gazetteer) -> Response:
    words = Words(change.language, gazetteer)
    now = told(entry)
    as_shown = typed(subject, now, word=words.with_code)
    said = _typed(change.form, subject, as_shown)
    changed = {code: value for code, value in said.items() if value != as_shown[code]}
    values, faults = read(subject, changed, area=words.area_meant)
    form: dict[str, Any] = {"typed": said, "faults": faults_in_words(faults, change.language), "reasons": ()}
    if not faults and not values:
        form["reasons"] = why(proposals.nothing(), change.language)
    elif not faults:
        try:
            stated = Stated(subject=subject, subject_id=entry.id, stated=values)
            outcome = await change.make(proposals.propose, stated)
        except WrongValue as wrong:
            form["faults"] = faults_in_words({wrong.field: Wrong.ORDER}, change.language)
        else:
            if isinstance(outcome, Proposed):
                return onward("/entry?said=proposed")
            form["reasons"] = why(outcome, change.language)
    return await _form(change, subject, entry, gazetteer, form)


def _typed(form: FormData, subject: Subject, as_shown: Mapping[str, str]) -> dict[str, str]:
    """What was typed of the fields that were shown; a field that was not sent stays as it is."""
    said: dict[str, str] = {}
    for code, shown in as_shown.items():
        if code == "days":
            chosen = [v for v in form.getlist("days") if v in DAYS]
            said[code] = "\n".join(_day(day, shown) for day in DAYS if day in chosen) if "days-there" in form else shown
            continue
        value = form.get(code, shown)
        if not isinstance(value, str) or len(value) > LONGEST:
            raise Problem("invalid-request")
        said[code] = value.replace("\r\n", "\n").strip()
    return said


def _day(day: str, shown: str) -> str:
    """A day as it was shown, so that nothing changed is nothing proposed."""
    return next((line for line in shown.split("\n") if line.endswith(f"({day})")), day)


def _chosen(days: str) -> list[str]:
    return [day for day in DAYS if f"({day})" in days or day in days.split("\n")]


async def _form(
    visit: Visit,
    subject: Subject,
    entry: Service | Organization,
    gazetteer: Gazetteer,
    shown: Mapping[str, Any] | None = None,
) -> Response:
    words = Words(visit.language, gazetteer)
    values = told(entry)
    said = {"typed": typed(subject, values, word=words.with_code), "faults": {}, "reasons": ()} | dict(shown or {})
    ages: dict[str, Any] = {}
    view = None
    if isinstance(entry, Service):
        view = await visit.network.read(directory_view.service, entry.id, on=visit.now.date())
        ages = {code: view.age_of(FIELDS[subject][code].changes) for code in values}
    else:
        edited = await visit.network.read(my_entry.edited, actor=visit.actor)
        ages = {code: edited.get(FIELDS[subject][code].changes) for code in values}
    actor = visit.actor
    is_mine = my_entry.keeps_an_entry(actor) and proposals.owner_of(entry) == actor.organization_id
    status = 422 if said["faults"] else 409 if said["reasons"] else 200
    return visit.page(
        "provider/entry_form.html",
        status=status,
        subject=subject,
        entry=entry,
        view=view,
        values=values,
        fields_=[FIELDS[subject][code] for code in FIELDS[subject] if code in values],
        ages=ages,
        words=words,
        is_mine=is_mine,
        kinds=Kind,
        days=[(day, words.code("days", day)) for day in DAYS],
        chosen_days=_chosen(str(said["typed"].get("days", ""))),
        options=lambda scheme: [(code, words.code(scheme, code)) for code in terms(scheme)],
        **said,
    )
