"""The pages from an agreed need to what became of its referral, as one router: each is in a module of its own."""

from __future__ import annotations

from fastapi import APIRouter

from api.ui.casework import ask, candidates, choose, compare, letter, need, pathway, preview, referral

router = APIRouter()

for part in (need, compare, ask, choose, preview, referral, letter, pathway, candidates):
    router.include_router(part.router)
