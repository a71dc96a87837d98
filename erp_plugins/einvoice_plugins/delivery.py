"""What became of an invoice, in one word for people, whichever way it went: outbox, Peppol, a hosted access point.

Three voices speak about a document, in this order of weight: what the receiver answers (Peppol Invoice Response, UNTDID 4343), what the
receiver's access point says (Message Level Status), and what carried it (`einvoice.outbox.State`). Answers come late, twice and in any
order; `Known` keeps what the latest of them says, so the same answers in another order come to the same.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from einvoice.events.parts import Status
from einvoice.outbox import State
from einvoice_plugins.words import say


class Delivery(StrEnum):
    """Where a document stands, as an ERP shows it."""

    NOT_SENT = "not_sent"  # nobody has asked for it to be sent, or it was withdrawn
    WAITING = "waiting"  # asked for, and on its way out
    SENT = "sent"  # the other access point took it: its receipt is kept
    DELIVERED = "delivered"  # proven to have reached the receiver
    ACCEPTED = "accepted"
    UNDER_QUERY = "under_query"
    REJECTED = "rejected"  # by the receiver, who has it
    REFUSED = "refused"  # by an access point or before sending: the receiver does not have it
    FAILED = "failed"  # it came back, or was tried too often
    UNKNOWN = "unknown"  # it may have arrived; a person must ask before it is sent again

    def label(self, language: str = "en") -> str:
        """What it is called in nl, en, de or fr."""
        return say("delivery", self.value, language)

    @property
    def is_settled(self) -> bool:
        """Whether a person has nothing more to wait for."""
        return self in _SETTLED

    @property
    def needs_a_person(self) -> bool:
        """Whether it stands still until somebody acts."""
        return self in _STUCK

    @property
    def may_be_sent(self) -> bool:
        """Whether sending it (anew) cannot make it arrive twice."""
        return self in _UNSENT


_SETTLED = frozenset({Delivery.ACCEPTED, Delivery.REJECTED, Delivery.REFUSED, Delivery.FAILED})
_STUCK = frozenset({Delivery.UNDER_QUERY, Delivery.REJECTED, Delivery.REFUSED, Delivery.FAILED, Delivery.UNKNOWN})
_UNSENT = frozenset({Delivery.NOT_SENT, Delivery.REFUSED})
_CARRIED = {
    State.PLANNED: Delivery.WAITING,
    State.SENDING: Delivery.WAITING,
    State.SENT: Delivery.SENT,
    State.DELIVERED: Delivery.DELIVERED,
    State.BOUNCED: Delivery.FAILED,
    State.FAILED: Delivery.REFUSED,
    State.UNKNOWN: Delivery.UNKNOWN,
    State.CANCELLED: Delivery.NOT_SENT,
    State.DEAD: Delivery.FAILED,
}
_BEFORE = {"accepted": Delivery.WAITING, "prepared": Delivery.WAITING, "refused": Delivery.REFUSED}
_ANSWERED = {
    Status.RECEIVED: Delivery.DELIVERED,
    Status.IN_PROCESS: Delivery.DELIVERED,
    Status.UNDER_QUERY: Delivery.UNDER_QUERY,
    Status.CONDITIONALLY_ACCEPTED: Delivery.ACCEPTED,
    Status.REJECTED: Delivery.REJECTED,
    Status.ACCEPTED: Delivery.ACCEPTED,
    Status.PAID: Delivery.ACCEPTED,
}

_FURTHER = tuple(_ANSWERED)


def of_carrier(state: str) -> Delivery:
    """Of the state of an outbox effect, or of a row of Peppol's (`accepted`, `prepared`, `refused` besides).

    Raises ValueError for a state that neither has.
    """
    return _BEFORE[state] if state in _BEFORE else _CARRIED[State(state)]


def of_response(status: str) -> Delivery:
    """Of the receiver's answer (UNTDID 4343: AB, IP, UQ, CA, RE, AP, PD).

    Raises ValueError for another code.
    """
    return _ANSWERED[Status(status)]


class Known(NamedTuple):
    """The latest word of each voice: `carrier` a state, `refused` whether an access point refused it, `response` the receiver's status.

    `responded` is when the receiver's answer was given, as its document states it; of two at the same moment the further one counts.
    """

    carrier: str | None = None
    refused: bool = False
    response: str | None = None
    responded: str = ""

    @property
    def delivery(self) -> Delivery:
        """Where the document stands. An answer proves that it arrived, whatever the carriers say."""
        if self.response is not None:
            return of_response(self.response)
        if self.refused:
            return Delivery.REFUSED
        return Delivery.NOT_SENT if self.carrier is None else of_carrier(self.carrier)

    def carried(self, state: str) -> Known:
        """A carrier speaks.

        Raises ValueError for a state that nobody knows.
        """
        of_carrier(state)
        return self._replace(carrier=state)

    def answered(self, status: str, at: str) -> Known:
        """The receiver answers; `at` is ISO 8601. An answer older than the one that is known changes nothing.

        Raises ValueError for a status that nobody knows.
        """
        of_response(status)
        if self.response is not None and (at, _FURTHER.index(Status(status))) <= (self.responded, _FURTHER.index(Status(self.response))):
            return self
        return self._replace(response=Status(status).value, responded=at)

    def refuse(self) -> Known:
        """An access point says that the receiver does not get it."""
        return self._replace(refused=True)
