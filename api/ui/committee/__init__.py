"""Pages of one workspace: what a coordination committee sees and decides, never a person."""

from __future__ import annotations

from fastapi import APIRouter

ROUTERS: tuple[APIRouter, ...] = ()
