"""The receipt of a consent as a page to print, and what the sign on it leads to. (R-11, R-20)

The reference in the address says nothing: without signing in the page tells neither whose it is nor whether it is.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from api.actions import receipts as held
from api.dependencies import LanguageDep, NetworkDep, NowDep
from api.identity import WhoeverDep
from api.receipts import in_words, sign
from api.ui.render import FRESH, page
from graph.model.actor import Actor
from graph.seed.catalogue import categories, fields
from graph.seed.vocabulary import label

router = APIRouter()

Reference = Annotated[str, Path(min_length=1, max_length=120)]


@router.get("/receipts/{receipt_id}", name="receipt-page")
async def receipt(
    request: Request,
    receipt_id: Reference,
    network: NetworkDep,
    now: NowDep,
    language: LanguageDep,
    caller: WhoeverDep,
) -> HTMLResponse:
    """For the person with their own account and for the team of their case; for anybody else a page that says nothing."""
    if not isinstance(caller, Actor):
        return page(request, "receipt_locked.html", now=now, status=401, headers=FRESH)
    found = await network.read(held.by_reference, receipt_id, actor=caller)
    told = in_words(found, language, at=now)
    address = str(request.url_for("receipt-page", receipt_id=receipt_id))
    return page(
        request,
        "receipt.html",
        now=now,
        headers=FRESH,
        told=told,
        holder=told["party_identification"][0],
        recipient=told["party_identification"][1],
        purpose=told["pii_processing"]["purposes"][0],
        consent=found.consent,
        groups=_grouped(told["pii_processing"]["purposes"][0]["pii_information"], language),
        countries=[label("countries", c, language) for c in sorted(found.consent.countries | {found.jurisdiction})],
        spoken=label("languages", NOTICE_LANGUAGES.get(found.consent.notice.language, "spa"), language),
        at=now,
        sign=Markup(sign(address)),  # noqa: S704 - drawn by us from an address of ours
    )


NOTICE_LANGUAGES: Final = {"es": "spa", "en": "eng", "quc": "quc"}
"""Languages of notices as the vocabulary of languages knows them."""


def _grouped(rows: list[dict[str, Any]], language: Any) -> list[tuple[str, str, list[str]]]:
    """Stage, group and fields, in the order of the catalogue: what a person can read over."""
    order = list(fields())
    found: dict[tuple[str, str], list[str]] = {}
    for row in sorted(rows, key=lambda r: (r["stage"], order.index(r["pii_attribute_id"]))):
        found.setdefault((row["stage"], row["pii_type"]), []).append(row["label"])
    names = {code: c.es if language == "es" else c.en for code, c in categories().items()}
    return [(stage, names[group], labels) for (stage, group), labels in found.items()]
