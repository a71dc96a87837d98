"""Which messages count as delivered, and which actions thereby as a contact moment of their invoices, each once.

An e-mail: accepted, and no bounce for 72 hours. A letter: posted, and three working days of the debtor's country have passed. An SMS,
a WhatsApp message, a computer call, an e-invoice: by the provider's report. A call: its task was done with the result `answered`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select, update

from einvoice import events
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables.cases.case import SOME
from einvoice.receivables.cases.news import tell, texts
from einvoice.receivables.law.calendar import after_working_days
from einvoice.receivables.store.tables import ACTIONS, DEBTORS, INVOICES, MESSAGES, TAKEN, TASKS

BOUNCES_WITHIN = timedelta(hours=72)
WORKING_DAYS = 3
_LETTERS = frozenset({"letter", "registered_letter"})
_EVENT_CHANNELS: Mapping[str, events.Channel] = {"call": events.Channel.PHONE}


def deliveries(connection: Connection, day: date, now: datetime) -> Mapping[str, int]:
    """Marks what is delivered by a day and moment, and counts each action as a contact of its invoices once.

    Counts `messages.delivered`, `actions.counted` and `invoices.contacted`; a second call finds nothing new.
    """
    arrived = [(row, on) for row in _waiting(connection) if (on := delivered_on(row, day, now)) is not None]
    mark = update(MESSAGES).where(MESSAGES.c.id == bindparam("this")).values(delivered_on=bindparam("on"))
    if arrived:
        connection.execute(mark, [{"this": row.id, "on": on} for row, on in arrived])
    presumed = [(row, on) for row, on in arrived if row.state == "sent"]  # what a provider reported was told when it did
    about = _invoices(connection, [row.action_id for row, _ in presumed])
    for row, on in presumed:
        _tell(connection, row, about[row.action_id], on, now)
    counted = _to_count(connection)
    contacted = _count(connection, counted, day)
    return {"messages.delivered": len(arrived), "actions.counted": len(counted), "invoices.contacted": contacted}


def delivered_on(message: Any, day: date, now: datetime) -> date | None:
    """The day on which a message counts as delivered, None while it does not.

    It has channel, state, sent_on, sent_at (None where no outbox knows), redirected and the debtor's country.
    """
    if message.redirected is not None:  # it went to somebody else, in rehearsal
        return None
    if message.channel == "email":
        sent = message.sent_at or datetime.combine(message.sent_on + timedelta(1), datetime.min.time(), now.tzinfo)
        return (sent + BOUNCES_WITHIN).date() if sent + BOUNCES_WITHIN <= now else None
    if message.state == "delivered":
        return day
    if message.channel in _LETTERS:
        last = after_working_days(message.country, message.sent_on, WORKING_DAYS)
        return last if last < day else None
    return None


def _waiting(connection: Connection) -> Sequence[Row[Any]]:
    """Messages that left and are neither delivered nor bounced."""
    columns = (OUTBOX.c.sent_at, OUTBOX.c.redirected, DEBTORS.c.country, ACTIONS.c.policy, ACTIONS.c.rates, ACTIONS.c.step)
    left = (MESSAGES.c.state.in_(("sent", "delivered")), MESSAGES.c.sent_on.is_not(None))
    found = (
        select(MESSAGES, *columns)
        .join_from(MESSAGES, ACTIONS, ACTIONS.c.id == MESSAGES.c.action_id)
        .join(DEBTORS, DEBTORS.c.id == MESSAGES.c.debtor_id)
        .outerjoin(OUTBOX, OUTBOX.c.id == MESSAGES.c.outbox_id)
        .where(*left, MESSAGES.c.delivered_on.is_(None), MESSAGES.c.bounced_on.is_(None))
    )
    return connection.execute(found.order_by(MESSAGES.c.id)).all()


def _to_count(connection: Connection) -> list[str]:
    """Actions with a delivered message or an answered call that did not count yet."""
    answered = select(TASKS.c.action_id).where(TASKS.c.kind == "call", TASKS.c.result == "answered", TASKS.c.action_id.is_not(None))
    reached = select(MESSAGES.c.action_id).where(MESSAGES.c.delivered_on.is_not(None), MESSAGES.c.bounced_on.is_(None))
    fresh = (ACTIONS.c.counted_on.is_(None), ACTIONS.c.kind != "handover", ACTIONS.c.state != "cancelled")
    found = select(ACTIONS.c.id).where(*fresh, or_(ACTIONS.c.id.in_(reached), ACTIONS.c.id.in_(answered)))
    return list(connection.scalars(found.order_by(ACTIONS.c.id)))


def _count(connection: Connection, actions: Sequence[str], day: date) -> int:
    """Adds a contact to every invoice of each action, and remembers that it counted; how many invoices."""
    contacts: Counter[int] = Counter()
    for some in _in_parts(actions):
        taken = select(TAKEN.c.action_id, TAKEN.c.invoice_id).where(TAKEN.c.action_id.in_(some), TAKEN.c.live).distinct()
        contacts.update(row.invoice_id for row in connection.execute(taken))
        connection.execute(update(ACTIONS).where(ACTIONS.c.id.in_(some)).values(counted_on=day))
    if contacts:
        more = update(INVOICES).where(INVOICES.c.id == bindparam("this")).values(contacts=INVOICES.c.contacts + bindparam("more"))
        connection.execute(more, [{"this": invoice, "more": times} for invoice, times in sorted(contacts.items())])
    return len(contacts)


def _in_parts(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + SOME] for start in range(0, len(ids), SOME))


def _invoices(connection: Connection, actions: Sequence[str]) -> Mapping[str, Sequence[int]]:
    """The invoices of each action."""
    found: dict[str, list[int]] = {action: [] for action in actions}
    for some in _in_parts(sorted(found)):
        taken = select(TAKEN.c.action_id, TAKEN.c.invoice_id).where(TAKEN.c.action_id.in_(some)).distinct()
        for row in connection.execute(taken.order_by(TAKEN.c.invoice_id)):
            found[row.action_id].append(row.invoice_id)
    return found


def _tell(connection: Connection, message: Row[Any], invoices: Sequence[int], on: date, now: datetime) -> None:
    channel = _EVENT_CHANNELS.get(message.channel) or events.Channel(message.channel)
    tell(
        connection,
        events.MessageDelivered(
            time=now,
            message=str(message.id),
            debtor=str(message.debtor_id),
            invoices=texts(invoices),
            channel=channel,
            step=message.step,
            policy=message.policy,
            rates=message.rates,
            template=message.template,
            document=message.document,
            proof=f"presumed on {on}",
        ),
    )
