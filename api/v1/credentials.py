"""Credentials of professionals: one administrator proposes, another one issues, any revokes at once. (R-22, R-25)"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.actions import credentials
from api.actions.credentials import Credentials, Proposal
from api.dependencies import LanguageDep, NetworkDep, NowDep, SecretsDep
from api.identity import CredentialIssuerDep
from api.refusals import refused
from api.v1.changes import PERSONAL
from graph.model.actor import CredentialKind
from graph.model.log import Entry
from graph.model.refusal import Refusal

router = APIRouter(prefix="/credentials", tags=["credentials"])

CredentialId = Annotated[str, Path(min_length=1, max_length=120)]


class ProposalIn(BaseModel):
    """Who is to hold which credential, until when."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    actor_id: str = Field(min_length=1, max_length=120)
    kind: CredentialKind
    valid_to: AwareDatetime


class CredentialOut(BaseModel):
    """The credential's id and the signed entry."""

    id: str
    entry: dict[str, Any]


@router.get("", response_model=Credentials, summary="All credentials")
async def listed(network: NetworkDep, actor: CredentialIssuerDep) -> Any:
    """For administrators: what waits for a second word, and what was issued; holders by id, never by name."""
    found = await network.read(credentials.listed, actor=actor)
    return JSONResponse(found.model_dump(mode="json"), headers=PERSONAL)


@router.post("", response_model=CredentialOut, status_code=201, summary="Propose a credential")
async def propose(
    said: ProposalIn,
    network: NetworkDep,
    actor: CredentialIssuerDep,
    now: NowDep,
    secrets: SecretsDep,
    language: LanguageDep,
) -> Any:
    """The first of two words; it opens nothing. Nobody proposes themselves."""
    proposal = Proposal(**said.model_dump())
    written = await network.write(credentials.propose, proposal, actor=actor, at=now, secrets=secrets)
    return _out(proposal.id, written, language)


@router.post("/{credential_id}/issue", response_model=CredentialOut, summary="Issue what another one proposed")
async def issue(
    credential_id: CredentialId,
    network: NetworkDep,
    actor: CredentialIssuerDep,
    now: NowDep,
    secrets: SecretsDep,
    language: LanguageDep,
) -> Any:
    """The second word, of another administrator who is not the holder."""
    written = await network.write(credentials.issue, credential_id, actor=actor, at=now, secrets=secrets)
    return _out(credential_id, written, language)


@router.post("/{credential_id}/revocation", response_model=CredentialOut, summary="Revoke a credential at once")
async def revoke(
    credential_id: CredentialId,
    network: NetworkDep,
    actor: CredentialIssuerDep,
    now: NowDep,
    secrets: SecretsDep,
    language: LanguageDep,
) -> Any:
    """When this is answered, nothing opens on the strength of it any more."""
    written = await credentials.stop(network, credential_id, actor=actor, at=now, secrets=secrets)
    return _out(credential_id, written, language)


def _out(id: str, written: Entry | Refusal, language: LanguageDep) -> CredentialOut:
    if isinstance(written, Refusal):
        raise refused(written, language)
    return CredentialOut(id=id, entry=written.model_dump(mode="json", exclude_none=True))
