"""Pages of one workspace: what a coordination committee sees and decides, never a person."""

from __future__ import annotations

from fastapi import APIRouter

from api.ui.committee import (
    contents,
    gap_list,
    publishing,
    register,
    standing,
)

ROUTERS: tuple[APIRouter, ...] = (
    contents.router,
    gap_list.router,
    publishing.router,
    register.router,
    standing.router,
)
