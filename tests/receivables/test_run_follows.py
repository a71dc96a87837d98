"""What follows a message: charges once, notices with the day they are presumed received, other channels, hand-overs, bounces."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select, update

from einvoice.database import connect
from einvoice.outbox import Outcome, State, report
from einvoice.outbox.tables import EVENTS, OUTBOX
from einvoice.receivables import law
from einvoice.receivables.cases.case import At
from einvoice.receivables.cases.tasks import done
from einvoice.receivables.guard import ReceivablesOwner
from einvoice.receivables.store.tables import CHARGES, CONTACTS, CREDITORS, HOLDS, INVOICES, MESSAGES, TASKS, TRANSACTIONS
from tests.receivables.letters import written
from tests.receivables.run_world import EARLY, MORNING, World, withdraws_consent, world
from tests.smtp import Mailbox, serving

ADDRESS = {"street": "Main Street 1", "postcode": "1000", "city": "Brussels", "country": "BE"}


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    with serving(tmp_path_factory.mktemp("mail") / "mail.log") as found:
        yield found


def rules(steps: str) -> str:
    return f'version: 1\nname: tests\nsegments: [{{id: all, when: "true", flow: f}}]\nflows:\n  f:\n{steps}'


def sent(where: Path, mail: Mailbox, steps: str, **debtor: object) -> Iterator[World]:
    with world(where, mail, rules=rules(steps)) as made:
        made.debtor("a", **debtor)  # type: ignore[arg-type]
        with connect(made.engine) as connection:
            connection.execute(update(CONTACTS).values(address=ADDRESS))
        yield made


EMAIL_AND_LETTER = "    - {id: r1, offset: 0, all_of: [email, letter], firmness: 1}\n"
DEMAND = "    - {id: r1, offset: 1, all_of: [email], document: aanmaning, firmness: 3, claims: all}\n"
NOTICE = "    - {id: r1, offset: 2, all_of: [letter], document: statutory_notice, firmness: 3}\n"


def test_mail_and_letter_both_go_and_the_action_is_done_when_both_are(tmp_path: Path, mail: Mailbox) -> None:
    for made in sent(tmp_path, mail, EMAIL_AND_LETTER):
        made.run()
        assert made.states()["messages"] == ["sent", "sent"]
        assert made.states()["actions"] == ["done"]
        assert len(list((tmp_path / "letters").glob("*.json"))) == 1


def test_consent_that_is_withdrawn_stops_its_channel_alone(tmp_path: Path, mail: Mailbox) -> None:
    for made in sent(tmp_path, mail, EMAIL_AND_LETTER):
        made.run(EARLY)
        with connect(made.engine) as connection:
            withdraws_consent(connection, made, 1)
        made.run(MORNING)
        assert made.states()["messages"] == ["cancelled", "sent"]
        assert made.states()["actions"] == ["done"]


def test_charges_are_booked_once_when_the_message_is_sent(tmp_path: Path, mail: Mailbox) -> None:
    for made in sent(tmp_path, mail, DEMAND):
        made.run(EARLY)
        assert made.rows(select(CHARGES)) == []
        made.run(MORNING)
        made.run()
        charges = made.rows(select(CHARGES.c.kind, CHARGES.c.amount))
        assert ("costs", Decimal("40.00")) in charges
        assert len(made.rows(select(TRANSACTIONS).where(TRANSACTIONS.c.kind == "charge"))) == len(charges)
        assert made.rows(select(INVOICES.c.charges))[0].charges == sum(row.amount for row in charges)


def test_a_dutch_consumer_gets_the_letter_whose_costs_are_kept(tmp_path: Path, mail: Mailbox) -> None:
    for made in sent(tmp_path, mail, NOTICE, kind="b2c"):
        made.run()
        row = made.rows(select(INVOICES.c.notice, INVOICES.c.notice_on, INVOICES.c.notice_basis, INVOICES.c.costs_stated))[0]
        letter = written(next((tmp_path / "letters").glob("*.pdf")).read_bytes())
        assert (row.notice, row.costs_stated) == ("nl-14-day-letter", Decimal("40.00"))
        assert row.notice_on > date(2026, 11, 2)
        assert row.notice_basis
        assert "40.00" in letter or "40,00" in letter


def test_a_belgian_reminder_lacks_what_was_bought_and_a_person_is_asked(tmp_path: Path, mail: Mailbox) -> None:
    for made in sent(tmp_path, mail, NOTICE, kind="b2c", country="BE"):
        assert len(made.run().failures) == 1
        assert made.states()["tasks"] == ["triage"]
        with connect(made.engine) as connection:
            connection.execute(update(INVOICES).values(product="Coffee"))
        assert made.run().sent.sent == 1
        assert made.rows(select(INVOICES.c.notice)) == [("be-free-reminder",)]


def test_what_no_channel_here_sends_goes_by_another_or_by_a_person(tmp_path: Path, mail: Mailbox) -> None:
    steps = "    - {id: r1, offset: 0, any_of: [sms, email]}\n    - {id: r2, offset: 3, all_of: [sms]}\n"
    for made in sent(tmp_path, mail, steps):
        assert made.run().queued == {"f.r1 email": 1}
        made.clock.on(days=3)
        assert made.run().tasks == {"send": 1}
        assert "a-1" in made.rows(select(TASKS.c.text))[0].text


def test_a_hand_over_is_a_task_with_its_dossier(tmp_path: Path, mail: Mailbox) -> None:
    steps = "    - {id: r1, offset: 0, handover: collection_agency, final: true}\n"
    with world(tmp_path, mail, rules="limits: {min_contacts_before_collection: 0}\n" + rules(steps)) as made:
        made.debtor("a")
        assert made.run().tasks == {"hand_over": 1}
        assert "collection_agency" in made.rows(select(TASKS.c.text))[0].text
        assert made.rows(select(INVOICES.c.stage)) == [("final",)]
        (task,) = made.rows(select(TASKS.c.id))
        with connect(made.engine) as connection:
            done(connection, task.id, "handed_over", At(made.clock().date(), made.clock(), "ann"))
        assert made.rows(select(INVOICES.c.stage)) == [("handed_over",)]


def test_a_bounce_flags_the_address_tells_other_programs_and_asks_a_person(tmp_path: Path, mail: Mailbox) -> None:
    for made in sent(tmp_path, mail, EMAIL_AND_LETTER):
        made.run()
        owners = {"receivables": ReceivablesOwner(law.load())}
        row = made.rows(select(OUTBOX.c.id).where(OUTBOX.c.channel == "email"))[0]
        for _ in range(2):
            with connect(made.engine) as connection:
                report(connection, row.id, Outcome(State.BOUNCED, reason="no such user"), made.clock(), owners)
        assert made.rows(select(CONTACTS.c.email_bounced_on)) == [(date(2026, 11, 2),)]
        assert [found.type for found in made.rows(select(EVENTS.c.type)) if found.type.startswith("message")] == ["message.bounced"]
        assert made.states()["tasks"] == ["repair_address"]


def test_a_bounce_of_an_address_that_was_changed_meanwhile_leaves_the_new_one_in_use(tmp_path: Path, mail: Mailbox) -> None:
    for made in sent(tmp_path, mail, EMAIL_AND_LETTER):
        made.run()
        row = made.rows(select(OUTBOX.c.id).where(OUTBOX.c.channel == "email"))[0]
        with connect(made.engine) as connection:
            connection.execute(update(CONTACTS).values(email="new@customer.example"))
            owners = {"receivables": ReceivablesOwner(law.load())}
            report(connection, row.id, Outcome(State.BOUNCED, reason="no such user"), made.clock(), owners)
        assert made.rows(select(CONTACTS.c.email_bounced_on)) == [(None,)]


def test_what_is_decided_anew_on_the_same_day_goes_out(tmp_path: Path, mail: Mailbox) -> None:
    for made in sent(tmp_path, mail, EMAIL_AND_LETTER):
        made.run(EARLY)
        with connect(made.engine) as connection:
            hold = {"debtor_id": 1, "reason": "manual", "since": date(2026, 11, 2)}
            connection.execute(HOLDS.insert().values(hold))
        made.run(MORNING)
        assert made.states()["actions"] == ["cancelled"]
        with connect(made.engine) as connection:
            connection.execute(update(HOLDS).values(ended_on=date(2026, 11, 2)))
        assert made.run().sent.sent == 2
        assert made.states()["messages"] == ["cancelled", "cancelled", "sent", "sent"]


def test_what_the_outbox_knows_and_we_do_not_is_followed_up_by_the_next_run(tmp_path: Path, mail: Mailbox) -> None:
    for made in sent(tmp_path, mail, EMAIL_AND_LETTER):
        made.run(EARLY)
        with connect(made.engine) as connection:
            connection.execute(update(OUTBOX).values(state="sent", sent_at=made.clock()))
        made.run(MORNING)
        assert made.states()["messages"] == ["sent", "sent"]
        assert made.rows(select(MESSAGES.c.sent_on)) == [(date(2026, 11, 2),)] * 2
        assert made.states()["actions"] == ["done"]


def test_a_creditor_without_account_fails_each_and_says_why(tmp_path: Path, mail: Mailbox) -> None:
    for made in sent(tmp_path, mail, EMAIL_AND_LETTER):
        with connect(made.engine) as connection:
            connection.execute(update(CREDITORS).values(iban=None))
        assert "IBAN" in made.run().failures[0].reason


COPIED = "    - {id: r1, offset: 0, all_of: [email], to: finance, cc: [cfo]}\n"


@pytest.mark.parametrize(("mode", "wanted"), [("live", ("f@a.example", "cfo@a.example")), ("redirect", ("me@acme.example",))])
def test_copies_go_along_and_never_in_a_rehearsal(tmp_path: Path, mail: Mailbox, mode: str, wanted: tuple[str, ...]) -> None:
    for made in sent(tmp_path, mail, COPIED):
        with connect(made.engine) as connection:
            rows = [
                {"debtor_id": 1, "role": role, "email": email} for role, email in (("finance", "f@a.example"), ("cfo", "cfo@a.example"))
            ]
            connection.execute(CONTACTS.insert(), rows)
        made.mode(mode)
        made.run()
        assert mail.accepted()[-1].recipients == wanted


def test_what_is_unknown_is_told_to_other_programs_and_to_a_person(tmp_path: Path, mail: Mailbox) -> None:
    for made in sent(tmp_path, mail, COPIED, email="break@customer.example"):
        made.run()
        assert [found.type for found in made.rows(select(EVENTS.c.type)) if found.type.startswith("message")] == ["message.unknown"]
        assert made.states()["tasks"] == ["unknown"]


def test_an_address_that_was_refused_is_left_for_another_channel_on_the_same_day(tmp_path: Path, mail: Mailbox) -> None:
    steps = "    - {id: r1, offset: 0, any_of: [email, letter]}\n"
    for made in sent(tmp_path, mail, steps, email="refuse@customer.example"):
        assert made.run().sent.failed == 1
        assert made.run().queued == {"f.r1 letter": 1}
        assert len(list((tmp_path / "letters").glob("*.json"))) == 1
