"""Pages of one workspace: what a case manager does with a case, from opening it to what became of each referral."""

from __future__ import annotations

from fastapi import APIRouter

ROUTERS: tuple[APIRouter, ...] = ()
