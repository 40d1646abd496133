"""Where the mails of the story go: a mail server of this machine that takes everything and passes nothing on. (R-12)

As much of SMTP as it takes to be given a mail, with the standard library, so that the story plays wherever `up` does.
"""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Final, cast

from api.mail import Post

LOOPBACK: Final = "127.0.0.1"
FINE: Final = b"250 fine\r\n"
ANSWERS: Final = {b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}


class Sink:
    """What came in, in its order."""

    def __init__(self, port: int) -> None:
        self.mails: list[EmailMessage] = []
        self.post = Post(LOOPBACK, port, "enlace@example.org", "https://enlace.example.org", tls="none")

    @property
    def told(self) -> list[str]:
        """To whom each one went."""
        return [str(mail["To"]) for mail in self.mails]


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 story\r\n")
        for line in self.rfile:
            word = line.strip()[:4].upper()
            self.wfile.write(ANSWERS.get(word, FINE))
            if word == b"QUIT":
                return
            if word == b"DATA":
                cast(_Server, self.server).take(b"".join(iter(self.rfile.readline, b".\r\n")))
                self.wfile.write(FINE)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((LOOPBACK, 0), _Talk)
        self.sink = Sink(self.server_address[1])

    def take(self, content: bytes) -> None:
        self.sink.mails.append(message_from_bytes(content, policy=policy.default))


@contextmanager
def sink() -> Iterator[Sink]:
    """A mail server on a free port, for as long as the block lasts."""
    with _Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="story mails")
        thread.start()
        try:
            yield server.sink
        finally:
            server.shutdown()
            thread.join()
