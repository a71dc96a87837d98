"""The port of what comes in: a request as it was made, the provider's hook that knows its signature, and the news it holds.

A hook is pure: it checks the signature and says what the request tells. `hearing.hear` writes each news once, in one transaction with
what follows from it. Servers only carry requests here and answers back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from einvoice.errors import ReceivablesError
from einvoice.outbox import Outcome


class Request(NamedTuple):
    """A call as it arrived: `url` as the caller wrote it (what is signed), names of `headers` in small letters, the body's bytes."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""


class Answer(NamedTuple):
    """What is answered."""

    status: int = 200
    body: bytes = b""
    type: str = "text/plain; charset=utf-8"
    location: str | None = None


class News(NamedTuple):
    """One thing that a provider tells: `key` is the provider's id of it, heard twice it is one.

    | kind | what it tells | who follows it up |
    |---|---|---|
    | status | `outcome` of the message that the provider calls `provider` | the outbox (`report`) |
    | reply | the receiver wrote `text` back from `sender`; STOP and its like withdraw consent | consents, else a task |
    | pressed | the receiver of a computer call pressed `text` (1 paid, 2 call me, 3 dispute, 4 plan) | the cases |
    | payment | the payment that the provider calls `provider` changed; what it is now is asked from the provider | checkouts |

    `more` holds what else there is, without credentials.
    """

    key: str
    kind: str
    provider: str | None = None
    outcome: Outcome | None = None
    sender: str | None = None
    text: str = ""
    at: datetime | None = None
    more: Mapping[str, Any] = {}


class Heard(NamedTuple):
    """What a request tells, and what its sender is answered."""

    news: tuple[News, ...] = ()
    answer: Answer = Answer()


class Untrusted(ReceivablesError):
    """A request whose signature is missing or wrong: nothing of it is believed."""


class Hook(Protocol):
    """A provider's way of calling us."""

    name: str

    def heard(self, request: Request, now: datetime) -> Heard:
        """What a request tells.

        Raises Untrusted where it is not signed as it must be, ReceivablesError where it cannot be understood.
        """
