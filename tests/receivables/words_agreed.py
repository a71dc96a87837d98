"""Promises, plans and disputes that ended, in a database, and what messages say of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from sqlalchemy import Connection, Engine, event, select, update

from einvoice.database import connect
from einvoice.receivables.actions import Action
from einvoice.receivables.cases import disputes, plans, promises
from einvoice.receivables.cases.clocks import tick
from einvoice.receivables.cases.schedule import Term
from einvoice.receivables.documents import compose, sample
from einvoice.receivables.documents.facts import facts, load
from einvoice.receivables.documents.words import LANGUAGES, day, money
from einvoice.receivables.store.tables import CREDITORS, INVOICES, PLANS
from tests.receivables import books
from tests.receivables.cases_books import POLICY, Here, at


def action(connection: Connection, found: Here, language: str = "en", invoices: Sequence[int] = ()) -> Action:
    """A reminder of some invoices, all unless told."""
    wanted = invoices or found.invoices
    rows = connection.execute(select(INVOICES).where(INVOICES.c.id.in_(wanted)).order_by(INVOICES.c.id)).all()
    made = sample.action("reminder", 2, language)
    claimed = tuple(made.invoices[0]._replace(invoice=row.id, number=row.number, amount=row.open, charges=Decimal(0)) for row in rows)
    return made._replace(creditor=found.creditor, debtor=found.debtor, invoices=claimed, charges=())


def said(connection: Connection, found: Here, language: str = "en", invoices: Sequence[int] = ()) -> tuple[str, ...]:
    """What the reminder says before its table: its opening, then what was agreed."""
    connection.execute(update(CREDITORS).values(iban="BE71096123456769", email="ar@acme.example"))
    asked = action(connection, found, language, invoices)
    return compose.content(facts(load(connection, found.creditor, [asked]), asked, None), "email", "k").opening


def promise_broken(connection: Connection, found: Here) -> tuple[int, ...]:
    """A promise of 121.00 for five days on; nothing came. What it is about."""
    made = promises.make(connection, found.debtor, found.invoices[:1], Decimal("121.00"), at(5).day, POLICY, at())
    promises.judge(connection, made, at(20))
    return found.invoices[:1]


def plan_broken(connection: Connection, found: Here) -> tuple[int, ...]:
    """A plan of two terms of 500.00, the first due after 20 days; nothing came."""
    terms = [Term(at(20).day, Decimal("500.00")), Term(at(50).day, Decimal("500.00"))]
    plan = plans.propose(connection, found.debtor, found.invoices[1:2], POLICY, at(by="debtor"), terms=terms)
    if connection.scalar(select(PLANS.c.state).where(PLANS.c.id == plan)) == "proposed":
        plans.approve(connection, plan, at())
    for days in range(21, 40):
        tick(connection, found.creditor, POLICY, at(days).day, at(days).now)
    return found.invoices[1:2]


def dispute_rejected(connection: Connection, found: Here) -> tuple[int, ...]:
    """A dispute that we answered after three days: the invoice stands."""
    made = disputes.register(connection, disputes.Objection(found.invoices[2], "other"), POLICY, at())
    disputes.reject(connection, made, at(3), "it was delivered")
    return found.invoices[2:]


CASES = {
    promise_broken: (0, 5, Decimal("121.00")),
    plan_broken: (0, 20, Decimal("500.00")),
    dispute_rejected: (0, 3, None),
}
"""Each case, and what its sentence states: the days since the first on which it was agreed and due, and an amount."""


def told(connection: Connection, found: Here) -> Iterator[str]:
    """`named` for each sentence that states days and amount, in each language; `fault …` for any that does not, or is told elsewhere."""
    for case, (on, by, amount) in CASES.items():
        about = case(connection, found)
        for language in LANGUAGES:
            sentences = said(connection, found, language, about)[1:]
            parts = [day(at(on).day, language), day(at(by).day, language), *([money(amount, "EUR", language)] if amount else [])]
            is_named = len(sentences) == 1 and all(part in sentences[0] for part in parts)
            yield "named" if is_named else f"fault: {case.__name__} {language}"


def queries(engine: Engine, sizes: Sequence[int]) -> set[int]:
    """How many queries `load` makes for so many actions of as many debtors, each with a promise."""
    counts = set()
    with connect(engine) as connection:
        creditor = books.creditor(connection)
        actions = [_promised(connection, creditor, number) for number in range(max(sizes))]
        for size in sizes:
            seen: list[str] = []

            def note(*call: object, seen: list[str] = seen) -> None:
                seen.append(str(call[2]))

            event.listen(engine, "before_cursor_execute", note)
            made = load(connection, creditor, actions[:size])
            event.remove(engine, "before_cursor_execute", note)
            counts.add(len(seen))
            assert len(made.agreements) == size
    return counts


def _promised(connection: Connection, creditor: int, number: int) -> Action:
    debtor = books.debtor(connection, creditor, f"d{number}")
    invoice = books.invoice(connection, debtor, f"F{number}", "100.00")
    promises.make(connection, debtor, [invoice], Decimal(50), at(5).day, POLICY, at())
    made = sample.action("reminder", 1, "en")
    return made._replace(creditor=creditor, debtor=debtor, invoices=(made.invoices[0]._replace(invoice=invoice),))
