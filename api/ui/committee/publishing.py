"""Rules that two persons publish: what is on its way, drafts of SOPs and orders, and what each would change. (R-10, R-35)

Whose service it is drafts here too; the committee alone publishes, and sees numbers of people.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from api.actions import amendments, listing
from api.actions.amendments import Amended, Draft, Read
from api.amending import POLICIES, AmendmentReaderDep, RunsDep, draft_of
from api.answer import fault_text
from api.meant import folded
from api.problems import Problem
from api.refusals import why
from api.texts import text
from api.ui import once
from api.ui.change import Change, PageChangeDep, Visit, VisitDep
from api.ui.committee import drafting
from api.ui.committee.drafting import Flat
from api.ui.render import onward
from graph.model.base import Language
from graph.model.difference import Difference, Sample
from graph.model.refusal import Refusal
from graph.model.sop import Sop
from graph.seed import catalogue
from graph.seed.vocabulary import Scheme, label, terms

router = APIRouter(prefix="/committee/publishing")

DONE: Final = frozenset({"drafted", "changed", "submitted", "withdrawn", "published", "computed"})
FOUND: Final = 30
SHOWN: Final = 12
"""Samples shown at once: the others are counted."""
AT: Final = "/committee/publishing"

AmendmentId = Annotated[str, Path(min_length=1, max_length=120)]
Asked = Annotated[str | None, Query(max_length=200)]


@router.get("")
async def show(visit: VisitDep, actor: AmendmentReaderDep) -> Response:
    """What waits for another person, what is being drafted, and what was decided."""
    found = await visit.network.read(amendments.listed, actor=actor)
    groups = [(stage, [x for x in found if x.amendment.stage == stage]) for stage in STAGES]
    return visit.page("committee/publishing.html", groups=groups, me=actor.id)


STAGES: Final = ("submitted", "draft", "published", "withdrawn")


# -- a draft of a SOP ------------------------------------------------------------------------------------------------


@router.get("/new")
async def new(visit: VisitDep, actor: AmendmentReaderDep, service: Asked = None, q: Asked = None) -> Response:
    """Choose a service; then the form, which starts from the version in force."""
    if service:
        today = visit.now.date()
        subject, base = await visit.network.read(amendments.start, service, actor=actor, on=today)
        shown = drafting.flat(base) | {"starts_on": [today.isoformat()]}
        return _form(visit, subject=subject, base=base, shown=shown, to=f"{AT}/new?service={service}")
    words = folded(q or "").split()
    all_ = await visit.network.read(listing.services) if words else []
    found = [s for s in all_ if all(w in folded(f"{s.name} {s.organization} {s.translations}") for w in words)]
    return visit.page(
        "committee/choose_service.html",
        q=q or "",
        found=found[:FOUND],
        many=len(found),
    )


@router.post("/new")
async def draft(change: PageChangeDep, actor: AmendmentReaderDep, service: Asked = None) -> Response:
    """A draft of what the form says."""
    subject, base = await change.network.read(amendments.start, service or "", actor=actor, on=change.now.date())
    to = f"{AT}/new?service={service}"
    return await _drafted(
        change, subject=subject, base=base, to=to, action=amendments.draft_sop, about=subject.id, said="drafted"
    )


async def _drafted(
    change: Change,
    *,
    subject: Any,
    base: Sop | None,
    to: str,
    action: Any,
    about: str,
    said: str,
    revision: int | None = None,
) -> Response:
    """Write what the form says, or show it again with what is wrong."""
    shown = drafting.sent(change.form)
    language = change.language

    def again(faults: Mapping[str, str], reasons: Any = (), status: int = 422) -> Response:
        told: dict[str, Any] = {"faults": faults, "reasons": reasons, "status": status, "revision": revision}
        more = "more" in shown.get("do", [])
        key = once.again(change.form)
        return _form(change, subject=subject, base=base, shown=shown, to=to, key=key, more=more, **told)

    if "more" in shown.get("do", []):
        return again({}, status=200)
    document, places = drafting.document_of(shown, base)
    made, faults = _read(shown, language, places, sop=document, service_id=subject.id, base=base)
    if made is None:
        return again(faults)
    after = () if revision is None else (revision,)
    done = await change.make(action, about, made, *after)
    if isinstance(done, Refusal):
        return again({}, why(done, language), 409)
    assert isinstance(done, Amended)
    return onward(f"{AT}/{done.amendment_id}?said={said}")


def _read(shown: Flat, language: Language, places: Mapping[str, str], **of: Any) -> tuple[Draft | None, dict[str, str]]:
    """The draft, or a sentence for each field of the form that is wrong."""
    faults: dict[str, str] = {}
    try:
        starts_on = date.fromisoformat(shown.get("starts_on", [""])[-1])
    except ValueError:
        starts_on, faults["starts_on"] = date.max, text("publishing.fault.impossible-date", language)
    note = shown.get("note", [""])[-1]
    if len(note) > 1000:
        faults["note"] = text("publishing.fault.too-long", language)
    made = draft_of(starts_on=starts_on, reason=shown.get("reason", [""])[-1], note=note or None, **of)
    if isinstance(made, tuple):
        names = drafting.named((f.pointer for f in made), places)
        faults = {names[f.pointer]: fault_text(f, language) for f in made} | faults
    return (None, faults) if faults or isinstance(made, tuple) else (made, {})


def _form(
    visit: Visit,
    *,
    subject: Any,
    base: Sop | None,
    shown: Flat,
    to: str,
    faults: Mapping[str, str] | None = None,
    reasons: Any = (),
    status: int = 200,
    key: Any = None,
    more: bool = False,
    revision: int | None = None,
) -> Response:
    language = visit.language
    return visit.page(
        "committee/draft_sop.html",
        status=status,
        subject=subject,
        base=base,
        v=lambda name: (shown.get(name) or [""])[-1],
        several=lambda name: shown.get(name, []),
        field_rows=drafting.rows(shown, "field", more=more),
        contact_rows=drafting.rows(shown, "contact-name", more=more),
        askable=_askable(language),
        codes=lambda scheme: _codes(scheme, language),
        to=to,
        faults=faults or {},
        reasons=reasons,
        key=key or once.field(),
        revision=revision,
        today=visit.now.date().isoformat(),
        days=(drafting.WEEKDAYS, drafting.DAILY),
        clocks=drafting.CLOCKS,
        units=drafting.UNITS,
    )


def _codes(scheme: Scheme, language: Language) -> list[tuple[str, str]]:
    return [(code, label(scheme, code, language)) for code in terms(scheme)]


def _askable(language: Language) -> list[tuple[str, list[tuple[str, str]]]]:
    """The fields that may be asked for at all, by category."""
    return [
        (
            category.es if language == "es" else category.en,
            [(f.code, f.label(language)) for f in catalogue.fields().values() if f.category == code and f.may_be_sent],
        )
        for code, category in catalogue.categories().items()
        if any(f.category == code and f.may_be_sent for f in catalogue.fields().values())
    ]


# -- a draft of an order ---------------------------------------------------------------------------------------------


@router.get("/order")
async def order(visit: VisitDep, actor: AmendmentReaderDep) -> Response:
    """Which published order is to hold in which mechanism."""
    shown = {"starts_on": [visit.now.date().isoformat()]}
    found = await visit.network.read(amendments.mechanisms, actor=actor, on=visit.now.date())
    return _order(visit, found, shown=shown, to=f"{AT}/order")


@router.post("/order")
async def draft_order(change: PageChangeDep, actor: AmendmentReaderDep) -> Response:
    """A draft of an order."""
    found = await change.network.read(amendments.mechanisms, actor=actor, on=change.now.date())
    shown = drafting.sent(change.form)
    mechanism = shown.get("mechanism", [""])[-1]
    return await _ordered(
        change, found, shown, to=f"{AT}/order", action=amendments.draft_order, about=mechanism, said="drafted"
    )


async def _ordered(
    change: Change,
    found: Any,
    shown: Flat,
    *,
    to: str,
    action: Any,
    about: str,
    said: str,
    fixed: Read | None = None,
) -> Response:
    language = change.language
    policy, _, version = shown.get("policy", [""])[-1].partition("/")
    is_number = version.isascii() and version.isdigit() and len(version) < 4
    of = {"policy": policy, "policy_version": int(version) if is_number else 1}
    made, faults = _read(shown, language, {"/reason": "reason", "/policy": "policy"}, **of)
    if made is None:
        return _order(change, found, shown=shown, to=to, faults=faults, fixed=fixed, status=422)
    after = () if fixed is None else (_revision(change),)
    done = await change.make(action, about, made, *after)
    if isinstance(done, Refusal):
        return _order(change, found, shown=shown, to=to, reasons=why(done, language), fixed=fixed, status=409)
    return onward(f"{AT}/{done.amendment_id}?said={said}")


def _order(
    visit: Visit,
    found: Any,
    *,
    shown: Flat,
    to: str,
    faults: Mapping[str, str] | None = None,
    reasons: Any = (),
    fixed: Read | None = None,
    status: int = 200,
) -> Response:
    if not found and fixed is None:
        raise Problem("not-found")
    return visit.page(
        "committee/draft_order.html",
        status=status,
        mechanisms=found,
        fixed=fixed,
        policies=POLICIES,
        v=lambda name: (shown.get(name) or [""])[-1],
        reasons_of=_codes("amendment-reasons", visit.language),
        to=to,
        faults=faults or {},
        reasons=reasons,
        today=visit.now.date().isoformat(),
    )


# -- one amendment ---------------------------------------------------------------------------------------------------


@router.get("/{amendment_id}")
async def read(
    amendment_id: AmendmentId, visit: VisitDep, actor: AmendmentReaderDep, runs: RunsDep, said: Asked = None
) -> Response:
    """What is to hold, whose hands it went through, what it would change, and what can be done with it now."""
    return await _one(visit, amendment_id, runs, said=said if said in DONE else "")


async def _one(
    visit: Visit, amendment_id: str, runs: Any, *, said: str = "", reasons: Any = (), status: int = 200
) -> Response:
    found = await visit.network.read(amendments.read, amendment_id, actor=visit.actor)
    run = runs.of(found.amendment.id, found.amendment.revision)
    return visit.page(
        "committee/amendment.html",
        status=status,
        block="difference",
        found=found,
        one=found.amendment,
        run=run if run is not None and not run.is_over else None,
        failed=run is not None and run.failed and not found.is_current,
        samples=_told(found.difference),
        most=SHOWN,
        me=visit.actor.id,
        said=said,
        reasons=reasons,
        policy=next(
            (p for p in POLICIES if (p.id, p.version) == (found.amendment.policy, found.amendment.policy_version)), None
        ),
    )


def _told(found: Difference | None) -> list[Sample]:
    """The samples, those first in which something appears or vanishes."""
    if found is None:
        return []
    return sorted(found.samples, key=lambda s: -(10 * (len(s.appear) + len(s.vanish)) + len(s.move)))


@router.get("/{amendment_id}/edit")
async def edit(amendment_id: AmendmentId, visit: VisitDep, actor: AmendmentReaderDep) -> Response:
    """The form with what the draft says."""
    found = await _changeable(visit, amendment_id)
    one, to = found.amendment, f"{AT}/{amendment_id}/edit"
    shown = drafting.flat(one.sop) | {
        "starts_on": [one.starts_on.isoformat()], "reason": [one.reason], "note": [one.note or ""],
        "policy": [f"{one.policy}/{one.policy_version}"], "revision": [str(one.revision)],
    }  # fmt: skip
    if one.subject == "order":
        return _order(visit, [], shown=shown, to=to, fixed=found)
    return _form(visit, subject=found.subject, base=one.sop, shown=shown, to=to, revision=one.revision)


async def _changeable(visit: Visit, amendment_id: str) -> Read:
    found: Read = await visit.network.read(amendments.read, amendment_id, actor=visit.actor)
    if not found.may_change or not found.amendment.is_open:
        raise Problem("not-found")
    return found


@router.post("/{amendment_id}/edit")
async def change_it(amendment_id: AmendmentId, change: PageChangeDep, actor: AmendmentReaderDep) -> Response:
    """Say it otherwise: it is a draft again then."""
    found = await _changeable(change, amendment_id)
    to, shown = f"{AT}/{amendment_id}/edit", drafting.sent(change.form)
    if found.amendment.subject == "order":
        return await _ordered(
            change, [], shown, to=to, action=amendments.change, about=amendment_id, said="changed", fixed=found
        )
    subject, base = found.subject, found.amendment.sop
    told: dict[str, Any] = {"about": amendment_id, "said": "changed", "revision": _revision(change)}
    return await _drafted(change, subject=subject, base=base, to=to, action=amendments.change, **told)


def _revision(change: Change) -> int:
    """The revision that the page showed; what is none was never shown."""
    said = change.text("revision", most=12)
    return int(said) if said.isascii() and said.isdigit() else 0


@router.post("/{amendment_id}/submission")
async def submit(
    amendment_id: AmendmentId, change: PageChangeDep, actor: AmendmentReaderDep, runs: RunsDep
) -> Response:
    """Hand it in, as it was shown."""
    return await _step(change, runs, amendments.submit, amendment_id, _revision(change), said="submitted")


@router.post("/{amendment_id}/withdrawal")
async def withdraw(
    amendment_id: AmendmentId, change: PageChangeDep, actor: AmendmentReaderDep, runs: RunsDep
) -> Response:
    """Take it back for good."""
    return await _step(change, runs, amendments.withdraw, amendment_id, said="withdrawn")


@router.post("/{amendment_id}/publication")
async def publish(
    amendment_id: AmendmentId, change: PageChangeDep, actor: AmendmentReaderDep, runs: RunsDep
) -> Response:
    """Publish it, as it was shown: another person than all whose hands it went through."""
    return await _step(change, runs, amendments.publish, amendment_id, _revision(change), said="published")


async def _step(change: Change, runs: Any, action: Any, amendment_id: str, *more: Any, said: str) -> Response:
    done = await change.make(action, amendment_id, *more)
    if isinstance(done, Refusal):
        return await _one(change, amendment_id, runs, reasons=why(done, change.language), status=409)
    return onward(f"{AT}/{amendment_id}?said={said}")


@router.post("/{amendment_id}/difference")
async def work_out(
    amendment_id: AmendmentId, change: PageChangeDep, actor: AmendmentReaderDep, runs: RunsDep
) -> Response:
    """Begin to work out what it would change; the page shows how far that is."""
    found = await change.network.read(amendments.read, amendment_id, actor=actor)
    runs.begin(change.network, amendment_id, found.amendment.revision, actor=actor, at=change.now)
    return onward(f"{AT}/{amendment_id}#difference")
