"""Complaints that went to the data protection officer. (R-21, R-50)"""

from __future__ import annotations

from api.identity import OFFICER
from api.ui.handling import pages_at, workspace

router = pages_at("/officer/complaints", workspace(OFFICER))
