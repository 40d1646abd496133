"""Pages of one workspace: what a data protection officer reviews."""

from __future__ import annotations

from fastapi import APIRouter

ROUTERS: tuple[APIRouter, ...] = ()
