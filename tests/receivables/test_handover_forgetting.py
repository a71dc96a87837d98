"""Forgetting where money and messages left a trace: links, mandates, files of the bank, what was heard, documents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import Connection, select, update

from einvoice.errors import ReceivablesError
from einvoice.outbox import Effect, add_all
from einvoice.receivables import papers
from einvoice.receivables.ledger import forgetting, forgetting_money
from einvoice.receivables.paying import collections, links
from einvoice.receivables.store.tables import (
    BANK_FILES,
    BANK_LINES,
    CHECKOUTS,
    COLLECTIONS,
    CONTACTS,
    INCOMING,
    MANDATES,
    PAPERS,
    PAY_LINKS,
    PAYMENTS,
)
from tests.receivables import books
from tests.receivables.books import NOW
from tests.receivables.ledger_persons import known_debtor, texts
from tests.receivables.paying_debits import Debits, booked, debits, exported, mandate

LATE = date(2034, 1, 1)
TOKEN = "a" * 32


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """Empty books."""
    with books.books(tmp_path) as connection:
        yield connection


def _traces(connection: Connection, creditor: int, debtor: int) -> None:
    """Something personal in every place that issue 6 added."""
    connection.execute(PAY_LINKS.insert().values(links.row(creditor, debtor, [1], "EUR", None, "nl", TOKEN, books.DAY)))
    paid = {"token": TOKEN, "key": "k", "provider": "mollie", "amount": Decimal(1), "currency": "EUR", "invoices": [], "state": "paid"}
    connection.execute(CHECKOUTS.insert().values(url="https://pay.example/secret", created_at=NOW, **paid))
    holder = {"holder": "Secret", "iban": "NL91ABNA0417164300", "source": "Secret told me", "signed_on": books.DAY, "state": "active"}
    whose = {"creditor_id": creditor, "debtor_id": debtor}
    connection.execute(MANDATES.insert().values(reference="M1", scheme="CORE", recurrent=True, **holder, **whose))
    file = {"creditor_id": creditor, "sha256": "0" * 64, "name": "x", "format": "mt940", "imported_at": NOW, "counts": {}}
    connection.execute(BANK_FILES.insert().values(**file))
    line = {"creditor_id": creditor, "file_id": 1, "booked": books.DAY, "currency": "EUR", "amount": Decimal(121), "state": "matched"}
    said: dict[str, Any] = {"payer": "S. Secret", "iban": "NL91ABNA0417164300", "text": "Secret pays", "explanation": ["name is Secret"]}
    payment = connection.scalar(select(PAYMENTS.c.id))
    connection.execute(BANK_LINES.insert().values(key="1", payment_id=payment, **said, **line))
    offer = [{"debtor": debtor, "why": "name is Secret"}, {"debtor": 77, "why": "amount"}]
    connection.execute(BANK_LINES.insert().values(key="2", proposals=offer, **line))
    connection.execute(BANK_LINES.insert().values(key="3", iban="NL91ABNA0417164300", payer="S. Secret", end_to_end="SECRET-1", **line))
    news = {"source": "x", "kind": "reply", "received_at": NOW}
    connection.execute(INCOMING.insert().values(key="1", body='{"text": "I, Secret"}', result="Secret", debtor_id=debtor, **news))
    connection.execute(INCOMING.insert().values(key="2", body='{"sender": "secret@x.example"}', **news))
    connection.execute(INCOMING.insert().values(key="3", body='{"sender": "other@x.example"}', **news))
    papers.keep(connection, creditor, debtor, "agreement", "Secret.pdf", papers.PDF, b"I, Secret", NOW)
    papers.keep(connection, creditor, None, "statement", "other.pdf", papers.PDF, b"others", NOW)


def test_nothing_personal_is_left_in_any_table(connection: Connection) -> None:
    debtor = known_debtor(connection)
    _traces(connection, 1, debtor)
    assert "Secret" in texts(connection)
    assert forgetting.forget(connection, debtor, LATE)
    left = texts(connection).lower()
    for word in ("secret", "0612345678", "nl91abna", "1980-01-01"):
        assert word not in left, word
    assert "other@x.example" in left
    assert [paper.data for paper in papers.of(connection, 1)] == [b"others"]
    assert connection.execute(select(MANDATES.c.state, MANDATES.c.closed_on)).one() == ("cancelled", LATE)
    assert [one.amount for one in connection.execute(select(BANK_LINES))] == [Decimal(121)] * 3
    assert [one.proposals for one in connection.execute(select(BANK_LINES).order_by(BANK_LINES.c.id))] == [
        [],
        [{"debtor": 77, "why": "amount"}],
        [],
    ]
    asked = links.asked(connection, TOKEN)
    assert asked is not None
    assert (asked.owed, asked.numbers) == ((), ())


def test_of_a_file_about_many_only_the_part_about_the_debtor_goes(connection: Connection) -> None:
    first = debits(connection, "100.00", key="one", name="Saskia Secret")
    second = debits(connection, "50.00", key="two", creditor=first.creditor, name="Other BV")
    mandate(connection, first, holder="Saskia Secret")
    mandate(connection, second, holder="Other BV", iban="NL69INGB0123456789")
    exported(connection, first)
    (paper,) = papers.of(connection, first.creditor, kind=forgetting_money.DEBITS)
    ids = {row.debtor_id: row.end_to_end for row in connection.execute(select(COLLECTIONS))}
    with pytest.raises(ReceivablesError):
        forgetting.forget(connection, first.debtor, LATE)
    for one in (first, second):
        _collected(connection, one, ids[one.debtor])
    assert forgetting.forget(connection, first.debtor, LATE)
    (kept,) = papers.of(connection, first.creditor, kind=forgetting_money.DEBITS)
    assert (kept.hash, b"Secret" in kept.data, b"NL91ABNA" in kept.data) == (paper.hash, False, False)
    assert b"Other BV" in kept.data
    sums = [etree.fromstring(one.data).findtext(".//{*}GrpHdr/{*}CtrlSum") for one in (paper, kept)]
    assert sums == ["150.00", "150.00"]
    assert forgetting.forget(connection, second.debtor, LATE)
    assert papers.of(connection, first.creditor, kind=forgetting_money.DEBITS) == ()
    assert "Secret" not in texts(connection)


def _collected(connection: Connection, found: Debits, end_to_end: str) -> None:
    (amount,) = connection.scalars(select(COLLECTIONS.c.amount).where(COLLECTIONS.c.end_to_end == end_to_end))
    collections.collected(connection, found.creditor, end_to_end, amount, date(2026, 11, 20), booked(18))


def test_announcements_of_debits_go_too(connection: Connection) -> None:
    found = debits(connection, "100.00", name="Saskia Secret")
    mandate(connection, found)
    exported(connection, found)
    (row,) = connection.execute(select(COLLECTIONS)).all()
    add_all(connection, [Effect("pre", "debits", f"collection:{row.id}", "email", "secret@x.example", b"Dear Secret")], NOW)
    _collected(connection, found, row.end_to_end)
    connection.execute(update(CONTACTS).values(email="secret@x.example"))
    assert forgetting.forget(connection, found.debtor, LATE)
    assert "secret" not in texts(connection).lower()


def test_money_that_was_paid_stays_in_the_books(connection: Connection) -> None:
    debtor = known_debtor(connection)
    before = connection.execute(select(PAYMENTS.c.amount, PAYMENTS.c.booked, PAYMENTS.c.key)).all()
    assert forgetting.forget(connection, debtor, LATE)
    assert connection.execute(select(PAYMENTS.c.amount, PAYMENTS.c.booked, PAYMENTS.c.key)).all() == before
    assert connection.execute(select(PAPERS)).all() == []
