"""Complaints that went to the committee or to who leads it. (R-50)"""

from __future__ import annotations

from api.identity import SUSPENDER
from api.ui.handling import pages_at, workspace

router = pages_at("/committee/complaints", workspace(SUSPENDER))
