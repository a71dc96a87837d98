"""Forgetting a debtor: personal data are replaced once the books need not be kept any longer; entries and amounts stay.

What is personal stands in `personal.PERSONAL`, column by column. Backups, printed letters, files that were handed to a bank or an agency
and what was sent are outside the database, and outside of this.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, String, Table, and_, cast, false, func, literal, or_, select

from einvoice.errors import ReceivablesError
from einvoice.money import ZERO
from einvoice.outbox.tables import EVENTS, OUTBOX
from einvoice.receivables import papers
from einvoice.receivables.ledger import forgetting_money
from einvoice.receivables.ledger.booking import UNALLOCATED
from einvoice.receivables.ledger.personal import GONE, HARMLESS, PERSONAL
from einvoice.receivables.ledger.retention import kept_until
from einvoice.receivables.store.tables import (
    ACTIONS,
    COLLECTIONS,
    CONSENTS,
    CONTACTS,
    DEBTORS,
    DISPUTES,
    ENTRIES,
    HISTORY,
    INCOMING,
    INVOICES,
    MESSAGES,
    PAYMENTS,
    PLANS,
    PROMISES,
    TASKS,
)

__all__ = ["GONE", "HARMLESS", "PERSONAL", "forget"]

_UNDER_WAY = ("planned", "announced", "exported")


def forget(connection: Connection, debtor: int, day: date, *, years: int | None = None) -> bool:
    """Replaces a debtor's personal data by pseudonyms, for good; whether that was news.

    Allowed once nothing of it is open and its books need not be kept any longer: `years` full years after the year of the last booking,
    the law's of the creditor's country unless told. Entries and amounts stay. Raises ReceivablesError before that, with the day from
    which it may.
    """
    row = connection.execute(select(DEBTORS).where(DEBTORS.c.id == debtor).with_for_update()).one_or_none()
    if row is None:
        raise ReceivablesError(f"there is no debtor {debtor}")
    if row.forgotten_on is not None:
        return False
    until = kept_until(connection, debtor, years)
    _refuse_while_open(connection, debtor, until)
    if until is not None and day <= until:
        raise ReceivablesError(f"the books of debtor {row.key} are kept until {until}; forget it from {until + timedelta(days=1)} on")
    forgetting_money.replace(connection, debtor, day)
    _replace_heard(connection, debtor)
    _replace_cases(connection, debtor)
    _replace_messages(connection, debtor)
    papers.erase(connection, debtor)
    for table in (CONTACTS, CONSENTS, INVOICES, PAYMENTS):
        _replace(connection, table, table.c.debtor_id == debtor)
    name = f"{GONE}-{debtor}"
    values = {**PERSONAL["debtors"], "key": name, "name": name, "forgotten_on": day}
    connection.execute(DEBTORS.update().where(DEBTORS.c.id == debtor).values(values))
    return True


def _refuse_while_open(connection: Connection, debtor: int, until: date | None) -> None:
    """Refuses while something is owed, on account or under way.

    Raises ReceivablesError.
    """
    owed = select(INVOICES.c.number).where(INVOICES.c.debtor_id == debtor, or_(INVOICES.c.open != ZERO, INVOICES.c.charges != ZERO))
    number = connection.execute(owed.limit(1)).scalar_one_or_none()
    money = select(func.sum(ENTRIES.c.amount)).where(ENTRIES.c.debtor_id == debtor, ENTRIES.c.account == UNALLOCATED)
    money = money.group_by(ENTRIES.c.currency).having(func.sum(ENTRIES.c.amount) != ZERO)
    cases = [
        select(table.c.id).where(table.c.debtor_id == debtor, table.c.closed_on.is_(None)).limit(1) for table in (DISPUTES, PLANS, PROMISES)
    ]
    tasks = select(TASKS.c.id).where(TASKS.c.debtor_id == debtor, TASKS.c.done_on.is_(None)).limit(1)
    waiting = select(ACTIONS.c.id).where(ACTIONS.c.debtor_id == debtor, ACTIONS.c.state.in_(("planned", "queued"))).limit(1)
    debits = select(COLLECTIONS.c.id).where(COLLECTIONS.c.debtor_id == debtor, COLLECTIONS.c.state.in_(_UNDER_WAY)).limit(1)
    later = f"; after that it may be forgotten from {until + timedelta(days=1)} on" if until else ""
    if number is not None:
        raise ReceivablesError(f"something is owed on {number}; settle, waive or write it off first{later}")
    if connection.execute(money.limit(1)).first() is not None:
        raise ReceivablesError(f"debtor {debtor} has money on account; refund or allocate it first{later}")
    if any(connection.execute(query).first() is not None for query in (*cases, tasks, waiting, debits)):
        raise ReceivablesError(
            f"a dispute, plan, promise, task, message or direct debit of debtor {debtor} is under way; close it first{later}"
        )


def _replace(connection: Connection, table: Table, where: Any) -> None:
    connection.execute(table.update().where(where).values(PERSONAL[table.name]))


def _replace_cases(connection: Connection, debtor: int) -> None:
    kinds = {"dispute": DISPUTES, "plan": PLANS, "promise": PROMISES, "invoice": INVOICES, "response": INVOICES}
    for kind, table in kinds.items():
        mine = select(table.c.id).where(table.c.debtor_id == debtor)
        _replace(connection, HISTORY, and_(HISTORY.c.kind == kind, HISTORY.c.case_id.in_(mine)))
    _replace(connection, HISTORY, and_(HISTORY.c.kind.in_(("debtor", "score")), HISTORY.c.case_id == debtor))
    for table in (DISPUTES, TASKS):
        _replace(connection, table, table.c.debtor_id == debtor)


def _replace_heard(connection: Connection, debtor: int) -> None:
    """What came in of a debtor, also what was known as nobody's and names one of its addresses or numbers."""
    ways = connection.execute(select(CONTACTS.c.email, CONTACTS.c.phone).where(CONTACTS.c.debtor_id == debtor)).all()
    named = [INCOMING.c.body.contains(way, autoescape=True) for row in ways for way in row if way]
    _replace(connection, INCOMING, or_(INCOMING.c.debtor_id == debtor, and_(INCOMING.c.debtor_id.is_(None), or_(false(), *named))))


def _replace_messages(connection: Connection, debtor: int) -> None:
    """What was sent to a debtor, and what other programs were told in words."""
    subjects = select("action:" + ACTIONS.c.id).where(ACTIONS.c.debtor_id == debtor)
    debits = select(literal("collection:").concat(cast(COLLECTIONS.c.id, String))).where(COLLECTIONS.c.debtor_id == debtor)
    _replace(connection, OUTBOX, or_(OUTBOX.c.subject.in_(subjects), OUTBOX.c.subject.in_(debits)))
    _replace(connection, MESSAGES, MESSAGES.c.debtor_id == debtor)
    _replace(connection, ACTIONS, ACTIONS.c.debtor_id == debtor)
    about = or_(*(EVENTS.c.body.contains(f'"debtor":{sign}{debtor}{sign}', autoescape=True) for sign in ('"', "")))
    for row in connection.execute(select(EVENTS.c.number, EVENTS.c.id, EVENTS.c.body).where(about)).all():
        told = json.loads(row.body)
        without = {name: GONE if name in ("text", "reason") and value is not None else value for name, value in told.items()}
        if without != told:
            connection.execute(EVENTS.update().where(EVENTS.c.number == row.number).values(body=json.dumps(without, separators=(",", ":"))))
        _replace(connection, OUTBOX, OUTBOX.c.subject == f"event:{row.id}")
