"""Entries that may be one, side by side for who may merge; merged or told apart by a word, and taken back. (R-02)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from api.actions import duplicates
from api.actions.duplicates import Word
from api.dependencies import GazetteerDep
from api.gazetteer import Gazetteer
from api.identity import MergerDep
from api.problems import Problem
from api.refusals import why
from api.ui import directory
from api.ui.change import Change, PageChangeDep, Visit, VisitDep
from api.ui.provider.entry import Words
from api.ui.render import onward
from graph.model.entry import FIELDS, Subject, told
from graph.model.refusal import Refusal

router = APIRouter()

MergeId = Annotated[str, Path(min_length=1, max_length=120)]
Of = Annotated[Subject, Query(alias="of")]

DONE: Final = frozenset({"merged", "distinct", "undone"})
SIDE: Final[Mapping[Subject, tuple[str, ...]]] = {
    "organization": ("name", "alternate_name", "description", "email", "website"),
    "service": ("name", "description", "status", "service_types", "areas", "languages", "phone", "email", "url"),
}
"""What stands side by side: what a human tells two entries apart by."""


@router.get("/duplicates")
async def show(visit: VisitDep, gazetteer: GazetteerDep, actor: MergerDep, of: Of = "organization") -> Response:
    """Likely duplicates, the surest first, and what was said before."""
    return await _page(visit, gazetteer, of)


@router.post("/duplicates")
async def say(change: PageChangeDep, gazetteer: GazetteerDep, actor: MergerDep) -> Response:
    """One of them stands for both, or they are two."""
    subject, what = change.text("subject"), change.text("what")
    if subject not in FIELDS or what not in ("merge", "distinct"):
        raise Problem("invalid-request")
    of: Subject = "service" if subject == "service" else "organization"
    word = Word(subject=of, kept_id=_id(change, "kept"), gone_id=_id(change, "gone"))
    outcome = await change.make(duplicates.merge if what == "merge" else duplicates.tell_apart, word)
    if isinstance(outcome, Refusal):
        return await _page(change, gazetteer, of, reasons=why(outcome, change.language))
    directory.forget(change.request)
    said = "merged" if what == "merge" else "distinct"
    return onward(f"/duplicates?of={of}&said={said}")


@router.post("/duplicates/{merge_id}/undoing")
async def undo(merge_id: MergeId, change: PageChangeDep, gazetteer: GazetteerDep, actor: MergerDep) -> Response:
    """What was said no longer holds."""
    outcome = await change.make(duplicates.undo, merge_id)
    of: Subject = "service" if change.text("subject") == "service" else "organization"
    if isinstance(outcome, Refusal):
        return await _page(change, gazetteer, of, reasons=why(outcome, change.language))
    directory.forget(change.request)
    return onward(f"/duplicates?of={of}&said=undone")


async def _page(visit: Visit, gazetteer: Gazetteer, of: Subject, *, reasons: Any = ()) -> Response:
    network, actor = visit.network, visit.actor
    found = await network.read(duplicates.listed, actor=actor, subject=of)
    ids = {id for p in found.pairs for id in (p.one, p.other)} | {
        id for m in found.said for id in (m.kept_id, m.gone_id)
    }
    entries = await network.read(duplicates.entries_of, of, ids, actor=actor)
    offered = await network.read(duplicates.offered_by, ids, actor=actor) if of == "organization" else {}
    said = visit.request.query_params.get("said", "")
    return visit.page(
        "duplicates.html",
        status=409 if reasons else 200,
        of=of,
        found=found,
        entries=entries,
        offered=offered,
        sides=[(code, {id: _value(entry, code) for id, entry in entries.items()}) for code in SIDE[of]],
        words=Words(visit.language, gazetteer),
        reasons=reasons,
        said=said if said in DONE else "",
    )


def _value(entry: Any, code: str) -> Any:
    return told(entry).get(code)


def _id(change: Change, name: str) -> str:
    value = change.text(name, most=120)
    if not value:
        raise Problem("invalid-request")
    return value
