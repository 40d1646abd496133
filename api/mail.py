"""Mails in words, and their way to the mail server that the operator named. (R-12, R-21)

What is written stands in `locale/*/clocks.po`: that an answer is awaited, and an opaque link.
Which mails there are and whether they are still needed is `api.actions.outbox`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final, Literal

import aiosmtplib

from api.texts import text
from graph.model.timer import Message

PATIENCE: Final = 20.0
"""Seconds for one mail; shorter than a lease."""

PERMANENT: Final = 500
"""From this code on a mail server says that it will not take a mail, also not later."""


@dataclass(frozen=True, slots=True)
class Post:
    """The mail server, who writes, and where the links lead."""

    host: str
    port: int
    sender: str
    url: str
    tls: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: str | None = field(default=None, repr=False)


class Refused(Exception):
    """The mail server does not take this mail, and says that it will not."""


class Later(Exception):
    """The mail did not go now; it may go later."""


def compose(message: Message, post: Post, *, to: str) -> EmailMessage:
    """The mail in the language of its organisation: an opaque link, and nothing of a person, a service or a case.

    `to` is the path of the link. Behind an answer link nobody signs in, and the mail says so.
    """
    language = message.language
    link = post.url.rstrip("/") + to
    what = text(f"clocks.awaited.{message.clock}", language) if message.clock else ""
    mail = EmailMessage()
    mail["From"], mail["To"] = post.sender, message.to or ""
    mail["Subject"] = text(f"clocks.mail.{message.template}.subject", language)
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = f"<{message.id}@{post.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"], mail["Content-Language"] = "auto-generated", language
    body = text(f"clocks.mail.{message.template}.{'answer' if message.answers else 'body'}", language, what=what)
    mail.set_content("\n\n".join([body, link, text("clocks.mail.foot", language)]) + "\n")
    return mail


async def send(message: Message, post: Post, *, to: str) -> None:
    """Hand one mail over. Refused where the server will never take it, Later for everything else."""
    try:
        await aiosmtplib.send(
            compose(message, post, to=to),
            hostname=post.host,
            port=post.port,
            username=post.username,
            password=post.password,
            use_tls=post.tls == "tls",
            start_tls=post.tls == "starttls",
            timeout=PATIENCE,
        )
    except aiosmtplib.SMTPRecipientsRefused as no:
        codes = [one.code for one in no.recipients]
        raise (Refused if codes and min(codes) >= PERMANENT else Later) from None
    except aiosmtplib.SMTPSenderRefused:
        raise Later from None  # a setting of ours is wrong: mended, the mail goes
    except aiosmtplib.SMTPResponseException as no:
        is_content = isinstance(no, aiosmtplib.SMTPDataError)
        raise (Refused if is_content and no.code >= PERMANENT else Later) from None
    except (aiosmtplib.SMTPException, OSError, ValueError):
        raise Later from None
