"""A small book and lines for tests of the matcher."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from einvoice.receivables.matching.book import Book, Known
from einvoice.receivables.matching.matcher import match
from einvoice.receivables.matching.reading import BankLine
from einvoice.receivables.matching.values import Discount, Item, Match

DAY = date(2026, 11, 2)
JAN, ELS, TWIN = 1, 2, 3
DEBTORS = [(JAN, "1001", "Bakkerij Janssens BV"), (ELS, "1002", "Els Peeters"), (TWIN, "1003", "Els Peeters")]
JAN_IBAN, ELS_IBAN, TWIN_IBAN, NEW_IBAN, SHARED = "BE01JAN", "BE02ELS", "BE03TWIN", "BE99NEW", "BE04SHARED"
IBANS = {JAN_IBAN: {JAN: 3}, ELS_IBAN: {ELS: 2}, TWIN_IBAN: {TWIN: 1}, SHARED: {JAN: 1, ELS: 1}}


def item(ref: int, debtor: int, amount: str, number: str = "", reference: str | None = None, **more: Any) -> Item:
    """An open invoice."""
    value = Decimal(amount)
    about: dict[str, Any] = {"open": value, "charges": Decimal(0), "issued": date(2026, 10, 1), "due": date(2026, 10, 31)} | more
    return Item(ref, number or f"2026-{ref:05}", debtor, "EUR", value, reference=reference, **about)


def settled(ref: int, debtor: int, amount: str, on: date, **more: Any) -> Item:
    """An invoice that was settled on a day."""
    return item(ref, debtor, amount, open=Decimal(0), settled_on=on, **more)


def discounted(ref: int, debtor: int, amount: str, off: str, until: date) -> Item:
    """An open invoice with a discount for early payment."""
    return item(ref, debtor, amount, discounts=(Discount(Decimal(off), until),))


def line(
    amount: str, text: str = "", *, ref: str = "", iban: str = NEW_IBAN, payer: str = "Somebody", key: str = "k", **more: Any
) -> BankLine:
    """A line of today."""
    about: dict[str, Any] = {"account": "BE00OURS", "booked": DAY, "valued": DAY} | more
    return BankLine(
        key, amount=Decimal(amount), currency="EUR", payer=payer, iban=iban, text=text, references=(ref,) if ref else (), **about
    )


def book(*items: Item, **known: Any) -> Book:
    """A book of these invoices, of three debtors of whom two have the same name."""
    return Book(items, DEBTORS, Known(**{"ibans": IBANS, **known}))


def matched(one: BankLine, *items: Item, **known: Any) -> Match:
    """What becomes of a line."""
    (found,) = match([one], book(*items, **known))
    return found


def jan(amount: str, text: str = "", **more: Any) -> BankLine:
    """A line from the account of the bakery, under its name."""
    return line(amount, text, **({"iban": JAN_IBAN, "payer": "Bakkerij Janssens"} | more))
