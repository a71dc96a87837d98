"""The run of a day, end to end: a real mail server, a ledger, a clock that stands still until it is moved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from einvoice.database import connect
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables.store.tables import ACTIONS, CONTACTS, DEBTORS, INVOICES, MESSAGES, RUNS
from tests.receivables.run_world import EARLY, MORNING, World, pays, world
from tests.smtp import Mailbox, serving


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[Mailbox]:
    """A mail server of our own."""
    with serving(tmp_path / "mail.log") as found:
        yield found


@pytest.fixture
def made(tmp_path: Path, mail: Mailbox) -> Iterator[World]:
    """A world whose mail goes there."""
    with world(tmp_path, mail) as found:
        yield found


def recipients(mail: Mailbox) -> list[str]:
    return sorted(message.recipients[0] for message in mail.accepted())


def test_each_debtor_gets_one_mail_and_a_second_run_adds_nothing(made: World, mail: Mailbox) -> None:
    made.debtors(5)
    first, second = made.run(), made.run()
    assert recipients(mail) == [f"d{number}@customer.example" for number in range(5)]
    assert (first.saved, first.sent.sent, second.saved, second.sent.sent) == (5, 5, 0, 0)
    assert made.states() == {"actions": ["done"] * 5, "messages": ["sent"] * 5, "outbox": ["sent"] * 5, "tasks": []}


def test_invoices_of_a_debtor_go_into_one_mail(made: World, mail: Mailbox) -> None:
    made.debtor("a", amounts=("100.00", "20.50", "3.00"))
    assert made.run().sent.sent == 1
    assert len(mail.accepted()) == 1


def test_who_paid_hears_nothing_more_and_the_others_the_next_step(made: World, mail: Mailbox) -> None:
    payer, _ = made.debtors(2)
    made.run()
    with connect(made.engine) as connection:
        pays(connection, made, payer)
    made.clock.on(days=10)
    made.run()
    assert recipients(mail) == ["d0@customer.example", "d1@customer.example", "d1@customer.example"]
    made.clock.on(days=11)
    report = made.run()
    assert report.tasks == {"call": 1}
    assert len(mail.accepted()) == 3


def test_before_the_hours_of_contact_it_waits_and_a_later_run_sends(made: World, mail: Mailbox) -> None:
    made.debtors(2)
    early = made.run(EARLY)
    assert (early.saved, early.sent.sent, early.waiting) == (2, 0, 2)
    assert mail.accepted() == []
    assert early.later is not None
    assert made.run(MORNING).sent.sent == 2


def test_what_was_not_sent_in_its_hours_is_withdrawn_and_decided_anew(made: World, mail: Mailbox) -> None:
    made.debtors(1)
    made.run(EARLY)
    made.run(EARLY + timedelta(hours=14))
    assert made.states()["actions"] == ["cancelled"]
    assert made.run(MORNING + timedelta(days=1)).sent.sent == 1
    assert len(mail.accepted()) == 1


def test_a_dry_run_writes_nothing_and_blocks_nothing(made: World, mail: Mailbox, tmp_path: Path) -> None:
    made.debtors(3)
    made.mode("dry_run")
    seen: list[str] = []
    report = made.run(preview=lambda action, letter: seen.append(letter.effect.address))
    assert (report.mode, report.planned) == ("dry_run", {"f.r1 email": 3})
    assert len(seen) == 3
    assert made.states() == {"actions": [], "messages": [], "outbox": [], "tasks": []}
    assert mail.accepted() == []
    made.mode("live")
    assert made.run(silent=True).mode == "dry_run"
    assert made.run().sent.sent == 3


def test_a_rehearsal_goes_to_one_address_once_a_day_and_takes_no_step(made: World, mail: Mailbox) -> None:
    made.debtors(3)
    made.mode("redirect")
    assert [made.run(EARLY).sent.sent, made.run(EARLY).sent.sent] == [3, 0]
    assert recipients(mail) == ["me@acme.example"] * 3
    assert made.states()["actions"] == []
    made.mode("live")
    assert made.run(MORNING).sent.sent == 3
    assert recipients(mail) == [*(f"d{number}@customer.example" for number in range(3)), *["me@acme.example"] * 3]


def test_what_was_queued_live_is_not_redirected(made: World, mail: Mailbox) -> None:
    made.debtors(1)
    made.run(EARLY)
    made.mode("redirect")
    made.run(MORNING)
    assert made.rows(select(OUTBOX.c.owner, OUTBOX.c.state).order_by(OUTBOX.c.id))[0] == ("receivables", "planned")
    made.mode("live")
    made.run(MORNING)
    assert "d0@customer.example" in recipients(mail)


def test_a_mode_that_was_set_back_while_messages_waited_keeps_them(made: World, mail: Mailbox) -> None:
    made.debtors(1)
    made.run(EARLY)
    made.mode("dry_run")
    made.run(MORNING)
    assert mail.accepted() == []


def test_one_failing_debtor_stops_nobody(made: World, mail: Mailbox) -> None:
    made.debtors(3)
    made.debtor("zone", time_zone="Mars/Base")
    report = made.run()
    assert report.sent.sent == 3
    assert len(report.failures) == 1


def test_one_debtor_whose_rows_the_database_refuses_stops_nobody(made: World, mail: Mailbox) -> None:
    debtors = made.debtors(4)
    refuse = f"CREATE TRIGGER no BEFORE INSERT ON messages WHEN NEW.debtor_id = {debtors[1]} BEGIN SELECT RAISE(ABORT, 'no'); END"
    with connect(made.engine) as connection:
        connection.execute(text(refuse))
    report = made.run()
    assert (report.sent.sent, [failure.debtor for failure in report.failures]) == (3, [debtors[1]])
    assert made.states()["actions"] == ["done"] * 3 + ["failed"]
    assert made.states()["tasks"] == ["triage"]


def test_who_has_no_usable_address_becomes_a_task(made: World, mail: Mailbox) -> None:
    made.debtor("a", email="no address")
    made.debtors(1)
    report = made.run()
    assert (report.sent.sent, report.tasks) == (1, {"repair_address": 1})


def test_a_missing_field_fails_that_debtor_alone_and_asks_a_person_once(made: World, mail: Mailbox) -> None:
    made.debtors(1)
    with connect(made.engine) as connection:
        connection.execute(update(DEBTORS).where(DEBTORS.c.key == "d0").values(name=""))
        connection.execute(update(CONTACTS).values(name=None))
    made.debtor("b")
    assert len(made.run().failures) == 1
    made.run()
    assert made.states()["tasks"] == ["triage"]
    assert recipients(mail) == ["b@customer.example"]
    with connect(made.engine) as connection:
        connection.execute(update(DEBTORS).where(DEBTORS.c.key == "d0").values(name="Found"))
    made.clock.on(days=1)
    assert made.run().sent.sent == 1


def test_an_address_that_is_refused_is_flagged_and_a_person_asked(made: World, mail: Mailbox) -> None:
    made.debtor("a", email="refuse@customer.example")
    report = made.run()
    assert (report.sent.failed, report.sent.sent) == (1, 0)
    assert made.rows(select(CONTACTS.c.email_bounced_on)) == [(date(2026, 11, 2),)]
    assert made.states()["actions"] == ["failed"]
    assert made.states()["tasks"] == ["triage"]
    made.clock.on(days=1)
    assert made.run().sent.failed == 0


def test_a_text_that_is_refused_waits_for_a_person(made: World, mail: Mailbox) -> None:
    made.debtor("a", email="refused-text@customer.example")
    made.run()
    assert made.rows(select(CONTACTS.c.email_bounced_on)) == [(None,)]
    made.clock.on(days=1)
    report = made.run()
    assert (report.saved, report.sent.failed) == (0, 0)
    assert made.states()["tasks"] == ["triage"]


def test_a_server_that_is_busy_is_asked_again(made: World, mail: Mailbox) -> None:
    made.debtor("a", email="later@customer.example")
    assert made.run().sent.again == 1
    with connect(made.engine) as connection:
        connection.execute(update(OUTBOX).values(address="a@customer.example"))
        connection.execute(update(CONTACTS).values(email="a@customer.example"))
    made.clock.on(hours=0.5)
    assert made.run().sent.sent == 1


def test_mailboxes_that_are_full_for_now_keep_nobody_else_waiting(made: World, mail: Mailbox) -> None:
    for number in range(6):  # more in a row than a server that does not answer is forgiven
        made.debtor(f"full{number}", email=f"later@customer{number}.example")
    made.debtors(2)
    report = made.run()
    assert (report.sent.again, report.sent.sent) == (6, 2)


def test_what_broke_off_is_unknown_and_never_sent_again(made: World, mail: Mailbox) -> None:
    made.debtor("a", email="break@customer.example")
    assert made.run().sent.unknown == 1
    made.clock.on(hours=1)
    made.run()
    assert len(mail.accepted()) == 1
    assert made.states()["tasks"] == ["unknown"]
    assert made.states()["actions"] == ["done"]


def test_contacts_count_once_after_72_hours(made: World, mail: Mailbox) -> None:
    made.debtors(1)
    made.run()
    made.clock.on(days=2)
    made.run()
    assert made.rows(select(INVOICES.c.contacts)) == [(0,)]
    made.clock.on(days=2)
    made.run()
    made.run()
    assert made.rows(select(INVOICES.c.contacts)) == [(1,)]


def test_every_message_bears_the_hashes_it_was_made_of(made: World, mail: Mailbox) -> None:
    made.debtors(1)
    made.run()
    row = made.rows(select(MESSAGES.c.template, MESSAGES.c.document, ACTIONS.c.policy, ACTIONS.c.rates).join_from(MESSAGES, ACTIONS))[0]
    assert all(len(hashed) == 64 for hashed in row)
    assert row.policy == made.policy.hash
    assert mail.accepted()[0].sha256 == row.document


def test_a_run_is_recorded_with_its_counts(made: World, mail: Mailbox) -> None:
    made.debtors(2)
    made.run()
    row = made.rows(select(RUNS))[0]
    assert (row.mode, row.counts["saved"], row.counts["sent"]) == ("live", 2, 2)
    assert row.finished_at is not None


def test_a_call_about_what_is_paid_is_nobodys_task_any_more(made: World, mail: Mailbox) -> None:
    debtor = made.debtors(1)[0]
    for days in (0, 10, 11):
        made.clock.on(days=days)
        made.run()
    assert made.states()["tasks"] == ["call"]
    with connect(made.engine) as connection:
        pays(connection, made, debtor)
    made.run()
    assert made.states()["tasks"] == []


def test_an_unknown_creditor_is_an_error_with_its_mend(made: World) -> None:
    from einvoice.errors import ReceivablesError
    from einvoice.receivables import law
    from einvoice.receivables.run import run

    with pytest.raises(ReceivablesError):
        run(made.engine, "nobody", made.policy, law.load(), made.settings, clock=made.clock)


def test_what_a_killed_run_saved_is_sent_by_the_next_and_withdrawn_after_its_hours(made: World, mail: Mailbox) -> None:
    from einvoice.receivables import law, store
    from einvoice.receivables.day import planned, setting

    made.debtors(1)
    for moment in (MORNING, MORNING + timedelta(days=1)):  # saved, and then the run died
        made.clock.now = moment
        work = setting(made.engine, "acme", made.policy, law.load(), made.settings, made.clock)
        with connect(made.engine) as connection:
            row = {"creditor_id": made.creditor, "day": work.day, "policy": "p", "mode": "live", "started_at": moment}
            run_id = connection.execute(RUNS.insert().values(row).returning(RUNS.c.id)).scalar_one()
        store.save_all(made.engine, run_id, planned(work).actions)
        if moment == MORNING:
            made.run(MORNING + timedelta(hours=12))
            assert made.states()["actions"] == ["cancelled"]
    made.run()
    assert made.states()["actions"] == ["cancelled", "done"]
    assert recipients(mail) == ["d0@customer.example"]
