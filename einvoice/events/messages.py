"""What happened to a message to a debtor."""

from __future__ import annotations

from typing import Literal

from einvoice.events.parts import Channel, Event, Hash, Id


class MessageEvent(Event):
    """A message to a debtor about invoices, and what it was made of: the hashes of policy, template, rates and document."""

    message: Id
    debtor: Id
    invoices: tuple[Id, ...] = ()
    channel: Channel
    step: str | None = None
    provider: Id | None = None
    policy: Hash | None = None
    template: Hash | None = None
    rates: Hash | None = None
    document: Hash | None = None


class MessageDelivered(MessageEvent):
    """It reached its address; `proof` is the provider's word or the hash of a receipt."""

    type: Literal["message.delivered"] = "message.delivered"
    proof: str | None = None


class MessageBounced(MessageEvent):
    """It came back; `permanent` says that the address is wrong."""

    type: Literal["message.bounced"] = "message.bounced"
    reason: str
    permanent: bool


class MessageUnknown(MessageEvent):
    """Nobody can say whether it left: a person decides, it is never sent again by itself."""

    type: Literal["message.unknown"] = "message.unknown"
    reason: str
