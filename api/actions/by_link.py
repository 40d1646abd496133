"""What somebody does who holds a link and has no account: look, answer once, say places, open with a code. (R-12)

A link makes an actor of its organisation that can do one thing; everything else is judged as for anybody. Looking
changes nothing, however often. What is not there, has ended or is for something else looks the same.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from api.actions import capacity, disclosures, enquiries, passwords, steps
from api.actions.answer_links import OPENER, too_dangerous
from api.actions.case_entry import refused
from api.actions.enquiries import Answered
from api.actions.steps import Stepped
from consent.access import Deed
from consent.projection import Packet
from graph.envelope import seal
from graph.model.actor import Actor, Role
from graph.model.answer_link import TRIES, AnswerLink, LinkPurpose
from graph.model.base import Translations
from graph.model.enquiry import LISTENING, Answer, Asked
from graph.model.places import Change
from graph.model.referral import OPEN, Mark, Side, Step, open_steps
from graph.model.refusal import Denied, Reason, Refusal
from graph.model.stock import Stock
from graph.secrets import Secrets
from graph.seed.status_reasons import REDIRECTED, reasons_of, reasons_unnamed
from graph.store import answer_links, cases, log, referrals, services
from graph.store import enquiries as asked
from graph.store.errors import NotFound
from graph.store.network import Tx

CHANNEL: Final = "link"
OPENED: Final = "opened-by-link"
LONGEST_NAME: Final = 120

DEEDS: Final[Mapping[LinkPurpose, Deed]] = {
    LinkPurpose.REFERRAL: Deed.REFERRAL_STEP,
    LinkPurpose.ENQUIRY: Deed.ENQUIRY_ANSWER,
    LinkPurpose.PLACES: Deed.PLACES_SAY,
}
"""The one thing that a link lets do. Opening is another, and takes a code."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a link shows: need class, area and dates, or the places of a service. Nothing of a person."""

    link: AnswerLink
    asked: Asked
    since: datetime
    status: str
    steps: tuple[Step, ...] = ()
    reasons: tuple[str, ...] = ()
    is_open: bool = False
    """Whether an answer by this link would count."""
    can_be_opened: bool = False


@dataclass(frozen=True, slots=True)
class SeenPlaces:
    """The places of a service, for whoever says them by link."""

    link: AnswerLink
    name: str
    translations: Translations
    stock: Stock | None


def bearer(link: AnswerLink, deed: Deed) -> Actor:
    """Who acts by a link: the organisation, for one deed."""
    return Actor(
        id=f"link-{link.id}",
        organization_id=link.organization_id,
        roles=frozenset({Role.PROVIDER}),
        scopes=frozenset({deed.value}),
    )


def confirmation(secret: str, secrets: Secrets) -> str:
    """What the page of a link carries in its forms: another page cannot know it, and another link's does not fit."""
    return hmac.digest(secrets.index_key, b"answer-link:" + secret.encode(), "sha256").hex()


def is_confirmed(secret: str, said: str, secrets: Secrets) -> bool:
    """Whether a form came from this link's own page."""
    return hmac.compare_digest(confirmation(secret, secrets).encode(), said.encode())


async def find(tx: Tx, secret: str, *, at: datetime) -> AnswerLink:
    """The link of a secret, while it leads anywhere. Found by a hash, so that time tells nothing of the secret."""
    wanted = passwords.hash_of(secret)
    link = await answer_links.find(tx, wanted)
    if not hmac.compare_digest(link.secret_hash, wanted) or not link.leads(at=at):
        raise NotFound
    return link


async def look(tx: Tx, secret: str, *, at: datetime) -> Seen | SeenPlaces:
    """What the page of a link shows. Changes nothing."""
    link = await find(tx, secret, at=at)
    if link.purpose is LinkPurpose.PLACES:
        service = (await services.get(tx, [link.subject_id])).get(link.subject_id)
        if service is None:
            raise NotFound
        return SeenPlaces(link, service.name, service.translations, await capacity.read(tx, service.id))
    if link.purpose is LinkPurpose.ENQUIRY:
        return await _enquiry(tx, link, at=at)
    return await _referral(tx, link, at=at)


async def _enquiry(tx: Tx, link: AnswerLink, *, at: datetime) -> Seen:
    enquiry = await asked.get(tx, link.subject_id)
    state = enquiry.state(at=at)
    listening = state in LISTENING and link.used_at is None
    reasons = tuple(r.code for r in reasons_unnamed())
    return Seen(link, enquiry.asked, enquiry.asked_at, state.value, reasons=reasons, is_open=listening)


async def _referral(tx: Tx, link: AnswerLink, *, at: datetime) -> Seen:
    """NotFound, as of what ended, once it has become too dangerous: a reason would tell what the person is protected from."""
    referral = await referrals.get(tx, link.subject_id)
    case = await cases.unseen(tx, referral.case_id)
    if await too_dangerous(tx, case, referral, at=at):
        raise NotFound
    need = next(need for need in case.needs if need.id == referral.need_id)
    home = await asked.home(tx, case.area)
    area = home[-2] if len(home) > 1 else home[0]  # the department: a small town may tell who it is
    steps_open = tuple(s for s in open_steps(referral.status, Side.RESPONDER) if s in (Step.ACCEPT, Step.REJECT))
    return Seen(
        link,
        Asked(service_type=need.service_type, area=area),
        referral.sent_at or referral.created_at,
        referral.status.value,
        steps=steps_open,
        reasons=tuple(r.code for r in reasons_of(Step.REJECT) if r.code != REDIRECTED),
        is_open=bool(steps_open) and link.used_at is None,
        can_be_opened=referral.status in OPEN,
    )


async def answer_referral(
    tx: Tx, secret: str, said: Step, reason: str | None = None, *, at: datetime, secrets: Secrets
) -> Stepped | Refusal:
    """Accept or decline by link, once; the log says that it came by one. (R-12)"""
    if said not in (Step.ACCEPT, Step.REJECT):
        raise NotFound
    link, who = await _first(tx, secret, LinkPurpose.REFERRAL, at=at)
    if no := await _used(tx, secret, await referrals.case_of(tx, link.subject_id), who, at=at, secrets=secrets):
        return no
    stepped = await steps.take(tx, link.subject_id, said, reason, actor=who, at=at, secrets=secrets, channel=CHANNEL)
    if isinstance(stepped, Stepped):
        await answer_links.use(tx, link.id, at=at)
    return stepped


async def waits_on_list(tx: Tx, secret: str, *, at: datetime, secrets: Secrets) -> Stepped | Refusal:
    """The provider put it on its waiting list; the link still decides afterwards. (R-12)"""
    link, who = await _first(tx, secret, LinkPurpose.REFERRAL, at=at)
    if no := await _used(tx, secret, await referrals.case_of(tx, link.subject_id), who, at=at, secrets=secrets):
        return no
    return await steps.mark(tx, link.subject_id, Mark.WAITING_LIST, actor=who, at=at, secrets=secrets, channel=CHANNEL)


async def answer_enquiry(
    tx: Tx, secret: str, said: Answer, reason: str | None = None, *, at: datetime, secrets: Secrets
) -> Answered | Refusal:
    """Answer by link, once, what was asked without identity."""
    link, who = await _first(tx, secret, LinkPurpose.ENQUIRY, at=at)
    if no := await _used(tx, secret, await asked.case_of(tx, link.subject_id), who, at=at, secrets=secrets):
        return no
    answered = await enquiries.answer(
        tx, link.subject_id, said, reason, actor=who, at=at, secrets=secrets, channel=CHANNEL
    )
    if isinstance(answered, Answered):
        await answer_links.use(tx, link.id, at=at)
    return answered


async def _first(tx: Tx, secret: str, purpose: LinkPurpose, *, at: datetime) -> tuple[AnswerLink, Actor]:
    """The link, for this purpose only, and who acts by it."""
    link = await find(tx, secret, at=at)
    if link.purpose is not purpose:
        raise NotFound
    return link, bearer(link, DEEDS[purpose])


async def _used(tx: Tx, secret: str, case_id: str, who: Actor, *, at: datetime, secrets: Secrets) -> Refusal | None:
    """A refusal where the link has decided already, looked at only once the case is locked: two may press at once.

    NotFound where it may lead nowhere any more, though it was made when it might.
    """
    case = await cases.get_locked(tx, case_id)
    link = await find(tx, secret, at=at)
    if link.purpose is LinkPurpose.REFERRAL:
        await _referral(tx, link, at=at)
    if link.used_at is None:
        return None
    why = Refusal.of([Denied(reason=Reason.LINK_USED)])
    now = await log.now(tx, case, at)
    about = {"request_id": link.id, "channel": CHANNEL}
    return await refused(tx, case, why, actor=who, at=now, secrets=secrets, role=Role.PROVIDER, **about)


async def say_places(tx: Tx, secret: str, what: Change, number: int | None = None, *, at: datetime) -> Refusal | None:
    """Say the places of one service by link: as often as needed until it ends, for it decides about nobody. (R-06)"""
    link, who = await _first(tx, secret, LinkPurpose.PLACES, at=at)
    said = await capacity.change(tx, link.subject_id, what, actor=who, at=at, expected=None, number=number)
    return said if isinstance(said, Refusal) else None


async def open_copy(tx: Tx, secret: str, name: str, code: str, *, at: datetime, secrets: Secrets) -> Packet | Refusal:
    """Open what was disclosed, by a name and the code that was read out; three wrong ones, and the code is dead. (R-12)

    Judged as every reading, under the same lock: withdrawn, suspended or ended, there is nothing. The name is kept in an
    envelope under the person's key; the log says that it was opened by link. A code opens what had left when it was made,
    and nothing of a later stage. Why it has become too dangerous stands in the log and is not told.
    """
    link, _ = await _first(tx, secret, LinkPurpose.REFERRAL, at=at)
    who = bearer(link, Deed.DISCLOSURE_OPEN)
    case = await cases.get_locked(tx, await referrals.case_of(tx, link.subject_id))
    referral = await referrals.get(tx, link.subject_id)
    now = await log.now(tx, case, at)
    about: dict[str, Any] = {
        "recipient": referral.responder_id, "purpose": referral.purpose, "referral": referral.id, "channel": CHANNEL,
    }  # fmt: skip

    async def no(*denied: Denied) -> Refusal:
        why = Refusal.of(denied)
        return await refused(tx, case, why, actor=who, at=now, secrets=secrets, role=Role.PROVIDER, **about)

    if why := await too_dangerous(tx, case, referral, at=now):
        await no(*why)
        return Refusal.of([Denied(reason=Reason.COPY_CLOSED)])
    newest = next(iter(await answer_links.codes(tx, referral.id)), None)
    if newest is None or not newest.opens(at=now):
        return await no(Denied(reason=Reason.OPENING_CODE_DEAD))
    if not await passwords.fits(newest.code_hash, code):
        tries = newest.tries + 1
        await answer_links.save_code(tx, newest.model_copy(update={"tries": tries}))
        if tries >= TRIES:
            return await no(Denied(reason=Reason.OPENING_CODE_DEAD))
        return await no(Denied(reason=Reason.OPENING_CODE_WRONG, places={"left": str(TRIES - tries)}))
    packet = await disclosures.open_copy(
        tx, referral.id, actor=who, at=now, secrets=secrets, channel=CHANNEL, how=(OPENED,), stage=newest.stage
    )
    key = secrets.keystore.key_of(case.person_id)
    if isinstance(packet, Refusal) or key is None:
        return packet
    sealed = seal(key, case_id=case.id, field=f"{OPENER}/{newest.id}", version=1, value=name)
    await answer_links.save_code(tx, newest.model_copy(update={"opened_at": now, "opener": sealed}))
    return packet
