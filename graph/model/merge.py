"""That two entries of the directory are one and the same, or that they are not: somebody's word, which can be taken back. (R-02)

Both entries stay as they are. What is merged is told by an edge from the one to the other; nothing that a right, a consent
or a referral hangs on is moved.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from graph.model.base import Id, Model
from graph.model.entry import Subject


class MergeState(StrEnum):
    """What was said of a pair."""

    MERGED = "merged"
    DISTINCT = "distinct"
    UNDONE = "undone"
    """merged or told apart, and taken back"""


class Merge(Model):
    """A word about two entries: which one stands for both, or that they are two."""

    id: Id
    subject: Subject
    kept_id: Id = Field(description="the entry that stands for both; of two that are distinct, the first")
    gone_id: Id = Field(description="the entry that is found no more by itself")
    state: MergeState
    at: datetime
    by: Id
    undone_at: datetime | None = None
    undone_by: Id | None = None
