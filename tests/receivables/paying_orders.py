"""Direct debits collected and returned in any order and repetition: the ledger ends equal to the bank's statement.

The statement is a list of lines with end-to-end id and amount, as a bank books them: a collection comes in, a return takes it out.
They are heard in any order, some twice, with payments by transfer and reports of refusal in between.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from einvoice.receivables.ledger.payments import PaymentIn, post_payment
from einvoice.receivables.paying.collections import collected
from einvoice.receivables.paying.returns import rejected, returned
from einvoice.receivables.store.tables import COLLECTIONS, ENTRIES, HOLDS, INVOICES
from tests.receivables.paying_debits import Debits, at, booked, debits, exported, mandate, rows

REASONS = ("AM04", "MD01", "MD06", "AC04", "XX99")
COUNT = 3


class Told(Counter[str]):
    """What was heard, by kind."""


@st.composite
def tellings(draw: st.DrawFn) -> list[tuple[str, int, str]]:
    """News of the bank about three collections: each (what, which, reason), in any order and repetition."""
    fates = [draw(st.sampled_from(("collected", "returned", "rejected"))) for _ in range(COUNT)]
    news: list[tuple[str, int, str]] = []
    for which, fate in enumerate(fates):
        reason = draw(st.sampled_from(REASONS))
        lines = {"collected": ["in"], "returned": ["in", "out"], "rejected": ["refused"]}[fate]
        news += [(line, which, reason) for line in lines for _ in range(draw(st.integers(1, 3)))]
    news += [("paid", which, "") for which in draw(st.lists(st.integers(0, COUNT - 1), max_size=2, unique=True))]
    return draw(st.permutations(news))


def tell(connection: Connection, news: list[tuple[str, int, str]]) -> tuple[Debits, ...]:
    """Three debtors' collections are handed to the bank, and the news is heard."""
    first = debits(connection, "121.00", "0.01")
    found = [first, *(debits(connection, f"{number}00.03", key=f"k{number}", creditor=first.creditor) for number in (1, 2))]
    for one in found:
        mandate(connection, one)
    exported(connection, first, 10)
    of = {row.debtor_id: row for row in rows(connection, first)}
    for moment, (what, which, reason) in enumerate(news, 16):
        _hear(connection, found[which], of[found[which].debtor], what, reason, moment)
    return tuple(found)


def _hear(connection: Connection, one: Debits, row: Any, what: str, reason: str, moment: int) -> None:
    if what == "in":
        collected(connection, one.creditor, row.end_to_end, row.amount, row.due, booked(moment))
    elif what == "out":
        returned(connection, one.creditor, row.end_to_end, reason, at(16).day, booked(moment))
    elif what == "refused":
        rejected(connection, one.creditor, row.end_to_end, reason, at(moment))
    else:
        money = PaymentIn(f"t{one.debtor}", Decimal("0.01"), "EUR", at(15).day, one.debtor)
        owes = connection.scalar(select(INVOICES.c.open).where(INVOICES.c.id == one.invoices[-1]))
        to = [(one.invoices[-1], Decimal("0.01"))] if owes else None
        post_payment(connection, one.creditor, money, booked(moment), to=to)


def faults(connection: Connection, found: tuple[Debits, ...], news: list[tuple[str, int, str]]) -> list[str]:
    """Where ledger and statement differ; empty where they agree to the cent."""
    wrong = []
    for which, one in enumerate(found):
        row = connection.execute(select(COLLECTIONS).where(COLLECTIONS.c.debtor_id == one.debtor).order_by(COLLECTIONS.c.id)).first()
        assert row is not None
        heard = {what for what, about, _ in news if about == which}
        came = row.amount if "in" in heard and "out" not in heard else Decimal(0)
        paid = Decimal("0.01") if "paid" in heard else Decimal(0)
        if _sum(connection, one, "bank") != came + paid:
            wrong.append(f"bank {which}: {_sum(connection, one, 'bank')} instead of {came + paid}")
        total = connection.scalar(
            select(func.sum(INVOICES.c.amount, type_=INVOICES.c.amount.type)).where(INVOICES.c.debtor_id == one.debtor)
        )
        owed = connection.scalar(select(func.sum(INVOICES.c.open, type_=INVOICES.c.open.type)).where(INVOICES.c.debtor_id == one.debtor))
        if Decimal(owed or 0) + _sum(connection, one, "unallocated") != Decimal(total or 0) - came - paid:
            wrong.append(f"open {which}: {owed} of {total}")
        state = "returned" if "out" in heard else "collected" if "in" in heard else "cancelled" if "refused" in heard else "exported"
        if row.state != state:
            wrong.append(f"state {which}: {row.state} instead of {state}")
        waits = connection.scalar(select(func.count()).where(HOLDS.c.debtor_id == one.debtor, HOLDS.c.ended_on.is_(None)))
        if bool(waits) != (state == "exported"):
            wrong.append(f"holds {which}: {waits}")
    return wrong


def _sum(connection: Connection, one: Debits, account: str) -> Decimal:
    total = select(func.sum(ENTRIES.c.amount, type_=ENTRIES.c.amount.type)).where(
        ENTRIES.c.debtor_id == one.debtor, ENTRIES.c.account == account
    )
    return Decimal(connection.scalar(total) or 0)
