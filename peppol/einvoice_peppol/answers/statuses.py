"""Tells the sending access point what became of a message (MLS): what failed always, what was delivered where it is wanted.

It is submitted in the transaction that hands the message over or fails it, so that none is forgotten and none is said twice. An MLS is
never answered by an MLS, and what a hosted access point took is that one's to answer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from einvoice_peppol.answers import creating
from einvoice_peppol.answers.answer import Issue, Kind
from einvoice_peppol.answers.giving import give
from einvoice_peppol.bodies import Bodies
from einvoice_peppol.inbox.incoming import Incoming

ALWAYS = "ALWAYS_SEND"
_WORDS = 1_000
_SYNTAX = ("Unreadable:", "MalformedXML:", "UnsafeXML:", "UnknownFormat:")
"""What is wrong with the document itself, which its sender is told; faults of ours name files and tables, nobody else's business."""
_OURS = "its receiver could not be reached; the document stays here, and a person looks at it"


class Statuses:
    """Answers messages by our seat; `always` says that delivery is told unasked.

    `confirmed` says that whoever is handed a message has it for good (AP); where it is only left somewhere, it is AB.
    """

    def __init__(
        self, seat: str, country: str, clock: Callable[[], datetime], bodies: Bodies, *, always: bool = False, confirmed: bool = True
    ) -> None:
        self._seat = seat
        self._country = country
        self._clock = clock
        self._bodies = bodies
        self._always = always
        self._confirmed = confirmed

    def __call__(self, connection: Connection, incoming: Incoming, failure: str | None) -> None:
        """Called when a message was handed over (None) or failed for good (the reason), in that transaction."""
        if incoming.kind == Kind.MLS or incoming.via != "as4":
            return
        if failure is None and not (self._always or incoming.mls_type == ALWAYS):
            return
        code = ("AP" if self._confirmed else "AB") if failure is None else "RE"
        issues = () if failure is None else (_issue(failure),)
        text = None if failure is None else "the document could not be delivered"
        answer = creating.to_message(incoming, self._seat, code, self._clock(), text=text, issues=issues)
        give(connection, answer, incoming.id, self._country, self._clock(), self._bodies)


def _issue(failure: str) -> Issue:
    """What the other side is told of a failure."""
    return Issue("NA", failure[:_WORDS], "SV") if failure.startswith(_SYNTAX) else Issue("NA", _OURS, "FD")
