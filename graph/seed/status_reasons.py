"""The coded reasons of a referral's steps, read from `status_reasons.yaml`, each with owner and consequences. (R-14)"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

import yaml

from graph.model.referral import Referral, Status, Step
from graph.model.status_reason import Consequence, Owner, StatusReason

LAPSED: Final = "lapsed"
"""What the clock alone says: nobody may give it as their own reason."""

REDIRECTED: Final = "redirected"
"""Said together with the service that is proposed instead."""


@cache
def status_reasons() -> Mapping[str, StatusReason]:
    """All reasons by code, in the order of the file."""
    text = files("graph.seed").joinpath("status_reasons.yaml").read_text(encoding="utf-8")
    rows = [StatusReason.model_validate(row) for row in yaml.safe_load(text)]
    found = {row.code: row for row in rows}
    if len(found) != len(rows):
        raise ValueError("a code stands twice in status_reasons.yaml")
    return MappingProxyType(found)


def reasons_of(step: Step) -> tuple[StatusReason, ...]:
    """The reasons that somebody may give for a step, in the order of the file."""
    return tuple(reason for reason in status_reasons().values() if step in reason.steps and reason.code != LAPSED)


def reasons_unnamed() -> tuple[StatusReason, ...]:
    """Why a provider could not, where nobody is named: what it has not got and what its rules ask; no word of the person."""
    theirs = frozenset({Owner.PROVIDER_SUPPLY, Owner.PROVIDER_RULE, Owner.COMMITTEE})
    return tuple(reason for reason in reasons_of(Step.REJECT) if reason.owner in theirs and reason.code != REDIRECTED)


def follows(referral: Referral, consequence: Consequence) -> bool:
    """Whether this follows from the reason for which a referral ended or halts."""
    reason = status_reasons().get(referral.reason or "")
    return reason is not None and consequence in reason.consequences


def stands_still(referral: Referral) -> bool:
    """Whether its provider's clocks stand still: on hold because the sender has to bring something. (R-12)"""
    return referral.status is Status.ON_HOLD and follows(referral, Consequence.BACK_TO_SENDER)
