"""What happened before the day of a run: holds, the actions behind the steps that were taken, the ledger, money on account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Table, func, insert, literal, null, select, text

from einvoice.receivables.actions import Action, Claimed, Message, Why
from einvoice.receivables.store import tables
from einvoice.receivables.store.bodies import action_json
from einvoice.receivables.store.loading import load, moment
from tests.receivables.bulk_invoices import Chance, Debtor, Invoice

_HOLD = "id debtor_id invoice_id reason amount since until".split()
_ACTION = (
    "id run_id creditor_id debtor_id day kind flow flow_version step step_offset currency amount body policy rates not_before not_after "
    "state final settled_on"
).split()
_TAKEN = "action_id invoice_id channel flow_version step amount live".split()
_TRANSACTION = "id creditor_id key kind booked posted_at posted_by".split()
_ENTRY = "transaction_id creditor_id debtor_id invoice_id account currency amount booked".split()
_NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)
_VERSION, _HASH = "0" * 16, "0" * 64


def add_holds(connection: Connection, chance: Chance, debtors: list[Debtor], rows: list[Invoice], day: date) -> None:
    """A pause for each debtor of the case "held": of everything, of its oldest invoice or of a part of it."""
    held = {debtor.id for debtor in debtors if debtor.case == "held"}
    oldest = {row.debtor: row for row in sorted(rows, key=lambda row: row.due, reverse=True) if row.debtor in held}
    since, until = (day - timedelta(days=5)).isoformat(), (day + timedelta(days=9)).isoformat()

    def holds() -> Iterator[tuple[Any, ...]]:
        for number, row in enumerate(oldest.values(), 1):
            reason, part = chance.of(((("dispute", False), 50), (("dispute", True), 10), (("promise", False), 20), (("plan", None), 20)))
            amount = abs(row.open) // 20 * 10 if part else None
            yield number, row.debtor, None if part is None else row.id, reason, amount, since, until if reason == "promise" else None

    load(connection, "holds", _HOLD, holds())


def add_history(connection: Connection, creditor: int, rows: list[Invoice], day: date) -> None:
    """An action, done, for every step that invoices of a debtor took on a day."""
    run = {"creditor_id": creditor, "day": day - timedelta(days=1), "policy": _HASH, "mode": "live", "started_at": _NOW}
    made = connection.execute(insert(tables.RUNS), run).inserted_primary_key
    assert made is not None
    number = made[0]
    stepped = sorted((row for row in rows if row.step), key=lambda row: (row.debtor, str(row.stepped)))
    actions = [_action(creditor, list(group)) for _, group in groupby(stepped, key=lambda row: (row.debtor, row.stepped))]
    load(connection, "actions", _ACTION, (_stored(connection, number, action) for action in actions))
    load(connection, "taken", _TAKEN, _taken(actions))


def _action(creditor: int, rows: list[Invoice]) -> Action:
    first = rows[0]
    assert first.flow is not None
    assert first.step is not None
    assert first.stepped is not None
    assert first.offset is not None
    day = date.fromisoformat(first.stepped)
    claimed = [Claimed(row.id, row.number, date.fromisoformat(row.due), Decimal(row.open).scaleb(-3)) for row in rows]
    return Action(
        "message",
        creditor,
        first.debtor,
        day,
        first.flow,
        _VERSION,
        first.step,
        first.offset,
        tuple(claimed),
        first.currency,
        sum((one.amount for one in claimed), Decimal(0)),
        (Message("email", None, "general"),),
        "reminder",
        1,
        None,
        "nl",
        (),
        (),
        first.stage == "final",
        None,
        None,
        datetime.combine(day, time(7), UTC),
        datetime.combine(day, time(11), UTC),
        Why("history", "true", first.step),
        _HASH,
        _HASH,
    )


def _stored(connection: Connection, run: int, action: Action) -> tuple[Any, ...]:
    start, end = moment(connection, action.not_before), moment(connection, action.not_after)
    day, mills, body = action.day.isoformat(), int(action.amount.scaleb(3)), action_json(action)
    what = (action.kind, action.flow, action.flow_version, action.step, action.offset, action.currency)
    return action.id, run, action.creditor, action.debtor, day, *what, mills, body, _HASH, _HASH, start, end, "done", action.final, day


def _taken(actions: Iterable[Action]) -> Iterator[tuple[Any, ...]]:
    for action in actions:
        for claimed in action.invoices:
            yield action.id, claimed.invoice, "email", action.flow_version, action.step, int(claimed.amount.scaleb(3)), True


def add_entries(connection: Connection, creditor: int) -> None:
    """Books every invoice, and what was paid of it, set by set: a transaction's id is the invoice's, moved up."""
    invoices = tables.INVOICES.c
    mine = (invoices.creditor_id == creditor,)
    for prefix, other, where in (("invoice", "sales", mine), ("payment", "bank", (*mine, invoices.open != invoices.amount))):
        base = _last(connection, tables.TRANSACTIONS)
        kind = invoices.kind if prefix == "invoice" else literal(prefix)
        key = literal(f"{prefix}:").concat(invoices.number)
        row = (invoices.id + base, literal(creditor), key, kind, invoices.issued, literal(_NOW, tables.TRANSACTIONS.c.posted_at.type))
        made = select(*row, literal("bulk")).where(*where).order_by(invoices.id)
        connection.execute(insert(tables.TRANSACTIONS).from_select(_TRANSACTION, made))
        asked = invoices.amount if prefix == "invoice" else invoices.open - invoices.amount
        for account, invoice, amount in (("principal", invoices.id, asked), (other, null(), -asked)):
            entry = (invoices.id + base, literal(creditor), invoices.debtor_id, invoice, literal(account), invoices.currency, amount)
            lines = select(*entry, invoices.issued).where(*where).order_by(invoices.id)
            connection.execute(insert(tables.ENTRIES).from_select(_ENTRY, lines))


def add_money(connection: Connection, chance: Chance, creditor: int, debtors: list[Debtor], day: date) -> None:
    """Money on account for three debtors in a hundred."""
    first = _last(connection, tables.TRANSACTIONS) + 1
    paid = [(debtor.id, 10 * (1000 + chance.upto(20_000))) for debtor in debtors if chance.random() < 0.03]
    booked, at = (day - timedelta(days=2)).isoformat(), moment(connection, _NOW)
    rows = ((first + at_, creditor, f"account:{debtor}", "payment", booked, at, "bulk") for at_, (debtor, _) in enumerate(paid))
    load(connection, "transactions", _TRANSACTION, rows)

    def entries() -> Iterator[tuple[Any, ...]]:
        for number, (debtor, mills) in enumerate(paid, first):
            yield number, creditor, debtor, None, "bank", "EUR", mills, booked
            yield number, creditor, debtor, None, "unallocated", "EUR", -mills, booked

    load(connection, "entries", _ENTRY, entries())


def _last(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one())


def advance(connection: Connection) -> None:
    """PostgreSQL counts on from the ids that were given, and hears of its tables as its own daemon would tell it soon."""
    if connection.dialect.name == "sqlite":
        return
    for table in ("creditors", "debtors", "contacts", "consents", "invoices", "holds", "transactions", "entries", "runs"):
        connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), greatest(max(id), 1)) FROM {table}"))  # noqa: S608 - our tables
    connection.execute(text("ANALYZE"))
