"""Stopping referrals to an area, an organisation or a service: first what it would stop, then the word; and lifting it. (R-26)"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from api.actions import listing, suspensions, verifying
from api.dependencies import GazetteerDep, LanguageDep, NetworkDep, NowDep, SecretsDep
from api.gazetteer import Gazetteer
from api.identity import SuspenderDep
from api.meant import EXACT
from api.texts import text
from api.ui import once
from api.ui.change import PageChangeDep
from api.ui.downloads import Kind, as_file
from api.ui.forms import form_of, typed
from api.ui.oversight import called
from api.ui.render import FRESH, onward, own, page
from graph.model.actor import Actor
from graph.model.base import Language
from graph.model.directory import Suspension
from graph.seed.vocabulary import label, terms

router = APIRouter()

SUBJECTS: Final = ("area", "organization", "service")
SuspensionId = Annotated[str, Path(min_length=1, max_length=120)]


@router.get("/committee/suspensions")
async def listed(
    request: Request,
    network: NetworkDep,
    now: NowDep,
    language: LanguageDep,
    actor: SuspenderDep,
    service: Annotated[str, Query(max_length=120)] = "",
) -> Response:
    """What holds, with a button to lift each; and the form for another one."""
    said = {"subject": "service", "service": service} if service else {}
    told = await _told(network, now.date(), language, actor, said)
    return page(request, "committee/suspensions.html", now=now, headers=FRESH, **told)


@router.get("/committee/suspensions/file")
async def file(
    network: NetworkDep, now: NowDep, language: LanguageDep, actor: SuspenderDep, kind: Kind = Kind.XLSX
) -> Response:
    """What holds, to be taken along."""
    standing, names = await _standing(network, now.date(), language, actor)
    columns = [text(f"suspending.{name}", language) for name in ("subject", "what", "why", "since", "until")]
    rows = [
        (
            text(f"suspending.subject.{one.subject}", language),
            names[one.id],
            label("suspension-reasons", one.reason, language),
            one.valid_from.isoformat(),
            one.valid_to.isoformat() if one.valid_to else None,
        )
        for one in standing
    ]
    return as_file(kind, "enlace-suspensions", text("suspending.standing", language), columns, rows)


@router.post("/committee/suspensions/look")
async def look(
    request: Request,
    network: NetworkDep,
    now: NowDep,
    language: LanguageDep,
    gazetteer: GazetteerDep,
    actor: SuspenderDep,
) -> Response:
    """What it would stop, before it is said."""
    form = await form_of(request)
    wish, faults = _wish(form, gazetteer, now.date(), language)
    if not faults:
        would = await network.read(suspensions.would_stop, wish["subject"], wish["subject_id"], actor=actor)
        if would is not None:
            name = (await _called(network, {(wish["subject"], wish["subject_id"])}, language)).get(wish["subject_id"])
            shown: dict[str, Any] = {"would": would, "wish": wish, "name": name or would.name}
            return page(request, "committee/suspend.html", now=now, headers=FRESH, **shown)
        faults = {wish["subject"]: text("suspending.fault.none", language)}
    told = await _told(network, now.date(), language, actor, typed(form), faults)
    return page(request, "committee/suspensions.html", now=now, status=422, headers=FRESH, **told)


@router.post("/committee/suspensions")
async def suspend(
    request: Request,
    network: NetworkDep,
    now: NowDep,
    language: LanguageDep,
    gazetteer: GazetteerDep,
    secrets: SecretsDep,
    actor: SuspenderDep,
) -> Response:
    """It holds from now on: when the page comes back, nothing is sent there any more. Sent twice, it is one."""
    form = await form_of(request)
    wish, faults = _wish(form, gazetteer, now.date(), language)
    if faults:
        told = await _told(network, now.date(), language, actor, typed(form), faults)
        return page(request, "committee/suspensions.html", now=now, status=422, headers=FRESH, **told)
    key = once.circumstances(form, actor, request.url.path)
    suspension = suspensions.suspension_of(
        wish["subject"],
        wish["subject_id"],
        wish["reason"],
        at=now,
        until=wish["until"],
        id=key["idempotency_key"][:32] if key else None,
    )
    done = await suspensions.stop(network, suspension, actor=actor, at=now, secrets=secrets, **key)
    return onward(f"/committee/suspensions?stopped={len(done.taken_back)}")


@router.post("/committee/suspensions/{suspension_id}/lifting")
async def lift(suspension_id: SuspensionId, change: PageChangeDep, actor: SuspenderDep) -> Response:
    """It holds no more; what it cancelled stays cancelled."""
    await change.network.write(suspensions.lift, suspension_id, actor=actor, at=change.now, secrets=change.secrets)
    return onward("/committee/suspensions?lifted=1")


def _wish(
    form: FormData, gazetteer: Gazetteer, today: date, language: Language
) -> tuple[dict[str, Any], dict[str, str]]:
    """What is to be suspended, why and until when; or what is wrong, beside which field."""
    said, faults = typed(form), {}
    subject = said.get("subject", "")
    if subject not in SUBJECTS:
        return {}, {"subject": text("suspending.fault.subject", language)}
    about = said.get(subject, "").strip()[:120]
    if subject == "service":
        about = about.rpartition("/services/")[2].partition("?")[0].strip("/")
    if subject == "area" and about:
        found = gazetteer.find(about)
        exact = [area.code for area, score in found if score == EXACT]
        if len(exact) == 1:
            about = exact[0]
        else:
            offered = ", ".join(f"{area.name} ({area.code})" for area, _ in found[:5])
            faults["area"] = text("suspending.fault.area", language, offered=offered)
    if not about:
        faults[subject] = text("suspending.fault.missing", language)
    reason = said.get("reason", "")
    if reason not in terms("suspension-reasons"):
        faults["reason"] = text("suspending.fault.reason", language)
    until: date | None = None
    if said.get("until"):
        try:
            until = date.fromisoformat(said["until"])
        except ValueError:
            until = date.min
        if until < today:
            faults["until"] = text("suspending.fault.until", language)
    return {"subject": subject, "subject_id": about, "reason": reason, "until": until}, faults


async def _standing(
    network: NetworkDep, today: date, language: Language, actor: Actor
) -> tuple[list[Suspension], dict[str, str]]:
    """What holds, and how what each stops is called."""
    standing = await network.read(suspensions.standing, actor=actor, on=today)
    names = await network.read(suspensions.named, actor=actor)
    found = await _called(network, {(one.subject, one.subject_id) for one in standing}, language)
    return standing, {x.id: found.get(x.subject_id) or names.get(x.id, x.subject_id) for x in standing}


async def _called(network: NetworkDep, subjects: set[tuple[str, str]], language: Language) -> dict[str, str]:
    """Organisations and services by id, in the reader's language; an area has one name."""
    organizations = {id for subject, id in subjects if subject == "organization"}
    services = {id for subject, id in subjects if subject == "service"}
    org = await called(network, organizations, language)
    found = await network.read(verifying.services_named, services)
    return {id: org(id) for id in organizations} | {id: own(language, one, "name") for id, one in found.items()}


async def _told(
    network: NetworkDep,
    today: date,
    language: Language,
    actor: Actor,
    said: Any,
    faults: Any = None,
) -> dict[str, Any]:
    standing, names = await _standing(network, today, language, actor)
    offered = [(one.id, own(language, one, "name")) for one in await network.read(listing.providers)]
    return {
        "standing": standing,
        "names": names,
        "organizations": offered,
        "reasons": [(code, label("suspension-reasons", code, language)) for code in terms("suspension-reasons")],
        "said": said,
        "faults": faults or {},
        "today": today.isoformat(),
    }
