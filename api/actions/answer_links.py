"""Links by which a provider without an account answers, and the code that opens by them: how they are made. (R-12)

What they let do is `by_link`. A secret and a code are drawn outside the transaction, told once, and kept as hashes.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from api.actions import capacity, passwords
from api.actions.allowed import must
from api.actions.case_change import new_id
from api.actions.case_entry import entry, refused
from api.actions.enquiries import above_of
from consent.access import Deed
from consent.danger import never
from graph.envelope import EnvelopeProblem, unseal
from graph.model.actor import Actor, Role
from graph.model.answer_link import CODE_LIVES, LIVES, TRIES, AnswerLink, LinkPurpose, OpeningCode
from graph.model.base import Id, Model
from graph.model.case import Case
from graph.model.enquiry import LISTENING
from graph.model.log import Entry, Kind
from graph.model.referral import OPEN, Referral
from graph.model.refusal import Denied, Reason, Refusal
from graph.model.timer import Message
from graph.secrets import Secrets
from graph.store import answer_links, cases, disclosures, enquiries, log, referrals, services
from graph.store import capacity as places
from graph.store.errors import NotFound
from graph.store.network import Tx

OPENER = "opener"


class LinkMade(Model):
    """A link that was made. Its secret is with whoever drew it: a repeat under the same key finds another hash here."""

    link_id: Id
    secret_hash: str
    expires_at: datetime
    entry: Entry | None = None


class CodeMade(Model):
    """A code that was made, without the code."""

    code_id: Id
    code_hash: str
    expires_at: datetime
    entry: Entry


class CodeShown(Model):
    """What became of a code, for the team of the case."""

    code_id: Id
    made_at: datetime
    expires_at: datetime
    tries_left: int
    opens: bool
    opened_at: datetime | None = None
    opener: str | None = None
    """The name that was given with it."""


async def make(
    tx: Tx,
    case: Case,
    referral: Referral,
    *,
    actor: Actor,
    role: Role | Literal["clock"] | None = None,
    at: datetime,
    secrets: Secrets,
    secret: str | None = None,
) -> str | None:
    """A link to answer a referral of a locked case, for a mail; None where none may be made. For reminders, too.

    Never for trafficking, for somebody who is protected from threats, or for a service whose place is kept secret.
    """
    if await _why_no_link(tx, case, referral, at=at):
        return None
    drawn = secret or passwords.new_token()
    link = _drawn(LinkPurpose.REFERRAL, referral.id, referral.responder_id, passwords.hash_of(drawn), at=at)
    await answer_links.create(tx, link)
    await _written(tx, case, link, referral, actor=actor, role=role, at=at, secrets=secrets)
    return drawn


def mailed(message_id: Id, secrets: Secrets) -> str:
    """The secret of the link in a mail: worked out from the mail's id with a key of the house, and kept nowhere."""
    made = hmac.digest(secrets.index_key, b"mailed-answer-link:" + message_id.encode(), "sha256")
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def leads_to(message: Message, secrets: Secrets) -> str:
    """The path of the link in a mail: an answer link of its own, or a page that asks who you are."""
    return f"/answer/{mailed(message.id, secrets)}" if message.answers else f"/r/{message.id}"


async def for_referral(
    tx: Tx, referral_id: str, secret_hash: str, *, actor: Actor, at: datetime, secrets: Secrets
) -> LinkMade | Refusal:
    """A link for the organisation that received a referral: to be mailed, or handed over. (R-12)"""
    case, referral, at = await _held(tx, referral_id, actor=actor, at=at)
    if why := await _why_no_link(tx, case, referral, at=at):
        refusal = Refusal.of(why)
        return await refused(
            tx, case, refusal, actor=actor, at=at, secrets=secrets, role=Role.CASE_MANAGER, referral=referral.id
        )
    link = _drawn(LinkPurpose.REFERRAL, referral.id, referral.responder_id, secret_hash, at=at)
    await answer_links.create(tx, link)
    written = await _written(tx, case, link, referral, actor=actor, role=Role.CASE_MANAGER, at=at, secrets=secrets)
    return LinkMade(link_id=link.id, secret_hash=secret_hash, expires_at=link.expires_at, entry=written)


async def for_enquiry(
    tx: Tx, enquiry_id: str, secret_hash: str, *, actor: Actor, at: datetime, secrets: Secrets
) -> LinkMade | Refusal:
    """A link for an organisation that was asked without identity."""
    case = await cases.get_for_update(tx, await enquiries.case_of(tx, enquiry_id), actor=actor)
    must(actor, Deed.ANSWER_LINK, case)
    at = await log.now(tx, case, at)
    enquiry = await enquiries.get(tx, enquiry_id)
    about = {"recipient": enquiry.organization_id, "request_id": enquiry.id}
    if enquiry.state(at=at) not in LISTENING:
        why = Refusal.of([Denied(reason=Reason.ENQUIRY_ENDED)])
        return await refused(tx, case, why, actor=actor, at=at, secrets=secrets, role=Role.CASE_MANAGER, **about)
    link = _drawn(LinkPurpose.ENQUIRY, enquiry.id, enquiry.organization_id, secret_hash, at=at)
    await answer_links.create(tx, link)
    written = await entry(
        tx, case, Kind.ANSWER_LINK_MADE, actor=actor, role=Role.CASE_MANAGER, at=at, secrets=secrets, **about
    )
    return LinkMade(link_id=link.id, secret_hash=secret_hash, expires_at=link.expires_at, entry=written)


async def for_places(
    tx: Tx, service_id: str, secret_hash: str, *, actor: Actor, at: datetime, secrets: Secrets
) -> LinkMade | Refusal:
    """A link by which a service's places are said, as often as needed until it ends, by whoever may say them. (R-06)

    Refused alike for a service of another and for one that is not there.
    """
    del secrets
    organization_id = await places.offered_by(tx, service_id)
    if organization_id is None or not capacity.may_say(actor, organization_id):
        return Refusal.of([Denied(reason=Reason.ACCESS_RELATION)])
    link = _drawn(LinkPurpose.PLACES, service_id, organization_id, secret_hash, at=at)
    await answer_links.create(tx, link)
    return LinkMade(link_id=link.id, secret_hash=secret_hash, expires_at=link.expires_at)


async def make_code(
    tx: Tx, referral_id: str, code_hash: str, *, actor: Actor, at: datetime, secrets: Secrets
) -> CodeMade | Refusal:
    """A code that the case manager reads out: with it, and a name, one disclosure opens by link, once. (R-12)

    An earlier code of the referral opens nothing from then on.
    """
    case, referral, at = await _held(tx, referral_id, actor=actor, at=at)
    about = {"recipient": referral.responder_id, "purpose": referral.purpose, "referral": referral.id}
    if why := await _why_no_link(tx, case, referral, at=at):
        refusal = Refusal.of(why)
        return await refused(tx, case, refusal, actor=actor, at=at, secrets=secrets, role=Role.CASE_MANAGER, **about)
    copies = await disclosures.of_case(tx, case.id, referrals=[referral.id])
    stage = copies[-1].stage if copies else None
    code = OpeningCode(id=new_id(), code_hash=code_hash, made_at=at, expires_at=at + CODE_LIVES, stage=stage)
    await answer_links.put_code(tx, referral.id, code)
    written = await entry(
        tx, case, Kind.OPENING_CODE_MADE, actor=actor, role=Role.CASE_MANAGER, at=at, secrets=secrets, **about
    )
    return CodeMade(code_id=code.id, code_hash=code_hash, expires_at=code.expires_at, entry=written)


async def codes(tx: Tx, referral_id: str, *, actor: Actor, at: datetime, secrets: Secrets) -> list[CodeShown]:
    """What became of a referral's codes, the newest first: whether one was tried wrongly, and who opened by it."""
    case = await cases.get(tx, await referrals.case_of(tx, referral_id), actor=actor)
    must(actor, Deed.ANSWER_LINK, case)
    key = secrets.keystore.key_of(case.person_id)
    return [
        CodeShown(
            code_id=code.id,
            made_at=code.made_at,
            expires_at=code.expires_at,
            tries_left=TRIES - code.tries,
            opens=code.opens(at=at),
            opened_at=code.opened_at,
            opener=_name(key, case, code),
        )
        for code in await answer_links.codes(tx, referral_id)
    ]


def _name(key: bytes | None, case: Case, code: OpeningCode) -> str | None:
    if key is None or code.opener is None:
        return None
    try:
        return str(unseal(key, code.opener, case_id=case.id, field=f"{OPENER}/{code.id}", version=1))
    except EnvelopeProblem:
        return None


async def _held(tx: Tx, referral_id: str, *, actor: Actor, at: datetime) -> tuple[Case, Referral, datetime]:
    case = await cases.get_for_update(tx, await referrals.case_of(tx, referral_id), actor=actor)
    must(actor, Deed.ANSWER_LINK, case)
    return case, await referrals.get(tx, referral_id), await log.now(tx, case, at)


async def _why_no_link(tx: Tx, case: Case, referral: Referral, *, at: datetime) -> list[Denied]:
    why = [] if referral.status in OPEN else [Denied(reason=Reason.NOTHING_TO_ANSWER)]
    return why + await too_dangerous(tx, case, referral, at=at)


async def too_dangerous(tx: Tx, case: Case, referral: Referral, *, at: datetime) -> list[Denied]:
    """Why nothing of this referral may be behind a link, if so: asked when it is made, and again when it opens."""
    service = (await services.get(tx, [referral.service_id])).get(referral.service_id)
    if service is None:
        raise NotFound
    need = next(need for need in case.needs if need.id == referral.need_id)
    sealed = any(location.sealed for location in service.locations)
    return never(case, _all_above([need.service_type, *service.service_types]), sealed=sealed, on=at.date())


def _all_above(types: Iterable[str]) -> set[str]:
    return {above for code in types for above in above_of(code)}


def _drawn(
    purpose: LinkPurpose, subject_id: str, organization_id: str, secret_hash: str, *, at: datetime
) -> AnswerLink:
    return AnswerLink(
        id=new_id(),
        organization_id=organization_id,
        purpose=purpose,
        subject_id=subject_id,
        secret_hash=secret_hash,
        made_at=at,
        expires_at=at + LIVES,
    )


async def _written(
    tx: Tx,
    case: Case,
    link: AnswerLink,
    referral: Referral,
    *,
    actor: Actor,
    role: Role | Literal["clock"] | None,
    at: datetime,
    secrets: Secrets,
) -> Entry:
    about = {"recipient": referral.responder_id, "purpose": referral.purpose, "referral": referral.id}
    return await entry(
        tx, case, Kind.ANSWER_LINK_MADE, actor=actor, role=role, at=at, secrets=secrets, request_id=link.id, **about
    )
