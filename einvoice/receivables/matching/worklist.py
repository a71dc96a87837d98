"""The work list: lines of the bank that a person decides on. What is decided is booked, and can be taken back by reversal."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, select, update

from einvoice.errors import ReceivablesError
from einvoice.receivables import ledger
from einvoice.receivables.ledger.allocation import To
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.ledger.money import on_account, sources
from einvoice.receivables.store.tables import BANK_LINES, INVOICES, PAYMENTS, TRANSACTIONS

WAITING = ("open", "account")
"""The states of lines that wait: nobody knows whose the money is, or what it is for."""


def waiting(connection: Connection, creditor: int) -> Sequence[Row[Any]]:
    """The lines that wait for a person, the oldest first."""
    found = select(BANK_LINES).where(BANK_LINES.c.creditor_id == creditor, BANK_LINES.c.state.in_(WAITING))
    return connection.execute(found.order_by(BANK_LINES.c.booked, BANK_LINES.c.id)).all()


def take(connection: Connection, creditor: int, line: int, proposal: int, booked: Booking) -> None:
    """Books a proposal of a line (`proposal` from 1), its discount too.

    Raises ReceivablesError where there is none such, or the invoices owe less by now.
    """
    row = _line(connection, creditor, line, WAITING)
    if not 1 <= proposal <= len(row.proposals):
        raise ReceivablesError(f"line {line} has {len(row.proposals)} proposals; name one of them, or assign it: worklist assign")
    chosen = row.proposals[proposal - 1]
    to = [(int(ref), Decimal(amount)) for ref, amount in chosen["invoices"]]
    _settle(connection, row, int(chosen["debtor"]), to, booked)
    discount = Decimal(chosen.get("discount", "0"))
    if discount and len(to) == 1 and connection.scalar(select(INVOICES.c.open).where(INVOICES.c.id == to[0][0])) == discount:
        ledger.discount(connection, to[0][0], discount, Booking(row.booked, booked.by, booked.at, f"discount:{to[0][0]}"))


def assign(connection: Connection, creditor: int, line: int, to: To, booked: Booking, debtor: int | None = None) -> None:
    """Says what a line pays: invoices of one debtor and how much each gets (None: what it owes); without any, whose the money is.

    What is left stays on the debtor's account. Raises ReceivablesError for invoices of several debtors, and where they owe less.
    """
    row = _line(connection, creditor, line, WAITING)
    whose = set(connection.scalars(select(INVOICES.c.debtor_id).where(INVOICES.c.id.in_([ref for ref, _ in to]))))
    if debtor is not None:
        whose.add(debtor)
    if len(whose) != 1:
        raise ReceivablesError("name invoices of one debtor, or the debtor alone (--debtor KEY)")
    _settle(connection, row, whose.pop(), to, booked)


def ignore(connection: Connection, creditor: int, line: int, booked: Booking) -> None:
    """Says that a line is no debtor's money: what was booked of it is reversed."""
    row = _line(connection, creditor, line, WAITING)
    if row.payment_id is not None:
        ledger.reverse(connection, _payment(connection, row).transaction_id, _later(booked, row))
    _mark(connection, row, "ignored", booked)


def refund(connection: Connection, creditor: int, line: int, booked: Booking, debtor: int | None = None) -> None:
    """Says that a line that left paid money back to a debtor, or that one that came in will be paid back.

    Of a line that left, the debtor's money on account is taken, the oldest first. One that came in stays on account until its refund
    leaves, which is then found by itself. Raises ReceivablesError where less is on account, or the debtor is not known.
    """
    row = _line(connection, creditor, line, WAITING)
    if row.amount > 0:
        if row.payment_id is None or _payment(connection, row).debtor_id is None:
            raise ReceivablesError(f"nobody knows yet whose line {line} is; say it first: worklist assign {line} --debtor KEY")
        _mark(connection, row, "done", booked)
        return
    if debtor is None:
        raise ReceivablesError("say whom the money went to: --debtor KEY")
    left = -row.amount
    for source in sources(connection, debtor):
        money = on_account(connection, source)
        part = min(left, money.left)
        if part > 0 and money.currency == row.currency:
            ledger.refund(connection, source, part, _later(booked, row)._replace(key=f"refund:{row.key}:{source}"))
            left -= part
    if left:
        raise ReceivablesError(f"{-row.amount - left} {row.currency} is on account of this debtor, not {-row.amount}; nothing was booked")
    _mark(connection, row, "done", booked)


def undo(connection: Connection, creditor: int, line: int, booked: Booking) -> None:
    """Takes back what was decided of a line, by the matcher or a person: its shares are reversed, its invoices are open again.

    Raises ReceivablesError where nothing was.
    """
    row = _line(connection, creditor, line, ("matched", "done", "ignored"))
    if row.payment_id is None:
        if row.amount < 0 and row.state != "ignored":
            raise ReceivablesError(f"line {line} took money back or paid it back; reverse that in the ledger")
        _mark(connection, row, "open", booked, settled=False)
        return
    payment = _payment(connection, row)
    if payment.state == "reversed":
        made = _post(connection, row, None, booked)
        connection.execute(update(BANK_LINES).where(BANK_LINES.c.id == row.id).values(payment_id=made.id))
        _mark(connection, row, "open", booked, settled=False)
        return
    for share in _shares(connection, payment.transaction_id):
        ledger.reverse(connection, share, _later(booked, row))
    again = _payment(connection, row)
    _mark(connection, row, "open" if again.debtor_id is None else "account", booked, settled=False)


def _settle(connection: Connection, row: Row[Any], debtor: int, to: To, booked: Booking) -> None:
    if row.amount <= 0:
        raise ReceivablesError(f"line {row.id} left the account; it pays no invoice: worklist refund, or ignore")
    if row.payment_id is None:
        made = _post(connection, row, debtor, booked)
        transaction, ref = made.transaction, made.id
    else:
        transaction, ref = _whose(connection, row, debtor, booked)
    if to:
        ledger.allocate(connection, transaction, booked._replace(key=None), to=to)
    connection.execute(update(BANK_LINES).where(BANK_LINES.c.id == row.id).values(payment_id=ref))
    _mark(connection, row, "done", booked)


def _whose(connection: Connection, row: Row[Any], debtor: int, booked: Booking) -> tuple[int, int]:
    """The payment as the debtor's: assigned, or reversed and booked again where it was another's; its transaction and id."""
    payment = _payment(connection, row)
    if payment.debtor_id is None:
        ledger.assign(connection, payment.id, debtor, booked._replace(key=f"assignment:{payment.id}:{_moves(connection, payment)}"))
    elif payment.debtor_id != debtor:
        ledger.reverse(connection, payment.transaction_id, _later(booked, row))
        made = _post(connection, row, debtor, booked)
        return made.transaction, made.id
    return int(payment.transaction_id), int(payment.id)


def _moves(connection: Connection, payment: Row[Any]) -> int:
    """How often the money was moved: what makes another key after an assignment was taken back."""
    return len(connection.execute(select(TRANSACTIONS.c.id).where(TRANSACTIONS.c.moves == payment.transaction_id)).all())


def _post(connection: Connection, row: Row[Any], debtor: int | None, booked: Booking) -> ledger.Posted:
    """Books a line's money, under a key of its own each time."""
    before = select(PAYMENTS.c.key).where(PAYMENTS.c.creditor_id == row.creditor_id, PAYMENTS.c.key.startswith(f"bank:{row.key}"))
    count = len(connection.execute(before).all())
    key = f"bank:{row.key}" + (f":again{count}" if count else "")
    said = row.text or None
    money = ledger.PaymentIn(key, row.amount, row.currency, row.booked, debtor, said, row.payer, row.iban)
    return ledger.post_payment(connection, row.creditor_id, money, booked._replace(key=None))


def _shares(connection: Connection, transaction: int) -> list[int]:
    """The moves of a payment's money that stand, the newest first."""
    reversals = select(TRANSACTIONS.c.reverses).where(TRANSACTIONS.c.reverses.is_not(None))
    stands = (TRANSACTIONS.c.moves == transaction, TRANSACTIONS.c.kind == "allocation", TRANSACTIONS.c.id.not_in(reversals))
    return list(connection.scalars(select(TRANSACTIONS.c.id).where(*stands).order_by(TRANSACTIONS.c.id.desc())))


def _line(connection: Connection, creditor: int, line: int, states: Sequence[str]) -> Row[Any]:
    this = (BANK_LINES.c.id == line, BANK_LINES.c.creditor_id == creditor)
    row = connection.execute(select(BANK_LINES).where(*this).with_for_update()).one_or_none()
    if row is None:
        raise ReceivablesError(f"there is no line {line} of this creditor; list them: einvoice receivables worklist")
    if row.state not in states:
        mend = "take that back first: worklist undo" if row.state in ("matched", "done", "ignored") else "it waits for a decision"
        raise ReceivablesError(f"line {line} is {row.state}; {mend}")
    return row


def _payment(connection: Connection, row: Row[Any]) -> Row[Any]:
    return connection.execute(select(PAYMENTS).where(PAYMENTS.c.id == row.payment_id)).one()


def _later(booked: Booking, row: Row[Any]) -> Booking:
    """The booking on its day, at the earliest on the line's."""
    return booked._replace(day=max(booked.day, row.booked), key=None)


def _mark(connection: Connection, row: Row[Any], state: str, booked: Booking, *, settled: bool = True) -> None:
    values: dict[str, Any] = {"state": state, "settled_on": booked.day if settled else None, "settled_by": booked.by if settled else None}
    connection.execute(update(BANK_LINES).where(BANK_LINES.c.id == row.id).values(values))
