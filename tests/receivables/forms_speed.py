"""Letters as a run makes them: every one with its own debtor, invoices, amounts, code, in turn in four languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from einvoice.receivables.actions import Charge, Claimed
from einvoice.receivables.documents import sample
from einvoice.receivables.documents.compose import content
from einvoice.receivables.documents.letter import Letter
from einvoice.receivables.documents.parties import Debt, Facts
from einvoice.receivables.documents.words import LANGUAGES

DAY = date(2026, 11, 28)


def letters(count: int) -> Iterator[Letter]:
    """That many, composed before they are asked for: what is timed is the laying out."""
    return iter([_letter(number) for number in range(count)])


def _letter(number: int) -> Letter:
    made = content(facts(number), "letter", f"action:{number}:1:letter:{number}")
    address = (f"Bakery Number {number}", f"Ann Janssens-{number}", f"Station Road {number % 300}", f"{9000 + number % 900} Ghent", "BE")
    return Letter(made, address, DAY, ("Sample Trading NV", "Main Street 1", "1000 Brussels"))


def facts(number: int) -> Facts:
    """One to four invoices, interest on each."""
    base = sample.facts("reminder", number % 4, LANGUAGES[number % len(LANGUAGES)], pay=f"https://pay.example/pay/{number:032}")
    due = date(2026, 10, 1 + number % 28)
    debts = tuple(
        Debt(f"2026-{number:05}-{at}", date(2026, 9, 1), due, Decimal(number * 7 + at) / 100 + 50, Decimal("1.21"), None, "Coffee")
        for at in range(1, number % 4 + 2)
    )
    claimed = tuple(Claimed(at, debt.number, debt.due, debt.amount, debt.charges) for at, debt in enumerate(debts, 1))
    charges = tuple(Charge(at, "interest", debt.charges, until=DAY) for at, debt in enumerate(debts, 1))
    action = base.action._replace(invoices=claimed, charges=charges, amount=sum((debt.amount + debt.charges for debt in debts), Decimal(0)))
    return base._replace(action=action, debts=debts, debtor=f"Bakery Number {number}", name=f"Ann Janssens-{number}")
