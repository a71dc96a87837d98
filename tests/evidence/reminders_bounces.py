"""Bounces through real servers: a Postfix whose delivery reports come back, a Dovecot over TLS."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count as numbers
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Any

from tests.evidence import Figure, figure, scaled

if TYPE_CHECKING:
    from tests.imap import Imap


@figure("smtp-bounce", bar="each mail to nobody comes back, is known, flags its contact, next is a letter; nobody else's", item=2)
def smtp_bounce() -> Figure:
    """Mails through a Postfix, half of them to addresses that the next server refuses; a run reads the delivery reports."""
    from sqlalchemy import select, update

    from einvoice.database import connect
    from einvoice.receivables.store.tables import CONTACTS, MESSAGES, TASKS
    from tests import mta
    from tests.receivables.test_bounces_servers import ADDRESS, relayed
    from tests.smtp import serving

    count = scaled(200)
    with TemporaryDirectory() as name, serving(Path(name) / "mail.log") as others, mta.running(others.port) as server:
        for made in relayed(Path(name), server):
            for number in range(count):
                made.debtor(f"d{number}", email=f"{'refuse' if number % 2 else 'd'}@d{number}.customer.example")
            with connect(made.engine) as connection:
                connection.execute(update(CONTACTS).values(address=ADDRESS))
            started = perf_counter()
            sent, nobody = made.run().sent.sent, count // 2 + 1
            came = server.waits(lambda wanted=nobody: len(server.arrived()) >= wanted, 120)  # type: ignore[misc]
            made.clock.on(days=1)
            made.run()
            bounced = set(made.rows(select(MESSAGES.c.contact_id).where(MESSAGES.c.state == "bounced")))
            flagged = set(made.rows(select(CONTACTS.c.id).where(CONTACTS.c.email_bounced_on.is_not(None))))
            refused = set(made.rows(select(CONTACTS.c.id).where(CONTACTS.c.email.startswith("refuse@"))))
            tasks = len(made.rows(select(TASKS.c.id).where(TASKS.c.kind == "repair_address")))
            took = perf_counter() - started
            made.clock.on(days=9)
            again = made.run().queued
            holds = came and bounced == flagged == refused and tasks == nobody == again.get("f.r2 letter") and not server.arrived()
            text = f"{sent} mails, {nobody} to nobody: {len(bounced)} came back and were known, {again.get('f.r2 letter', 0)} letters next"
            return Figure(f"{text}; {took:.1f} s", holds and sent == count + 2 and again.get("f.r2 email") == sent - nobody)
    raise AssertionError("no world")


@figure("imap", bar="each mail of a mailbox is heard once, also after a break; people's mails stay unseen; a bad one stops none", item=2)
def imap_mailbox() -> Figure:
    """A Dovecot over TLS: reports, answers, noise; the reading is broken off half-way and goes on."""
    from sqlalchemy import func, select

    from einvoice.receivables import law
    from einvoice.receivables.incoming.mailboxes import look
    from einvoice.receivables.store.tables import INCOMING
    from einvoice.settings.providers import Bounces
    from einvoice.settings.values import Secret
    from tests import imap
    from tests.receivables.run_world import world

    count = scaled(300)
    with TemporaryDirectory() as name, imap.running() as server, world(Path(name)) as made, _trusted(server):
        bounces = Bounces(host=server.host, port=server.tls, user=imap.USER, password=Secret("env:EINVOICE_TEST_IMAP"))
        made.settings = made.settings._replace(bounces=bounces)
        kinds = _filled(server, count)
        started, broke = perf_counter(), False
        try:
            with _broken_off(count // 2):
                look(made.engine, made.settings, made.clock(), law.load())
        except KeyboardInterrupt:
            broke = True
        second, third = (look(made.engine, made.settings, made.clock(), law.load()) for _ in range(2))
        took = perf_counter() - started
        heard = made.rows(select(func.count()).select_from(INCOMING))[0][0]
        unseen = sum("S" not in path.name.partition(":2,")[2] for path in (server.maildir / "cur").iterdir())
    holds = broke and third == {} and heard == kinds["report"] + kinds["answer"] and unseen == kinds["answer"] + kinds["noise"]
    text = f"{count} mails: {heard} heard once, {kinds['noise']} left for people, {second.get('known', 0)} met again after the break"
    return Figure(f"{text}; {count / took:.0f} a second", holds)


def _filled(server: Imap, count: int) -> Counter[str]:
    """Puts mails of three kinds into a mailbox: reports, answers, and what cannot be read; how many of each."""
    from tests.receivables.bounced import answer, report

    kinds: Counter[str] = Counter()
    for number in range(count):
        kind = ("report", "answer", "noise")[number % 3]
        kinds[kind] += 1
        mails = {"report": report(name=f"<{number}@x>"), "answer": answer(f"text {number}", to=None), "noise": b"From: " + b'"(' * 9_000}
        server.deliver(f"{number}.x", mails[kind] + str(number).encode())
    return kinds


@contextmanager
def _broken_off(after: int) -> Iterator[None]:
    """The reading of mailboxes breaks off before it marks a mail."""
    from einvoice.receivables.incoming import imap as reading

    original, met = reading.ImapBox.done, numbers()

    def breaks(box: Any, name: str, *, seen: bool) -> None:
        if next(met) == after:
            raise KeyboardInterrupt
        original(box, name, seen=seen)

    with ExitStack() as stack:
        stack.callback(setattr, reading.ImapBox, "done", original)
        setattr(reading.ImapBox, "done", breaks)  # noqa: B010 - a method is replaced for a while
        yield


@contextmanager
def _trusted(server: Imap) -> Iterator[None]:
    """The server's certificate is trusted, its password known."""
    from tests import imap

    before = dict(os.environ)
    os.environ |= {"SSL_CERT_FILE": str(server.certificate), "EINVOICE_TEST_IMAP": imap.PASSWORD}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
