"""What events are made of: their fields' types, channels, statuses, and the parts that several have."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID, uuid4

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints


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
