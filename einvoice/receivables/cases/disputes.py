"""Disputes: an objection stops the follow-up of its invoice, has an owner and a day on which its answer is due."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Row, select, update

from einvoice import events
from einvoice.errors import ReceivablesError
from einvoice.receivables.cases import people
from einvoice.receivables.cases.case import At, created, fetch, invoice_of, move, record
from einvoice.receivables.cases.categories import answer_due, known
from einvoice.receivables.cases.credits import credit_for
from einvoice.receivables.cases.holds import hold, release
from einvoice.receivables.cases.machine import DISPUTE
from einvoice.receivables.cases.news import dispute_of, tell
from einvoice.receivables.cases.tasks import finish
from einvoice.receivables.policy.model import Policy
from einvoice.receivables.snapshot import Reason
from einvoice.receivables.store.tables import DISPUTES, INVOICES


class Objection(NamedTuple):
    """What a debtor objects to: a category of the policy, a part of the invoice or the whole (`amount` None, in its currency).

    `key` is the message it came with: the same objection handed in twice is one dispute. `binding` says that follow-up never resumes
    by itself: the receiver rejected the invoice.
    """

    invoice: int
    category: str
    amount: Decimal | None = None
    text: str | None = None
    key: str | None = None
    binding: bool = False


def register(connection: Connection, objection: Objection, policy: Policy, at: At) -> int:
    """Opens a dispute: its invoice is on hold, it has an owner and a day to answer; its id.

    Raises ReceivablesError where invoice or category do not exist, the amount is no part of the invoice, or nobody can own it.
    """
    if objection.key and (there := connection.scalar(select(DISPUTES.c.id).where(DISPUTES.c.key == objection.key))) is not None:
        return int(there)
    invoice = invoice_of(connection, objection.invoice)
    if objection.amount is not None and not 0 < objection.amount <= invoice.amount:
        raise ReceivablesError(f"{objection.amount} is no part of {invoice.number} ({invoice.amount}); leave it out for the whole")
    category = known(objection.category)
    owner = people.owner_for(people.active(connection, invoice.creditor_id), category, at.day)
    values = {
        "creditor_id": invoice.creditor_id,
        "debtor_id": invoice.debtor_id,
        "opened_on": at.day,
        "answer_due": answer_due(policy, category, at.day),
        "owner_id": owner,
        "invoice_id": invoice.id,
        **{name: getattr(objection, name) for name in ("key", "category", "amount", "text", "binding")},
    }
    dispute = created(connection, DISPUTE, values, at)
    hold(connection, invoice.debtor_id, Reason.DISPUTE, at.day, invoices=[invoice.id], amount=objection.amount, case=dispute)
    row = fetch(connection, DISPUTE, dispute)
    about = dispute_of(row, invoice.currency)
    due = row.answer_due
    tell(connection, events.DisputeOpened(time=at.now, **about, answer_due=due, owner=str(owner), text=objection.text))
    return dispute


def assign(connection: Connection, dispute: int, owner: int, at: At) -> None:
    """Gives a dispute to a person, who works on it.

    Raises ReceivablesError where it has ended, or the person is not an active one of its creditor.
    """
    row = fetch(connection, DISPUTE, dispute)
    if owner not in people.active(connection, row.creditor_id):
        raise ReceivablesError(f"{owner} is no active person of this creditor; see: einvoice receivables people")
    if row.state == "assigned":  # from one person to another: no change of state
        connection.execute(update(DISPUTES).where(DISPUTES.c.id == dispute).values(owner_id=owner))
        record(connection, DISPUTE.kind, dispute, row.state, row.state, at, f"owner {row.owner_id}, now {owner}")
    else:
        move(connection, DISPUTE, row, "assigned", at, owner_id=owner)


def wait(connection: Connection, dispute: int, whom: Literal["us", "customer"], at: At, note: str | None = None) -> None:
    """Says whose answer is awaited; the clock goes on."""
    move(connection, DISPUTE, fetch(connection, DISPUTE, dispute), f"waiting_{whom}", at, note)


def resume(connection: Connection, dispute: int, at: At) -> None:
    """Lets follow-up go on though the dispute is open: a person's decision.

    Raises ReceivablesError where the dispute has ended, or was accepted: then a credit is due, not a reminder.
    """
    row = fetch(connection, DISPUTE, dispute)
    if row.closed_on is not None or row.state == "accepted":
        raise ReceivablesError(f"the dispute {dispute} is {row.state}; only one that is open and not accepted can be resumed")
    end_hold(connection, row, at, "follow-up resumed")
    finish(connection, [overdue_key(dispute)], "resumed", at)


def accept(connection: Connection, dispute: int, at: At, *, credit_due: bool = True, note: str | None = None) -> None:
    """Says that the debtor is right. Where a credit is due the invoice stays on hold until it is posted; else the dispute ends."""
    row = fetch(connection, DISPUTE, dispute)
    if credit_due:
        move(connection, DISPUTE, row, "accepted", at, note)
        _hold_again(connection, row, at)
    else:
        move(connection, DISPUTE, row, "accepted", at, note, closed_on=at.day, outcome="accepted")
        _ended(connection, row, "accepted", at)


def credit(connection: Connection, dispute: int, number: str, at: At, *, amount: Decimal | None = None) -> int:
    """Posts the credit note that an accepted dispute is due, allocated to its invoice, and ends the dispute; the note's id.

    `amount` is with VAT, in the invoice's currency; the disputed amount unless told. Raises ReceivablesError where the dispute is
    not accepted or the amount is more than the invoice's.
    """
    row = fetch(connection, DISPUTE, dispute)
    DISPUTE.require(dispute, row.state, "credited")
    note = credit_for(connection, invoice_of(connection, row.invoice_id), amount or row.amount, number, at)
    move(connection, DISPUTE, row, "credited", at, number, outcome="credited", credit_note_id=note)
    _ended(connection, row, "credited", at, str(note))
    return note


def reject(connection: Connection, dispute: int, at: At, note: str | None = None) -> None:
    """Says that the debtor is not right: follow-up goes on where it stood."""
    _end(connection, dispute, "rejected", at, note)


def withdraw(connection: Connection, dispute: int, at: At, note: str | None = None) -> None:
    """Says that the debtor takes it back: follow-up goes on where it stood."""
    _end(connection, dispute, "withdrawn", at, note)


def overdue_key(dispute: int) -> str:
    """The key of the task that an overdue dispute makes."""
    return f"dispute-overdue:{dispute}"


def end_hold(connection: Connection, dispute: Row[Any], at: At, note: str) -> None:
    """Ends the hold of a dispute that stays open, and remembers that follow-up goes on."""
    release(connection, dispute.debtor_id, Reason.DISPUTE, at.day, case=dispute.id)
    connection.execute(update(DISPUTES).where(DISPUTES.c.id == dispute.id).values(resumed=True))
    record(connection, DISPUTE.kind, dispute.id, dispute.state, dispute.state, at, note)


def _hold_again(connection: Connection, dispute: Row[Any], at: At) -> None:
    """Nobody is reminded of what was conceded, though follow-up had resumed."""
    if dispute.resumed:
        about = {"invoices": [dispute.invoice_id], "amount": dispute.amount, "case": dispute.id}
        hold(connection, dispute.debtor_id, Reason.DISPUTE, at.day, **about)
        connection.execute(update(DISPUTES).where(DISPUTES.c.id == dispute.id).values(resumed=False))


def _end(connection: Connection, dispute: int, state: Literal["rejected", "withdrawn"], at: At, note: str | None) -> None:
    row = fetch(connection, DISPUTE, dispute)
    move(connection, DISPUTE, row, state, at, note, outcome=state)
    _ended(connection, row, state, at)


def _ended(connection: Connection, dispute: Row[Any], outcome: Any, at: At, credit_note: str | None = None) -> None:
    release(connection, dispute.debtor_id, Reason.DISPUTE, at.day, case=dispute.id)
    finish(connection, [overdue_key(dispute.id)], outcome, at)
    currency = connection.scalar(select(INVOICES.c.currency).where(INVOICES.c.id == dispute.invoice_id))
    about = dispute_of(dispute, str(currency))
    tell(connection, events.DisputeResolved(time=at.now, **about, outcome=outcome, credit_note=credit_note))
