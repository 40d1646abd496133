"""Pages of one workspace: what a data protection officer reviews."""

from __future__ import annotations

from fastapi import APIRouter

from api.ui.officer import alerts, complaints, desk, exceptions, find, log

ROUTERS: tuple[APIRouter, ...] = (
    desk.router,
    log.router,
    exceptions.router,
    alerts.router,
    complaints.router,
    find.router,
)
