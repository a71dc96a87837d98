"""An effect outside: what it is, what became of it, and the protocols that its store, senders and owners meet.

Every mail, letter, webhook or AS4 message is a row before it happens. Two policies of resending: `once` (what is unknown is never
sent again, unless the sender says that its provider recognises the key) and `same_bytes` (sent again, the same bytes, until proven).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol


class State(StrEnum):
    """What became of an effect."""

    PLANNED = "planned"
    SENDING = "sending"  # its bytes may be on their way
    SENT = "sent"  # the other side took it
    DELIVERED = "delivered"  # proven to have arrived
    BOUNCED = "bounced"  # it came back
    FAILED = "failed"  # refused for good, nothing arrived
    UNKNOWN = "unknown"  # nobody can say; never sent again by itself
    CANCELLED = "cancelled"  # withdrawn or expired before it was sent
    DEAD = "dead"  # tried too often


NEXT: Mapping[State, frozenset[State]] = {
    State.PLANNED: frozenset({State.SENDING, State.CANCELLED, State.UNKNOWN}),  # unknown: withdrawn after an attempt that may have arrived
    State.SENDING: frozenset({State.SENT, State.DELIVERED, State.FAILED, State.UNKNOWN, State.PLANNED, State.DEAD}),
    State.SENT: frozenset({State.DELIVERED, State.BOUNCED}),
    # of what is unknown: a late word of what became of it (planned: surely nothing left), or sent again where that is safe
    State.UNKNOWN: frozenset({State.SENT, State.DELIVERED, State.BOUNCED, State.FAILED, State.SENDING, State.PLANNED}),
    State.DELIVERED: frozenset({State.BOUNCED}),
    State.BOUNCED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
    State.DEAD: frozenset({State.SENT, State.DELIVERED, State.BOUNCED}),  # tried too often, and a late word says that an attempt arrived
}
"""Which state may follow which."""


class Resend(StrEnum):
    """What happens to an effect that is unknown."""

    ONCE = "once"
    SAME_BYTES = "same_bytes"


class Effect(NamedTuple):
    """An effect: `key` makes it one however often it is asked for, `owner` and `subject` say whose it is and about what.

    `address` is where it goes, `headers` what the sender needs besides (subject, content type), `payload` the finished bytes. It is
    not sent before `not_before` nor after `not_after`. `id` and `attempts` are the store's; `redirected`, where it is not None, is where
    it goes instead, and the address says the same. `proof` is what an earlier attempt brought that proves nothing yet.
    """

    key: str
    owner: str
    subject: str
    channel: str
    address: str
    payload: bytes
    headers: Mapping[str, Any] = {}
    resend: Resend = Resend.ONCE
    not_before: datetime | None = None
    not_after: datetime | None = None
    id: int | None = None
    attempts: int = 0
    redirected: str | None = None
    proof: str | None = None


class Permission(NamedTuple):
    """An owner's word, in the sending transaction: go (both None), withdraw it for a reason, or wait until a moment."""

    cancel: str | None = None
    until: datetime | None = None


class Outcome(NamedTuple):
    """What a sender found out: the state that follows, the provider's id, the proof, the reason; `at` when, in UTC.

    `PLANNED` means that surely nothing was sent and it may be tried again after `retry_after` seconds (None: the relay's back-off).
    `answered` says that the other side spoke about this effect alone: the channel itself works.
    """

    state: State
    provider: str | None = None
    proof: str | None = None
    reason: str | None = None
    retry_after: float | None = None
    answered: bool = False


class Sender(Protocol):
    """A channel's adapter. `recognises_keys` says that sending the same key twice arrives once.

    `send` returns an Outcome and does not raise for what the network does: FAILED where the other side refused for good, PLANNED
    where surely nothing left, UNKNOWN where it broke off after the bytes may have arrived.
    """

    recognises_keys: bool

    def send(self, effect: Effect) -> Outcome:
        """Sends it, and says what is known."""


class Owner(Protocol):
    """Who asked for effects: it permits each in the sending transaction, and hears what became of it in the transaction that says so.

    `connection` is the store's own transaction (a SQLAlchemy Connection, an ERP's cursor). That it is being sent is no news to who
    permitted it. An owner that raises where it is asked postpones this effect alone; where it is told, the outcome is kept all the
    same and the fault is logged.
    """

    def may_send(self, connection: Any, effect: Effect, now: datetime) -> Permission:
        """Checked again right before sending: balance, dispute, plan, promise, consent."""

    def happened(self, connection: Any, effect: Effect, was: State, outcome: Outcome, now: datetime) -> None:
        """The effect changed its state."""


class Store(Protocol):
    """Where effects are kept: SQL, or an ERP's own tables in the ERP's transaction."""

    def claim(self, worker: str, channels: frozenset[str], now: datetime, settled: Settled | None = None) -> Effect | None:
        """In one transaction: records what became of the last, takes the next that is due and permitted, marks it `sending`."""

    def settle(self, settled: Settled, now: datetime) -> None:
        """Records what became of an effect."""

    def sweep(self, now: datetime) -> int:
        """Effects whose worker died become unknown, or planned again where that is safe; expired ones are cancelled. Their number."""


class Settled(NamedTuple):
    """An effect and its outcome."""

    effect: Effect
    outcome: Outcome
