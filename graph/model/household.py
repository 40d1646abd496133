"""Who returns together: a household of cases, each adult of which decides alone. (R-24, INT)

Members who have no case of their own stand, by name, in the encrypted record and not here.
"""

from __future__ import annotations

from pydantic import Field

from graph.model.base import Id, Model


class Household(Model):
    """Cases that belong together. What one member allows says nothing about another."""

    id: Id
    stays_together: bool = Field(True, description="family unity: services are sought where all can be")
