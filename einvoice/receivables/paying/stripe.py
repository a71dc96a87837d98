"""Stripe: Checkout Sessions (docs.stripe.com/api/checkout/sessions), in forms, with amounts in the currency's smallest unit.

A session is created with an Idempotency-Key, which Stripe recognises for at least 24 hours (docs.stripe.com/api/idempotent_requests).
What came of it is asked: the session with its payment intent and charge, then the refunds and disputes of that intent.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from einvoice.money import WITH_THREE
from einvoice.receivables.paying.calling import Api
from einvoice.receivables.paying.port import Back, Order, Refused, Seen, Unavailable

VERSION = "2024-06-20"
"""The version of the API that this is written for; Stripe keeps answering in it."""
WHOLE = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
"""Currencies whose amounts are whole units (docs.stripe.com/currencies, zero-decimal)."""
_WITHDRAWN = frozenset({"needs_response", "under_review", "lost"})
"""States of a dispute in which the money is gone; inquiries (`warning_…`) take none, `won` brings it back."""
_LOST = frozenset({"requires_payment_method", "canceled"})
_ID = re.compile(r"(cs|pi)_[A-Za-z0-9_]{1,120}", re.ASCII)


class Stripe:
    """Payments by Stripe."""

    name = "stripe"
    title = "Stripe"

    def __init__(self, api: Api) -> None:
        self._api = api

    def create(self, order: Order) -> Seen:
        """Makes a session, or gives the one that the key made before.

        Raises Refused, Unavailable.
        """
        form = {
            "mode": "payment",
            "success_url": order.back,
            "cancel_url": order.back,
            "locale": order.language,
            "client_reference_id": order.key,
            "metadata[key]": order.key,
            "payment_intent_data[metadata][key]": order.key,
            "payment_intent_data[description]": order.description[:255],
            "line_items[0][quantity]": "1",
            "line_items[0][price_data][currency]": order.currency.lower(),
            "line_items[0][price_data][unit_amount]": str(smallest(order.amount, order.currency)),
            "line_items[0][price_data][product_data][name]": order.description[:255],
        }
        return _seen(self._api.call("POST", "/v1/checkout/sessions", key=order.key, form=form).body)

    def look(self, ref: str) -> Seen | None:
        """What a session is now, by its id or that of its payment intent; None where there is none.

        Raises Refused, Unavailable.
        """
        if not _ID.fullmatch(ref):
            return None
        if ref.startswith("pi_"):
            found = self._api.call("GET", f"/v1/checkout/sessions?limit=1&payment_intent={quote(ref)}").body.get("data") or []
            return self.look(str(found[0]["id"])) if found else None
        answer = self._api.call("GET", f"/v1/checkout/sessions/{quote(ref)}?expand[]=payment_intent.latest_charge")
        if answer.status in (404, 410):
            return None
        seen, intent = _seen(answer.body), answer.body.get("payment_intent")
        return (
            seen._replace(back=self._back(str(intent["id"]), seen.currency)) if seen.state == "paid" and isinstance(intent, dict) else seen
        )

    def end(self, ref: str) -> Seen | None:
        """Expires a session that is open; what it is then.

        Raises Refused, Unavailable.
        """
        if not _ID.fullmatch(ref):
            return None
        with suppress(Refused):  # 400: it is complete or expired already
            self._api.call("POST", f"/v1/checkout/sessions/{quote(ref)}/expire", key=f"end-{ref}", form={})
        return self.look(ref)

    def _back(self, intent: str, currency: str) -> tuple[Back, ...]:
        """The refunds and disputes of a payment intent, as far as money moved."""
        refunds = self._api.call("GET", f"/v1/refunds?limit=100&payment_intent={quote(intent)}").body.get("data") or []
        disputes = self._api.call("GET", f"/v1/disputes?limit=100&payment_intent={quote(intent)}").body.get("data") or []
        try:
            gone = [_gone(one, "refund", currency, stands=one["status"] == "succeeded") for one in refunds]
            return (*gone, *(_gone(one, "chargeback", currency, stands=one["status"] in _WITHDRAWN) for one in disputes))
        except (KeyError, TypeError, ValueError) as fault:
            raise Unavailable(f"Stripe answered with refunds that cannot be read ({type(fault).__name__}); see its dashboard") from None


def smallest(amount: Decimal, currency: str) -> int:
    """An amount in the smallest unit that Stripe counts in."""
    return int(amount.scaleb(0 if currency in WHOLE else 3 if currency in WITH_THREE else 2))


def units(amount: int, currency: str) -> Decimal:
    """An amount out of the smallest unit that Stripe counts in."""
    return Decimal(int(amount)).scaleb(0 if currency in WHOLE else -3 if currency in WITH_THREE else -2)


def _seen(body: dict[str, Any]) -> Seen:
    try:
        currency = str(body["currency"]).upper()
        intent = body.get("payment_intent")
        charge = intent.get("latest_charge") if isinstance(intent, dict) else None
        return Seen(
            id=str(body["id"]),
            key=(body.get("metadata") or {}).get("key") or body.get("client_reference_id"),
            state=_state(body, intent if isinstance(intent, dict) else {}),
            amount=units(body["amount_total"], currency),
            currency=currency,
            paid_on=_day(charge["created"]) if isinstance(charge, dict) else None,
            url=body.get("url"),
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise Unavailable(
            f"Stripe answered with a session that cannot be read ({type(fault).__name__} {fault}); see its dashboard"
        ) from None


def _gone(one: dict[str, Any], kind: str, currency: str, *, stands: bool) -> Back:
    return Back(str(one["id"]), kind, units(one["amount"], currency), _day(one["created"]), stands)


def _state(body: dict[str, Any], intent: dict[str, Any]) -> str:
    if body["payment_status"] == "paid":
        return "paid"
    if body["status"] == "complete":
        return "failed" if intent.get("status") in _LOST else "pending"
    return "expired" if body["status"] == "expired" else "open"


def _day(seconds: int) -> date:
    return datetime.fromtimestamp(int(seconds), UTC).date()
