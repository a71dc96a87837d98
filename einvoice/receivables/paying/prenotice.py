"""Pre-notification: a debtor hears of a direct debit before it is collected, by e-mail or letter through the outbox.

A collection that was not announced, or too late, is never handed to the bank: it counts as announced on the day on which its message
was sent (EPC016-06, 4.3.1: at the latest 14 calendar days before the due date unless agreed otherwise).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select, update

from einvoice.outbox import Effect, Outcome, Permission, State, add_all
from einvoice.receivables.cases.case import At
from einvoice.receivables.cases.tasks import Task, ask
from einvoice.receivables.channels.mime import Mail, Mailbox, composed, usable
from einvoice.receivables.documents.content import Content, Line, Table
from einvoice.receivables.documents.facts import Loaded, address, reached
from einvoice.receivables.documents.words import day as written_day
from einvoice.receivables.documents.words import money, spoken
from einvoice.receivables.paying.collections import withdraw
from einvoice.receivables.paying.standing import still_collects
from einvoice.receivables.store.tables import COLLECTIONS, CONTACTS, CREDITORS, DEBTORS, INVOICES, MANDATES

OWNER = "debits"
CHANNELS = ("email", "letter")
ROLE = "finance"
_SENT = frozenset({State.SENT, State.DELIVERED})
_LOST = frozenset({State.FAILED, State.DEAD, State.BOUNCED, State.UNKNOWN, State.CANCELLED})


class Announced(NamedTuple):
    """What was put into the outbox, by channel, and the collections whose debtor no channel reaches."""

    queued: Mapping[str, int]
    unreached: tuple[int, ...]


def announce(connection: Connection, creditor: int, channels: frozenset[str], sender: str | None, at: At) -> Announced:
    """Puts a pre-notification of every planned collection into the outbox, each once; `sender` is where mail comes from.

    Where no channel reaches a debtor, its collection is withdrawn and a person is asked.
    """
    planned = select(COLLECTIONS).where(COLLECTIONS.c.creditor_id == creditor, COLLECTIONS.c.state == "planned")
    rows = connection.execute(planned.order_by(COLLECTIONS.c.id)).all()
    found = _loaded(connection, creditor, rows)
    queued: dict[str, int] = {}
    unreached: list[int] = []
    for row in rows:
        effect = _effect(connection, found, row, channels, sender, at.now)
        if effect is None:
            withdraw(connection, row.id, "UNSENT", at)
            _ask(connection, row, f"nothing reaches {found.debtors[row.debtor_id].name} to announce it", at)
            unreached.append(row.id)
            continue
        add_all(connection, (effect,), at.now)
        queued[effect.channel] = queued.get(effect.channel, 0) + 1
    return Announced(queued, tuple(unreached))


def said(connection: Connection, found: Loaded, row: Row[Any], name: str, language: str) -> Content:
    """What a pre-notification says."""
    texts = _words()[language]
    mandate = connection.execute(select(MANDATES).where(MANDATES.c.id == row.mandate_id)).one()
    debts = [(found.invoices[ref], share) for ref, share in row.invoices]
    creditor = found.creditor
    fields = {
        "name": name,
        "day": written_day(row.due, language),
        "total": money(row.amount, row.currency, language),
        "account": f"… {mandate.iban[-4:]}",
        "invoices": ", ".join(invoice.number for invoice, _ in debts),
        "mandate": mandate.reference,
        "sepa_id": creditor["sepa_id"] or "–",
        "creditor": creditor["name"],
        "contact": ", ".join(str(creditor[way]) for way in ("email", "phone") if creditor[way]) or creditor["name"],
    }
    lines = [
        Line("invoice", (one.number, written_day(one.due, language), money(Decimal(share), row.currency, language))) for one, share in debts
    ]
    lines.append(Line("total", (texts["total"], "", fields["total"])))
    say = {key: text.format(**fields) for key, text in texts.items() if isinstance(text, str)}
    short = say["short"]
    return Content(
        document="prenotification",
        language=language,
        subject=say["subject"],
        greeting=say["greeting"],
        opening=tuple(text.format(**fields) for text in texts["text"]),
        table=Table(tuple(texts["columns"]), tuple(lines)),
        remarks=(),
        transfer=None,
        links=(),
        contact=say["contact"],
        closing=say["closing"],
        signature=(str(creditor["name"]),),
        short=short,
        spoken=short,
        script=short,
        code="",
        check="",
        template="",
    )


class DebitOwner:
    """Who permits pre-notifications, and follows up what becomes of them."""

    def may_send(self, connection: Connection, effect: Effect, now: datetime) -> Permission:
        """Withdraws one whose collection is no longer right: paid meanwhile, held, without a mandate, or too late."""
        row = _collection(connection, effect)
        if row is None or row.state != "planned":
            return Permission(cancel="collection: it is no longer planned")
        return Permission(cancel=still_collects(connection, row, _day(connection, row, now), announced=_day(connection, row, now)))

    def happened(self, connection: Connection, effect: Effect, was: State, outcome: Outcome, now: datetime) -> None:  # noqa: ARG002 - the outbox's signature
        """Announced once it was sent; what was not, or came back, is not collected, and a person hears of it."""
        row = _collection(connection, effect)
        if row is None or row.state not in ("planned", "announced"):
            return
        at = At(_day(connection, row, now), now, OWNER)
        if outcome.state in _SENT and row.state == "planned":
            connection.execute(update(COLLECTIONS).where(COLLECTIONS.c.id == row.id).values(state="announced", announced_on=at.day))
        elif outcome.state in _LOST:
            withdraw(connection, row.id, "UNSENT", at)
            if outcome.state is not State.CANCELLED:
                _ask(connection, row, f"its announcement is {outcome.state.value} ({outcome.reason or 'no reason given'})", at)


def _effect(
    connection: Connection, found: Loaded, row: Row[Any], channels: frozenset[str], sender: str | None, now: datetime
) -> Effect | None:
    for channel in CHANNELS:
        contact = reached(found, row.debtor_id, None, ROLE, channel) if channel in channels else None
        mail_from = sender or found.creditor["email"]
        if contact is None or (channel == "email" and not mail_from):
            continue
        debtor = found.debtors[row.debtor_id]
        language = spoken(contact.language or debtor.language or found.creditor["language"])
        content = said(connection, found, row, contact.first_name or contact.name or debtor.name, language)
        key = f"debit:{row.id}:{row.end_to_end}"
        where = str(address(found, contact, channel))
        moment = now.replace(microsecond=0)
        if channel == "email":
            payload, headers = _mail(key, content, found, Mailbox(contact.name or debtor.name, where), str(mail_from), moment)
            where = usable(where)
        else:
            payload, headers = _letter(content, where, moment)
        return Effect(key, OWNER, f"collection:{row.id}", channel, where, payload, headers)
    return None


def _mail(key: str, content: Content, found: Loaded, to: Mailbox, sender: str, moment: datetime) -> tuple[bytes, dict[str, Any]]:
    here = Mailbox(str(found.creditor["name"]), sender)
    text = plain_text(content)
    mail = Mail(key, here, to, (), content.subject, text, content.language, moment, found.creditor["email"])
    return composed(mail), {"sender": sender, "type": "message/rfc822", "title": content.subject, "language": content.language}


def _letter(content: Content, where: str, moment: datetime) -> tuple[bytes, dict[str, Any]]:
    text = f"{where}\n\n{written_day(moment.date(), content.language)}\n\n{content.subject}\n\n{plain_text(content)}"
    return text.encode(), {"type": "text/plain", "title": content.subject, "language": content.language}


def plain_text(content: Content) -> str:
    """A pre-notification as text: sentences, the table with its amounts on the right, who to ask."""
    rows = [content.table.columns, *(line.cells for line in content.table.lines)] if content.table else []
    wide = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))] if rows else []
    table = "\n".join(
        "  ".join([*(cell.ljust(size) for cell, size in zip(row[:-1], wide, strict=False)), row[-1].rjust(wide[-1])]) for row in rows
    )
    signed = "\n".join((content.closing, *content.signature))
    return "\n\n".join(part for part in (content.greeting, *content.opening, table, content.contact, signed) if part) + "\n"


def _fitted(row: Sequence[str], wide: Sequence[int]) -> list[str]:
    """The cells of a row, as wide as their columns, the last on the right."""
    return [*(cell.ljust(size) for cell, size in zip(row[:-1], wide, strict=False)), row[-1].rjust(wide[-1])]


def _loaded(connection: Connection, creditor: int, rows: Any) -> Loaded:
    debtors = {row.debtor_id for row in rows}
    contacts = connection.execute(select(CONTACTS).where(CONTACTS.c.debtor_id.in_(debtors)).order_by(CONTACTS.c.id)).all()
    of_debtor: dict[int, list[Row[Any]]] = {}
    for contact in contacts:
        of_debtor.setdefault(contact.debtor_id, []).append(contact)
    invoices = {ref for row in rows for ref, _ in row.invoices}
    return Loaded(
        creditor=connection.execute(select(CREDITORS).where(CREDITORS.c.id == creditor)).one()._asdict(),
        debtors={row.id: row for row in connection.execute(select(DEBTORS).where(DEBTORS.c.id.in_(debtors)))},
        contacts={contact.id: contact for contact in contacts},
        of_debtor=of_debtor,
        invoices={row.id: row for row in connection.execute(select(INVOICES).where(INVOICES.c.id.in_(invoices)))},
    )


def _collection(connection: Connection, effect: Effect) -> Row[Any] | None:
    ref = effect.subject.partition(":")[2]
    return connection.execute(select(COLLECTIONS).where(COLLECTIONS.c.id == int(ref)).with_for_update()).one_or_none()


def _day(connection: Connection, row: Row[Any], now: datetime) -> Any:
    zone = connection.scalar(select(CREDITORS.c.time_zone).where(CREDITORS.c.id == row.creditor_id))
    return now.astimezone(ZoneInfo(str(zone))).date()


def _ask(connection: Connection, row: Row[Any], why: str, at: At) -> None:
    text = (
        f"A direct debit of {row.amount} {row.currency} on {row.due} is not collected: {why}. Correct that, or ask for the money otherwise."
    )
    invoices = tuple(ref for ref, _ in row.invoices)
    ask(
        connection,
        Task(f"debit-unsent:{row.creditor_id}:{row.end_to_end}", "triage", row.creditor_id, row.debtor_id, invoices, at.day, text),
        at.day,
    )


@cache
def _words() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(files("einvoice.receivables.paying").joinpath("prenotice.json").read_text("utf-8"))
    return found
