"""The form of a SOP: its fields as a flat list of names and texts, from rules and back to the rules they state. (R-10 to R-15)

What is right or wrong in the rules is `graph.exchange.rules`; where it is told on the form stands here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from starlette.datastructures import FormData

from graph.model.sop import Sop

CLOCKS: Final = ("receive", "decide", "start", "report")
UNITS: Final = ("H", "D", "W", "M")
SIMPLE: Final = re.compile(r"P(?:(\d{1,4})([DWM])|T(\d{1,4})H)")
ROWS: Final = re.compile(r"(?:field|contact-name)-(\d{1,3})")
BLANK: Final = 2
"""Empty rows at the end of a list, for what is added without script."""
MORE: Final = 4
WEEKDAYS: Final = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
DAILY: Final = "FREQ=DAILY"


Flat = dict[str, list[str]]
"""The form as names and texts."""


def flat(sop: Sop | None) -> Flat:
    """The rules as the form shows them."""
    if sop is None:
        return {}
    english = sop.translations.get("en", {})
    rules = sop.eligibility
    one: dict[str, Any] = {
        "accepts": _said(sop.accepts_referrals),
        "needed": _said(sop.referral_needed),
        "first_response": sop.first_response,
        "half_life": sop.half_life_days,
        "how": sop.how_provided,
        "how-en": english.get("how_provided"),
        "wording": sop.consent_wording,
        "wording-en": english.get("consent_wording"),
        "payer": sop.costs.payer,
        "ceiling": sop.costs.ceiling,
        "currency": sop.costs.currency,
        "open": {True: "all", False: "some", None: ""}[rules.open_to_all],
        "scored": "yes" if rules.scored else "",
        "nationality": "" if rules.nationality is None else "in" if rules.nationality.in_ is not None else "not_in",
    }
    if rules.nationality is not None:
        one["countries"] = ", ".join(rules.nationality.in_ or rules.nationality.not_in or ())
    for name in CLOCKS:
        one |= _period(f"clock-{name}", getattr(sop.clocks, name))
    one |= _period("response", sop.response_time) | _period("feedback-within", sop.feedback.within)
    for n, asked in enumerate(sop.fields):
        one |= {
            f"field-{n}": asked.field,
            f"stage-{n}": asked.stage,
            f"need-{n}": "required" if asked.required else "optional",
            f"emergency-{n}": "yes" if asked.emergency else "",
            f"why-{n}": asked.why_needed,
            f"why-en-{n}": asked.translations.get("en", {}).get("why_needed"),
        }
    for n, contact in enumerate(sop.contacts):
        one |= {
            f"contact-name-{n}": contact.name,
            f"contact-en-{n}": contact.translations.get("en", {}).get("name"),
            f"contact-channel-{n}": contact.channel,
            f"contact-address-{n}": contact.address,
            f"contact-days-{n}": contact.availability,
            f"contact-opens-{n}": contact.opens_at,
            f"contact-closes-{n}": contact.closes_at,
        } | _period(f"contact-response-{n}", contact.response_time)
    several = {
        "methods": sop.methods,
        "feedback": sop.feedback.methods,
        "any_factor": rules.any_factor,
        "genders": rules.genders or (),
        "documents_any_of": rules.documents_any_of,
        "follow_up": sop.follow_up,
        "documents_kept": sop.documents_kept,
        "priorities": sop.priorities,
        "shared": sop.costs.shared_arrangements,
    }
    shown = {name: [str(value)] for name, value in one.items() if value not in (None, "")}
    return shown | {name: list(values) for name, values in several.items() if values}


def _said(value: bool | None) -> str:
    return {True: "yes", False: "no", None: ""}[value]


def _period(name: str, value: str | None) -> dict[str, str]:
    """A duration as number and unit; one that is neither stays as it is, as its own unit."""
    if value is None:
        return {}
    simple = SIMPLE.fullmatch(value)
    if simple is None:
        return {f"{name}-unit": value}
    return {f"{name}-n": simple[1] or simple[3], f"{name}-unit": simple[2] or "H"}


def sent(form: FormData) -> Flat:
    """The form as it was sent."""
    found: Flat = {}
    for name, value in form.multi_items():
        if isinstance(value, str) and value.strip():
            found.setdefault(name, []).append(value.strip())
    return found


def rows(shown: Mapping[str, Sequence[str]], kind: str, *, more: bool = False) -> list[int]:
    """The numbers of the rows of a list that the form shows, with empty ones at the end."""
    used = [int(m[1]) for name in shown if (m := ROWS.fullmatch(name)) and name.startswith(f"{kind}-")]
    last = max(used, default=-1) + 1
    return [*sorted(used), *range(last, last + (MORE if more else BLANK))]


def document_of(shown: Flat, base: Sop | None) -> tuple[dict[str, Any], dict[str, str]]:
    """The rules that a form states, in the words of the profile; and which field of the form each pointer is about.

    What the form does not ask stays as the version before has it.
    """
    places: dict[str, str] = {}
    fields = [_field(shown, n, base) for n in _rows_said(shown, "field")]
    for index, n in enumerate(_rows_said(shown, "field")):
        for part, name in (("field", "field"), ("why_needed", "why"), ("emergency", "emergency"), ("stage", "stage")):
            places[f"/sop/fields/{index}/{part}"] = f"{name}-{n}"
    contacts = [_contact(shown, n, base) for n in _rows_said(shown, "contact-name")]
    for index, n in enumerate(_rows_said(shown, "contact-name")):
        places[f"/sop/contacts/{index}/channel"] = f"contact-channel-{n}"
        places[f"/sop/contacts/{index}/response_time"] = f"contact-response-{n}-n"
    for name in CLOCKS:
        places[f"/sop/clocks/{name}"] = f"clock-{name}-n"
    places |= {
        "/sop/response_time": "response-n",
        "/sop/feedback/within": "feedback-within-n",
        "/sop/half_life_days": "half_life",
        "/sop/costs/ceiling": "ceiling",
        "/sop/costs/currency": "currency",
        "/sop/eligibility/nationality": "countries",
        "/reason": "reason",
    }
    costs = base.costs if base else None
    document: dict[str, Any] = {
        "accepts_referrals": _flag(_one(shown, "accepts")),
        "referral_needed": _flag(_one(shown, "needed")),
        "methods": shown.get("methods", []),
        "response_time": _duration(shown, "response"),
        "first_response": _one(shown, "first_response"),
        "feedback": {"methods": shown.get("feedback", []), "within": _duration(shown, "feedback-within")},
        "eligibility": _eligibility(shown),
        "fields": fields,
        "contacts": contacts,
        "clocks": {name: _duration(shown, f"clock-{name}") for name in CLOCKS},
        "priorities": shown.get("priorities", []),
        "how_provided": _one(shown, "how"),
        "consent_wording": _one(shown, "wording"),
        "follow_up": shown.get("follow_up", []),
        "documents_kept": shown.get("documents_kept", []),
        "costs": {
            "payer": _one(shown, "payer"),
            "payer_organization_id": costs.payer_organization_id if costs else None,
            "ceiling": _number(shown, "ceiling"),
            "spent": costs.spent if costs else None,
            "currency": (_one(shown, "currency") or "").upper() or None,
            "shared_arrangements": shown.get("shared", []),
        },
        "half_life_days": _number(shown, "half_life"),
        "translations": _translated(
            base.translations if base else {},
            {"how_provided": _one(shown, "how-en"), "consent_wording": _one(shown, "wording-en")},
        ),
    }
    return {name: value for name, value in document.items() if value is not None}, places


def _rows_said(shown: Flat, kind: str) -> list[int]:
    """Rows of which something is said: a field that is asked for, a contact with a name."""
    said = sorted(int(m[1]) for name in shown if (m := ROWS.fullmatch(name)) and name.startswith(f"{kind}-"))
    return [n for n in said if kind != "field" or _one(shown, f"need-{n}") != "no"]


def _field(shown: Flat, n: int, base: Sop | None) -> dict[str, Any]:
    code, stage = _one(shown, f"field-{n}"), _one(shown, f"stage-{n}") or "first-contact"
    known = next((f for f in base.fields if (f.field, f.stage) == (code, stage)), None) if base else None
    return {
        "field": code,
        "stage": stage,
        "required": _one(shown, f"need-{n}") == "required",
        "emergency": _one(shown, f"emergency-{n}") == "yes",
        "why_needed": _one(shown, f"why-{n}"),
        "translations": _translated(known.translations if known else {}, {"why_needed": _one(shown, f"why-en-{n}")}),
    }


def _contact(shown: Flat, n: int, base: Sop | None) -> dict[str, Any]:
    name = _one(shown, f"contact-name-{n}")
    known = next((c for c in base.contacts if c.name == name), None) if base else None
    return {
        "name": name,
        "role": known.role if known else None,
        "channel": _one(shown, f"contact-channel-{n}"),
        "address": _one(shown, f"contact-address-{n}"),
        "availability": _one(shown, f"contact-days-{n}"),
        "opens_at": _one(shown, f"contact-opens-{n}"),
        "closes_at": _one(shown, f"contact-closes-{n}"),
        "response_time": _duration(shown, f"contact-response-{n}"),
        "translations": _translated(known.translations if known else {}, {"name": _one(shown, f"contact-en-{n}")}),
    }


def _eligibility(shown: Flat) -> dict[str, Any]:
    kind = _one(shown, "nationality")
    countries = [code for code in re.split(r"[\s,;]+", (_one(shown, "countries") or "").upper()) if code]
    return {
        "nationality": {kind: countries} if kind in ("in", "not_in") else None,
        "documents_any_of": shown.get("documents_any_of", []),
        "open_to_all": {"all": True, "some": False}.get(_one(shown, "open") or ""),
        "scored": _one(shown, "scored") == "yes",
        "any_factor": shown.get("any_factor", []),
        "genders": shown.get("genders"),
    }


def _translated(before: Mapping[Any, Mapping[str, str]], english: Mapping[str, str | None]) -> dict[str, Any]:
    """The texts in English that were said; what the form does not ask stays."""
    kept = {name: value for name, value in before.get("en", {}).items() if name not in english}
    told = kept | {name: value for name, value in english.items() if value}
    others = {language: dict(words) for language, words in before.items() if language != "en"}
    return others | ({"en": told} if told else {})


def _duration(shown: Flat, name: str) -> str | None:
    """Number and unit as ISO 8601; nothing where neither is said."""
    number, unit = _one(shown, f"{name}-n"), _one(shown, f"{name}-unit") or ""
    if unit.startswith("P"):
        return unit
    if number is None:
        return None
    number = number.lstrip("0") or "0"
    return f"PT{number}H" if unit == "H" else f"P{number}{unit or 'D'}"


def _number(shown: Flat, name: str) -> int | str | None:
    """A whole number; what is none is passed on as it is, and refused where numbers are."""
    value = _one(shown, name)
    return int(value) if value is not None and value.isascii() and value.isdigit() and len(value) < 12 else value


def _flag(value: str | None) -> bool | None:
    return {"yes": True, "no": False}.get(value or "")


def _one(shown: Mapping[str, Sequence[str]], name: str) -> str | None:
    values = shown.get(name)
    return values[-1] if values else None


def named(pointers: Iterable[str], places: Mapping[str, str]) -> dict[str, str]:
    """For each pointer the field of the form that it is about: the nearest one there is, else the head of the form."""
    found = {}
    for pointer in pointers:
        at = pointer
        while at and at not in places:
            at = at.rpartition("/")[0]
        found[pointer] = places.get(at, "rules")
    return found
