"""Delivered: an e-mail that did not bounce for 72 hours, a letter three working days on, an answered call; each action counts once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, update

from einvoice.outbox.tables import OUTBOX
from einvoice.receivables.cases import tasks as duties
from einvoice.receivables.cases.deliveries import deliveries
from einvoice.receivables.cases.tasks import Task
from einvoice.receivables.store.tables import ACTIONS, INVOICES, MESSAGES, RUNS, TAKEN
from tests.receivables import books
from tests.receivables.cases_books import Here, at, here, told, undone

SENT = datetime(2026, 11, 6, 9, 30, tzinfo=UTC)  # a Friday; 2026-11-11 is Armistice Day in Belgium


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with books.database(tmp_path_factory.mktemp("cases")) as engine:
        yield engine


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with undone(engine) as connection:
        yield connection


@pytest.fixture
def found(connection: Connection) -> Here:
    return here(connection, country="BE")


def _action(connection: Connection, found: Here, *channels: str, key: str = "a", state: str = "sent", **outbox: Any) -> str:
    """An action about the first two invoices that was sent by some channels."""
    run = {"creditor_id": found.creditor, "day": SENT.date(), "policy": "p" * 64, "mode": "live", "started_at": SENT}
    number = connection.execute(RUNS.insert().values(run).returning(RUNS.c.id)).scalar_one()
    action = {
        "id": key * 40, "run_id": number, "creditor_id": found.creditor, "debtor_id": found.debtor, "day": SENT.date(), "kind": "message",
        "flow": "nl", "flow_version": "1", "step": f"r{key}", "step_offset": 7, "currency": "EUR", "amount": 121, "body": {},
        "policy": "a" * 64, "rates": "b" * 64, "not_before": SENT, "not_after": SENT, "state": "done",
    }  # fmt: skip
    connection.execute(ACTIONS.insert().values(action))
    for channel in channels:
        for invoice in found.invoices[:2]:
            taken = {"action_id": key * 40, "invoice_id": invoice, "channel": channel, "flow_version": "1", "step": f"r{key}", "amount": 1}
            connection.execute(TAKEN.insert().values(taken))
        effect = {
            "key": f"{key}:{channel}", "owner": "receivables", "subject": key, "channel": channel, "resend": "once", "state": state,
            "address": "x", "headers": {}, "payload": b"", "next_at": SENT, "created_at": SENT, "sent_at": SENT, **outbox,
        }  # fmt: skip
        effect_id = connection.execute(OUTBOX.insert().values(effect).returning(OUTBOX.c.id)).scalar_one()
        message = {"action_id": key * 40, "debtor_id": found.debtor, "channel": channel, "outbox_id": effect_id, "state": state}
        connection.execute(MESSAGES.insert().values(message | {"sent_on": SENT.date()}))
    return key * 40


def _contacts(connection: Connection) -> list[int]:
    return list(connection.scalars(select(INVOICES.c.contacts).order_by(INVOICES.c.id)))


def _after(connection: Connection, passed: timedelta) -> int:
    moment = SENT + passed
    return deliveries(connection, moment.date(), moment)["messages.delivered"]


def test_an_email_counts_after_72_hours(connection: Connection, found: Here) -> None:
    _action(connection, found, "email")
    assert _after(connection, timedelta(hours=72, seconds=-1)) == 0
    assert _after(connection, timedelta(hours=72)) == 1
    assert _after(connection, timedelta(hours=73)) == 0
    assert _contacts(connection) == [1, 1, 0]
    assert connection.scalar(select(MESSAGES.c.delivered_on)) == date(2026, 11, 9)
    assert told(connection) == {"message.delivered": 1}


def test_without_an_outbox_its_day_has_to_be_over(connection: Connection, found: Here) -> None:
    _action(connection, found, "email")
    connection.execute(update(MESSAGES).values(outbox_id=None))
    assert _after(connection, timedelta(hours=73)) == 0
    assert _after(connection, timedelta(days=4)) == 1


@pytest.mark.parametrize("mark", [{"bounced_on": SENT.date()}, {"state": "unknown"}, {"state": "failed"}, {"state": "planned"}])
def test_what_bounced_or_may_not_have_left_never_counts(connection: Connection, found: Here, mark: dict[str, Any]) -> None:
    _action(connection, found, "email", "letter", "sms")
    connection.execute(update(MESSAGES).values(mark))
    assert _after(connection, timedelta(days=90)) == 0
    assert _contacts(connection) == [0, 0, 0]


def test_what_went_to_somebody_else_in_rehearsal_never_counts(connection: Connection, found: Here) -> None:
    _action(connection, found, "email", redirected="me@here.example")
    assert _after(connection, timedelta(days=90)) == 0


@pytest.mark.parametrize("channel", ["letter", "registered_letter"])
def test_a_letter_counts_once_three_working_days_have_passed(connection: Connection, found: Here, channel: str) -> None:
    _action(connection, found, channel)
    assert [_after(connection, timedelta(days)) for days in range(8)] == [0, 0, 0, 0, 0, 0, 0, 1]  # Mon 9, Tue 10, Thu 12: on Friday 13
    assert connection.scalar(select(MESSAGES.c.delivered_on)) == date(2026, 11, 12)


@pytest.mark.parametrize("channel", ["sms", "whatsapp", "computer_call", "peppol"])
def test_the_rest_counts_by_report(connection: Connection, found: Here, channel: str) -> None:
    _action(connection, found, channel)
    assert _after(connection, timedelta(days=90)) == 0
    connection.execute(update(MESSAGES).values(state="delivered"))
    assert _after(connection, timedelta(days=91)) == 1
    assert told(connection) == {}  # who reported it told it


@pytest.mark.parametrize(("result", "contacts"), [("answered", 1), ("no answer", 0)])
def test_a_call_counts_when_it_was_answered(connection: Connection, found: Here, result: str, contacts: int) -> None:
    action = _action(connection, found, "call", state="planned")
    call = Task("call:a", "call", found.creditor, found.debtor, found.invoices, at().day, "Call", action=action)
    task = duties.ask(connection, call, at().day)
    assert deliveries(connection, at().day, at().now)["actions.counted"] == 0
    duties.done(connection, task, result, at())
    assert deliveries(connection, at().day, at().now)["actions.counted"] == contacts
    assert _contacts(connection) == [contacts, contacts, 0]


def test_an_action_counts_once_whatever_its_channels(connection: Connection, found: Here) -> None:
    _action(connection, found, "email", "letter", "sms")
    for days in (3, 4, 8, 9):
        _after(connection, timedelta(days))
    assert _contacts(connection) == [1, 1, 0]
    _action(connection, found, "email", key="b")
    assert _after(connection, timedelta(20)) == 1
    assert _contacts(connection) == [2, 2, 0]
