"""Events: what happened to an invoice, a message, a payment, a dispute, a plan or a debtor, as other programs hear of it.

One frozen model per `type`; webhooks send exactly `event.model_dump_json()`, and `read` turns it back. Ids of invoices,
debtors, messages, payments, disputes, plans and promises are the store's own, as text. Times are UTC, amounts are exact
decimals and strings in JSON, dates are ISO 8601. JSON Schema: `einvoice_schemas/jsonschema/events.json`.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from einvoice.errors import Unreadable
from einvoice.events.cases import (
    DebtorDowngraded,
    DisputeEscalated,
    DisputeOpened,
    DisputeResolved,
    PlanAgreed,
    PlanBroken,
    PlanKept,
    PromiseBroken,
    PromiseKept,
    PromiseMade,
)
from einvoice.events.invoices import InvoiceDelivered, InvoiceRefused, InvoiceResponse, InvoiceSent
from einvoice.events.messages import MessageBounced, MessageDelivered, MessageUnknown
from einvoice.events.parts import Allocation, Category, Channel, Clarification, Event, Part, Status, Term
from einvoice.events.payments import PaymentMatched, PaymentReversed
from einvoice.report import Finding, Severity

__all__ = [
    "Allocation",
    "AnyEvent",
    "Category",
    "Channel",
    "Clarification",
    "DebtorDowngraded",
    "DisputeEscalated",
    "DisputeOpened",
    "DisputeResolved",
    "Event",
    "InvoiceDelivered",
    "InvoiceRefused",
    "InvoiceResponse",
    "InvoiceSent",
    "MessageBounced",
    "MessageDelivered",
    "MessageUnknown",
    "Part",
    "PaymentMatched",
    "PaymentReversed",
    "PlanAgreed",
    "PlanBroken",
    "PlanKept",
    "PromiseBroken",
    "PromiseKept",
    "PromiseMade",
    "Status",
    "Term",
    "json_schema",
    "read",
]

AnyEvent = Annotated[
    InvoiceSent
    | InvoiceDelivered
    | InvoiceResponse
    | InvoiceRefused
    | MessageDelivered
    | MessageBounced
    | MessageUnknown
    | PaymentMatched
    | PaymentReversed
    | DisputeOpened
    | DisputeResolved
    | DisputeEscalated
    | PlanAgreed
    | PlanKept
    | PlanBroken
    | PromiseMade
    | PromiseKept
    | PromiseBroken
    | DebtorDowngraded,
    Field(discriminator="type"),
]


def read(data: bytes | str) -> AnyEvent:
    """The event in a JSON text.

    Raises Unreadable, with one finding per fault.
    """
    try:
        return _adapter().validate_json(data)
    except ValidationError as fault:
        findings = tuple(_finding(dict(error)) for error in fault.errors(include_url=False, include_context=False, include_input=False))
        raise Unreadable(f"this is no event: {findings[0].xpath}: {findings[0].text}", findings) from None


@cache
def _adapter() -> TypeAdapter[AnyEvent]:
    return TypeAdapter(AnyEvent)


def _finding(error: dict[str, Any]) -> Finding:
    path = "/".join(str(part) for part in error["loc"]) or "/"
    return Finding(f"event-{error['type']}", Severity.FATAL, str(error["msg"]), xpath=path)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of every event, as it is sent."""
    return _adapter().json_schema(mode="serialization")
