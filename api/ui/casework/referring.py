"""The pages from an agreed need to what became of its referral, as one router: each is in a module of its own."""

from __future__ import annotations

from fastapi import APIRouter

from api.ui.casework import ask, compare, need

router = APIRouter()

for part in (need, compare, ask):
    router.include_router(part.router)
