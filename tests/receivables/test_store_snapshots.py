"""Snapshots: a constant number of queries, and every earlier day as it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from einvoice.database import connect, reading
from einvoice.errors import ReceivablesError
from einvoice.receivables import ledger
from einvoice.receivables.ledger.payments import PaymentIn
from einvoice.receivables.store import snapshots
from einvoice.receivables.store.tables import CONSENTS, CONTACTS, DISPUTES, HOLDS, INVOICES, PEOPLE
from tests.receivables import books
from tests.receivables.bulk import DAY
from tests.receivables.past_days import relive
from tests.receivables.queries_counted import queries_counted
from tests.receivables.stores import NOW, place, store
from tests.scale import scaled


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    with place(request.param, tmp_path) as found:
        yield found


def test_the_number_of_queries_does_not_depend_on_the_number_of_debtors(where: Path | str) -> None:
    counts = queries_counted(where, (10, 1000))
    assert counts[10] == counts[1000]
    assert counts[10][0] <= 12


def test_a_creditor_that_is_not_there_is_said(tmp_path: Path) -> None:
    with books.database(tmp_path) as engine, reading(engine) as connection, pytest.raises(ReceivablesError):
        list(snapshots(connection, 7, DAY))


def test_what_is_read_in_part_leaves_the_transaction_usable(where: Path | str) -> None:
    with store(where) as engine, reading(engine) as connection:
        started = snapshots(connection, 1, DAY)
        assert [debtor.id for debtor in islice(started, 1)] == [1]
        started.close()  # type: ignore[attr-defined]
        assert [debtor.id for debtor in snapshots(connection, 1, DAY)] == [1, 2, 3]
        both = zip(snapshots(connection, 1, DAY), snapshots(connection, 1, DAY, debtors=[3, 1, 99]), strict=False)
        assert [(one.id, other.id) for one, other in both] == [(1, 1), (2, 3)]


def test_a_debtor_with_nothing_in_follow_up_that_is_due_is_left_out(where: Path | str) -> None:
    with store(where) as engine, connect(engine) as connection:
        books.invoice(connection, 2, "later", due=date(2026, 12, 31))
        connection.execute(update(INVOICES).where(INVOICES.c.debtor_id == 3).values(stage="final"))
        connection.execute(update(INVOICES).where(INVOICES.c.debtor_id == 2, INVOICES.c.number != "later").values(due=date(2026, 12, 1)))
        assert [(debtor.id, len(debtor.invoices)) for debtor in snapshots(connection, 1, DAY, due_by=DAY)] == [(1, 2)]
        assert [(debtor.id, len(debtor.invoices)) for debtor in snapshots(connection, 1, DAY, due_by=date(2026, 12, 1))] == [(1, 2), (2, 3)]
        ledger.post_payment(connection, 1, PaymentIn("p1", Decimal("0.01"), "EUR", DAY, debtor=1), books.booking(DAY))
        before = snapshots(connection, 1, DAY - timedelta(days=1), due_by=date(2026, 12, 1))  # an earlier day: another way to read
        assert [debtor.id for debtor in before] == [1, 2]


def test_a_snapshot_holds_what_the_tables_say(where: Path | str) -> None:
    with store(where) as engine, connect(engine) as connection:
        person = connection.execute(insert(PEOPLE).values(creditor_id=1, key="p", name="P").returning(PEOPLE.c.id)).scalar_one()
        contact = {"debtor_id": 1, "role": "finance", "name": "Ann", "email": "a@example.com", "phone": "+31612345678", "address": None}
        connection.execute(insert(CONTACTS).values(contact | {"email_bounced_on": DAY}))
        connection.execute(insert(CONTACTS).values({"debtor_id": 1, "role": "cfo", "address": {"city": "Gent"}, "peppol": "0106:1"}))
        for at, (channel, granted) in enumerate([("sms", True), ("email", True), ("sms", False)]):
            when = NOW - timedelta(days=3 - at)
            connection.execute(insert(CONSENTS).values(debtor_id=1, channel=channel, granted=granted, at=when, source="form"))
        holds = [("dispute", 1, Decimal("40.10"), None), ("promise", None, None, DAY), ("plan", None, None, DAY - timedelta(days=1))]
        for reason, invoice, amount, until in holds:
            row = {"debtor_id": 1, "reason": reason, "invoice_id": invoice, "amount": amount, "since": DAY, "until": until}
            connection.execute(insert(HOLDS).values(row | ({"since": DAY - timedelta(days=9)} if reason == "plan" else {})))
        dispute = {"creditor_id": 1, "debtor_id": 1, "invoice_id": 1, "category": "other", "state": "open", "owner_id": person}
        connection.execute(insert(DISPUTES).values(dispute | {"opened_on": DAY, "answer_due": DAY}))
        ledger.post_payment(connection, 1, PaymentIn("p1", Decimal("33.33"), "EUR", DAY, debtor=1), books.booking(DAY))
        connection.execute(update(INVOICES).where(INVOICES.c.id == 2).values(contract={"interest": "10.5"}, notice="n", notice_on=DAY))
        found = next(snapshots(connection, 1, DAY))
    assert [(one.role, sorted(one.channels)) for one in found.contacts] == [
        ("general", ["email"]),
        ("finance", ["call", "computer_call", "sms", "whatsapp"]),
        ("cfo", ["letter", "peppol", "registered_letter"]),
    ]
    assert found.consents == {"sms": False, "email": True}
    assert [tuple(hold) for hold in found.holds] == [("dispute", 1, Decimal("40.10"), None), ("promise", None, None, DAY)]
    assert (found.unallocated, found.disputes, found.reminders, found.pending) == ({"EUR": Decimal("33.33")}, 1, 0, False)
    first, second = found.invoices
    assert (first.id, first.amount, first.open, first.due, first.contract) == (1, Decimal(100), Decimal(100), date(2026, 10, 31), None)
    assert (second.contract, second.notice, second.notice_on) == ({"interest": "10.5"}, "n", DAY)
    assert all(isinstance(part, Decimal) for part in (first.amount, first.open, first.charges, first.interest_booked))


def test_every_earlier_day_is_as_it_was(where: Path | str) -> None:
    with store(where) as engine, connect(engine) as connection:
        assert relive(connection, 2) > 15


@pytest.mark.slow
def test_every_earlier_day_of_many_is_as_it_was(tmp_path: Path) -> None:
    for seed in range(100, 100 + scaled(60)):
        (tmp_path / str(seed)).mkdir()
        with store(tmp_path / str(seed)) as engine, connect(engine) as connection:
            assert relive(connection, seed) > 15


def test_what_a_person_said_later_is_not_read_as_of_an_earlier_day(where: Path | str) -> None:
    with store(where) as engine, connect(engine) as connection:
        connection.execute(insert(CONSENTS).values(debtor_id=1, channel="sms", granted=True, at=NOW, source="form"))
        connection.execute(insert(HOLDS).values(debtor_id=1, reason="manual", since=DAY, ended_on=DAY + timedelta(days=1)))
        before, then, after = (next(snapshots(connection, 1, DAY + timedelta(days=days))) for days in (-1, 0, 1))
    assert [one.consents for one in (before, then, after)] == [{}, {"sms": True}, {"sms": True}]
    assert [len(one.holds) for one in (before, then, after)] == [0, 1, 0]
