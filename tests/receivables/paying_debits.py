"""What the tests of direct debit share: a creditor that collects, debtors with mandates, a file handed to the bank."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, select, update

from einvoice.outbox import mode
from einvoice.receivables import policy as policies
from einvoice.receivables.cases.case import At
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.paying import mandates, pain008, proposing
from einvoice.receivables.store.tables import COLLECTIONS, CONTACTS, INVOICES, PAYMENTS
from einvoice.settings import Sending
from tests.receivables import books

POLICY = policies.default()
SEPA_ID = "NL08ZZZ502057730000"
IBAN = "BE71096123456769"
THEIRS = "NL91ABNA0417164300"
LIVE = Sending(mode="live")


class Debits(NamedTuple):
    """A creditor, a debtor with a mandate, and its invoices."""

    creditor: int
    debtor: int
    invoices: tuple[int, ...]


def at(days: int = 0) -> At:
    """A moment so many days after the first."""
    return At(books.DAY + timedelta(days), books.NOW + timedelta(days), "ann")


def booked(days: int = 0) -> Booking:
    """A booking of the bank, so many days after the first."""
    moment = at(days)
    return Booking(moment.day, "bank", moment.now)


def debits(connection: Connection, *amounts: str, key: str = "c1", creditor: int | None = None, **debtor: Any) -> Debits:
    """A creditor in mode live that may collect, and a debtor with a mandate and invoices."""
    if creditor is None:
        creditor = books.creditor(connection, iban=IBAN, sepa_id=SEPA_ID, address={"city": "Gent", "postcode": "9000", "country": "BE"})
        mode.set_live(connection, {}, mode.confirmation({}), books.NOW, "tests")
    who = books.debtor(connection, creditor, key, **debtor)
    home = {"street": "Dam 1", "postcode": "1012 JS", "city": "Amsterdam", "country": "NL"}
    connection.execute(update(CONTACTS).where(CONTACTS.c.debtor_id == who).values(address=home))
    invoices = tuple(books.invoice(connection, who, f"{key}-{number}", amount) for number, amount in enumerate(amounts or ("121.00",), 1))
    return Debits(creditor, who, invoices)


def mandate(connection: Connection, found: Debits, reference: str = "", **values: Any) -> int:
    """A mandate of the debtor, signed two months before the first day."""
    given: dict[str, Any] = {"iban": THEIRS, "holder": "Customer BV", "signed": date(2026, 9, 1), "source": "paper"} | values
    return mandates.create(connection, found.creditor, mandates.MandateIn(found.debtor, reference or f"M-{found.debtor}", **given), at())


def planned(connection: Connection, found: Debits, days: int = 0) -> list[Any]:
    """What is planned on a day; the rows of all collections of the creditor."""
    proposing.plan(connection, found.creditor, POLICY, at(days))
    return rows(connection, found)


def announced(connection: Connection, found: Debits, days: int = 0) -> None:
    """Says that what is planned was announced."""
    these = update(COLLECTIONS).where(COLLECTIONS.c.creditor_id == found.creditor, COLLECTIONS.c.state == "planned")
    connection.execute(these.values(state="announced", announced_on=at(days).day))


def exported(connection: Connection, found: Debits, days: int = 13) -> tuple[pain008.File, ...]:
    """Plans and announces on the first day, and hands to the bank on a later one."""
    planned(connection, found)
    announced(connection, found)
    return pain008.export(connection, found.creditor, LIVE, at(days)).files


def rows(connection: Connection, found: Debits) -> list[Any]:
    """The collections of the creditor."""
    return list(connection.execute(select(COLLECTIONS).where(COLLECTIONS.c.creditor_id == found.creditor).order_by(COLLECTIONS.c.id)))


def open_of(connection: Connection, found: Debits) -> list[Decimal]:
    """What is open of each invoice."""
    of = dict(connection.execute(select(INVOICES.c.id, INVOICES.c.open).where(INVOICES.c.id.in_(found.invoices))).all())
    return [of[ref] for ref in found.invoices]


def payments(connection: Connection) -> list[Any]:
    """The payments that were booked."""
    return list(connection.execute(select(PAYMENTS).order_by(PAYMENTS.c.id)))


def held_of(connection: Connection, day: date) -> set[tuple[str, int | None]]:
    """What holds follow-up on a day."""
    from tests.receivables.cases_books import held

    return held(connection, day)
