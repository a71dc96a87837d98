"""What the tests of cases share: people, days, payments, what holds, what was told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, func, or_, select

from einvoice.outbox.tables import EVENTS
from einvoice.receivables import policy as policies
from einvoice.receivables.cases.case import At
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.ledger.payments import PaymentIn, post_payment
from einvoice.receivables.policy import Policy
from einvoice.receivables.store.tables import DISPUTES, HISTORY, HOLDS, PEOPLE, TASKS
from tests.receivables import books

POLICY = policies.default()


class Here(NamedTuple):
    """A creditor with a person, a debtor, and three invoices of 121.00, 1,000.00 and 250.03."""

    creditor: int
    debtor: int
    person: int
    invoices: tuple[int, int, int]


def at(days: int = 0, by: str = "ann") -> At:
    """A moment so many days after the first, by Ann unless told."""
    return At(books.DAY + timedelta(days), books.NOW + timedelta(days), by)


def changed(**parts: Any) -> Policy:
    """The default policy with other parts, each a dictionary of what changes in it."""
    made = {name: getattr(POLICY, name) for name in parts}
    return POLICY.model_copy(
        update={
            name: part.model_copy(update=parts[name]) if hasattr(part, "model_copy") else {**part, **parts[name]}
            for name, part in made.items()
        }
    )


def person(connection: Connection, creditor: int, key: str, **values: Any) -> int:
    """A person of a creditor; its id."""
    row = {"creditor_id": creditor, "key": key, "name": key.title(), **values}
    return int(connection.execute(PEOPLE.insert().values(row).returning(PEOPLE.c.id)).scalar_one())


def here(connection: Connection, **debtor: Any) -> Here:
    """The usual books; further values are the debtor's."""
    creditor = books.creditor(connection)
    who = books.debtor(connection, creditor, **debtor)
    invoices = [books.invoice(connection, who, f"F{number}", amount) for number, amount in enumerate(("121.00", "1000.00", "250.03"), 1)]
    return Here(creditor, who, person(connection, creditor, "ann"), (invoices[0], invoices[1], invoices[2]))


@contextmanager
def undone(engine: Engine) -> Iterator[Connection]:
    """A transaction that leaves nothing behind: a fresh database for every example, without the cost of one."""
    with engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


def pay(connection: Connection, found: Here, invoice: int, amount: str | Decimal, moment: At) -> int:
    """A payment on an invoice; its transaction."""
    number = connection.scalar(select(func.count()).select_from(HISTORY)), connection.scalar(select(func.count()).select_from(EVENTS))
    payment = PaymentIn(f"{invoice}-{amount}-{moment.day}-{number}", Decimal(amount), "EUR", moment.day, found.debtor)
    to = [(invoice, Decimal(amount))]
    return post_payment(connection, found.creditor, payment, Booking(moment.day, "bank", moment.now), to=to).transaction


def held(connection: Connection, day: date) -> set[tuple[str, int | None]]:
    """What holds follow-up on a day: reason and invoice."""
    holds = (HOLDS.c.ended_on.is_(None), HOLDS.c.since <= day, or_(HOLDS.c.until.is_(None), HOLDS.c.until >= day))
    return {(row.reason, row.invoice_id) for row in connection.execute(select(HOLDS).where(*holds))}


def told(connection: Connection) -> Counter[str]:
    """How many events of each type were published."""
    return Counter(connection.scalars(select(EVENTS.c.type)))


def dispute(connection: Connection, case: int) -> Any:
    """A dispute's row."""
    return connection.execute(select(DISPUTES).where(DISPUTES.c.id == case)).one()


def tasks(connection: Connection) -> list[Any]:
    """The tasks that are not done."""
    return list(connection.execute(select(TASKS).where(TASKS.c.done_on.is_(None)).order_by(TASKS.c.id)))


def history(connection: Connection, kind: str, case: int) -> list[str]:
    """The states that a case came into, in order."""
    found = select(HISTORY.c.became).where(HISTORY.c.kind == kind, HISTORY.c.case_id == case).order_by(HISTORY.c.id)
    return list(connection.scalars(found))
