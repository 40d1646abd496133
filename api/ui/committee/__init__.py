"""Pages of one workspace: what a coordination committee sees and decides, never a person."""

from __future__ import annotations

from fastapi import APIRouter

from api.ui.committee import (
    complaints,
    contents,
    costs,
    gap_list,
    indicators,
    messages,
    publishing,
    register,
    standing,
    suspensions,
    to_verify,
)

ROUTERS: tuple[APIRouter, ...] = (
    contents.router,
    gap_list.router,
    indicators.router,
    publishing.router,
    register.router,
    standing.router,
    to_verify.router,
    messages.router,
    complaints.router,
    costs.router,
    suspensions.router,
)
