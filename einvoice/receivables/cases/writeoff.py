"""Write-off: a person gives up what is open of an invoice, for a reason; it can be taken back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, func, select

from einvoice.errors import ReceivablesError
from einvoice.receivables.cases import plans
from einvoice.receivables.cases.case import At, invoice_of, record
from einvoice.receivables.cases.machine import FOLLOW_UP
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.ledger.corrections import write_off as post
from einvoice.receivables.ledger.reversal import reverse
from einvoice.receivables.store.tables import ENTRIES, INVOICES, PEOPLE, TRANSACTIONS


def write_off(connection: Connection, invoice: int, reason: str, at: At, *, amount: Decimal | None = None) -> int:
    """Books what is open of an invoice, charges with it, as a loss (or `amount` of its principal); the ledger's transaction.

    `at.by` is the key of the person who decides. A payment plan over the invoice is cancelled. Raises ReceivablesError without a
    reason, for an unknown person, where nothing is owed, and where the invoice is settled or written off.
    """
    row = invoice_of(connection, invoice)
    _require_person(connection, row.creditor_id, reason, at)
    if amount is None:
        FOLLOW_UP.require(invoice, row.stage, "written_off")
    booked = Booking(at.day, at.by, at.now, f"write-off:{invoice}:{_count(connection, invoice) + 1}")
    posted = post(connection, invoice, booked, amount)
    if posted is None:
        raise ReceivablesError(f"nothing is owed of {row.number}; there is nothing to write off")
    became = str(connection.scalar(select(INVOICES.c.stage).where(INVOICES.c.id == invoice)))
    record(connection, "invoice", invoice, row.stage, became, at, reason)
    if became == "written_off":
        for plan in plans.open_plans(connection, row.debtor_id):
            if invoice in plan.invoices:
                plans.cancel(connection, plan.id, at, f"{row.number} was written off")
    return posted.transaction


def reinstate(connection: Connection, invoice: int, reason: str, at: At) -> int:
    """Takes the last write-off of an invoice back: it is open again and its follow-up goes on where it stood; the transaction.

    Raises ReceivablesError without a reason, for an unknown person, and where no write-off stands.
    """
    row = invoice_of(connection, invoice)
    _require_person(connection, row.creditor_id, reason, at)
    reversals = select(TRANSACTIONS.c.reverses).where(TRANSACTIONS.c.reverses.is_not(None))
    stands = _write_offs(invoice).where(TRANSACTIONS.c.id.not_in(reversals)).order_by(TRANSACTIONS.c.id.desc()).limit(1)
    last = connection.execute(stands).scalar_one_or_none()
    if last is None:
        raise ReceivablesError(f"no write-off of {row.number} stands; there is nothing to take back")
    posted = reverse(connection, last, Booking(at.day, at.by, at.now))
    became = str(connection.scalar(select(INVOICES.c.stage).where(INVOICES.c.id == invoice)))
    record(connection, "invoice", invoice, row.stage, became, at, reason)
    return posted.transaction


def _require_person(connection: Connection, creditor: int, reason: str, at: At) -> None:
    if not reason.strip():
        raise ReceivablesError("a write-off has a reason; say why")
    person = select(PEOPLE.c.id).where(PEOPLE.c.creditor_id == creditor, PEOPLE.c.key == at.by, PEOPLE.c.active)
    if connection.scalar(person) is None:
        raise ReceivablesError(f"{at.by!r} is no active person of this creditor; a person decides: einvoice receivables people")


def _write_offs(invoice: int) -> Select[Any]:
    return (
        select(TRANSACTIONS.c.id)
        .join(ENTRIES, ENTRIES.c.transaction_id == TRANSACTIONS.c.id)
        .where(ENTRIES.c.invoice_id == invoice, ENTRIES.c.account == "loss", TRANSACTIONS.c.kind == "write_off")
    )


def _count(connection: Connection, invoice: int) -> int:
    return int(connection.scalar(select(func.count()).select_from(_write_offs(invoice).subquery())) or 0)
