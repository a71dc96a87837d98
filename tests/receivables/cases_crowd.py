"""Many debtors, each with a dispute, a promise and a payment plan, of which some pay; and a clock of which some cases fail."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection

from einvoice.errors import ReceivablesError
from einvoice.receivables.cases import disputes, overdue, plans, promises
from einvoice.receivables.cases.categories import DAYS
from tests.receivables import books
from tests.receivables.cases_books import POLICY, Here, at, pay, person


def crowd(connection: Connection, cases: int) -> tuple[int, int]:
    """A creditor with so many cases, rounded down to three a debtor; the creditor, and how many there are."""
    creditor = books.creditor(connection)
    who = person(connection, creditor, "ann")
    categories = sorted(DAYS)
    for number in range(cases // 3):
        debtor = books.debtor(connection, creditor, f"c{number}")
        ids = [books.invoice(connection, debtor, f"{number}-{part}", "300.00") for part in range(3)]
        found = Here(creditor, debtor, who, (ids[0], ids[1], ids[2]))
        objection = disputes.Objection(ids[0], categories[number % len(categories)])
        disputes.register(connection, objection, POLICY, at())
        promises.make(connection, debtor, [ids[1]], Decimal(300), at(number % 30).day, POLICY, at())
        plans.propose(connection, debtor, [ids[2]], POLICY, at(by="debtor"))
        if number % 3:  # of three one pays nothing, one a part, one all
            pay(connection, found, ids[1], Decimal(150 * (number % 3)), at())
            pay(connection, found, ids[2], Decimal(150 * (number % 3)), at())
    return creditor, cases // 3 * 3


@contextmanager
def broken(fails: bool) -> Iterator[None]:
    """Every second overdue dispute cannot be escalated, while this lasts; the log keeps quiet about it."""
    escalate = overdue.escalate

    def sometimes(connection: Connection, case: int, *rest: Any) -> bool:
        if case % 2:
            escalate(connection, case, *rest)
            raise ReceivablesError("it broke in the middle")
        return escalate(connection, case, *rest)

    if not fails:
        yield
        return
    log = logging.getLogger("einvoice.receivables.cases.clocks")
    log.disabled = True
    try:
        with patch.object(overdue, "escalate", sometimes):
            yield
    finally:
        log.disabled = False
