"""Write-off and insolvency: a person decides, with a reason; what was given up can be taken back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import Connection, func, select

from einvoice.errors import ReceivablesError
from einvoice.money import ZERO
from einvoice.receivables.cases import insolvency, plans
from einvoice.receivables.cases.writeoff import reinstate, write_off
from einvoice.receivables.store.tables import DEBTORS, ENTRIES, INVOICES
from tests.receivables.cases_books import POLICY, Here, at, held, history, pay, tasks


def _stands(connection: Connection, invoice: int) -> tuple[Decimal, str]:
    row = connection.execute(select(INVOICES.c.open, INVOICES.c.stage).where(INVOICES.c.id == invoice)).one()
    return row.open, row.stage


def test_it_is_a_loss_and_comes_back_where_it_stood(connection: Connection, found: Here) -> None:
    invoice = found.invoices[0]
    pay(connection, found, invoice, "21.00", at())
    connection.execute(INVOICES.update().where(INVOICES.c.id == invoice).values(stage="handed_over"))
    write_off(connection, invoice, "too small to sue for", at())
    assert _stands(connection, invoice) == (ZERO, "written_off")
    loss = select(func.sum(ENTRIES.c.amount, type_=ENTRIES.c.amount.type)).where(ENTRIES.c.account == "loss")
    assert connection.scalar(loss) == Decimal("100.00")
    reinstate(connection, invoice, "it paid after all", at(1))
    assert _stands(connection, invoice) == (Decimal("100.00"), "handed_over")
    assert connection.scalar(loss) == 0
    write_off(connection, invoice, "it did not", at(1))
    assert _stands(connection, invoice) == (ZERO, "written_off")
    assert history(connection, "invoice", invoice) == ["written_off", "handed_over", "written_off"]


def test_a_part_leaves_the_rest_open(connection: Connection, found: Here) -> None:
    write_off(connection, found.invoices[0], "a difference of a euro", at(), amount=Decimal("1.00"))
    assert _stands(connection, found.invoices[0]) == (Decimal("120.00"), "open")


def test_a_plan_over_it_is_cancelled(connection: Connection, found: Here) -> None:
    plan = plans.propose(connection, found.debtor, found.invoices[:1], POLICY, at(by="debtor"))
    write_off(connection, found.invoices[0], "waived", at(1))
    assert held(connection, at(1).day) == set()
    assert history(connection, "plan", plan)[-1] == "cancelled"


@pytest.mark.parametrize(("reason", "by"), [("", "ann"), (" ", "ann"), ("because", "nobody"), ("because", "clock")])
def test_a_person_says_why(connection: Connection, found: Here, reason: str, by: str) -> None:
    with pytest.raises(ReceivablesError):
        write_off(connection, found.invoices[0], reason, at(by=by))
    assert _stands(connection, found.invoices[0]) == (Decimal("121.00"), "open")


def test_what_is_not_owed_is_not_written_off_nor_taken_back(connection: Connection, found: Here) -> None:
    pay(connection, found, found.invoices[0], "121.00", at())
    for refused in (write_off, reinstate):
        with pytest.raises(ReceivablesError):
            refused(connection, found.invoices[0], "because", at())


def test_an_insolvent_debtor_is_left_alone(connection: Connection, found: Here) -> None:
    assert insolvency.declare(connection, found.debtor, at(-3).day, at()) is not None
    assert insolvency.declare(connection, found.debtor, at(-3).day, at(1)) is None
    assert held(connection, at(999).day) == {("insolvency", None)}
    assert connection.scalar(select(DEBTORS.c.insolvent_on)) == at(-3).day
    assert [tuple(task.invoices) for task in tasks(connection)] == [found.invoices]
    assert insolvency.lift(connection, found.debtor, at(5))
    assert not insolvency.lift(connection, found.debtor, at(5))
    assert (held(connection, at(5).day), tasks(connection)) == (set(), [])
    assert insolvency.declare(connection, found.debtor, at(6).day, at(6)) is not None
