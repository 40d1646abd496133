"""Mails to organisations: put into the outbox with what they tell of, taken out once nobody needs them. (R-12, R-21)

A mail names a template and leads to a page that asks who you are. Nothing of a person, no service, no case stands in it.
How it is worded and sent is `api.mail`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from api.actions.allowed import must_ever
from api.actions.case_change import new_id
from api.actions.timers import owed_of
from consent.access import Deed
from graph.model.actor import Actor, Role
from graph.model.base import Language
from graph.model.referral import Status
from graph.model.timer import Job, Message, Rung, Timer
from graph.store import clocks, complaints, messages, referrals, stop_notices, timers
from graph.store.contacts import Told
from graph.store.errors import NotFound
from graph.store.network import Tx

NO_ADDRESS: Final = "no-address"
"""Nobody states an address for this function: a gap of the directory, and listed as one."""

REFUSED: Final = "refused"
MOVED_ON: Final = "moved-on"

OFFICER_WAITS: Final = "officer-waits"
"""That something waits for a data protection officer. It stands in no list of mails: whoever reads that list may be the
one whose reading is looked into."""

SPANISH: Final = frozenset({"GT", "HN", "SV", "MX", "NI", "CR", "PA", "CO", "EC", "PE", "DO", "CU", "VE", "ES"})


def language_in(country: str) -> Language:
    """The language in which an organisation of a country is written to; Spanish where the country is not known."""
    return "es" if not country or country in SPANISH else "en"


async def put(
    tx: Tx,
    told: Told,
    template: str,
    *,
    about: str | None,
    country: str,
    at: datetime,
    rung: Rung | None = None,
    clock: str | None = None,
    id: str | None = None,
    answers: bool = False,
) -> bool:
    """Put a mail into the outbox. Where nobody states an address it is kept as a gap; then the answer is no."""
    message = Message(
        id=id or new_id(),
        to=told.to,
        organization_id=told.organization_id,
        template=template,
        rung=rung,
        clock=clock,
        language=language_in(country),
        answers=answers,
        about=about,
        created_at=at,
        failed_because=None if told.to else NO_ADDRESS,
    )
    await messages.create(tx, message)
    if told.to is None:
        return False
    await timers.set_(tx, [Timer(id=f"{message.id}-mail", job=Job.SEND_MAIL, subject_id=message.id, due_at=at)])
    return True


async def begin(tx: Tx, timer: Timer, *, by: str, at: datetime, until: datetime) -> Message | None:
    """The mail to send now, leased anew; None if another has it, or nobody needs it any more."""
    held = await timers.hold(tx, timer.id, by=by)
    if held is None:
        return None
    message = await messages.get(tx, held.subject_id)
    if message.sent_at is None and message.failed_because is None and await _is_wanted(tx, message):
        await timers.lease_on(tx, timer.id, until=until)
        return message
    if message.sent_at is None:
        await messages.save(tx, message.model_copy(update={"undone_because": MOVED_ON}))
    await timers.end(tx, timer.id, at=at, because=MOVED_ON)
    return None


async def _is_wanted(tx: Tx, message: Message) -> bool:
    """Whether what it tells of still stands: nothing is mailed about a referral that moved on."""
    if message.about is None:
        return True
    if message.template == "stop-late":
        return (await stop_notices.find(tx, message.about)).acknowledged_at is None
    if message.template == "complaint-due":
        return (await complaints.get(tx, message.about)).complaint.answered_at is None
    if message.clock is None and message.template != "hold-end":
        return True
    referral = await referrals.get(tx, message.about)
    if message.template == "hold-end":
        return referral.status is Status.ON_HOLD
    return any(one.due.value == message.clock for one in owed_of(referral, await clocks.terms_of(tx, referral)))


async def sent(tx: Tx, timer: Timer, message: Message, *, at: datetime) -> None:
    """The other server took it."""
    await messages.save(tx, message.model_copy(update={"sent_at": at, "tries": message.tries + 1}))
    await timers.end(tx, timer.id, at=at)


async def refused(tx: Tx, timer: Timer, message: Message, *, at: datetime) -> None:
    """The other server does not take it, and will not: it is seen in the list."""
    failed = message.model_copy(update={"failed_because": REFUSED, "tries": message.tries + 1})
    await messages.save(tx, failed)
    await timers.end(tx, timer.id, at=at, because=REFUSED)


async def read(tx: Tx, *, actor: Actor, after: str | None = None, limit: int = 50) -> list[Message]:
    """What was mailed, what waits, what could not go and why, the newest first; what it is about is left out. (R-25)"""
    must_ever(actor, Deed.MESSAGES_READ)
    found = await messages.page(tx, without=[OFFICER_WAITS], after=after, limit=limit)
    return [message.model_copy(update={"about": None}) for message in found]


LISTED: Final = {
    "stop-late": "/queue",
    "complaint-due": "/committee/complaints",
    OFFICER_WAITS: "/officer/alerts",
}
"""The page on which whoever was told finds it among others, where it is no referral; the committee, on its own, Today."""


async def subject(tx: Tx, message_id: str, *, actor: Actor) -> tuple[str | None, str | None]:
    """Which referral the link of a mail leads to, or else which list. Whether one may see the referral is asked there.

    A list is named to those who were written to. NotFound for anybody else, and for none.
    """
    message = await messages.get(tx, message_id)
    if message.template not in LISTED:
        return message.about, None
    if message.template == OFFICER_WAITS:
        if Role.DATA_PROTECTION_OFFICER not in actor.roles:
            raise NotFound
        return None, LISTED[message.template]
    is_committee = message.organization_id is None and Role.COMMITTEE in actor.roles
    if is_committee and message.template == "stop-late":
        return None, "/"
    if is_committee or (message.organization_id is not None and message.organization_id == actor.organization_id):
        return None, LISTED[message.template]
    raise NotFound
