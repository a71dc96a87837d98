"""Pre-notification: a debtor hears of a direct debit before it is collected, by e-mail or letter through the outbox.

A collection that was not announced, or too late, is never handed to the bank: it counts as announced on the day on which its message
was sent (EPC016-06, 4.3.1: at the latest 14 calendar days before the due date unless agreed otherwise).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select, update

from einvoice.errors import EInvoiceError
from einvoice.outbox import Effect, Outcome, Permission, State, add_all
from einvoice.receivables.cases.case import At
from einvoice.receivables.cases.tasks import Task, ask
from einvoice.receivables.channels.mime import Mailbox
from einvoice.receivables.documents.compose_papers import prenotice
from einvoice.receivables.documents.content import Content
from einvoice.receivables.documents.facts import Loaded, address, reached
from einvoice.receivables.documents.forms_effects import Way, effect
from einvoice.receivables.documents.parties import Debt, Party, postal
from einvoice.receivables.documents.templates import Templates
from einvoice.receivables.documents.words import spoken
from einvoice.receivables.paying.collections import withdraw
from einvoice.receivables.paying.identifiers import complete
from einvoice.receivables.paying.standing import still_collects
from einvoice.receivables.store.tables import COLLECTIONS, CONTACTS, CREDITORS, DEBTORS, INVOICES, MANDATES
from einvoice.rendering.house import House

OWNER = "debits"
CHANNELS = ("email", "letter")
ROLE = "finance"
_SENT = frozenset({State.SENT, State.DELIVERED})
_LOST = frozenset({State.FAILED, State.DEAD, State.BOUNCED, State.UNKNOWN, State.CANCELLED})


class Press(NamedTuple):
    """What pre-notifications are made with: the channels there are, where mail comes from, house style and templates."""

    channels: frozenset[str]
    sender: str | None = None
    house: House = House()
    templates: Templates | None = None


class Announced(NamedTuple):
    """What was put into the outbox, by channel, and the collections whose debtor no channel reaches."""

    queued: Mapping[str, int]
    unreached: tuple[int, ...]


def announce(connection: Connection, creditor: int, press: Press, at: At) -> Announced:
    """Puts a pre-notification of every planned collection into the outbox, each once.

    Where no channel reaches a debtor, or something that the text needs is missing, its collection is withdrawn and a person is asked.
    Raises ReceivablesError where the creditor lacks what a direct debit needs.
    """
    complete(connection.execute(select(CREDITORS).where(CREDITORS.c.id == creditor)).one())
    planned = select(COLLECTIONS).where(COLLECTIONS.c.creditor_id == creditor, COLLECTIONS.c.state == "planned")
    rows = connection.execute(planned.order_by(COLLECTIONS.c.id)).all()
    found = _loaded(connection, creditor, rows)
    queued: dict[str, int] = {}
    unreached: list[int] = []
    for row in rows:
        try:
            made = _effect(connection, found, row, press, at.now)
        except EInvoiceError as fault:
            why = str(fault)
        else:
            if made is not None:
                add_all(connection, (made,), at.now)
                queued[made.channel] = queued.get(made.channel, 0) + 1
                continue
            why = f"nothing reaches {found.debtors[row.debtor_id].name} to announce it"
        withdraw(connection, row.id, "UNSENT", at)
        _ask(connection, row, why, at)
        unreached.append(row.id)
    return Announced(queued, tuple(unreached))


def said(
    connection: Connection, found: Loaded, row: Row[Any], contact: Row[Any], channel: str, key: str, templates: Templates | None = None
) -> Content:
    """What a pre-notification says, under the check code of its key; of the account only the last four signs.

    Raises Missing where something is not filled in.
    """
    mandate = connection.execute(select(MANDATES).where(MANDATES.c.id == row.mandate_id)).one()
    debtor = found.debtors[row.debtor_id]
    party = Party(
        found.creditor,
        debtor.name,
        contact.name or debtor.name,
        spoken(contact.language or debtor.language or found.creditor["language"]),
        row.currency,
        contact.first_name,
        templates=templates,
    )
    debts = [_debt(found.invoices[ref], Decimal(share)) for ref, share in row.invoices]
    account, scheme = f"… {mandate.iban[-4:]}", mandate.scheme
    sepa_id = found.creditor["sepa_id"]
    return prenotice(party, row.amount, row.due, mandate.reference, sepa_id, scheme, account, debts, channel=channel, key=key)


def _debt(invoice: Row[Any], amount: Decimal) -> Debt:
    return Debt(invoice.number, invoice.issued, invoice.due, amount, reference=invoice.reference)


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


def _effect(connection: Connection, found: Loaded, row: Row[Any], press: Press, now: datetime) -> Effect | None:
    for channel in CHANNELS:
        contact = reached(found, row.debtor_id, None, ROLE, channel) if channel in press.channels else None
        sender = press.sender or found.creditor["email"]
        if contact is None or (channel == "email" and not sender):
            continue
        key = f"debit:{row.id}:{row.end_to_end}"
        content = said(connection, found, row, contact, channel, key, press.templates)
        moment = now.replace(microsecond=0)
        way = Way(
            key,
            channel,
            str(address(found, contact, channel)),
            moment,
            moment.astimezone(ZoneInfo(str(found.creditor["time_zone"]))).date(),
            origin=(str(found.creditor["name"]), *postal(found.creditor["address"])),
            to=contact.name or found.debtors[row.debtor_id].name,
            sender=Mailbox(str(found.creditor["name"]), str(sender)) if sender else None,
            reply_to=found.creditor["email"],
            house=press.house,
            templates=press.templates,
        )
        made = effect(content, way, OWNER, f"collection:{row.id}")
        told = {"creditor": str(found.creditor["name"]), "amount": str(row.amount), "currency": row.currency}
        return made._replace(headers={**made.headers, **told})
    return None


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
