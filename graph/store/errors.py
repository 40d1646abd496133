"""What a store can raise. A refusal of the domain is never one of these: it is a value. (style.md)

Messages carry no values: the driver's own texts quote refused values, so they are dropped here.
"""

from __future__ import annotations


class StoreError(Exception):
    """The root of what can go wrong with the graph."""


class NotFound(StoreError):
    """There is no such thing, or not for this reader: both look the same."""


class Conflict(StoreError):
    """Somebody else changed it in between; `version` is the one that holds now."""

    def __init__(self, version: int | None = None) -> None:
        super().__init__("changed in between")
        self.version = version


class KeyReused(StoreError):
    """An idempotency key came back with another request."""


class Unavailable(StoreError):
    """The engine cannot be reached or is too busy; trying again later may help."""

    def __init__(self, retry_after: int = 1) -> None:
        super().__init__("the graph cannot be reached")
        self.retry_after = retry_after


class Uncertain(Unavailable):
    """The answer to a commit was lost and there was no idempotency key to look up: it may or may not be written."""


class StatementRefused(StoreError):
    """The engine refused a statement as such: an error of ours. `code` is the engine's, its message is dropped."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
