"""Events: what happened to an invoice, a message, a payment, a dispute, a plan or a debtor, as other programs hear of it.

One frozen model per `type`; webhooks send exactly `event.model_dump_json()`, and `read` turns it back. Ids of invoices,
debtors, messages, payments, disputes, plans and promises are the store's own, as text. Times are UTC, amounts are exact
decimals and strings in JSON, dates are ISO 8601. JSON Schema: `einvoice_schemas/jsonschema/events.json`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from einvoice.errors import Unreadable
from einvoice.report import Finding, Severity


def _exact(value: object) -> object:
    """Refuses floats, which are not exact."""
    if isinstance(value, float):
        raise ValueError("an amount is a decimal or a string, not a float")
    return value


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Amount = Annotated[Decimal, BeforeValidator(_exact), Field(allow_inf_nan=False)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Time = Annotated[AwareDatetime, AfterValidator(_utc)]


class Channel(StrEnum):
    """How a message travels."""

    PEPPOL = "peppol"
    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    LETTER = "letter"
    REGISTERED_LETTER = "registered_letter"
    PHONE = "phone"
    COMPUTER_CALL = "computer_call"
    PORTAL = "portal"


class Status(StrEnum):
    """What the receiver says of an invoice (UNCL 4343, the subset of Peppol Invoice Response 3)."""

    RECEIVED = "AB"
    IN_PROCESS = "IP"
    UNDER_QUERY = "UQ"
    CONDITIONALLY_ACCEPTED = "CA"
    REJECTED = "RE"
    ACCEPTED = "AP"
    PAID = "PD"


class Category(StrEnum):
    """What a dispute is about."""

    NOT_RECEIVED = "not_received"
    PLAN_PROPOSED = "plan_proposed"
    ALREADY_PAID = "already_paid"
    CONTRACT_ENDED = "contract_ended"
    INVOICE_INCORRECT = "invoice_incorrect"
    ORDER_NUMBER_MISSING = "order_number_missing"
    PRICE = "price"
    DELIVERY = "delivery"
    OTHER = "other"


class Part(BaseModel):
    """A part of an event: frozen, and nothing in it that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Event(Part):
    """Something that happened once: `id` tells a repeated delivery from a new event, `time` is when, in UTC."""

    id: UUID = Field(default_factory=uuid4)
    time: Time


class Clarification(Part):
    """Why a receiver answers as he does, or what he wants: a code of OPStatusReason or OPStatusAction, and words."""

    code: Id
    text: str | None = None


class Allocation(Part):
    """The part of a payment that an invoice gets."""

    invoice: Id
    amount: Amount


class Term(Part):
    """One term of a payment plan."""

    due: date
    amount: Amount


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


class PaymentEvent(Event):
    """Money of a debtor, as the bank booked it."""

    payment: Id
    debtor: Id
    amount: Amount
    currency: Currency
    booked: date
    allocations: tuple[Allocation, ...]


class PaymentMatched(PaymentEvent):
    """A payment was allocated to invoices; what is left stands on the debtor's account.

    Where a line of the bank was matched, `confidence` (0 to 100) and `explanation` say how sure that is and on what it rests, in codes.
    """

    type: Literal["payment.matched"] = "payment.matched"
    by: Literal["reference", "amount", "mandate", "provider", "person"]
    confidence: Annotated[int, Field(ge=0, le=100)] | None = None
    explanation: tuple[Id, ...] = ()


class PaymentReversed(PaymentEvent):
    """A payment was taken back (a returned debit, a chargeback, a wrong match): the invoices are open again."""

    type: Literal["payment.reversed"] = "payment.reversed"
    reason: str


class DisputeEvent(Event):
    """A debtor's objection to an invoice; `amount` is the disputed part, None where it is the whole."""

    dispute: Id
    debtor: Id
    invoice: Id
    category: Category
    amount: Amount | None = None
    currency: Currency | None = None


class DisputeOpened(DisputeEvent):
    """Follow-up stops; an answer is due on `answer_due`."""

    type: Literal["dispute.opened"] = "dispute.opened"
    answer_due: date
    owner: Id
    text: str | None = None


class DisputeResolved(DisputeEvent):
    """It ended; `credit_note` is the store's id of what was credited."""

    type: Literal["dispute.resolved"] = "dispute.resolved"
    outcome: Literal["credited", "accepted", "rejected", "withdrawn"]
    credit_note: Id | None = None


class DisputeEscalated(DisputeEvent):
    """Its time passed without an answer; `resumed` says whether follow-up goes on meanwhile."""

    type: Literal["dispute.escalated"] = "dispute.escalated"
    answer_due: date
    owner: Id
    resumed: bool


class PlanEvent(Event):
    """A payment plan over some invoices of a debtor."""

    plan: Id
    debtor: Id
    invoices: tuple[Id, ...]
    currency: Currency


class PlanAgreed(PlanEvent):
    """Both sides agreed; the terms sum to the debt."""

    type: Literal["plan.agreed"] = "plan.agreed"
    terms: Annotated[tuple[Term, ...], Field(min_length=1)]


class PlanKept(PlanEvent):
    """Its last term was paid."""

    type: Literal["plan.kept"] = "plan.kept"
    paid: Amount


class PlanBroken(PlanEvent):
    """A term was missed and its grace passed; `open` is what is still owed."""

    type: Literal["plan.broken"] = "plan.broken"
    missed: Term
    open: Amount


class PromiseEvent(Event):
    """A debtor's word to pay an amount by a day."""

    promise: Id
    debtor: Id
    invoices: tuple[Id, ...]
    amount: Amount
    currency: Currency
    by: date


class PromiseMade(PromiseEvent):
    """Follow-up waits for it."""

    type: Literal["promise.made"] = "promise.made"


class PromiseKept(PromiseEvent):
    """The amount came in time."""

    type: Literal["promise.kept"] = "promise.kept"


class PromiseBroken(PromiseEvent):
    """The day and its tolerance passed; `paid` is what came."""

    type: Literal["promise.broken"] = "promise.broken"
    paid: Amount


class DebtorDowngraded(Event):
    """A debtor's credit score fell from `was` to `score`. Scores run from 0 to 100, 100 is best."""

    type: Literal["debtor.downgraded"] = "debtor.downgraded"
    debtor: Id
    score: Annotated[int, Field(ge=0, le=100)]
    was: Annotated[int, Field(ge=0, le=100)]


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
