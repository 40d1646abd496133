"""What providers' answers say of an entry of the directory: that it is to be looked at again, and why. No person. (R-02)

One note for each service, reason and consequence. It counts until somebody says that the entry was verified.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from graph.model.base import Code, Id, Model
from graph.model.status_reason import Consequence


class EntryNote(Model):
    """That a service's entry and what its provider answers do not go together, or that the committee is to look at it."""

    service_id: Id
    reason: Code
    consequence: Consequence
    since: datetime = Field(description="the first such answer since it was last verified")
    count: int = Field(ge=1, description="answers since then")
    against_data: int = Field(0, ge=0, description="of these, declined though our data said that the rule was met")

    @property
    def id(self) -> str:
        """One name for one matter, so that two answers at once make one note."""
        return f"{self.service_id}|{self.reason}|{self.consequence}"
