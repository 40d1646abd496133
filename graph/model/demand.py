"""A need that nobody could meet, as it is counted for the committee: no person, no exact day. (R-07)"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime

from pydantic import Field

from graph.model.base import Code, Model
from graph.model.need import Need


class Demand(Model):
    """One unmet need: what, in which department, in which month, and what stood in the way."""

    key: str = Field(description="opaque; the same need asked again has the same key")
    service_type: Code
    department: Code
    month: str = Field(pattern=r"^\d{4}-\d{2}$")
    reason: Code
    near_miss: bool

    @classmethod
    def of(
        cls,
        need: Need,
        reason: str,
        department: str,
        *,
        near_miss: bool,
        at: datetime,
        reference: str | None,
        pepper: bytes,
    ) -> Demand:
        """The count of one need. Without a caller's random reference, the same question on the same day is the same need.

        The question itself (age, factors, papers) is not kept, nor can it be guessed from the key: the pepper lives in
        the memory of one process only.
        """
        asked = need.model_dump(mode="json", exclude={"on"})
        for name in ("languages", "factors", "documents"):
            asked[name] = None if asked[name] is None else sorted(asked[name])
        what = json.dumps([at.date().isoformat(), asked], sort_keys=True).encode()
        key = cls.key_of(reference, need.service_type) if reference else hmac.digest(pepper, what, "sha256").hex()
        return cls(
            key=key,
            service_type=need.service_type,
            department=department,
            month=at.strftime("%Y-%m"),
            reason=reason,
            near_miss=near_miss,
        )

    @staticmethod
    def key_of(reference: str, service_type: str) -> str:
        """The key of a need that its caller knows by a reference."""
        return hashlib.sha256(f"{reference}|{service_type}".encode()).hexdigest()
