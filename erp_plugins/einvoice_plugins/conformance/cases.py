"""A dozen invoices that every plugin posts: each a record as the reference, made by plain arithmetic.

Seller, buyers, numbers and accounts are invented. A plugin takes parties, quantities, prices and taxes from a record, lets its ERP post
them by its own arithmetic, and must come to the same totals.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from einvoice.money import rounded
from einvoice_plugins.records import (
    Adjustment,
    Ledger,
    Line,
    Number,
    Party,
    Payment,
    Place,
    Posted,
    Record,
    References,
    Tax,
    Treatment,
)

D = Decimal
ISSUED, DUE = date(2026, 3, 2), date(2026, 4, 1)
STANDARD, REDUCED, ZERO = Tax(D(21)), Tax(D(6)), Tax(D(0), Treatment.ZERO)
EXEMPT = Tax(D(0), Treatment.EXEMPT, "VATEX-EU-132-1I", "Education, article 132(1)(i) of Directive 2006/112/EC")
REVERSE = Tax(D(0), Treatment.REVERSE_CHARGE)
INTRA = Tax(D(0), Treatment.INTRA_COMMUNITY)
EXPORT = Tax(D(0), Treatment.EXPORT)
OUTSIDE = Tax(D(0), Treatment.OUT_OF_SCOPE)

SELLER = Party(
    "Bakkerij De Korenmolen BV",
    Place("BE", "Korenmarkt 12", None, "Gent", "9000"),
    vat="BE0999999031",
    registration=Number("0999999031", "0208"),
    electronic=Number("0999999031", "0208"),
    contact="Boekhouding",
    phone="+32 9 000 00 01",
    email="boekhouding@korenmolen.example",
)
BUYER = Party(
    "Café du Pont SRL",
    Place("BE", "Rue du Pont 3", None, "Namur", "5000"),
    vat="BE0999912325",
    registration=Number("0999912325", "0208"),
    electronic=Number("0999912325", "0208"),
)
DUTCH = Party(
    "Grachtcafé B.V.",
    Place("NL", "Herengracht 1", None, "Amsterdam", "1015 BA"),
    vat="NL000099998B57",
    electronic=Number("NL000099998B57", "9944"),
)
AMERICAN = Party("Liberty Bakery Inc.", Place("US", "1 Main Street", None, "Boston", "02108"), electronic=Number("7300010000001", "0088"))
PAYMENT = Payment("30", "BE71096123456769", "Bakkerij De Korenmolen BV", "GKCCBEBB", "+++090/9337/55493+++")


def line(name: str, quantity: str, price: str, tax: Tax, **more: Any) -> Line:
    """A line whose net amount is quantity times price, and what its adjustments change."""
    changes = sum((item.amount for item in more.get("adjustments", ())), D(0))
    return Line(name, D(quantity), D(price), rounded(D(quantity) * D(price)) + changes, (tax,), **more)


def record(
    number: str,
    lines: Sequence[Line],
    *,
    buyer: Party = BUYER,
    adjustments: tuple[Adjustment, ...] = (),
    prepaid: str = "0",
    rounding: str = "0",
    currency: str = "EUR",
    home_rate: str | None = None,
    **more: Any,
) -> Record:
    """A record that adds up; `home_rate` is what a unit of its currency is worth in euros."""
    bases: dict[Tax, D] = {}
    for tax, amount in [(each.taxes[0], each.net) for each in lines] + [(item.taxes[0], item.amount) for item in adjustments]:
        bases[tax] = bases.get(tax, D(0)) + amount
    taxes = tuple(Posted(tax, base, rounded(base * tax.rate / 100)) for tax, base in bases.items())
    untaxed, tax_amount = sum(bases.values(), D(0)), sum((each.amount for each in taxes), D(0))
    total = untaxed + tax_amount + D(rounding)
    home_tax = None if home_rate is None else rounded(tax_amount * D(home_rate))
    ledger = Ledger(untaxed, tax_amount, total, total - D(prepaid), D(prepaid), D(rounding), "EUR", home_tax)
    told = {"references": References(buyer="T-17"), "payment": PAYMENT, "due": DUE, **more}
    return Record(number, ISSUED, currency, SELLER, buyer, tuple(lines), taxes, ledger, adjustments=adjustments, **told)


def cases() -> dict[str, Record]:
    """The records by name."""
    bread, coffee = line("Bread", "10", "2.50", REDUCED), line("Coffee machine", "1", "349.99", STANDARD)
    abroad: dict[str, Any] = {"delivered": ISSUED, "shipped_to": DUTCH.place}
    return {
        "plain": record("C-1", [coffee]),
        "two rates": record("C-2", [bread, coffee, line("Ground coffee", "0.375", "18.60", STANDARD, unit="KGM")]),
        "credit note": record(
            "C-3", [line("Coffee machine", "-1", "349.99", STANDARD)], references=References(buyer="T-17", preceding=(("C-1", ISSUED),))
        ),
        "zero rated": record("C-4", [line("Newspaper", "12", "1.80", ZERO)]),
        "exempt": record("C-5", [line("Course in baking", "1", "480.00", EXEMPT)]),
        "reverse charge": record("C-6", [line("Repair of the oven", "4", "65.00", REVERSE)]),
        "intra-community": record("C-7", [line("Coffee machine", "2", "349.99", INTRA)], buyer=DUTCH, **abroad),
        "export": record("C-8", [line("Waffles", "100", "0.85", EXPORT)], buyer=AMERICAN),
        "out of scope": record("C-9", [line("Deposit on crates", "6", "4.50", OUTSIDE)]),
        "two currencies": record("C-10", [line("Coffee machine", "1", "380.00", STANDARD)], currency="USD", home_rate="0.921"),
        "allowances and charges": record(
            "C-11",
            [
                line(
                    "Coffee machine",
                    "3",
                    "300.00",
                    STANDARD,
                    adjustments=(Adjustment(D("-45.00"), "Quantity", "95", base=D(900), percentage=D(5)),),
                ),
                line("Cups", "24", "1.35", STANDARD, gross=D("1.50")),
            ],
            adjustments=(Adjustment(D("-20.00"), "Loyalty", "95", (STANDARD,)), Adjustment(D("12.50"), "Freight", "FC", (STANDARD,))),
        ),
        "prepayment": record("C-12", [coffee], prepaid="100.00"),
        "rounding": record("C-13", [line("Bread", "1", "2.22", REDUCED)], rounding="0.05"),
        "free of charge": record("C-14", [coffee, line("Sample", "1", "0.00", STANDARD)]),
        "returned goods": record("C-15", [coffee, line("Cups returned", "-6", "1.50", STANDARD), line("Rebate", "1", "-10.00", STANDARD)]),
    }
