"""How a field of the catalogue is entered on a page, and what a form says of it: one way for every field. (R-14, R-21)

Which fields there are, and of which kind, is the catalogue's; who may see them too. Nothing is written here.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from starlette.datastructures import FormData

from api.texts import text
from graph.model.actor import Role
from graph.model.age import AgeBand
from graph.model.base import Language
from graph.seed.catalogue import LONGEST_TEXT, CatalogueField, categories, fields
from graph.seed.vocabulary import label, terms

LINES: Final = frozenset(
    {"given_name", "family_name", "document_number", "telephone", "bank_account", "education_level"}
)
"""Texts that are a line; other texts are a paragraph."""

NONE: Final = "-"
"""Of several: none of them, which is not the same as not told."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of a form."""

    code: str
    words: str
    kind: str
    """line, text, date, yes-no, choice, several, area"""
    options: tuple[tuple[str, str], ...] = ()
    value: Any = None
    was: str = ""
    """What tells whether the value was changed; it says nothing of it."""


def recordable(category: str) -> list[CatalogueField]:
    """The fields of a category that a case manager enters by themselves, in the order of the catalogue."""
    return [
        field
        for field in fields().values()
        if field.category == category and field.is_recordable and Role.CASE_MANAGER in field.seen_by
    ]


def groups() -> list[str]:
    """The categories in which something is entered."""
    return [code for code in categories() if recordable(code)]


def entries(
    wanted: Iterable[CatalogueField],
    values: Mapping[str, Any],
    language: Language,
    *,
    seal: bytes = b"",
    case_id: str = "",
) -> list[Entry]:
    """The fields of a form with what is recorded; with a seal, so that the form tells what was changed."""
    return [
        Entry(
            code=field.code,
            words=field.label(language),
            kind=_kind(field),
            options=_options(field, language),
            value=values.get(field.code),
            was=digest(seal, case_id, field.code, values.get(field.code)) if seal else "",
        )
        for field in wanted
    ]


def _kind(field: CatalogueField) -> str:
    if field.kind == "text":
        return "line" if field.code in LINES else "text"
    return {"code": "choice", "age-band": "choice", "codes": "several"}.get(field.kind, field.kind)


def _options(field: CatalogueField, language: Language) -> tuple[tuple[str, str], ...]:
    if field.kind == "age-band":
        return tuple((band, text(f"by-link.age.{band}", language)) for band in get_args(AgeBand))
    if field.kind == "yes-no":
        return (("yes", text("pages.yes", language)), ("no", text("pages.no", language)))
    if field.scheme is None:
        return ()
    return tuple((code, label(field.scheme, code, language)) for code in terms(field.scheme))


def digest(seal: bytes, case_id: str, code: str, value: Any) -> str:
    """Whether a value is what it was, without saying what it was."""
    told = "|".join(sorted(map(str, value))) if isinstance(value, list | tuple | set | frozenset) else str(value)
    return hmac.digest(seal, f"form:{case_id}:{code}:{told}".encode(), "sha256").hex()[:20]


def stated(
    form: FormData, wanted: Iterable[CatalogueField], *, seal: bytes = b"", case_id: str = ""
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the form says of each field, and of these what was changed. An empty field takes the value out."""
    said = {field.code: _said(form, field) for field in wanted if field.kind != "area"}
    changed = {
        code: value
        for code, value in said.items()
        if str(form.get(f"was.{code}", "")) != digest(seal, case_id, code, value)
    }
    return said, changed


def _said(form: FormData, field: CatalogueField) -> Any:
    sent = [v.strip() for v in form.getlist(field.code) if isinstance(v, str) and v.strip()]
    if not sent:
        return None
    match field.kind:
        case "yes-no":
            return sent[-1] == "yes"
        case "codes":
            return sorted(v for v in sent if v != NONE)
        case "text":
            return sent[-1].replace("\r\n", "\n")[: LONGEST_TEXT + 1]
        case _:
            return sent[-1]
