"""Early signals: a reliable late payer is told from others, a score that falls is heard of."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from einvoice.errors import ReceivablesError
from einvoice.receivables.cases.signals import Habit, habit, habits, pattern, rescore
from einvoice.receivables.store.tables import DEBTORS
from tests.receivables import books
from tests.receivables.cases_books import Here, at, pay, tasks, told


@pytest.mark.parametrize(
    ("days_late", "expected"),
    [
        ([14, 15, 13, 14, 16], Habit(14, 2, 5)),
        ([14, 14, 14, 14], None),  # too few
        ([14, 14, 14, 14, 18], None),  # one is too far off
        ([0, 0, 1, 0, 0], None),  # not late
        ([-3, -2, -3, -3, -4], None),
        ([30] * 12, Habit(30, 0, 12)),
    ],
)
def test_a_habit_is_steady_and_late(days_late: list[int], expected: Habit | None) -> None:
    assert habit(days_late) == expected


def test_a_reliable_late_payer_is_flagged_from_the_ledger(connection: Connection, found: Here) -> None:
    other = books.debtor(connection, found.creditor, "c2")
    due = at(-200).day
    for number in range(6):
        for debtor, late in ((found.debtor, 10 + number % 3), (other, 25 * number)):
            day = due + timedelta(20 * number)
            invoice = books.invoice(connection, debtor, f"{debtor}-{number}", "50.00", issued=day, due=day)
            paid = at((day - at().day).days + late)
            pay(connection, found._replace(debtor=debtor), invoice, "50.00", paid)
    assert pattern(connection, found.debtor) == Habit(11, 1, 6)
    assert pattern(connection, other) is None
    assert list(habits(connection, found.creditor)) == [(found.debtor, Habit(11, 1, 6))]


def test_a_score_that_falls_raises_an_event_and_a_steep_fall_a_task(connection: Connection, found: Here) -> None:
    assert not rescore(connection, found.debtor, 80, at())
    assert rescore(connection, found.debtor, 75, at(1))
    assert (told(connection), tasks(connection)) == ({"debtor.downgraded": 1}, [])
    assert rescore(connection, found.debtor, 30, at(2))
    assert (told(connection)["debtor.downgraded"], len(tasks(connection))) == (2, 1)
    assert not rescore(connection, found.debtor, 90, at(3))
    assert connection.execute(select(DEBTORS.c.score, DEBTORS.c.scored_on)).all() == [(90, at(3).day)]
    with pytest.raises(ReceivablesError):
        rescore(connection, found.debtor, 101, at(4))
