"""Mollie: the Payments API, version 2 (docs.mollie.com/reference/payments-api).

A payment is created with an Idempotency-Key, which Mollie recognises for an hour (docs.mollie.com/overview/api-idempotency); its
amounts are texts with the decimals of the currency. What it is, with its refunds and chargebacks, is asked with
`GET /v2/payments/ID?embed=refunds,chargebacks`.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from einvoice.money import exact, rounded
from einvoice.receivables.paying.calling import Api
from einvoice.receivables.paying.port import Back, Order, Refused, Seen, Unavailable

STATES = {
    "open": "open",
    "pending": "pending",
    "authorized": "pending",
    "paid": "paid",
    "failed": "failed",
    "canceled": "expired",
    "expired": "expired",
}
"""Mollie's status of a payment, and ours."""
_REFUNDED = "refunded"
_LOCALES = {"en": "en_GB", "nl": "nl_NL", "de": "de_DE", "fr": "fr_FR"}
_ID = re.compile(r"tr_[A-Za-z0-9]{1,60}", re.ASCII)


class Mollie:
    """Payments by Mollie."""

    name = "mollie"
    title = "Mollie"

    def __init__(self, api: Api) -> None:
        self._api = api

    def create(self, order: Order) -> Seen:
        """Makes a payment, or gives the one that the key made before.

        Raises Refused, Unavailable.
        """
        sent = {
            "amount": {"currency": order.currency, "value": str(rounded(order.amount, order.currency))},
            "description": order.description[:255],
            "redirectUrl": order.back,
            "webhookUrl": order.hook,
            "locale": _LOCALES.get(order.language, "en_GB"),
            "metadata": {"key": order.key},
        }
        if order.hook.startswith("http://"):
            del sent["webhookUrl"]  # Mollie reaches no address of this machine; the state is asked for instead
        return _seen(self._api.call("POST", "/v2/payments", key=order.key, sent=sent).body)

    def look(self, ref: str) -> Seen | None:
        """What a payment is now; None where there is none.

        Raises Refused, Unavailable.
        """
        if not _ID.fullmatch(ref):
            return None
        answer = self._api.call("GET", f"/v2/payments/{quote(ref)}?embed=refunds,chargebacks")
        return None if answer.status in (404, 410) else _seen(answer.body)

    def end(self, ref: str) -> Seen | None:
        """Cancels a payment where Mollie says that it may be (`isCancelable`); what it is then.

        Raises Refused, Unavailable.
        """
        if not _ID.fullmatch(ref):
            return None
        with suppress(Refused):  # 422: this method's payments cannot be cancelled
            self._api.call("DELETE", f"/v2/payments/{quote(ref)}", key=f"end-{ref}")
        return self.look(ref)


def _seen(body: dict[str, Any]) -> Seen:
    try:
        embedded = body.get("_embedded") or {}
        metadata = body.get("metadata")
        links = body.get("_links") or {}
        return Seen(
            id=str(body["id"]),
            key=str(metadata["key"]) if isinstance(metadata, dict) and "key" in metadata else None,
            state=STATES[body["status"]],
            amount=_amount(body["amount"]),
            currency=str(body["amount"]["currency"]),
            paid_on=_day(body.get("paidAt")),
            url=(links.get("checkout") or {}).get("href"),
            back=(*map(_refund, embedded.get("refunds") or ()), *map(_chargeback, embedded.get("chargebacks") or ())),
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise Unavailable(
            f"Mollie answered with a payment that cannot be read ({type(fault).__name__} {fault}); see its dashboard"
        ) from None


def _refund(one: dict[str, Any]) -> Back:
    return Back(str(one["id"]), "refund", _amount(one["amount"]), _day(one["createdAt"]) or date.min, one["status"] == _REFUNDED)


def _chargeback(one: dict[str, Any]) -> Back:
    return Back(str(one["id"]), "chargeback", _amount(one["amount"]), _day(one["createdAt"]) or date.min, not one.get("reversedAt"))


def _amount(value: dict[str, Any]) -> Decimal:
    return abs(exact(value["value"]))


def _day(text: str | None) -> date | None:
    return datetime.fromisoformat(text).astimezone(UTC).date() if text else None
