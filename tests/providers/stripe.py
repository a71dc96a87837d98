"""A server that behaves as Stripe's API says (docs.stripe.com/api): Checkout Sessions in forms, idempotency by parameters, expanding.

Sessions are created, got, listed by their intent and expired; refunds and disputes are listed by intent. Events are signed as
docs.stripe.com/webhooks/signature says.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from einvoice.receivables.incoming.port import Request
from tests.providers.paying import Call, Reply, Service

KEY = "sk_test_4eC39HqLyjWDarjtT1zdp7dc"
PAID_AT = int(datetime(2026, 11, 2, 10, 3, tzinfo=UTC).timestamp())


def problem(status: int, kind: str, message: str, param: str | None = None, **headers: str) -> Reply:
    """An error as Stripe gives it."""
    return Reply(status, {"error": {"type": kind, "message": message, **({"param": param} if param else {})}}, headers)


class Stripe(Service):
    """Stripe."""

    def __init__(self) -> None:
        super().__init__()
        self.sessions: dict[str, dict[str, Any]] = {}
        self.by_key: dict[str, tuple[dict[str, str], Reply]] = {}
        self.refunds: list[dict[str, Any]] = []
        self.disputes: list[dict[str, Any]] = []

    def answers(self, call: Call) -> Reply:
        """Routes a call."""
        if call.headers.get("authorization") != f"Bearer {KEY}":
            return problem(401, "invalid_request_error", "Invalid API Key provided")
        parts = call.path.strip("/").split("/")
        if call.method == "POST":
            return self._posted(call, parts)
        intent = call.query.get("payment_intent", [""])[0]
        if len(parts) == 2 or parts[1:] == ["checkout", "sessions"]:
            return self._listed(parts[-1], intent)
        session = self.sessions.get(parts[-1]) if parts[:3] == ["v1", "checkout", "sessions"] else None
        if session is None:
            return problem(404, "invalid_request_error", f"No such checkout.session: '{parts[-1]}'", "session")
        return Reply(200, self._shown(session, call.query.get("expand[]", ())))

    def _listed(self, what: str, intent: str) -> Reply:
        found = {
            "sessions": [self._shown(one, ()) for one in self.sessions.values() if one["intent"]["id"] == intent],
            "refunds": [one for one in self.refunds if one["payment_intent"] == intent],
            "disputes": [one for one in self.disputes if one["payment_intent"] == intent],
        }
        return Reply(200, {"object": "list", "has_more": False, "data": found[what]})

    def _posted(self, call: Call, parts: list[str]) -> Reply:
        """A POST is answered as it was the first time where its key came before with the same parameters."""
        form = dict(parse_qsl(call.body.decode(), keep_blank_values=True))
        key = call.headers.get("idempotency-key")
        if key in self.by_key:
            before, reply = self.by_key[key]
            if before != form:
                return problem(400, "idempotency_error", "Keys for idempotent requests can only be used with the same parameters")
            return reply._replace(headers={"Idempotent-Replayed": "true"})
        reply = self._expire(parts[3]) if parts[-1] == "expire" else self._create(form)
        if key and (reply.status or 500) < 500:
            self.by_key[key] = form, reply
        return reply

    def _create(self, form: dict[str, str]) -> Reply:
        amount = form.get("line_items[0][price_data][unit_amount]", "")
        if not amount.isdigit():
            return problem(400, "invalid_request_error", f"Invalid integer: {amount}", "line_items[0][price_data][unit_amount]")
        if int(amount) < 50:
            return problem(400, "invalid_request_error", "The Checkout Session's total amount due must add up to at least €0.50 eur")
        for name in ("mode", "success_url", "line_items[0][price_data][product_data][name]", "line_items[0][quantity]"):
            if not form.get(name):
                return problem(400, "invalid_request_error", f"Missing required param: {name}.", name)
        number = len(self.sessions)
        intent = {"id": f"pi_{number}", "status": "requires_payment_method", "latest_charge": None}
        ref = f"cs_test_a{number}"
        self.sessions[ref] = {
            "id": ref,
            "object": "checkout.session",
            "amount_total": int(amount),
            "currency": form["line_items[0][price_data][currency]"],
            "client_reference_id": form.get("client_reference_id"),
            "metadata": {"key": form["metadata[key]"]} if "metadata[key]" in form else {},
            "status": "open",
            "payment_status": "unpaid",
            "intent": intent,
        }
        return Reply(200, self._shown(self.sessions[ref], ()))

    def _expire(self, ref: str) -> Reply:
        session = self.sessions.get(ref)
        if session is None or session["status"] != "open":
            return problem(400, "invalid_request_error", 'Only Checkout Sessions with a status in ["open"] can be expired.')
        session["status"] = "expired"
        return Reply(200, self._shown(session, ()))

    @staticmethod
    def _shown(session: dict[str, Any], expand: Any) -> dict[str, Any]:
        shown = {name: value for name, value in session.items() if name != "intent"}
        intent = session["intent"]
        begun = session["status"] == "complete"
        shown["payment_intent"] = (intent if "payment_intent.latest_charge" in expand else intent["id"]) if begun else None
        shown["url"] = f"https://checkout.stripe.com/c/pay/{session['id']}" if session["status"] == "open" else None
        return shown

    def pay(self, ref: str, *, later: bool = False) -> None:
        """The payer pays; `later`: by a method that takes days."""
        session = self.sessions[ref]
        session["status"] = "complete"
        if later:
            session["intent"]["status"] = "processing"
            return
        session["payment_status"] = "paid"
        session["intent"] |= {"status": "succeeded", "latest_charge": {"id": f"ch_{ref}", "created": PAID_AT}}

    def fail(self, ref: str) -> None:
        """A payment that takes days comes to nothing."""
        self.sessions[ref]["intent"]["status"] = "requires_payment_method"

    def refund(self, ref: str, amount: int, status: str = "succeeded") -> None:
        """A refund."""
        made = {"id": f"re_{ref}{len(self.refunds)}", "amount": amount, "status": status, "created": PAID_AT + 3 * 86_400}
        self.refunds.append({**made, "payment_intent": self.sessions[ref]["intent"]["id"]})

    def dispute(self, ref: str, status: str) -> None:
        """A dispute in a state; a second call changes it."""
        intent = self.sessions[ref]["intent"]["id"]
        self.disputes = [one for one in self.disputes if one["payment_intent"] != intent]
        made = {"id": f"dp_{ref}", "amount": self.sessions[ref]["amount_total"], "status": status, "created": PAID_AT + 4 * 86_400}
        self.disputes.append({**made, "payment_intent": intent})


def event(kind: str, about: dict[str, Any], secret: str, now: datetime, number: int = 1, *, scheme: str = "v1", age: int = 0) -> Request:
    """An event, signed at `now` less `age` seconds."""
    body = json.dumps({"id": f"evt_{number}", "object": "event", "type": kind, "data": {"object": about}}).encode()
    moment = int(now.timestamp()) - age
    signed = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"content-type": "application/json", "stripe-signature": f"t={moment},{scheme}={signed},v0=00"}
    return Request("POST", "https://pay.example/hooks/stripe", headers, body)
