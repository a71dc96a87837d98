"""What disputes are about: the policy's words, the days each has, and the events' words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from einvoice import events
from einvoice.errors import ReceivablesError
from einvoice.receivables.policy.model import Policy

DAYS: Mapping[str, int] = {
    "invoice_not_received": 3,
    "payment_plan_proposal": 3,
    "already_paid": 7,
    "contract_ended": 14,
    "invoice_incorrect": 14,
    "po_number_missing": 14,
    "price_not_as_agreed": 14,
    "delivery_quality": 14,
    "other": 3,
}
"""Calendar days to answer, where the policy does not say."""

_EVENTS: Mapping[str, events.Category] = {
    "invoice_not_received": events.Category.NOT_RECEIVED,
    "payment_plan_proposal": events.Category.PLAN_PROPOSED,
    "already_paid": events.Category.ALREADY_PAID,
    "contract_ended": events.Category.CONTRACT_ENDED,
    "invoice_incorrect": events.Category.INVOICE_INCORRECT,
    "po_number_missing": events.Category.ORDER_NUMBER_MISSING,
    "price_not_as_agreed": events.Category.PRICE,
    "delivery_quality": events.Category.DELIVERY,
    "other": events.Category.OTHER,
}


def known(category: str) -> str:
    """The category, where there is such a one; raises ReceivablesError otherwise."""
    if category not in DAYS:
        raise ReceivablesError(f"{category!r} is no category of disputes; take one of {', '.join(DAYS)}")
    return category


def answer_due(policy: Policy, category: str, day: date) -> date:
    """The day on which the answer is due: calendar days after the opening, as the policy has them for the category."""
    days = next((days for name, days in policy.disputes.categories.items() if name == category), DAYS[category])
    return day + timedelta(days)


def in_events(category: str) -> events.Category:
    """The category as events name it."""
    return _EVENTS[category]
