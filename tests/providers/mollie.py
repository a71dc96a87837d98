"""A server that behaves as Mollie's Payments API says (docs.mollie.com/reference): keys, validation, idempotency for an hour, states.

It creates, gets and cancels payments, embeds refunds and chargebacks where it is asked to, and calls webhooks as Mollie does: classic
ones with an id in a form, newer ones with a signature over an event.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime
from typing import Any

from einvoice.receivables.incoming.port import Request
from tests.providers.paying import Call, Reply, Service

KEY = "test_dHar4XY7LxsDOtmnkVtjNVWXLSlXsM"
_DECIMALS = {"JPY": 0, "ISK": 0}
_PAYMENT = re.compile(r"/v2/payments/(tr_[A-Za-z0-9]+)")


def problem(status: int, title: str, detail: str, field: str | None = None, **headers: str) -> Reply:
    """An error as Mollie gives it."""
    body = {
        "status": status,
        "title": title,
        "detail": detail,
        "_links": {"documentation": {"href": "https://docs.mollie.com/", "type": "text/html"}},
    }
    return Reply(status, {**body, **({"field": field} if field else {})}, {"Content-Type": "application/hal+json", **headers})


class Mollie(Service):
    """Mollie."""

    def __init__(self) -> None:
        super().__init__()
        self.payments: dict[str, dict[str, Any]] = {}
        self.by_key: dict[str, tuple[str, dict[str, Any]]] = {}
        self.cancelable = True

    def answers(self, call: Call) -> Reply:
        """Routes a call."""
        if call.headers.get("authorization") != f"Bearer {KEY}":
            return problem(401, "Unauthorized Request", "Missing authentication, or failed to authenticate")
        if call.path == "/v2/payments" and call.method == "POST":
            return self._create(call)
        found = _PAYMENT.fullmatch(call.path)
        payment = self.payments.get(found[1]) if found else None
        if payment is None:
            return problem(404, "Not Found", "No payment exists with token")
        if call.method == "DELETE":
            return self._cancel(payment)
        return Reply(200, self._shown(payment, call.query.get("embed", [""])[0]))

    def _create(self, call: Call) -> Reply:
        key = call.headers.get("idempotency-key")
        if key in self.by_key:
            ref, asked = self.by_key[key]
            if asked != json.loads(call.body):
                return problem(422, "Unprocessable Entity", "The request differs from the one that this idempotency key was used for")
            return Reply(201, self._shown(self.payments[ref], ""), {"Idempotency-Replayed": "true"})
        try:
            asked = json.loads(call.body)
        except ValueError:
            return problem(400, "Bad Request", "The request body is not valid JSON")
        if fault := _invalid(asked):
            return fault
        ref = f"tr_{hashlib.sha256(f'{len(self.payments)}'.encode()).hexdigest()[:10]}"
        self.payments[ref] = {
            "resource": "payment",
            "id": ref,
            "mode": "test",
            "createdAt": _now(),
            "status": "open",
            "isCancelable": self.cancelable,
            "refunds": [],
            "chargebacks": [],
            **{name: asked.get(name) for name in ("amount", "description", "redirectUrl", "webhookUrl", "metadata", "locale")},
        }
        if key:
            self.by_key[key] = ref, asked
        return Reply(201, self._shown(self.payments[ref], ""))

    def _cancel(self, payment: dict[str, Any]) -> Reply:
        if not (payment["status"] == "open" and payment["isCancelable"]):
            return problem(422, "Unprocessable Entity", "The payment cannot be cancelled")
        payment["status"] = "canceled"
        return Reply(200, self._shown(payment, ""))

    @staticmethod
    def _shown(payment: dict[str, Any], embed: str) -> dict[str, Any]:
        shown = {name: value for name, value in payment.items() if name not in ("refunds", "chargebacks")}
        if payment["status"] != "open":
            shown.pop("isCancelable")
        links = {"self": {"href": f"https://api.mollie.com/v2/payments/{payment['id']}", "type": "application/hal+json"}}
        if payment["status"] == "open":
            links["checkout"] = {"href": f"https://www.mollie.com/checkout/select-method/{payment['id'][3:]}", "type": "text/html"}
        wanted = [name for name in embed.split(",") if name in ("refunds", "chargebacks")]
        return {**shown, "_links": links, **({"_embedded": {name: payment[name] for name in wanted}} if wanted else {})}

    def pay(self, ref: str, status: str = "paid") -> None:
        """The payer pays, or does not."""
        payment = self.payments[ref]
        payment["status"] = status
        if status == "paid":
            payment["paidAt"] = "2026-11-02T10:03:00+00:00"

    def refund(self, ref: str, amount: str, status: str = "refunded", name: str = "") -> str:
        """A refund of a part or all; its id."""
        refunds = self.payments[ref]["refunds"]
        made = {
            "resource": "refund",
            "id": name or f"re_{ref[3:]}{len(refunds)}",
            "amount": {"currency": "EUR", "value": amount},
            "status": status,
        }
        refunds.append({**made, "createdAt": "2026-11-05T10:00:00+00:00", "paymentId": ref})
        return str(made["id"])

    def charge_back(self, ref: str, amount: str) -> None:
        """The payer's bank takes it back."""
        made = {"resource": "chargeback", "id": f"chb_{ref[3:]}", "amount": {"currency": "EUR", "value": amount}, "paymentId": ref}
        self.payments[ref]["chargebacks"].append({**made, "createdAt": "2026-11-06T10:00:00+00:00", "reversedAt": None})

    def reverse_chargeback(self, ref: str) -> None:
        """And gives it again."""
        for one in self.payments[ref]["chargebacks"]:
            one["reversedAt"] = "2026-11-09T10:00:00+00:00"


def _invalid(asked: dict[str, Any]) -> Reply | None:
    amount = asked.get("amount")
    if not isinstance(amount, dict) or not isinstance(amount.get("value"), str):
        return problem(422, "Unprocessable Entity", "The amount is invalid", "amount")
    decimals = _DECIMALS.get(amount.get("currency", ""), 2)
    if not re.fullmatch(r"\d+" + (rf"\.\d{{{decimals}}}" if decimals else ""), amount["value"]):
        return problem(422, "Unprocessable Entity", "The amount contains an invalid value", "amount")
    for name in ("description", "redirectUrl"):
        if not asked.get(name):
            return problem(422, "Unprocessable Entity", f"The {name} is missing", name)
    if "webhookUrl" in asked and "127.0.0.1" in asked["webhookUrl"]:
        return problem(422, "Unprocessable Entity", "The webhook URL is invalid because it is unreachable", "webhookUrl")
    return None


def classic(ref: str) -> Request:
    """A classic webhook."""
    return Request("POST", "https://pay.example/hooks/mollie", {"content-type": "application/x-www-form-urlencoded"}, f"id={ref}".encode())


def event(ref: str, secret: str, number: int = 1, kind: str = "payment.paid") -> Request:
    """A newer webhook, signed."""
    body = json.dumps({"resource": "event", "id": f"event_{number}", "type": kind, "entityId": ref, "createdAt": _now()}).encode()
    signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"content-type": "application/json", "x-mollie-signature": f"sha256={signed}"}
    return Request("POST", "https://pay.example/hooks/mollie", headers, body)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
