"""Pages of one workspace: what a case manager does with a case, from opening it to what became of each referral."""

from __future__ import annotations

from fastapi import APIRouter

from api.ui.casework import (
    caseload,
    consents,
    desk,
    gone,
    household,
    keeping,
    opening,
    plan,
    record,
    referring,
    standing,
    work,
)

ROUTERS: tuple[APIRouter, ...] = (
    caseload.router,
    opening.router,
    desk.router,
    consents.router,
    work.router,
    standing.router,
    record.router,
    keeping.router,
    gone.router,
    plan.router,
    household.router,
    referring.router,
)
