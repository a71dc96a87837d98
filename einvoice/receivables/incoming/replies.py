"""What follows when a person answers: STOP ends the channel, "paid" pauses, everything else goes to a person with its text.

| Answer | What follows |
|---|---|
| STOP and its like | consent to that channel is withdrawn, for every debtor reached at that number |
| START and its like | consent to it is given again |
| paid | the invoices pause for a week (`payment_pending`); said again, a person looks for the payment |
| anything else | a task with the text, and follow-up pauses for three days or until the task is done |

A mail that names none of our messages does none of this by itself: whoever it says it is from, it goes to a person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, exists, select

from einvoice.receivables.aftermath import Receipts, heard
from einvoice.receivables.cases.holds import hold
from einvoice.receivables.cases.tasks import Task, ask
from einvoice.receivables.documents.words import spoken
from einvoice.receivables.incoming.answers import meaning, tables
from einvoice.receivables.incoming.following import Came
from einvoice.receivables.incoming.port import News
from einvoice.receivables.incoming.senders import Writer, writers
from einvoice.receivables.ledger.parties import consent
from einvoice.receivables.snapshot import Reason
from einvoice.receivables.store.tables import CREDITORS, DEBTORS, HOLDS, INVOICES, TAKEN

_LONGEST = 4_000
_LATELY = timedelta(days=60)


def reply(connection: Connection, source: str, news: News, now: datetime, law: Receipts) -> Came:  # noqa: ARG001 - one signature
    """Follows an answer up."""
    found = writers(connection, news)
    if not found:
        return Came("nobody's: no debtor is known by it")
    channel, word = str(news.more.get("channel", "email")), meaning(news.text)
    is_sure = channel != "email" or found[0].action is not None
    if not is_sure or news.more.get("by") == "program":
        word = "other"
    if word in ("stop", "start"):
        for one in found:
            consent(connection, one.debtor, channel, word == "start", news.at or now, f"answer by {channel}: {news.text.strip()[:80]}")
        return Came(f"consent to {channel} {'given' if word == 'start' else 'withdrawn'}", debtor=found[0].debtor)
    person = Person(connection, source, news, found[0], now)
    person.answered()
    return Came(person.says_paid() if word == "paid" else person.says(), debtor=found[0].debtor)


class Person:
    """A debtor who wrote something, and about which invoices."""

    def __init__(self, connection: Connection, source: str, news: News, writer: Writer, now: datetime) -> None:
        self._connection = connection
        self._news = news
        self._writer = writer
        self.row = _debtor(connection, writer.debtor)
        self.day = now.astimezone(ZoneInfo(self.row.time_zone)).date()
        self._invoices = open_invoices(connection, writer)
        self._key = hashlib.sha256(f"{source} {news.key}".encode()).hexdigest()[:40]

    def answered(self) -> None:
        """Notes that the last message was not ignored."""
        heard(self._connection, [row.id for row in self._invoices], self.day)

    def says_paid(self) -> str:
        """Pauses what is open; a second time a person looks."""
        ids = [row.id for row in self._invoices]
        if not ids:
            return "paid: nothing is open"
        if self._was_pending(ids):
            self._ask("paid")
            return "paid: said again, a person looks"
        until = self.day + timedelta(days=tables()["pending_days"])
        hold(self._connection, self._writer.debtor, Reason.PAYMENT_PENDING, self.day, invoices=ids, until=until)
        return f"paid: paused through {until}"

    def says(self) -> str:
        """Asks a person; while they have it, nobody is reminded."""
        is_program = self._news.more.get("by") == "program"
        task = self._ask("program" if is_program else "reply")
        if not is_program:
            until = self.day + timedelta(days=tables()["waits_days"])
            hold(self._connection, self._writer.debtor, Reason.MANUAL, self.day, until=until, case=task)
        return f"task {task}"

    def _was_pending(self, invoices: Sequence[int]) -> bool:
        """Whether it was said of one of the invoices lately."""
        said = (HOLDS.c.debtor_id == self._writer.debtor, HOLDS.c.reason == Reason.PAYMENT_PENDING.value)
        lately = HOLDS.c.since >= self.day - _LATELY
        return bool(self._connection.scalar(select(exists().where(*said, HOLDS.c.invoice_id.in_(invoices), lately))))

    def _ask(self, kind: str) -> int:
        texts = tables()["tasks"][spoken(self.row.language)]
        numbers = ", ".join(row.number for row in self._invoices[:5]) + (" …" if len(self._invoices) > 5 else "")
        text = texts[kind].format(
            debtor=self.row.name,
            channel=self._news.more.get("channel", "email"),
            about=texts["about"].format(numbers=numbers) if numbers else "",
            text=readable(self._news.text),
        )
        ids = tuple(row.id for row in self._invoices)
        task = Task(f"reply:{self._key}", "triage", self.row.creditor_id, self._writer.debtor, ids, self.day, text)
        return ask(self._connection, task._replace(action=self._writer.action), self.day)


def open_invoices(connection: Connection, writer: Writer) -> Sequence[Any]:
    """The invoices that an answer is about, as far as something is open: those of the message, else all of the debtor."""
    found = select(INVOICES.c.id, INVOICES.c.number).where(INVOICES.c.debtor_id == writer.debtor, INVOICES.c.open > 0)
    if writer.action is not None:
        found = found.where(INVOICES.c.id.in_(select(TAKEN.c.invoice_id).where(TAKEN.c.action_id == writer.action)))
    return connection.execute(found.order_by(INVOICES.c.due, INVOICES.c.id)).all()


def readable(text: str) -> str:
    """Text as a person is shown it: signs that can be shown, and not without end."""
    kept = "".join(sign for sign in text.encode("utf-8", "replace").decode() if sign.isprintable() or sign in "\n\t")
    return kept if len(kept) <= _LONGEST else f"{kept[:_LONGEST]} …"


def _debtor(connection: Connection, debtor: int) -> Any:
    wanted = (DEBTORS.c.name, DEBTORS.c.creditor_id, CREDITORS.c.language, CREDITORS.c.time_zone)
    return connection.execute(select(*wanted).join(CREDITORS, CREDITORS.c.id == DEBTORS.c.creditor_id).where(DEBTORS.c.id == debtor)).one()
