"""The story in its order: one file a step. A new step is a file of its own, its place here, and its words in `story.po`."""

from __future__ import annotations

from typing import Final

from api.cli.story.checks import Step
from api.cli.story.steps import (
    answered_by_link,
    asked_without_identity,
    border,
    chosen,
    complaint,
    confirmed_both,
    consent_partial,
    disagreement,
    exception_attested,
    follow_up,
    gone_list,
    job_match,
    lapsed,
    leased,
    needs_agreed,
    next_suggestion,
    opened,
    previewed,
    redirected,
    refused_without_consent,
    reminded,
    sent,
    waiting_list,
    withdrawn,
)

STEPS: Final[tuple[Step, ...]] = (
    needs_agreed.STEP,
    consent_partial.STEP,
    previewed.STEP,
    sent.STEP,
    opened.STEP,
    refused_without_consent.STEP,
    exception_attested.STEP,
    withdrawn.STEP,
    gone_list.STEP,
    redirected.STEP,
    confirmed_both.STEP,
    disagreement.STEP,
    follow_up.STEP,
    leased.STEP,
    waiting_list.STEP,
    complaint.STEP,
    border.STEP,
    job_match.STEP,
    reminded.STEP,
    lapsed.STEP,
    next_suggestion.STEP,
    asked_without_identity.STEP,
    chosen.STEP,
    answered_by_link.STEP,
)
