"""A real mail server on a port of its own: it takes what it is given, or refuses whom it is told to refuse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from api.mail import Post
from graph.child import free_port

NO_SUCH: str = "550 5.1.1 no such user"
BUSY: str = "451 4.3.0 try again later"


class Office:
    """What came in, and who is refused with which answer."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.taken: list[EmailMessage] = []
        self.refuses: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        mail = BytesParser(EmailMessage, policy=default).parsebytes(envelope.content)
        assert isinstance(mail, EmailMessage)
        self.taken.append(mail)
        return "250 OK"

    @property
    def post(self) -> Post:
        """The way to it."""
        return Post("127.0.0.1", self.port, "enlace@example.org", "https://enlace.example.org", tls="none")

    @property
    def told(self) -> list[str]:
        """To whom, in the order of arrival."""
        return [str(mail["To"]) for mail in self.taken]


@contextmanager
def office() -> Iterator[Office]:
    """Open for as long as the block lasts."""
    found = Office(free_port())
    controller = Controller(found, hostname="127.0.0.1", port=found.port)
    controller.start()
    try:
        yield found
    finally:
        controller.stop()
