"""Events: each survives its JSON, refuses what it does not know, and satisfies the published schema."""

from __future__ import annotations

import json
import runpy
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args
from uuid import uuid4

import pydantic
import pytest

from einvoice import events
from einvoice.errors import Unreadable
from einvoice_schemas import jsonschema as schemas

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HASH = "ab" * 32
MONEY: dict[str, Any] = {"amount": "10.50", "currency": "EUR"}
MESSAGE: dict[str, Any] = {"message": "m", "debtor": "d", "invoices": ["i"], "channel": "email", "policy": HASH}
PAYMENT: dict[str, Any] = {
    "payment": "p",
    "debtor": "d",
    "booked": "2026-11-20",
    "allocations": [{"invoice": "i", "amount": "10.50"}],
    **MONEY,
}
DISPUTE: dict[str, Any] = {"dispute": "x", "debtor": "d", "invoice": "i", "category": "price"}
PLAN: dict[str, Any] = {"plan": "n", "debtor": "d", "invoices": ["i"], "currency": "EUR"}
TERM = {"due": "2026-12-01", "amount": "5.25"}
PROMISE: dict[str, Any] = {"promise": "y", "debtor": "d", "invoices": ["i"], "by": "2026-12-01", **MONEY}
INVOICE: dict[str, Any] = {"invoice": "i", "number": "2026-0042", "message": "m"}

ALL: dict[str, dict[str, Any]] = {
    "invoice.sent": {**INVOICE, "channel": "peppol", "document": HASH, "override": "by order"},
    "invoice.delivered": {**INVOICE, "channel": "peppol", "proof": HASH},
    "invoice.response": {**INVOICE, "status": "RE", "reasons": [{"code": "PRI"}], "actions": [{"code": "NIN", "text": "again"}]},
    "invoice.refused": {**INVOICE, "channel": "peppol", "text": "no", "reasons": [{"code": "BV"}]},
    "message.delivered": {**MESSAGE, "proof": "250 OK"},
    "message.bounced": {**MESSAGE, "reason": "no such user", "permanent": True},
    "message.unknown": {**MESSAGE, "reason": "the connection broke after DATA"},
    "payment.matched": {**PAYMENT, "by": "reference"},
    "payment.reversed": {**PAYMENT, "reason": "MD06"},
    "dispute.opened": {**DISPUTE, "answer_due": "2026-12-05", "owner": "ann"},
    "dispute.resolved": {**DISPUTE, "outcome": "credited", "credit_note": "c"},
    "dispute.escalated": {**DISPUTE, "answer_due": "2026-12-05", "owner": "ann", "resumed": True},
    "plan.agreed": {**PLAN, "terms": [TERM, TERM]},
    "plan.kept": {**PLAN, "paid": "10.50"},
    "plan.broken": {**PLAN, "missed": TERM, "open": "5.25"},
    "promise.made": PROMISE,
    "promise.kept": PROMISE,
    "promise.broken": {**PROMISE, "paid": "0"},
    "debtor.downgraded": {"debtor": "d", "score": 35, "was": 80},
}


def _event(kind: str) -> Any:
    return events.read(json.dumps({"type": kind, "id": str(uuid4()), "time": NOW.isoformat(), **ALL[kind]}))


def test_every_type_is_tested() -> None:
    models = get_args(get_args(events.AnyEvent)[0])
    assert {model.model_fields["type"].default for model in models} == set(ALL)


@pytest.mark.parametrize("kind", ALL)
def test_an_event_survives_its_json(kind: str) -> None:
    event = _event(kind)
    assert event.type == kind
    assert events.read(event.model_dump_json()) == event
    with pytest.raises(pydantic.ValidationError):
        event.time = NOW


@pytest.mark.parametrize("kind", ALL)
def test_an_event_satisfies_the_published_schema(kind: str) -> None:
    validator = pytest.importorskip("jsonschema").Draft202012Validator(schemas.load("events"))
    sent = json.loads(_event(kind).model_dump_json())
    assert list(validator.iter_errors(sent)) == []
    assert list(validator.iter_errors({**sent, "surprise": 1}))


def test_times_are_utc_and_amounts_exact() -> None:
    made = events.PlanKept(
        time=NOW.astimezone(timezone(timedelta(hours=2))), plan="n", debtor="d", invoices=("i",), currency="EUR", paid=Decimal("0.10")
    )
    sent = json.loads(made.model_dump_json())
    assert sent["time"] == "2026-11-21T12:00:00Z"
    assert sent["paid"] == "0.10"


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("plan.kept", {"paid": 10.5}),
        ("plan.kept", {"paid": "NaN"}),
        ("plan.kept", {"currency": "euro"}),
        ("plan.kept", {"time": "2026-11-21T12:00:00"}),
        ("plan.agreed", {"terms": []}),
        ("invoice.sent", {"document": "abc"}),
        ("invoice.sent", {"invoice": ""}),
        ("invoice.response", {"reasons": []}),
        ("invoice.response", {"status": "XX"}),
        ("dispute.opened", {"surprise": 1}),
    ],
)
def test_what_is_wrong_is_refused_with_a_finding(kind: str, change: dict[str, Any]) -> None:
    with pytest.raises(Unreadable) as caught:
        events.read(json.dumps({"type": kind, "id": str(uuid4()), "time": NOW.isoformat(), **ALL[kind], **change}))
    assert caught.value.findings
    assert all(finding.rule.startswith("event-") for finding in caught.value.findings)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"type": "invoice.burnt"}', b"\xff"])
def test_what_is_no_event_is_unreadable(text: str | bytes) -> None:
    with pytest.raises(Unreadable):
        events.read(text)


def test_a_response_that_accepts_needs_no_reason() -> None:
    accepted = events.InvoiceResponse(
        time=NOW, invoice="i", number="1", message="m", status=events.Status.ACCEPTED, effective=date(2026, 11, 20)
    )
    assert accepted.reasons == ()


def test_the_published_schemas_are_current() -> None:
    if tuple(map(int, pydantic.VERSION.split(".")[:2])) < (2, 12):
        pytest.skip("older pydantic words its schemas differently")
    script = runpy.run_path(str(Path(__file__).parents[1] / "scripts" / "export_schemas"))
    stale = [path.name for path, text in script["files"]().items() if path.read_text("utf-8") != text]
    assert stale == [], "run scripts/export_schemas"


def test_an_unknown_schema_names_the_nearest() -> None:
    with pytest.raises(KeyError, match="events"):
        schemas.load("event")
