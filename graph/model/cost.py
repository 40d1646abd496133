"""What a referral cost, for what, and who pays: numbers and codes, no person. (R-15)"""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from graph.model.base import Code, Id, Model


class Cost(Model):
    """One cost of one referral, as its provider says it."""

    id: Id
    amount: int = Field(gt=0, description="in the smallest unit of the currency")
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    what_for: Code
    payer: Code | None = Field(None, description="as the SOP says; None: it does not")
    said_at: datetime
    said_by: Id
