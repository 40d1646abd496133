"""Who acts: people with roles in organisations, and the credentials that let somebody attest. (R-22, R-25)

An actor is known by a function and an organisation. How one signs in does not belong here.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from graph.model.base import Code, Id, Model


class Role(StrEnum):
    """What an actor is in the mechanism. Roles are read from the graph at every request, never from a token."""

    CASE_MANAGER = "case-manager"
    PROVIDER = "provider"
    COMMITTEE = "committee"
    DEPARTMENT_COMMITTEE = "department-committee"
    """reads what the committee publishes about one department, and nothing else; held alone"""
    DATA_PROTECTION_OFFICER = "data-protection-officer"
    PROFESSIONAL = "professional"
    ADMIN = "admin"
    PERSON = "person"


class Actor(Model):
    """Somebody who is signed in, with what that lets them be."""

    id: Id
    organization_id: Id | None = None
    roles: frozenset[Role]
    scopes: frozenset[Code] | None = Field(
        None, description="what a token is limited to; None: all that the roles allow"
    )
    case_id: Id | None = Field(None, description="the person's own case; for the role person only")
    department: Code | None = Field(None, description="the area of a departmental committee; for that role only")


CredentialKind = Literal["mental-health", "health", "protection"]


class Credential(Model):
    """That an actor is a registered professional: issued by two administrators, for a time. (R-22)"""

    id: Id
    actor_id: Id
    kind: CredentialKind
    issued_by: tuple[Id, Id] = Field(description="two different administrators, neither the holder")
    valid_from: datetime
    valid_to: datetime
    revoked_at: datetime | None = None

    def holds(self, *, at: datetime) -> bool:
        """From the first instant up to, not including, the last; never once it was revoked."""
        return self.valid_from <= at < self.valid_to and (self.revoked_at is None or at < self.revoked_at)
