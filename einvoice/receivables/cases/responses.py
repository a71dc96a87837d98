"""Invoice Response to cases: what a receiver answers by Peppol becomes a pause, a dispute with a category, a proposal or a proof.

The tables are `responses.json`: statuses of UNCL 4343 as Peppol uses them, reasons (OPStatusReason), actions (OPStatusAction).
"""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Row, exists, select

from einvoice.errors import ReceivablesError
from einvoice.events import InvoiceResponse
from einvoice.receivables.cases import disputes
from einvoice.receivables.cases.case import At, fetch, invoice_of, record
from einvoice.receivables.cases.holds import hold
from einvoice.receivables.cases.machine import DISPUTE
from einvoice.receivables.cases.tasks import Task, ask
from einvoice.receivables.policy.model import Policy
from einvoice.receivables.snapshot import Reason
from einvoice.receivables.store.tables import DISPUTES, HISTORY

Proposal = Literal["credit", "new_invoice", "information"]


class Mapped(NamedTuple):
    """What a response means: what it `does` (record, accept, pend, dispute), and the dispute's category and further marks.

    `triage` says that a person has to find out what it is about, `partial` that only a part was paid, `binding` that follow-up never
    resumes by itself.
    """

    does: Literal["record", "accept", "pend", "dispute"]
    category: str | None = None
    binding: bool = False
    triage: bool = False
    partial: bool = False
    proposals: tuple[Proposal, ...] = ()
    notes: tuple[str, ...] = ()


class Answered(NamedTuple):
    """What became of a response: the dispute and the task that it made, None where it made none; `new` False where it was known."""

    mapped: Mapped
    dispute: int | None = None
    task: int | None = None
    new: bool = True


def mapped(response: InvoiceResponse) -> Mapped:
    """What a response means, without doing anything. An unknown reason is triage, an unknown action proposes nothing."""
    tables = _tables()
    status = tables["statuses"][response.status.value]
    reasons = [tables["reasons"].get(reason.code, tables["reasons"]["OTH"]) for reason in response.reasons]
    plain = [reason for reason in reasons if not reason.get("triage")]
    is_dispute = status["does"] == "dispute"
    proposals = [tables["actions"].get(action.code) for action in response.actions]
    return Mapped(
        does=status["does"],
        category=(plain or reasons)[0]["category"] if is_dispute else None,
        binding=status.get("binding", False),
        triage=is_dispute and not plain,
        partial=any(reason.get("partial") for reason in reasons),
        proposals=tuple(dict.fromkeys(proposal for proposal in proposals if proposal)),
        notes=tuple(reason["note"] for reason in reasons if "note" in reason),
    )


def respond(connection: Connection, response: InvoiceResponse, policy: Policy, at: At, *, part: Decimal | None = None) -> Answered:
    """Does what a response asks for, once however often its message comes.

    `part` is the amount it is about, with VAT in the invoice's currency: the conditional part (CA), the part paid (PD with PPD); where
    it is not known a condition holds the whole invoice and a part payment holds nothing. Raises ReceivablesError where there is no
    such invoice or nobody can own the dispute.
    """
    if not response.invoice.isdecimal():
        raise ReceivablesError(f"{response.invoice!r} is no id of an invoice in this database; look its number up first")
    invoice = invoice_of(connection, int(response.invoice))
    means = mapped(response)
    if _is_known(connection, invoice.id, response.message):
        there = connection.scalar(select(DISPUTES.c.id).where(DISPUTES.c.key == _key(response)))
        return Answered(means, there, new=False)
    again = connection.scalar(select(exists().where(*_answers(invoice.id), HISTORY.c.became == "PD")))
    record(connection, "response", invoice.id, None, response.status.value, at, response.message)
    if means.does == "dispute":
        return _dispute(connection, response, means, invoice, policy, at, part)
    if means.does in ("accept", "pend"):
        _withdraw_queries(connection, invoice.id, at)
    if means.does == "pend":
        return Answered(means, task=_pend(connection, response, means, invoice, at, part, again=bool(again)))
    return Answered(means)


def _dispute(
    connection: Connection, response: InvoiceResponse, means: Mapped, invoice: Row[Any], policy: Policy, at: At, part: Decimal | None
) -> Answered:
    assert means.category is not None
    amount = part if response.status == "CA" else None
    objection = disputes.Objection(invoice.id, means.category, amount, _text(response, means), _key(response), means.binding)
    dispute = disputes.register(connection, objection, policy, at)
    disputes.wait(connection, dispute, "us", at, "the receiver awaits our answer")
    if not (means.triage or means.proposals):
        return Answered(means, dispute)
    row = fetch(connection, DISPUTE, dispute)
    wants = f"It asks for: {', '.join(means.proposals)}." if means.proposals else "Find out what it is about."
    task = _task(response, invoice, f"The receiver of {invoice.number} answered {objection.text}. {wants}", row.answer_due)
    return Answered(means, dispute, ask(connection, task._replace(owner=row.owner_id), at.day))


def _pend(
    connection: Connection, response: InvoiceResponse, means: Mapped, invoice: Row[Any], at: At, part: Decimal | None, *, again: bool
) -> int | None:
    """A first word that it was paid pauses for some days; a further one is looked into by a person."""
    if again:
        text = f"The receiver of {invoice.number} says again that it was paid; {invoice.open} {invoice.currency} is still open."
        return ask(connection, _task(response, invoice, text, at.day + timedelta(3)), at.day)
    if part is not None or not means.partial:
        until = at.day + timedelta(_tables()["pending_days"])
        hold(connection, invoice.debtor_id, Reason.PAYMENT_PENDING, at.day, invoices=[invoice.id], amount=part, until=until)
    return None


def _withdraw_queries(connection: Connection, invoice: int, at: At) -> None:
    """Who accepts or pays takes back the queries that came by the same way; a rejection only a person ends."""
    came = (DISPUTES.c.key.startswith("response:"), DISPUTES.c.closed_on.is_(None), DISPUTES.c.binding.is_(False))
    for dispute in connection.scalars(select(DISPUTES.c.id).where(DISPUTES.c.invoice_id == invoice, *came)).all():
        disputes.withdraw(connection, dispute, at, "the receiver accepted or paid the invoice")


def _answers(invoice: int) -> tuple[Any, ...]:
    return (HISTORY.c.kind == "response", HISTORY.c.case_id == invoice)


def _is_known(connection: Connection, invoice: int, message: str) -> bool:
    return bool(connection.scalar(select(exists().where(*_answers(invoice), HISTORY.c.note == message))))


def _key(response: InvoiceResponse) -> str:
    message = response.message
    return f"response:{message if len(message) <= 100 else sha256(message.encode()).hexdigest()}"


def _task(response: InvoiceResponse, invoice: Row[Any], text: str, due: Any) -> Task:
    return Task(_key(response), "triage", invoice.creditor_id, invoice.debtor_id, (invoice.id,), due, text)


def _text(response: InvoiceResponse, means: Mapped) -> str:
    said = [f"{part.code} {part.text}" if part.text else part.code for part in (*response.reasons, *response.actions)]
    return "; ".join([f"{response.status.value} {', '.join(said)}", *means.notes])


@cache
def _tables() -> dict[str, Any]:
    tables: dict[str, Any] = json.loads(files(__package__).joinpath("responses.json").read_text("utf-8"))
    return tables
