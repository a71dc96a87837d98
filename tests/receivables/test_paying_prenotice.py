"""Pre-notifications through the outbox and a real mail server: announced once it was sent, never collected before."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
import pytest
from sqlalchemy import select, update

from einvoice.database import connect
from einvoice.errors import ReceivablesError
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables.cases.case import At
from einvoice.receivables.paying import pain008, prenotice, proposing
from einvoice.receivables.store.tables import COLLECTIONS, CONTACTS, CREDITORS, TASKS
from einvoice.receivables.verify import verify
from einvoice.settings import Sending
from tests import smtp
from tests.receivables.paying_debits import Debits, held_of, mandate
from tests.receivables.run_world import World, pays, world

LIVE = Sending(mode="live", workers=1)


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[smtp.Mailbox]:
    """A mail server."""
    with smtp.serving(tmp_path_factory.mktemp("mail") / "log") as box:
        yield box


@pytest.fixture
def made(tmp_path: Path, mail: smtp.Mailbox) -> Iterator[World]:
    """A world with a creditor that collects."""
    with world(tmp_path, mail) as found:
        with connect(found.engine) as connection:
            connection.execute(update(CREDITORS).values(sepa_id="NL08ZZZ502057730000"))
        yield found


def _at(made: World) -> At:
    return At(made.clock().date(), made.clock(), "ann")


def _debtor(made: World, key: str, **values: Any) -> int:
    who = made.debtor(key, **values)
    with connect(made.engine) as connection:
        mandate(connection, Debits(made.creditor, who, ()))
    return who


def _announce(made: World, channels: frozenset[str] = frozenset({"email", "letter"})) -> prenotice.Announced:
    with connect(made.engine) as connection:
        proposing.plan(connection, made.creditor, made.policy, _at(made))
        return prenotice.announce(connection, made.creditor, prenotice.Press(channels), _at(made))


def _rows(made: World) -> list[Any]:
    return made.rows(select(COLLECTIONS).order_by(COLLECTIONS.c.id))


def test_it_is_sent_once_and_then_announced(made: World, mail: smtp.Mailbox) -> None:
    _debtor(made, "a", language="nl")
    before = len(mail.accepted())
    assert _announce(made).queued == {"email": 1}
    assert _announce(made).queued == {"email": 1}
    assert [row.state for row in _rows(made)] == ["planned"]
    made.run()
    made.run()
    assert len(mail.accepted()) == before + 1  # and no reminder: the debit is under way
    (row,) = _rows(made)
    assert (row.state, row.announced_on) == ("announced", date(2026, 11, 2))
    (payload,) = made.rows(select(OUTBOX.c.payload).where(OUTBOX.c.owner == prenotice.OWNER))
    said = email.message_from_bytes(payload[0], policy=email.policy.default)
    text = said.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    for part in ("100,00", "17 november 2026", "a-1", f"M-{row.debtor_id}", "NL08ZZZ502057730000", "4300"):
        assert part in text.replace("\xa0", " "), part
    assert "NL91ABNA0417164300" not in text
    (headers,) = made.rows(select(OUTBOX.c.headers).where(OUTBOX.c.owner == prenotice.OWNER))
    with connect(made.engine) as connection:
        found = verify(connection, headers[0]["code"])
    assert found is not None
    assert (found.left, found.document, found.creditor, found.amount) == (True, "prenotice", "Creditor acme", Decimal("100.00"))
    assert headers[0]["code"] in text


def test_a_letter_where_there_is_no_mail_address(made: World, tmp_path: Path) -> None:
    who = _debtor(made, "a")
    home = {"street": "Dam 1", "postcode": "1012 JS", "city": "Amsterdam", "country": "NL"}
    with connect(made.engine) as connection:
        connection.execute(update(CONTACTS).where(CONTACTS.c.debtor_id == who).values(email=None, address=home))
    assert _announce(made).queued == {"letter": 1}
    made.run()
    assert [row.state for row in _rows(made)] == ["announced"]
    (path,) = (tmp_path / "letters").glob("*.pdf")
    with pypdfium2.PdfDocument(path.read_bytes()) as document:
        text = document[0].get_textpage().get_text_bounded()
    assert "NL08ZZZ502057730000" in text


def test_who_is_not_reached_is_not_collected(made: World) -> None:
    _debtor(made, "a")
    assert len(_announce(made, frozenset()).unreached) == 1
    assert [(row.state, row.reason) for row in _rows(made)] == [("cancelled", "UNSENT")]
    assert [row.kind for row in made.rows(select(TASKS.c.kind))] == ["triage"]
    with connect(made.engine) as connection:
        assert held_of(connection, made.clock().date()) == set()


@pytest.mark.parametrize("address", ["refuse@customer.example", "break@customer.example"])
def test_what_did_not_surely_arrive_is_not_collected(made: World, address: str) -> None:
    _debtor(made, "a", email=address)
    _announce(made)
    made.run()
    assert [(row.state, row.reason) for row in _rows(made)] == [("cancelled", "UNSENT")]
    assert "triage" in [row.kind for row in made.rows(select(TASKS.c.kind))]


def test_what_is_paid_meanwhile_is_not_announced(made: World, mail: smtp.Mailbox) -> None:
    who = _debtor(made, "a")
    _announce(made)
    before = len(mail.accepted())
    with connect(made.engine) as connection:
        pays(connection, made, who)
    made.run()
    assert len(mail.accepted()) == before
    assert [row.state for row in _rows(made)] == ["cancelled"]


def test_without_a_creditor_identifier_nothing_is_announced(made: World) -> None:
    _debtor(made, "a")
    with connect(made.engine) as connection:
        connection.execute(update(CREDITORS).values(sepa_id=None))
    with pytest.raises(ReceivablesError):
        _announce(made)


def test_from_plan_to_file_and_the_money_nobody_is_reminded(made: World, mail: smtp.Mailbox) -> None:
    from einvoice.receivables.ledger import Booking
    from einvoice.receivables.paying.collections import collected
    from einvoice.receivables.paying.returns import returned

    _debtor(made, "a", pay_day=20)
    _announce(made)
    made.run()
    sent = len(mail.accepted())
    for day in range(3, 19):
        made.run(made.clock() + timedelta(days=1))
        with connect(made.engine) as connection:
            files = pain008.export(connection, made.creditor, LIVE, _at(made)).files
        assert bool(files) == (day == 6), day
    assert len(mail.accepted()) == sent
    (row,) = _rows(made)
    assert (row.due, row.state) == (date(2026, 11, 20), "exported")
    booked = Booking(date(2026, 11, 20), "bank", made.clock())
    with connect(made.engine) as connection:
        collected(connection, made.creditor, row.end_to_end, Decimal("100.00"), row.due, booked)
    made.clock.on(days=2)
    made.run()
    assert len(mail.accepted()) == sent
    with connect(made.engine) as connection:
        returned(connection, made.creditor, row.end_to_end, "MD06", date(2026, 11, 23), booked._replace(day=date(2026, 11, 23)))
    made.clock.on(days=4)
    made.run()
    assert len(mail.accepted()) == sent + 1  # open again: follow-up goes on
