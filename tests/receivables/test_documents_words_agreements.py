"""What was agreed before is read with the facts, in a constant number of queries, and messages come back to it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, select, update

from einvoice.receivables.actions import Action
from einvoice.receivables.cases import disputes, plans, promises
from einvoice.receivables.cases.case import fetch
from einvoice.receivables.cases.clocks import tick
from einvoice.receivables.cases.machine import PLAN
from einvoice.receivables.cases.schedule import Term as Instalment
from einvoice.receivables.documents import compose, sample
from einvoice.receivables.documents.agreements import Agreement, of
from einvoice.receivables.documents.codes import token
from einvoice.receivables.documents.facts import facts, load, party, pay_token
from einvoice.receivables.documents.words import LANGUAGES, day, money
from einvoice.receivables.store.tables import CONTACTS, CREDITORS, DEBTORS, INVOICES, PROMISES
from tests.receivables import books
from tests.receivables.cases_books import POLICY, Here, at


def _action(connection: Connection, here: Here, language: str = "en", invoices: int = 3) -> Action:
    rows = connection.execute(select(INVOICES).where(INVOICES.c.id.in_(here.invoices[:invoices])).order_by(INVOICES.c.id)).all()
    made = sample.action("reminder", 2, language)
    claimed = tuple(made.invoices[0]._replace(invoice=row.id, number=row.number, amount=row.open, charges=Decimal(0)) for row in rows)
    return made._replace(creditor=here.creditor, debtor=here.debtor, invoices=claimed, charges=())


def _said(connection: Connection, here: Here, language: str = "en", invoices: int = 3) -> tuple[str, ...]:
    connection.execute(update(CREDITORS).values(iban="BE71096123456769", email="ar@acme.example"))
    action = _action(connection, here, language, invoices)
    found = load(connection, here.creditor, [action])
    return compose.content(facts(found, action, None), "email", "k").opening


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_broken_promise_is_named_with_its_days_and_amount(connection: Connection, found: Here, language: str) -> None:
    made = promises.make(connection, found.debtor, found.invoices[:1], Decimal("121.00"), at(5).day, POLICY, at())
    promises.judge(connection, made, at(20))
    assert connection.scalar(select(PROMISES.c.state)) == "broken"
    (sentence,) = _said(connection, found, language)[1:]
    for part in (day(at().day, language), day(at(5).day, language), money(Decimal("121.00"), "EUR", language)):
        assert part in sentence


def test_what_concerns_other_invoices_is_left_out(connection: Connection, found: Here) -> None:
    made = promises.make(connection, found.debtor, found.invoices[2:], Decimal("250.03"), at(5).day, POLICY, at())
    promises.judge(connection, made, at(20))
    assert len(_said(connection, found, invoices=2)) == 1
    assert len(_said(connection, found)) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_broken_plan_names_the_first_term_that_did_not_come(connection: Connection, found: Here, language: str) -> None:
    terms = [Instalment(at(20).day, Decimal("500.00")), Instalment(at(50).day, Decimal("500.00"))]
    plan = plans.propose(connection, found.debtor, found.invoices[1:2], POLICY, at(by="debtor"), terms=terms)
    if fetch(connection, PLAN, plan).state == "proposed":
        plans.approve(connection, plan, at())
    for days in range(21, 40):
        tick(connection, found.creditor, POLICY, at(days).day, at(days).now)
    assert fetch(connection, PLAN, plan).state == "broken"
    (sentence,) = _said(connection, found, language)[1:]
    assert day(at(20).day, language) in sentence
    assert money(Decimal("500.00"), "EUR", language) in sentence


def test_a_rejected_dispute_is_an_answer(connection: Connection, found: Here) -> None:
    made = disputes.register(connection, disputes.Objection(found.invoices[0], "other"), POLICY, at())
    disputes.reject(connection, made, at(3), "it was delivered")
    (sentence,) = _said(connection, found)[1:]
    assert day(at().day, "en") in sentence
    assert day(at(3).day, "en") in sentence


def test_the_latest_of_a_kind_counts() -> None:
    old, new = (Agreement("promise", "broken", books.DAY + timedelta(days), (1,), "EUR") for days in (0, 9))
    plan = Agreement("plan", "broken", books.DAY, (1, 2), "EUR")
    assert [*of((old, plan, new), {1})] == [plan, new]
    assert [*of((old, plan, new), {3})] == []


def test_facts_take_as_many_queries_for_many_as_for_one(tmp_path: Path) -> None:
    with books.database(tmp_path) as engine, engine.connect() as connection:
        creditor = books.creditor(connection)
        actions = []
        for number in range(40):
            debtor = books.debtor(connection, creditor, f"d{number}")
            invoice = books.invoice(connection, debtor, f"F{number}", "100.00")
            promises.make(connection, debtor, [invoice], Decimal(50), at(5).day, POLICY, at())
            claimed = sample.action("reminder", 1, "en").invoices[0]._replace(invoice=invoice)
            actions.append(sample.action("reminder", 1, "en")._replace(creditor=creditor, debtor=debtor, invoices=(claimed,)))
        counts = []
        for some in (actions[:1], actions):
            seen: list[str] = []
            event.listen(engine, "before_cursor_execute", lambda *call, seen=seen: seen.append(call[2]))
            loaded = load(connection, creditor, some)
            counts.append(len(seen))
            assert len(loaded.agreements) == len(some)
    assert counts == [8, 8]


def test_names_and_the_link_to_pay_come_from_what_is_kept(connection: Connection, found: Here) -> None:
    connection.execute(update(CONTACTS).where(CONTACTS.c.debtor_id == found.debtor).values(first_name="Ann", name="Ann Janssens"))
    action = _action(connection, found)
    loaded = load(connection, found.creditor, [action], "https://my.example", "https://pay.example/")
    contact = loaded.of_debtor[found.debtor][0]
    about = facts(loaded, action, contact, "key")
    assert (about.first_name, about.name, about.portal) == ("Ann", "Ann Janssens", "https://my.example")
    assert about.pay == f"https://pay.example/pay/{token(loaded.creditor['secret'], 'key')}"
    assert pay_token(loaded, "key") != pay_token(loaded, "other")
    assert facts(loaded, action, None).pay is None
    assert facts(loaded, action, None).name == connection.scalar(select(DEBTORS.c.name).where(DEBTORS.c.id == found.debtor))


def test_a_party_is_written_to_in_its_language(connection: Connection, found: Here) -> None:
    connection.execute(update(DEBTORS).where(DEBTORS.c.id == found.debtor).values(language="fr"))
    about, _, contact = party(connection, found.creditor, found.debtor)
    assert about.language == "fr"
    assert contact is not None
    assert sample.paper("thank_you", about._replace(creditor=sample.CREDITOR)).language == "fr"
