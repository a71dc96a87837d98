"""Direct debits that come back: the payment is reversed, its invoices are open again to the cent, and a person hears of it.

Refused before settlement (pain.002), returned by the debtor's bank, asked back within eight weeks, or within thirteen months where
there was no mandate: to us they are one thing with different reasons (EPC016-06, 4.3.4). What a reason means for the mandate, and
whether the same may be tried once more, stands in `returns.json`.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select, update

from einvoice.errors import ReceivablesError
from einvoice.money import ZERO
from einvoice.receivables.cases.case import At
from einvoice.receivables.cases.holds import release
from einvoice.receivables.cases.tasks import Task, ask
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.paying import mandates
from einvoice.receivables.paying.collections import key_of_return, numbers, withdraw
from einvoice.receivables.paying.takeback import take_back
from einvoice.receivables.snapshot import Reason
from einvoice.receivables.store.tables import COLLECTIONS, DEBTORS, MANDATES, PAYMENTS


class Meaning(NamedTuple):
    """What a reason says: in words, whether the mandate is at an end, whether the same may be collected once more."""

    text: str
    ends_mandate: bool = False
    again: bool = False


def meaning(reason: str) -> Meaning:
    """What a reason code means; one that is not known ends nothing and is not tried again."""
    return _codes().get(reason.upper(), Meaning(f"the bank says {reason}"))


@cache
def _codes() -> dict[str, Meaning]:
    kept = json.loads(Path(__file__).with_name("returns.json").read_text("utf-8"))["codes"]
    return {code: Meaning(each["text"], each["mandate"] == "closed", each.get("again", False)) for code, each in kept.items()}


def returned(
    connection: Connection, creditor: int, end_to_end: str, reason: str, day: date, booked: Booking, *, amount: Decimal | None = None
) -> int | None:
    """Takes back what was collected under an end-to-end id, on the day the bank did; the collection, None where it is none of ours.

    Its invoices are open again to the cent. Heard before the money, it is kept, and both are booked when the money is heard of. The
    same again changes nothing. `amount` is what the bank took, which may hold costs of its own: those are nobody's debt here. Raises
    ReceivablesError where it is less than was collected, for debits are returned whole.
    """
    same = (COLLECTIONS.c.creditor_id == creditor, COLLECTIONS.c.end_to_end == end_to_end)
    row = connection.execute(select(COLLECTIONS).where(*same).with_for_update()).one_or_none()
    if row is None:
        return None
    if amount is not None and amount < row.amount:
        raise ReceivablesError(f"{amount} came back of the debit {end_to_end} of {row.amount} {row.currency}; ask the bank what that is")
    if row.state != "returned":
        _take_back(connection, row, reason, day, booked)
        _follow(connection, row, reason, At(booked.day, booked.at, booked.by), (amount or row.amount) - row.amount)
    return int(row.id)


def rejected(connection: Connection, creditor: int, end_to_end: str, reason: str, at: At) -> int | None:
    """Ends a collection that was refused before settlement: no money moved; the collection, None where it is none of ours."""
    same = (COLLECTIONS.c.creditor_id == creditor, COLLECTIONS.c.end_to_end == end_to_end)
    row = connection.execute(select(COLLECTIONS).where(*same).with_for_update()).one_or_none()
    if row is None:
        return None
    if row.state == "exported" and withdraw(connection, row.id, reason, at):
        _follow(connection, row, reason, at)
    return int(row.id)


def _take_back(connection: Connection, row: Row[Any], reason: str, day: date, booked: Booking) -> None:
    values = {"state": "returned", "reason": reason[:8], "closed_on": day}
    connection.execute(update(COLLECTIONS).where(COLLECTIONS.c.id == row.id).values(values))
    release(connection, row.debtor_id, Reason.PAYMENT_PENDING, booked.day, case=row.id)
    if row.payment_id is not None:
        payment = connection.execute(select(PAYMENTS).where(PAYMENTS.c.id == row.payment_id)).one()
        back = booked._replace(day=day, key=key_of_return(row.end_to_end), note=reason[:8])
        take_back(connection, payment.transaction_id, payment.amount, payment.amount, back)


def _follow(connection: Connection, row: Row[Any], reason: str, at: At, costs: Decimal = ZERO) -> None:
    """Ends the mandate where the reason says so, and tells a person."""
    says = meaning(reason)
    mandate = connection.execute(select(MANDATES).where(MANDATES.c.id == row.mandate_id)).one()
    if says.ends_mandate:
        mandates.cancel(connection, row.creditor_id, mandate.reference, at)
    who = connection.execute(select(DEBTORS.c.name).where(DEBTORS.c.id == row.debtor_id)).scalar_one()
    then = "the mandate is at an end" if says.ends_mandate else "it is collected once more" if says.again else "it is not collected again"
    text = (
        f"The direct debit of {row.amount} {row.currency} of {who} ({', '.join(numbers(connection, row))}) came back: "
        f"{says.text} ({reason}); {then}. The invoices are open again."
        + (f" The bank took {costs} {row.currency} of costs besides." if costs else "")
    )
    key = f"debit-return:{row.creditor_id}:{row.end_to_end}"
    ask(connection, Task(key, "triage", row.creditor_id, row.debtor_id, tuple(ref for ref, _ in row.invoices), at.day, text), at.day)
