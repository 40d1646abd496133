"""Pages of one workspace: a provider's day: the queue, the answers, the entry."""

from __future__ import annotations

from fastapi import APIRouter

ROUTERS: tuple[APIRouter, ...] = ()
