"""What happened to an invoice: it left, arrived, was answered, was refused."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import model_validator

from einvoice.events.parts import Channel, Clarification, Event, Hash, Id, Status


class InvoiceEvent(Event):
    """An invoice, by the store's id and its number (BT-1)."""

    invoice: Id
    number: Id


class InvoiceSent(InvoiceEvent):
    """An invoice left for its receiver; `override` is the reason where it was sent without being valid."""

    type: Literal["invoice.sent"] = "invoice.sent"
    channel: Channel
    message: Id
    sender: Id | None = None
    receiver: Id | None = None
    document: Hash
    profile: str | None = None
    override: str | None = None


class InvoiceDelivered(InvoiceEvent):
    """The other side has it; `proof` is the hash of the receipt."""

    type: Literal["invoice.delivered"] = "invoice.delivered"
    channel: Channel
    message: Id
    proof: Hash | None = None


class InvoiceResponse(InvoiceEvent):
    """The receiver answered (Peppol Invoice Response); CA, UQ and RE carry a reason."""

    type: Literal["invoice.response"] = "invoice.response"
    message: Id
    status: Status
    reasons: tuple[Clarification, ...] = ()
    actions: tuple[Clarification, ...] = ()
    effective: date | None = None

    @model_validator(mode="after")
    def _is_explained(self) -> InvoiceResponse:
        if self.status in (Status.CONDITIONALLY_ACCEPTED, Status.UNDER_QUERY, Status.REJECTED) and not self.reasons:
            raise ValueError(f"the status {self.status} needs a reason")
        return self


class InvoiceRefused(InvoiceEvent):
    """The other side's access point could not take it or hand it on (Peppol Message Level Status RE); `reasons` are SV, BV, BW, FD."""

    type: Literal["invoice.refused"] = "invoice.refused"
    channel: Channel
    message: Id
    text: str | None = None
    reasons: tuple[Clarification, ...] = ()
