"""Pages of one workspace: a provider's day: the queue, the answers, the entry."""

from __future__ import annotations

from fastapi import APIRouter

from api.ui.provider import enquiries, entry, outcomes, queue, received, workbook

ROUTERS: tuple[APIRouter, ...] = (
    queue.router,
    received.router,
    enquiries.router,
    outcomes.router,
    entry.router,
    workbook.router,
)
