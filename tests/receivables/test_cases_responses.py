"""Invoice Responses: each status and reason of Peppol means what the tables say, once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, select

from einvoice.errors import ReceivablesError
from einvoice.events import Clarification, InvoiceResponse, Status
from einvoice.receivables.cases import disputes
from einvoice.receivables.cases.clocks import tick
from einvoice.receivables.cases.responses import mapped, respond
from einvoice.receivables.store.tables import DISPUTES, HOLDS
from tests.receivables.cases_books import POLICY, Here, at, dispute, held, history, tasks

CATEGORIES = {
    "REF": "po_number_missing",
    "PRI": "price_not_as_agreed",
    "QTY": "invoice_incorrect",
    "ITM": "invoice_incorrect",
    "LEG": "invoice_incorrect",
    "FIN": "invoice_incorrect",
    "PAY": "invoice_incorrect",
    "QUA": "delivery_quality",
    "DEL": "delivery_quality",
    "REC": "invoice_incorrect",
    "UNR": "other",
    "OTH": "other",
}


def response(invoice: int, status: str, *reasons: str, actions: tuple[str, ...] = (), message: str = "m1") -> InvoiceResponse:
    """A response to an invoice."""
    told: dict[str, Any] = {"reasons": [Clarification(code=code) for code in reasons], "actions": [Clarification(code=c) for c in actions]}
    return InvoiceResponse(time=at().now, invoice=str(invoice), number="F1", message=message, status=Status(status), **told)


@pytest.mark.parametrize("status", ["UQ", "CA", "RE"])
@pytest.mark.parametrize("reason", CATEGORIES)
def test_a_reason_is_a_category(connection: Connection, found: Here, status: str, reason: str) -> None:
    answered = respond(connection, response(found.invoices[0], status, reason), POLICY, at())
    assert answered.dispute is not None
    row = dispute(connection, answered.dispute)
    assert (row.category, row.state, row.binding) == (CATEGORIES[reason], "waiting_us", status == "RE")
    assert held(connection, at(999).day) == {("dispute", found.invoices[0])}
    triage = reason in ("UNR", "OTH")
    assert [task.due for task in tasks(connection)] == ([at(3).day] if triage else [])


@pytest.mark.parametrize("status", ["AB", "IP", "AP"])
def test_what_is_no_objection_is_kept_as_proof(connection: Connection, found: Here, status: str) -> None:
    respond(connection, response(found.invoices[0], status), POLICY, at())
    assert held(connection, at().day) == set()
    assert history(connection, "response", found.invoices[0]) == [status]


def test_paid_pauses_a_week(connection: Connection, found: Here) -> None:
    respond(connection, response(found.invoices[0], "PD"), POLICY, at())
    assert [day for day in range(10) if held(connection, at(day).day)] == list(range(8))
    assert held(connection, at().day) == {("payment_pending", found.invoices[0])}


def test_paid_again_pauses_no_longer_but_is_looked_into(connection: Connection, found: Here) -> None:
    respond(connection, response(found.invoices[0], "PD"), POLICY, at())
    answered = respond(connection, response(found.invoices[0], "PD", message="m2"), POLICY, at(6))
    assert answered.task is not None
    assert held(connection, at(8).day) == set()


def test_partly_paid_the_rest_is_followed(connection: Connection, found: Here) -> None:
    respond(connection, response(found.invoices[0], "PD", "PPD"), POLICY, at())
    assert held(connection, at().day) == set()
    respond(connection, response(found.invoices[1], "PD", "PPD", message="m2"), POLICY, at(), part=Decimal(400))
    assert connection.scalars(select(HOLDS.c.amount)).all() == [Decimal("400.00")]


def test_a_condition_holds_its_part(connection: Connection, found: Here) -> None:
    respond(connection, response(found.invoices[1], "CA", "PRI"), POLICY, at(), part=Decimal(150))
    assert connection.scalars(select(HOLDS.c.amount)).all() == [Decimal("150.00")]
    assert connection.scalars(select(DISPUTES.c.amount)).all() == [Decimal("150.00")]


def test_a_rejection_is_never_reminded_until_a_person_decides(connection: Connection, found: Here) -> None:
    answered = respond(connection, response(found.invoices[0], "RE", "PRI"), POLICY, at())
    assert answered.dispute is not None
    assert tick(connection, found.creditor, POLICY, at(99).day, at(99).now) == {"disputes.escalated": 1}
    assert held(connection, at(99).day) == {("dispute", found.invoices[0])}
    disputes.reject(connection, answered.dispute, at(100))
    assert held(connection, at(100).day) == set()


def test_the_same_message_counts_once(connection: Connection, found: Here) -> None:
    once = respond(connection, response(found.invoices[0], "UQ", "PRI"), POLICY, at())
    again = respond(connection, response(found.invoices[0], "UQ", "PRI"), POLICY, at(1))
    assert (again.dispute, once.new, again.new) == (once.dispute, True, False)
    long = [respond(connection, response(found.invoices[1], "UQ", "PRI", message=f"{'m' * 190}{end}"), POLICY, at()) for end in "ab"]
    assert long[0].dispute != long[1].dispute


@pytest.mark.parametrize("status", ["AP", "PD"])
def test_who_accepts_takes_the_query_back(connection: Connection, found: Here, status: str) -> None:
    query = respond(connection, response(found.invoices[0], "UQ", "PRI"), POLICY, at())
    mail = disputes.register(connection, disputes.Objection(found.invoices[0], "other", key="mail"), POLICY, at())
    respond(connection, response(found.invoices[0], status, message="m2"), POLICY, at(1))
    assert query.dispute is not None
    assert (dispute(connection, query.dispute).state, dispute(connection, mail).state) == ("withdrawn", "open")


@pytest.mark.parametrize(
    ("action", "proposal"), [("CNF", "credit"), ("CNP", "credit"), ("CNA", "credit"), ("NIN", "new_invoice"), ("PIN", "information")]
)
def test_an_action_is_proposed_to_the_owner(connection: Connection, found: Here, action: str, proposal: str) -> None:
    answered = respond(connection, response(found.invoices[0], "UQ", "PRI", actions=(action,)), POLICY, at())
    assert answered.mapped.proposals == (proposal,)
    assert [task.owner_id for task in tasks(connection)] == [found.person]


def test_the_plain_reason_decides_and_an_unknown_one_is_triage() -> None:
    assert mapped(response(1, "UQ", "OTH", "PRI")).category == "price_not_as_agreed"
    assert mapped(response(1, "UQ", "XXX")) == mapped(response(1, "UQ", "OTH"))
    assert mapped(response(1, "UQ", "REC")).notes


def test_an_unknown_invoice_is_refused(connection: Connection, found: Here) -> None:
    for invoice in ("999", "F1"):
        with pytest.raises(ReceivablesError):
            respond(connection, response(1, "AB").model_copy(update={"invoice": invoice}), POLICY, at())
