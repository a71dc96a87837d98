"""What was agreed before is read with the facts, in a constant number of queries, and messages come back to it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Connection, select, update

from einvoice.receivables.cases import promises
from einvoice.receivables.documents import sample
from einvoice.receivables.documents.agreements import Agreement, of
from einvoice.receivables.documents.codes import token
from einvoice.receivables.documents.facts import facts, load, party, pay_token
from einvoice.receivables.store.tables import CONTACTS, DEBTORS, PROMISES
from tests.receivables import books
from tests.receivables.cases_books import POLICY, Here, at
from tests.receivables.words_agreed import action, promise_broken, queries, said, told


def test_what_ended_is_named_with_its_days_and_amount(connection: Connection, found: Here) -> None:
    assert Counter(told(connection, found)) == {"named": 12}


def test_what_concerns_other_invoices_is_left_out(connection: Connection, found: Here) -> None:
    about = promise_broken(connection, found)
    assert connection.scalar(select(PROMISES.c.state)) == "broken"
    assert len(said(connection, found, invoices=found.invoices[1:])) == 1
    assert len(said(connection, found, invoices=about)) == len(said(connection, found)) == 2


def test_a_live_promise_is_named_as_one(connection: Connection, found: Here) -> None:
    promises.make(connection, found.debtor, found.invoices[:1], Decimal("121.00"), at(5).day, POLICY, at())
    live = said(connection, found)[1:]
    assert len(live) == 1
    connection.execute(update(PROMISES).values(state="broken"))
    assert said(connection, found)[1:] != live


def test_the_latest_of_a_kind_counts() -> None:
    old, new = (Agreement("promise", "broken", books.DAY + timedelta(days), (1,), "EUR") for days in (0, 9))
    plan = Agreement("plan", "broken", books.DAY, (1, 2), "EUR")
    assert [*of((old, plan, new), {1})] == [plan, new]
    assert [*of((old, plan, new), {3})] == []


def test_facts_take_as_many_queries_for_many_as_for_one(tmp_path: Path) -> None:
    with books.database(tmp_path) as engine:
        assert queries(engine, (1, 40)) == {8}


def test_names_and_the_link_to_pay_come_from_what_is_kept(connection: Connection, found: Here) -> None:
    connection.execute(update(CONTACTS).where(CONTACTS.c.debtor_id == found.debtor).values(first_name="Ann", name="Ann Janssens"))
    asked = action(connection, found)
    loaded = load(connection, found.creditor, [asked], "https://my.example", "https://pay.example/")
    contact = loaded.of_debtor[found.debtor][0]
    about = facts(loaded, asked, contact, "key")
    assert (about.first_name, about.name, about.portal) == ("Ann", "Ann Janssens", "https://my.example")
    assert about.pay == f"https://pay.example/pay/{token(loaded.creditor['secret'], 'key')}"
    assert pay_token(loaded, "key") != pay_token(loaded, "other")
    assert facts(loaded, asked, None).pay is None
    assert facts(loaded, asked, None).name == connection.scalar(select(DEBTORS.c.name).where(DEBTORS.c.id == found.debtor))


def test_a_party_is_written_to_in_its_language(connection: Connection, found: Here) -> None:
    connection.execute(update(DEBTORS).where(DEBTORS.c.id == found.debtor).values(language="fr"))
    about, _, contact = party(connection, found.creditor, found.debtor)
    assert about.language == "fr"
    assert contact is not None
    assert sample.paper("thank_you", about._replace(creditor=sample.CREDITOR)).language == "fr"
