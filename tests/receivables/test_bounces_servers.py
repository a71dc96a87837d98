"""Bounces through real servers: a Postfix whose delivery reports come back, a Maildir, a Dovecot over TLS."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from einvoice.database import connect
from einvoice.errors import ReceivablesError, SettingsError
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables import law
from einvoice.receivables.incoming import mailboxes
from einvoice.receivables.incoming.mailboxes import look
from einvoice.receivables.store.tables import CONTACTS, INCOMING, MESSAGES
from einvoice.settings import Smtp
from einvoice.settings.providers import Bounces
from einvoice.settings.values import Secret
from tests import imap, mta
from tests.receivables.bounced import answer, report
from tests.receivables.news import message, results, rules
from tests.receivables.run_world import World, world
from tests.smtp import Mailbox, serving

ADDRESS = {"street": "Main Street 1", "postcode": "1000", "city": "Brussels", "country": "BE"}
RULES = rules(
    "    - {id: r1, offset: 0, all_of: [email], fallback: [letter], firmness: 1}\n"
    "    - {id: r2, offset: 10, all_of: [email], fallback: [letter], firmness: 2}\n"
)


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    with serving(tmp_path_factory.mktemp("mail") / "mail.log") as found:
        yield found


def relayed(where: Path, server: mta.Mta, tagged: str = "no") -> Iterator[World]:
    """A world whose mail goes through a Postfix, with a debtor whose address nobody has, and one who has."""
    with world(where, None, rules=RULES) as made:
        smtp = Smtp(host=server.host, port=server.port, security="none", sender=mta.OURS, timeout=10)
        made.settings = made.settings._replace(smtp=smtp, bounces=Bounces(maildir=server.maildir, tagged=tagged))
        made.debtor("a", email="refuse@customer.example")
        made.debtor("b", email="bob@customer.example")
        with connect(made.engine) as connection:
            connection.execute(update(CONTACTS).values(address=ADDRESS))
        yield made


@pytest.mark.parametrize("tagged", ["no", pytest.param("yes", marks=pytest.mark.slow)])
def test_a_mail_to_nobody_comes_back_and_the_next_step_goes_another_way(tmp_path: Path, others: Mailbox, tagged: str) -> None:
    with mta.running(others.port) as server:
        for made in relayed(tmp_path, server, tagged):
            assert made.run().sent.sent == 2
            assert server.waits(lambda: len(server.arrived()) == 1)
            made.clock.on(days=1)
            found = made.run()
            assert {name: found.clocks[name] for name in ("mails.mails", "mails.of kind status", "mails.settled")} == {
                "mails.mails": 1,
                "mails.of kind status": 1,
                "mails.settled": 1,
            }
            assert server.arrived() == []
            assert made.states()["messages"] == ["bounced", "sent"]
            assert made.states()["tasks"] == ["repair_address"]
            flagged = made.rows(select(CONTACTS.c.email_bounced_on).order_by(CONTACTS.c.id))
            assert [row[0] is not None for row in flagged] == [True, False]
            made.clock.on(days=9)
            made.run()
            second = made.rows(select(MESSAGES.c.channel).order_by(MESSAGES.c.id))
            assert sorted(row[0] for row in second[2:]) == ["email", "letter"]


def test_a_report_that_returns_no_headers_is_known_by_the_address_it_comes_to(tmp_path: Path, others: Mailbox) -> None:
    with mta.running(others.port) as server:
        for made in relayed(tmp_path, server, "yes"):
            made.run()
            tag = message(made, 2).provider[1:41]
            with smtplib.SMTP(server.host, server.port) as smtp:
                to = f"ar+{tag}@acme.example"
                smtp.sendmail("", [to], report(name=None, to=to))
            assert server.waits(lambda: len(server.arrived()) == 2)
            look(made.engine, made.settings, made.clock(), law.load())
            assert made.states()["messages"] == ["bounced", "bounced"]


@pytest.mark.slow
def test_mail_that_nobody_took_in_time_comes_back_and_a_delay_does_not(tmp_path: Path, others: Mailbox) -> None:
    with mta.running(others.port, lifetime=6, warning=1) as server:
        for made in relayed(tmp_path, server):
            with connect(made.engine) as connection:
                connection.execute(update(CONTACTS).where(CONTACTS.c.debtor_id == 1).values(email="later@customer.example"))
            made.run()
            assert server.waits(lambda: len(server.arrived()) == 2, 60)
            counts = look(made.engine, made.settings, made.clock(), law.load())
            assert (counts["of kind delayed"], counts["of kind status"]) == (1, 1)
            row = message(made, 1)
            assert (row.state, row.reason[:2]) == ("bounced", "4.")
            assert made.states()["tasks"] == []


class Boxed:
    """A world with two mails out and some that came in."""

    def __init__(self, made: World) -> None:
        self.made = made
        self.mails = [
            report(name=message(made, 1).provider),
            answer("STOP", to=message(made, 2).provider),
            answer("I am away.", "Auto-Submitted: auto-replied", to=message(made, 2).provider),
            report(name="<forged@acme.example>"),
            b"From: " + b'"(' * 400_000 + b"\r\n\r\nx",
        ]

    def look(self) -> dict[str, int]:
        return dict(look(self.made.engine, self.made.settings, self.made.clock(), law.load()))


WANTED = {
    "heard": 4,
    "kept": 1,
    "mails": 5,
    "of kind auto": 1,
    "of kind reply": 1,
    "of kind status": 2,
    "settled": 3,
    "unreadable": 1,
}


def boxed(where: Path, others: Mailbox) -> Iterator[Boxed]:
    with world(where, others, rules=RULES) as made:
        made.debtor("a")
        made.debtor("b")
        made.run()
        yield Boxed(made)


def test_a_maildir_is_read_once_and_one_bad_mail_stops_nothing(tmp_path: Path, others: Mailbox) -> None:
    for box in boxed(tmp_path, others):
        maildir = tmp_path / "Maildir"
        for name in ("new", "cur", "tmp"):
            (maildir / name).mkdir(parents=True)
        box.made.settings = box.made.settings._replace(bounces=Bounces(maildir=maildir))
        for number, data in enumerate(box.mails):
            (maildir / "new" / f"{number}.x").write_bytes(data)
        assert box.look() == WANTED
        assert sorted(path.name for path in (maildir / "cur").iterdir()) == ["0.x:2,S", "1.x:2,", "2.x:2,S", "3.x:2,S", "4.x:2,"]
        assert box.look() == {}
        assert box.made.states()["messages"] == ["bounced", "sent"]


def test_a_mail_is_marked_after_what_it_tells_is_committed(tmp_path: Path, others: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for box in boxed(tmp_path, others):
        maildir = tmp_path / "Maildir"
        for name in ("new", "cur", "tmp"):
            (maildir / name).mkdir(parents=True)
        (maildir / "new" / "0").write_bytes(box.mails[0])
        box.made.settings = box.made.settings._replace(bounces=Bounces(maildir=maildir))

        def killed(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(mailboxes.MaildirBox, "done", killed)
            with pytest.raises(KeyboardInterrupt):
                box.look()
        assert box.made.states()["messages"] == ["bounced", "sent"]
        assert box.look() == {"known": 1, "mails": 1, "of kind status": 1}
        assert len(box.made.rows(select(INCOMING))) == 1


@pytest.mark.parametrize("security", ["tls", pytest.param("starttls", marks=pytest.mark.slow)])
def test_an_imap_mailbox_is_read_once_and_people_find_their_mails_unseen(
    tmp_path: Path, others: Mailbox, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    for box in boxed(tmp_path, others):
        with imap.running() as server:
            monkeypatch.setenv("IMAP_PASSWORD", imap.PASSWORD)
            port = server.tls if security == "tls" else server.starttls
            bounces = Bounces(host=server.host, port=port, security=security, user=imap.USER, password=Secret("env:IMAP_PASSWORD"))
            box.made.settings = box.made.settings._replace(bounces=bounces)
            for number, data in enumerate(box.mails):
                server.deliver(f"{number}.x", data)
            with pytest.raises(ReceivablesError):  # a certificate that nobody vouches for
                box.look()
            assert box.made.run().clocks["mailboxes.unreadable"] == 1
            monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
            assert box.look() == WANTED
            assert box.look() == {}
            flags = {path.name[0]: path.name.partition(":2,")[2] for path in (server.maildir / "cur").iterdir()}
            assert ["S" in flags[str(number)] for number in range(5)] == [True, False, True, True, False]
            assert box.made.states()["messages"] == ["bounced", "sent"]


def test_settings_that_lead_nowhere_say_so_and_stop_no_run(tmp_path: Path, others: Mailbox) -> None:
    for box in boxed(tmp_path, others):
        for bounces, fault in (
            (Bounces(maildir=tmp_path / "none"), ReceivablesError),
            (Bounces(host="localhost"), SettingsError),
            (Bounces(host="localhost", port=mta.free_port(), user="u", password=Secret(f"file:{tmp_path}/none")), ReceivablesError),
        ):
            box.made.settings = box.made.settings._replace(bounces=bounces)
            with pytest.raises(fault):
                box.look()
            assert box.made.run().clocks["mailboxes.unreadable"] == 1


def test_a_dry_run_leaves_the_mailbox_alone(tmp_path: Path, others: Mailbox) -> None:
    for box in boxed(tmp_path, others):
        maildir = tmp_path / "Maildir"
        (maildir / "new").mkdir(parents=True)
        (maildir / "new" / "0").write_bytes(box.mails[0])
        box.made.settings = box.made.settings._replace(bounces=Bounces(maildir=maildir))
        box.made.run(silent=True)
        assert [path.name for path in (maildir / "new").iterdir()] == ["0"]
        assert results(box.made) == []
        assert numbers_sent(box.made) == 2


def numbers_sent(made: World) -> int:
    """How many messages are sent."""
    return len(made.rows(select(OUTBOX).where(OUTBOX.c.state == "sent")))
